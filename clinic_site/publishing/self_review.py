"""A clinic with one doctor, who signs what they wrote themselves: what they tick and say, and how long they
let it lie.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings

from clinic_site.publishing.errors import PublishingError, refuse_medical_words
from clinic_site.text.saying import has_visible_letters

SELF_REVIEW_CHECKLIST = (
    "I have read the whole page afresh, a day or more after it was submitted.",
    "I have opened every source, and it says what the page says.",
    "I have compared every figure with its source.",
    "I have looked for what is missing: harms, other choices, what is not known, when to get help.",
)
SELF_REVIEW_ASKED = "Asked to read it: "
SELF_REVIEW_RESTS = timedelta(hours=24)


def in_words(usual: str, sole: str) -> Callable[[], str]:
    """Words for staff: the `usual` ones, or those of a clinic with one doctor, as it's set up when they are
    read.
    """
    return lambda: sole if settings.SOLE_CLINICIAN else usual


def self_review(because: str, ticked: Iterable[str], asked: str) -> dict[str, str]:
    """The stamps of somebody who signs what they wrote.

    Raises PublishingError unless the checklist is whole.
    """
    because, asked = because.strip(), asked.strip()
    if not has_visible_letters(because):
        raise PublishingError("Say why you sign this yourself: patients read it under the page.")
    refuse_medical_words(because)
    if open_lines := [line for line in SELF_REVIEW_CHECKLIST if line not in set(ticked)]:
        raise PublishingError("Not everything on the checklist is ticked: " + " ".join(open_lines))
    if not has_visible_letters(asked):
        raise PublishingError("Say who else was asked to read it, or why nobody was.")
    checklist = "\n".join([*SELF_REVIEW_CHECKLIST, SELF_REVIEW_ASKED + asked])
    return {"self_review_because": because, "self_review_checklist": checklist}

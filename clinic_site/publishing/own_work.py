"""A clinic with one doctor, who signs what they wrote themselves: what they tick and say, and how long they
let it lie.
"""

from collections.abc import Iterable
from datetime import timedelta

from clinic_site.publishing.refusing import Refused, refuse_medical_words

OWN_WORK_CHECKLIST = (
    "I have read the whole page afresh, a day or more after it was submitted.",
    "I have opened every source, and it says what the page says.",
    "I have compared every figure with its source.",
    "I have looked for what is missing: harms, other choices, what is not known, when to get help.",
)
OWN_WORK_ASKED = "Asked to read it: "
OWN_WORK_RESTS = timedelta(hours=24)


def own_work(because: str, ticked: Iterable[str], asked: str) -> dict[str, str]:
    """The stamps of somebody who signs what they wrote. Raises Refused unless the checklist is whole."""
    because, asked = because.strip(), asked.strip()
    if not because:
        raise Refused("Say why you sign this yourself: patients read it under the page.")
    refuse_medical_words(because)
    if open_lines := [line for line in OWN_WORK_CHECKLIST if line not in set(ticked)]:
        raise Refused("Not everything on the checklist is ticked: " + " ".join(open_lines))
    if not asked:
        raise Refused("Say who else was asked to read it, or why nobody was.")
    return {
        "own_work_because": because,
        "own_work_checklist": "\n".join([*OWN_WORK_CHECKLIST, OWN_WORK_ASKED + asked]),
    }

"""The shape of an answer."""

import re

from django.utils.dateparse import parse_date

from clinic_site.evidence.models import Claim
from clinic_site.pages.fields import QUOTED, SearchLine, data, nested, shape, words
from clinic_site.pages.shapes import BeforeTreatment, Page

CLAIM_KEYS = re.compile(r'data-claim="([^"]+)"')
CAREFUL = {Claim.Kind.SAFETY, Claim.Kind.SIDE_EFFECT, Claim.Kind.SUITABILITY}
SAFETY_TOPICS = {"side-effects", "after-treatment", "choosing-care"}


def _posted(page: "AnswerPage") -> str:
    posted = parse_date(page.first_posted)
    return f"{posted:%-d %B %Y}" if posted else page.first_posted


def _names(field: str):
    return lambda page: ", ".join(name for _, name in getattr(page, field))


@shape
class AnswerPage(Page):
    """A patient's question and its answer. `topics` and `treatments` are (slug, name)."""

    title: str = words("Question", QUOTED, position=-3, on_card=True, search=SearchLine.TITLE, schema="name")
    # without a property in structured data: the page doesn't show it
    summary: str = words(
        "Summary", default="", position=-2, refs=False, on_card=True, search=SearchLine.SUMMARY
    )
    detail: str = words("The question at more length", QUOTED, default="", position=-1)
    # where it was first posted elsewhere; else readers see the day of the first edition
    first_posted: str = data("Posted on", default="", show=_posted)  # as 2019-03-31
    answered_by: str = data("Answered by", default="", on_card=True)
    topics: tuple[tuple[str, str], ...] = data("Topics", default=(), on_card=True, show=_names("topics"))
    treatments: tuple[tuple[str, str], ...] = data(
        "Treatments", default=(), on_card=True, show=_names("treatments")
    )
    before_treatment: BeforeTreatment | None = nested(
        "Before treatment", default=None, position=2, is_own=False
    )
    correction: str = words("Correction", default="", position=-1, search=None)

    def about(self):
        return *(f"topic:{slug}" for slug, _ in self.topics), *(
            f"treatment:{slug}" for slug, _ in self.treatments
        )

    def card_corrects(self):
        """With the note above the answer, which is signed, and may tell figures."""
        found = super().card_corrects()
        return {name: told | {"told": self.correction} for name, told in found.items()}

    @property
    def is_about_safety(self) -> bool:
        """What can go wrong, or who should beware: by its topics, or by what most of its claims are about."""
        own = {key for part in self.parts for key in CLAIM_KEYS.findall(part.html)}
        kinds = [note.kind for note in self.claims if note.key in own]
        careful = [kind for kind in kinds if kind in CAREFUL]
        topics = {slug for slug, _ in self.topics}
        return bool(self.before_treatment or topics & SAFETY_TOPICS or 2 * len(careful) > len(kinds))

    @property
    def only_treatment(self) -> str:
        """The slug of the treatment that it's about; empty where there are more, or none."""
        return self.treatments[0][0] if len(self.treatments) == 1 else ""

    @property
    def is_general(self) -> bool:
        """About no treatment in particular: about none, or about a good many."""
        return not self.treatments or len(self.treatments) > 3

"""The shape of an answer."""

from clinic_site.pages.fields import QUOTED, SearchLine, data, shape, words
from clinic_site.pages.shapes import Page


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
    answered_by: str = data("Answered by", default="", on_card=True)
    topics: tuple[tuple[str, str], ...] = data("Topics", default=(), on_card=True, show=_names("topics"))
    treatments: tuple[tuple[str, str], ...] = data(
        "Treatments", default=(), on_card=True, show=_names("treatments")
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
    def is_general(self) -> bool:
        """About no treatment in particular: about none, or about a good many."""
        return not self.treatments or len(self.treatments) > 3

"""The shape of an answer."""

from dataclasses import dataclass
from html import escape

from clinic_site.pages.shapes import Page


@dataclass(frozen=True, kw_only=True)
class AnswerPage(Page):
    """A question and its answer. `title` is the question; `topics` and `treatments` are (slug, name)."""

    TITLE_IS_OURS = False  # it's the patient's question

    detail: str = ""
    answered_by: str = ""
    topics: tuple[tuple[str, str], ...] = ()
    treatments: tuple[tuple[str, str], ...] = ()
    correction: str = ""

    def other_words(self):
        yield "Correction", self.correction

    def shown(self):
        yield from super().shown()
        yield (
            "The question at more length",
            f"<p>{escape(self.detail, quote=False)}</p>" if self.detail else "",
        )
        yield "Answered by", escape(self.answered_by, quote=False)
        about = [name for _, name in (*self.treatments, *self.topics)]
        yield "What it is about", escape(", ".join(about), quote=False)

    def card(self) -> dict:
        return {
            "title": self.title,
            "summary": self.summary,
            "topics": [list(t) for t in self.topics],
            "treatments": [list(t) for t in self.treatments],
            "answered_by": self.answered_by,
        } | self.card_picture()

    @property
    def is_general(self) -> bool:
        """About no treatment in particular: about none, or about a good many."""
        return not self.treatments or len(self.treatments) > 3

    @property
    def search_words(self) -> str:
        return f"<p>{self.detail}</p> {super().search_words}"

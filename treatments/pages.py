"""The shape of a treatment page and of the overview."""

from dataclasses import asdict, dataclass
from html import escape

from clinic_site.publishing.pages import ClaimNote, LicenceRow, Page


@dataclass(frozen=True, kw_only=True)
class KeyFact:
    """One of the facts at the top (starts, peaks, lasts, repeat, visit): a claim, or why there is none."""

    slot: str
    label: str
    html: str = ""
    claim: ClaimNote | None = None
    gap: str = ""


@dataclass(frozen=True, kw_only=True)
class TreatmentPage(Page):
    short: str = ""
    group: str = ""
    order: int = 0
    facts: tuple[KeyFact, ...] = ()
    benefits: tuple[ClaimNote, ...] = ()
    side_effects: tuple[ClaimNote, ...] = ()
    licences: tuple[LicenceRow, ...] = ()

    def fact(self, slot: str) -> KeyFact | None:
        return next((f for f in self.facts if f.slot == slot), None)

    def other_words(self):
        yield "Short name", escape(self.short, quote=False)
        for fact in self.facts:
            yield f"Key fact “{fact.label}”", escape(fact.gap, quote=False)

    def card(self) -> dict:
        return {
            "title": self.title,
            "short": self.short,
            "summary": self.summary,
            "group": self.group,
            "order": self.order,
            "facts": {f.slot: f.html or f.gap for f in self.facts},
            # "key" beside "figure" is what a stop looks for: it empties the figure, and the mark on the chart goes
            "timeline": [
                {"slot": f.slot, "label": f.label, "key": f.claim.key, "grade": f.claim.grade, "figure": asdict(f.claim.figure)}
                for f in self.facts
                if f.claim and f.claim.figure
            ],
            "licences": [
                {"use_name": r.use_name, "country": r.country, "status": r.status, "status_name": r.status_name, "since": r.since}
                for r in self.licences
            ],
            "benefits": [note.html for note in self.benefits],
            "side_effects": [note.html for note in self.side_effects],
        }

    @property
    def search_words(self) -> str:
        notes = (*self.benefits, *self.side_effects, *(f.claim for f in self.facts if f.claim))
        return " ".join([super().search_words, *(n.html for n in notes)])


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    pass

"""The shape of a treatment page and of the overview."""

from dataclasses import asdict, dataclass
from html import escape

from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.shapes import ClaimNote, LicenceRow, Page


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

    def compared(self) -> dict[str, tuple[ClaimNote, ...]]:
        """What a comparison sets side by side beyond the key facts.

        A side effect of the kind "safety" is rare but serious. A guideline's position is guidance that rests
        on a guideline which nothing has replaced.
        """
        guidelines = {
            s.number
            for s in self.sources
            if (s.kind, s.status) == (Source.Kind.GUIDELINE, Source.Status.CURRENT)
        }
        return {
            "benefits": self.benefits,
            "side_effects": tuple(n for n in self.side_effects if n.kind != Claim.Kind.SAFETY),
            "serious": tuple(n for n in self.side_effects if n.kind == Claim.Kind.SAFETY),
            "guidelines": tuple(
                n for n in self.claims if n.kind == Claim.Kind.GUIDANCE and guidelines.intersection(n.sources)
            ),
        }

    def other_words(self):
        yield "Short name", escape(self.short, quote=False)
        for fact in self.facts:
            yield f"Key fact “{fact.label}”", escape(fact.gap, quote=False)

    def shown(self):
        yield from super().shown()
        for fact in self.facts:
            yield f"Key fact “{fact.label}”", fact.html
        yield "Benefits", "".join(f"<p>{note.html}</p>" for note in self.benefits)
        yield "Side effects", "".join(f"<p>{note.html}</p>" for note in self.side_effects)
        yield "Place in lists", escape(f"{self.group}, {self.order}", quote=False)
        rows = [
            (row.use_name, row.country_name, row.status_name, row.since, row.detail) for row in self.licences
        ]
        yield (
            "Licence",
            "".join(f"<p>{escape(', '.join(filter(None, row)), quote=False)}</p>" for row in rows),
        )

    def drawn_from(self, keys):
        if any(fact.claim and fact.claim.figure and fact.claim.key in keys for fact in self.facts):
            yield "Chart: the effect over time"
        if any(note.figure and note.key in keys for note in (*self.benefits, *self.side_effects)):
            yield "Chart: how many out of 100"
        compared = {note.key for notes in self.compared().values() for note in notes}
        if compared.intersection(keys) or any(fact.claim and fact.claim.key in keys for fact in self.facts):
            yield "The comparison of treatments"

    def card(self) -> dict:
        return {
            "title": self.title,
            "short": self.short,
            "summary": self.summary,
            "group": self.group,
            "order": self.order,
            "facts": {f.slot: f.html or escape(f.gap, quote=False) for f in self.facts},
            # "key" beside "figure" is what a stop looks for: it empties the figure, and the mark on the chart
            # goes
            "timeline": [
                {
                    "slot": f.slot,
                    "label": f.label,
                    "key": f.claim.key,
                    "grade": f.claim.grade,
                    "figure": asdict(f.claim.figure),
                    "second_hand": f.claim.rests_on_copies(self.copies),
                    "is_measured": f.claim.is_measured,
                }
                for f in self.facts
                if f.claim and f.claim.figure
            ],
            "licences": [
                {
                    "use_name": r.use_name,
                    "country": r.country,
                    "status": r.status,
                    "status_name": r.status_name,
                    "since": r.since,
                }
                for r in self.licences
            ],
            "compared": {
                name: [
                    {
                        "html": note.html,
                        "grade": note.grade,
                        "is_second_hand": note.rests_on_copies(self.copies),
                    }
                    for note in notes
                ]
                for name, notes in self.compared().items()
            },
        } | self.card_picture()

    @property
    def search_words(self) -> str:
        notes = (*self.benefits, *self.side_effects, *(f.claim for f in self.facts if f.claim))
        return " ".join([super().search_words, *(n.html for n in notes)])


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    pass

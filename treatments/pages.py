"""The shape of a treatment page and of the overview."""

from dataclasses import asdict
from html import escape
from itertools import chain

from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.fields import PLAIN, data, nested, shape, unshown, words
from clinic_site.pages.shapes import BeforeTreatment, ClaimNote, Emergencies, LicenceRow, Page


@shape
class KeyFact:
    """One of the facts at the top (starts, peaks, lasts, repeat, visit): a claim, or why there is none."""

    slot: str = unshown("Follows from the label.")
    label: str = unshown("The place that the fact is shown at.")
    html: str = words("Fact", default="", search=None)
    # the same fact in its whole sentence: search reads that
    claim: ClaimNote | None = nested("Claim", default=None, apart=True)
    gap: str = words("Why there is no figure", PLAIN, default="", search=None)


@shape
class TreatmentPage(Page):
    short: str = words("Short name", PLAIN, default="", on_card=True, search=None)
    group: str = data("Group", default="", on_card=True)
    order: int = data("Place in lists", default=0, on_card=True)
    facts: tuple[KeyFact, ...] = nested("Key fact “{item.label}”", default=(), position=-1)
    benefits: tuple[ClaimNote, ...] = nested("Benefits", default=())
    side_effects: tuple[ClaimNote, ...] = nested("Side effects", default=())
    emergencies: Emergencies | None = nested(
        "Emergencies of this treatment", default=None, position=2, search=None
    )
    licences: tuple[LicenceRow, ...] = nested("Licence", default=(), on_card=True, is_own=False)

    def fact(self, slot: str) -> KeyFact | None:
        return next((f for f in self.facts if f.slot == slot), None)

    def about(self):
        return f"treatment:{self.slug}", f"group:{self.group}"

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

    def drawn_from(self, keys):
        facts = [fact.claim for fact in self.facts if fact.claim]
        if any(note.figure and note.key in keys for note in facts):
            yield "Chart: the effect over time"
        if any(note.figure and note.key in keys for note in (*self.benefits, *self.side_effects)):
            yield "Chart: how many out of 100"
        if any(note.key in keys for note in chain(facts, *self.compared().values())):
            yield "The comparison of treatments"

    def card(self) -> dict:
        return super().card() | {
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
        }


@shape
class OverviewPage(Page):
    before_treatment: BeforeTreatment | None = nested(
        "Before treatment", default=None, position=2, is_own=False
    )

"""The shape of a treatment page and of the overview."""

from dataclasses import asdict, dataclass
from html import escape
from itertools import chain

from django.db.models import TextChoices

from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.fields import PLAIN, data, nested, shape, unshown, words
from clinic_site.pages.redaction import NOTICE
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
class ProblemFact(KeyFact):
    """A key fact of one of several problems that a page is about, such as sweaty palms."""

    problem: str = words("Problem", PLAIN, default="", search=None)


class ChoiceKind(TextChoices):
    OTHER = "other", "Another choice"
    OWN = "own", "This page's treatment"
    NOTHING = "nothing", "Doing nothing"


class Strength(TextChoices):
    """How strong the evidence for a choice is."""

    STRONG = "strong", "Strong evidence"
    SOME = "some", "Some evidence"
    WEAK = "weak", "Weak evidence"
    NONE = "none", "No evidence found"


@shape
class ChoiceRow:
    """One thing that somebody with a problem could do: a row of the table of choices."""

    problem: str = words("Problem", PLAIN, default="")  # empty: the page has but one
    name: str = words("Choice", PLAIN)
    kind: str = data("Kind of choice", default="", show=lambda one: _label(ChoiceKind, one.kind))
    what: str = words("What it is", PLAIN, default="")
    works: str = words("How well it works", default="")
    lasts: str = words("How long", default="")
    risks: str = words("Risks", default="")
    available: str = words("Where to get it", default="")
    strength: str = data(
        "Strength of the evidence", default="", show=lambda one: _label(Strength, one.strength)
    )

    # the place of its words among a page's texts: they are read as running text, whatever they end with
    anchor = "choices"

    @property
    def place(self) -> str:
        """What staff call it: two problems may have a choice of one name."""
        return f"{self.name}, {self.problem}" if self.problem else self.name

    @property
    def is_own(self) -> bool:
        return self.kind == ChoiceKind.OWN

    @property
    def is_stopped(self) -> bool:
        """Something that its strength rests on is stopped."""
        return NOTICE in self.works

    @property
    def strength_name(self) -> str:
        return _label(Strength, self.strength)


def _label(of: type[TextChoices], code: str) -> str:
    """What staff and patients read for a code; one of an old edition that is no more, as it stands."""
    return str(dict(of.choices).get(code, code))


@dataclass(frozen=True)
class ChoicesForProblem:
    """What somebody with one problem could do, and the key facts of that problem where it has its own."""

    problem: str
    facts: tuple[ProblemFact, ...]
    choices: tuple[ChoiceRow, ...]


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
    problem_facts: tuple[ProblemFact, ...] = nested("Key fact “{item.label}” of “{item.problem}”", default=())
    choices: tuple[ChoiceRow, ...] = nested("Choice “{item.place}”", default=())

    @property
    def problems(self) -> tuple[ChoicesForProblem, ...]:
        """The table of choices of each problem, in the order of the choices."""
        return tuple(
            ChoicesForProblem(
                problem,
                tuple(fact for fact in self.problem_facts if fact.problem == problem),
                tuple(one for one in self.choices if one.problem == problem),
            )
            for problem in dict.fromkeys(one.problem for one in self.choices)
        )

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

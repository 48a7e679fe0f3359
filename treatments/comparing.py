"""Treatments set side by side: rows of what their sealed cards say, with the stops of this moment laid over
them.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clinic_site.pages.redaction import NOTICE
from clinic_site.pages.shapes import SourceNote
from clinic_site.publishing.models import Edition
from clinic_site.publishing.reading import Card
from treatments.models import TreatmentClaim
from treatments.pages import ChoicesForProblem

MAX_COLUMNS = 4  # columns that can be read side by side
# what a grade says of a treatment, short enough for a cell; the legend below has it in full
STRENGTHS = {
    "A": "strong, from labels, guidelines or large trials",
    "B": "some, from small trials or trials that disagree",
    "C": "weak, from case series, opinions or leaflets",
}
_NUMBER = re.compile(r'href="#source-(\d+)"')


@dataclass(frozen=True)
class Said:
    """A statement of a card, as HTML, with its evidence grade if it has one.

    Second-hand: nobody here read its first source.
    """

    html: str
    grade: str = ""
    is_second_hand: bool = False


@dataclass(frozen=True)
class TableRow:
    """One question, and what each treatment's page says to it.

    `empty`: what stands where a page says nothing.
    """

    name: str
    label: str
    cells: tuple[tuple[Card, tuple[Said, ...]], ...]
    empty: str = "The page does not say."


@dataclass(frozen=True)
class ComparisonTable:
    """What somebody asked to see side by side.

    `asked` in the clinic's order; the first MAX_COLUMNS are shown. `has_unknown`: something was asked for
    that is no live treatment.
    """

    asked: tuple[Card, ...]
    has_unknown: bool

    @property
    def shown(self) -> tuple[Card, ...]:
        return self.asked[:MAX_COLUMNS]

    @property
    def left_out(self) -> tuple[Card, ...]:
        return self.asked[MAX_COLUMNS:]

    @cached_property
    def rows(self) -> list[TableRow]:
        facts = [
            TableRow(slot, slot.label, tuple((card, fact(card, slot)) for card in self.shown))
            for slot in TreatmentClaim.SLOTS
        ]
        return [
            *facts,
            self.claims("benefits", "How much it helps"),
            TableRow(
                "evidence",
                "How strong that evidence is",
                tuple((card, strength(card)) for card in self.shown),
            ),
            self.claims("side_effects", "Side effects"),
            self.claims("serious", "Rare but serious"),
            self.claims("guidelines", "What guidelines say", "The page cites no guideline on having it."),
        ]

    @property
    def sources(self) -> list[tuple[Card, list[SourceNote]]]:
        """What the numbers in the rows stand for, treatment by treatment. One query."""
        pages = Edition.objects.in_bulk([card.edition.pk for card in self.shown])
        return [
            (
                card,
                [
                    source
                    for source in page.page_without(card.stopped).sources
                    if source.number in self._cited_by(card)
                ],
            )
            for card in self.shown
            if (page := pages[card.edition.pk]).is_intact
        ]

    def _cited_by(self, card: Card) -> set[int]:
        html = "".join(
            one.html for row in self.rows for whose, said in row.cells if whose is card for one in said
        )
        return {int(number) for number in _NUMBER.findall(html)}

    def claims(self, name: str, label: str, empty: str = TableRow.empty) -> TableRow:
        return TableRow(name, label, tuple((card, said(card, name)) for card in self.shown), empty)


@dataclass(frozen=True)
class ChoicesTable:
    """What somebody could do for the problem of one treatment, as its signed page says."""

    card: Card
    problems: tuple[ChoicesForProblem, ...] = ()
    sources: tuple[SourceNote, ...] = ()


def choices_for(cards: Iterable[Card], slug: str) -> ChoicesTable | None:
    """The choices of the treatment with that slug; None where it's not among the `cards`."""
    card = next((card for card in cards if card.edition.slug == slug), None)
    if card is None:
        return None
    if not card.edition.is_intact:
        return ChoicesTable(card)
    page: Any = card.edition.page_without(card.stopped)
    said = [text for one in page.choices for text in (one.works, one.lasts, one.risks, one.available)] + [
        fact.html for fact in page.problem_facts
    ]
    cited = {int(number) for number in _NUMBER.findall("".join(said))}
    return ChoicesTable(
        card, page.problems, tuple(source for source in page.sources if source.number in cited)
    )


def fact(card: Card, slot: str) -> tuple[Said, ...]:
    return (Said(card.facts[slot]),) if card.facts.get(slot) else ()


def said(card: Card, name: str) -> tuple[Said, ...]:
    """The claims that a card holds under `name`; where it was sealed before cards held any, those of its
    page.

    One that is stopped has no grade: nothing is said that could have one.
    """
    if "compared" in card.fields:
        notes = [Said(**note) for note in card.fields["compared"].get(name, ())]
    elif card.edition.is_intact:
        page: Any = card.edition.page_without(card.stopped)
        notes = [
            Said(note.html, note.grade, note.rests_on_copies(page.copies)) for note in page.compared()[name]
        ]
    else:
        notes = []
    return tuple(Said(note.html) if NOTICE in note.html else note for note in notes)


def strength(card: Card) -> tuple[Said, ...]:
    """How many of the card's benefits have which grade, surest first."""
    grades = Counter(one.grade for one in said(card, "benefits") if one.grade)
    return tuple(
        Said(
            f"{count} of {grades.total()}: {STRENGTHS[grade]}"
            if len(grades) > 1
            else STRENGTHS[grade].capitalize(),
            grade,
        )
        for grade, count in sorted(grades.items())
    )


def compared(cards: Iterable[Card], wanted: Iterable[str]) -> ComparisonTable:
    """The `cards` whose slugs are `wanted`."""
    wanted = set(filter(None, wanted))
    asked = tuple(card for card in cards if card.edition.slug in wanted)
    return ComparisonTable(asked, has_unknown=len(asked) < len(wanted))

"""All treatments on one time axis, from their cards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinic_site.charts.axes import TimeAxis
from clinic_site.charts.bands import Stretch, axis_for, drawable_time, start_of, stretches
from clinic_site.charts.effect import SLOTS, why_nothing_is_drawn
from clinic_site.charts.figures import compared, figure_words
from clinic_site.pages.shapes import ClaimNote, Figure


@dataclass(frozen=True)
class OverviewMark:
    slot: str
    label: str
    key: str
    grade: str
    measure: str
    amount: str
    against: str
    is_second_hand: bool
    stretch: Stretch
    lead: Stretch | None = None
    other: Stretch | None = None


@dataclass(frozen=True)
class OverviewRow:
    """One treatment. `marks` in the order in which they are drawn: the widest first."""

    name: str
    address: str
    group: str
    marks: tuple[OverviewMark, ...]

    def mark(self, slot: str) -> OverviewMark | None:
        return next((mark for mark in self.marks if mark.slot == slot), None)

    @property
    def cells(self) -> tuple[OverviewMark | None, ...]:
        return tuple(self.mark(slot) for slot in SLOTS)

    @property
    def in_words(self) -> str:
        said = (
            ", ".join(filter(None, (f"{mark.label}: {mark.amount}", mark.against, f"evidence {mark.grade}")))
            for mark in self.cells
            if mark
        )
        return ". ".join(said) + "."


@dataclass(frozen=True)
class Missing:
    name: str
    address: str
    why: str


@dataclass(frozen=True)
class Timeline:
    """What a card says about times, ready to be drawn: hashable, so that pictures can be kept."""

    name: str
    address: str
    group: str
    facts: tuple[tuple[str, str, ClaimNote, bool], ...]  # slot, label, claim, whether it was read second-hand

    @property
    def figures(self) -> list[Figure | None]:
        """Of each fact, the figure that may be drawn."""
        return [drawable_time(note) if slot in SLOTS else None for slot, _, note, _ in self.facts]


@dataclass(frozen=True)
class OverviewChart:
    axis: TimeAxis | None
    rows: tuple[OverviewRow, ...]
    missing: tuple[Missing, ...]
    labels: tuple[str, ...]


DRAWN_ORDER = ("lasts", "starts", "peaks", "repeat")


def timeline(fields: Mapping[str, Any], address: str) -> Timeline:
    """From a card's fields. A card that was sealed before cards had a timeline has no facts."""
    facts = tuple(
        (
            entry["slot"],
            entry["label"],
            ClaimNote(
                key=entry["key"],
                kind="timing",
                html="",
                grade=entry["grade"],
                figure=Figure(**entry["figure"]) if entry["figure"] else None,
                is_measured=entry.get("is_measured", False),
            ),
            entry.get("second_hand", False),
        )
        for entry in fields.get("timeline", ())
    )
    return Timeline(
        name=fields["short"] or fields["title"], address=address, group=fields["group"], facts=facts
    )


def _row(axis: TimeAxis, line: Timeline) -> OverviewRow:
    since = start_of((slot, figure) for (slot, *_), figure in zip(line.facts, line.figures, strict=True))
    marks = [
        OverviewMark(
            slot=slot,
            label=label,
            key=note.key,
            grade=note.grade,
            measure=figure.measure,
            amount=figure_words(figure),
            against=compared(figure),
            is_second_hand=is_second_hand,
            **stretches(axis, slot, figure, since),
        )
        for (slot, label, note, is_second_hand), figure in zip(line.facts, line.figures, strict=True)
        if figure
    ]
    marks.sort(key=lambda mark: DRAWN_ORDER.index(mark.slot))
    return OverviewRow(name=line.name, address=line.address, group=line.group, marks=tuple(marks))


def overview_chart(lines: Iterable[Timeline]) -> OverviewChart:
    lines = tuple(lines)
    missing = tuple(_missing(line) for line in lines if not any(line.figures))
    figures = [figure for line in lines for figure in line.figures if figure]
    if not figures:
        return OverviewChart(None, (), missing, ())
    axis = axis_for(figures)
    labels = {slot: label for line in lines for slot, label, _, _ in line.facts}
    return OverviewChart(
        axis=axis,
        rows=tuple(_row(axis, line) for line in lines if any(line.figures)),
        missing=missing,
        labels=tuple(labels.get(slot, slot.capitalize()) for slot in SLOTS),
    )


def _missing(line: Timeline) -> Missing:
    return Missing(line.name, line.address, why_nothing_is_drawn(note for _, _, note, _ in line.facts))

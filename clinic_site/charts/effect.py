"""Effect over time: bands for when it starts, is strongest, fades and is repeated; and what trials measured.

Measured points stand alone, each at its time: nothing is drawn between two of them, or after the last.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

from clinic_site.charts.axes import Tick, TimeAxis, ValueAxis, em, percent, time_axis, value_axis, visits_axis
from clinic_site.charts.figures import (
    UNIT_WORDS,
    Fact,
    against,
    comparator_name,
    comparator_words,
    compared,
    drawable,
    figure_words,
    in_days,
    is_time,
    measured_at,
    number,
    people_counted,
    title_of,
    who,
)
from clinic_site.pages.shapes import ClaimNote, Figure

SLOTS = ("starts", "peaks", "lasts", "repeat")
FROM_ZERO = {"lasts"}  # how long something lasts is counted from the injections: its bar begins there
POINT_KINDS = {"benefit", "timing"}

PLOT_TOP, PLOT_HEIGHT = 2.2, 9.0  # em
NARROW = 12.0  # em: the width of a plot on the smallest phone, for which labels are kept apart
LETTER = 0.62  # em: a digit's width, with some air
LINE = 1.2  # em


@dataclass(frozen=True)
class Stretch:
    """A place on the time axis. `width` is empty for a single moment."""

    x: str
    end: str
    width: str = ""


class Stretches(TypedDict):
    """Where a timing figure stands on the time axis; see `Band`."""

    stretch: Stretch
    lead: Stretch | None
    other: Stretch | None


@dataclass(frozen=True)
class Band:
    """A timing fact: its words, and its stretch of the axis where it has one that may be drawn."""

    slot: str
    label: str
    html: str = ""
    gap: str = ""
    key: str = ""
    grade: str = ""
    measure: str = ""
    amount: str = ""
    against: str = ""
    who: str = ""
    is_second_hand: bool = False
    stretch: Stretch | None = None
    lead: Stretch | None = None  # from the injections to where the stretch begins
    other: Stretch | None = None  # the comparator's


@dataclass(frozen=True)
class Column:
    """One arm's value at one time; `reach` is the upper part of a range."""

    arm: str
    amount: str
    x: str
    width: str
    y: str
    height: str
    label_x: str
    label_y: str
    anchor: str
    reach_y: str = ""
    reach_height: str = ""


@dataclass(frozen=True)
class Measurement:
    """A claim whose figure was measured once, so many days after the injections."""

    note: ClaimNote
    figure: Figure
    days: int


@dataclass(frozen=True)
class Point:
    key: str
    when: str
    amount: str
    comparator: str
    against: str
    at: str
    columns: tuple[Column, ...]
    html: str  # the claim in words, with what it leaves open
    is_before: bool = False


@dataclass(frozen=True)
class Panel:
    """What one study measured, at one time or more, with its comparator beside it."""

    title: str
    unit: str
    grade: str
    who: str
    is_second_hand: bool
    comparator_name: str  # empty where there was no comparison group
    axis: TimeAxis
    values: tuple[Tick, ...]
    zero: str
    ticks: tuple[tuple[Tick, str], ...]  # with the height of each label
    height: str
    points: tuple[Point, ...]

    @property
    def begin(self) -> str:
        """Where the lines of the plot begin: left of its zero, if a bar stands there."""
        return "-1.5em" if self.has_before else "0em"

    @property
    def is_tall(self) -> bool:
        """Whether the labels of the time axis need two lines."""
        return len({y for _, y in self.ticks}) > 1

    @property
    def has_before(self) -> bool:
        return any(point.is_before for point in self.points)


@dataclass(frozen=True)
class EffectChart:
    slug: str
    bands: tuple[Band, ...]
    axis: TimeAxis | None
    panels: tuple[Panel, ...]
    why_not: str = ""

    @property
    def drawn(self) -> tuple[Band, ...]:
        return tuple(band for band in self.bands if band.stretch)

    @property
    def is_one_armed(self) -> bool:
        """Whether a time is drawn without a comparator's."""
        return any(not band.other for band in self.drawn)

    @property
    def has_compared(self) -> bool:
        """Whether one of the times was compared with something."""
        return any(band.against for band in self.drawn)


def ends(figure: Figure) -> tuple[float, float]:
    """A time as (low, high) in days."""
    low = in_days(figure.low, figure.unit)
    return low, low if figure.high is None else in_days(figure.high, figure.unit)


def comparator_ends(figure: Figure) -> tuple[float, float] | None:
    if figure.comparator_low is None:
        return None
    low = in_days(figure.comparator_low, figure.unit)
    return low, low if figure.comparator_high is None else in_days(figure.comparator_high, figure.unit)


def drawable_time(note: ClaimNote | None) -> Figure | None:
    """The claim's figure, if it is a time that may be drawn."""
    figure = drawable(note)
    return figure if figure and is_time(figure) else None


def axis_for(figures: Iterable[Figure]) -> TimeAxis:
    return time_axis(
        end for figure in figures for both in (ends(figure), comparator_ends(figure) or ()) for end in both
    )


def stretch(axis: TimeAxis, low: float, high: float) -> Stretch:
    if high == low:
        return Stretch(percent(axis.share(low)), percent(axis.share(low)))
    return Stretch(percent(axis.share(low)), percent(axis.share(high)), percent(axis.share(high - low)))


def stretches(axis: TimeAxis, slot: str, figure: Figure) -> Stretches:
    """Where a timing figure and its comparator stand on `axis`."""
    low, high = ends(figure)
    other = comparator_ends(figure)
    counted = slot in FROM_ZERO
    return {
        "stretch": stretch(axis, low, high),
        "lead": stretch(axis, 0, low) if counted and low else None,
        "other": (stretch(axis, 0, other[1]) if counted else stretch(axis, *other)) if other else None,
    }


def _band(axis: TimeAxis | None, fact: Fact, copies: frozenset[int]) -> Band:
    band = Band(slot=fact.slot, label=fact.label, html=fact.html, gap=fact.gap)
    note, figure = fact.claim, drawable_time(fact.claim)
    if note is None or figure is None or axis is None:
        return band
    return replace(
        band,
        key=note.key,
        grade=note.grade,
        measure=figure.measure,
        amount=figure_words(figure),
        against=compared(figure),
        who=who(figure),
        is_second_hand=note.rests_on_copies(copies),
        **stretches(axis, fact.slot, figure),
    )


def _measurements(claims: Iterable[ClaimNote]) -> list[Measurement]:
    figures = ((note, drawable(note)) for note in claims if note.kind in POINT_KINDS)
    return [Measurement(note, f, f.at_days) for note, f in figures if f and f.at_days is not None]


def measured(claims: Iterable[ClaimNote]) -> tuple[ClaimNote, ...]:
    """The claims that hold what was measured at one time."""
    return tuple(one.note for one in _measurements(claims))


def _series(measurements: Iterable[Measurement]) -> list[list[Measurement]]:
    """What one study measured in one way, by time. A series that says little alone is left out."""
    groups: dict[tuple[str, ...], list[Measurement]] = {}
    for one in measurements:
        f = one.figure
        topic = (
            f.measure.casefold(),
            f.population.casefold(),
            f.country,
            f.unit,
            f.comparator,
            one.note.grade,
        )
        groups.setdefault(topic, []).append(one)
    kept = [sorted(group, key=lambda one: one.days) for group in groups.values() if _says_enough(group)]
    return sorted(kept, key=lambda group: group[0].figure.comparator_low is None)


def _says_enough(group: list[Measurement]) -> bool:
    """Several times, or two arms.

    One time of two arms that count people is drawn out of 100 people instead.
    """
    first = group[0].figure
    if len({one.days for one in group}) > 1:
        return True
    return first.comparator_low is not None and people_counted(first) is None


def _columns(figure: Figure, values: ValueAxis, width: float) -> tuple[Column, ...]:
    arms = [("treatment" if figure.at_days else "before", figure.low, figure.high, figure_words(figure))]
    if figure.comparator_low is not None:
        arms.append(("comparator", figure.comparator_low, figure.comparator_high, comparator_words(figure)))
    made = []
    for arm, low, high, words in arms:
        both = len(arms) == 2
        x = -width / 2 if not both else 0.08 if arm == "comparator" else -width - 0.08
        top, bottom = values.y(max(low, 0)), values.y(min(low, 0))
        highest = min(top, values.y(high)) if high is not None else top
        made.append(
            Column(
                arm=arm,
                amount=words.replace(" days a month", ""),
                x=em(x),
                width=em(width),
                y=em(top),
                height=em(bottom - top),
                label_x=em(0 if not both else 0.1 if arm == "comparator" else -0.1),
                label_y=em(highest - 0.4),
                anchor="middle" if not both else "start" if arm == "comparator" else "end",
                reach_y=em(highest) if highest < top else "",
                reach_height=em(top - highest) if highest < top else "",
            )
        )
    return tuple(made)


def _kept_apart(points: list[Point], axis: TimeAxis) -> tuple[Point, ...]:
    """Lifts a label that would touch the one before it on a narrow screen."""
    placed: list[tuple[float, float, float]] = []  # left, right, baseline
    made = []
    for point in points:
        centre = float(point.at.rstrip("%")) / 100 * NARROW
        columns = []
        for column in point.columns:
            length = len(column.amount) * LETTER
            x = centre + float(column.label_x.removesuffix("em"))
            left = {"middle": x - length / 2, "end": x - length, "start": x}[column.anchor]
            y = float(column.label_y.removesuffix("em"))
            for _ in placed:
                for other_left, other_right, other_y in placed:
                    if left < other_right and other_left < left + length and abs(y - other_y) < LINE:
                        y = other_y - LINE
            placed.append((left, left + length, y))
            columns.append(replace(column, label_y=em(y)))
        made.append(replace(point, columns=tuple(columns)))
    return tuple(made)


def _tick_lines(axis: TimeAxis) -> list[float]:
    """How far each label of the axis is moved down, so that it doesn't touch the one before it on a narrow
    screen.
    """
    lines, ends_at = [], [float("-inf"), float("-inf")]
    for tick in axis.ticks:
        centre, half = float(tick.at.rstrip("%")) / 100 * NARROW, len(tick.label) * LETTER / 2 + 0.15
        line = 0 if centre - half > ends_at[0] or ends_at[0] <= ends_at[1] else 1
        ends_at[line] = centre + half
        lines.append(line * LINE)
    return lines


def _panel(series: list[Measurement], copies: frozenset[int]) -> Panel:
    first = series[0].figure
    axis = visits_axis(one.days for one in series)
    counted = people_counted(first) is not None
    ranges = [(f.low, f.high, f.comparator_low, f.comparator_high) for f in (one.figure for one in series)]
    numbers = [value for four in ranges for value in four if value is not None]
    values = value_axis(numbers, is_percent=first.unit == "percent", top=PLOT_TOP, height=PLOT_HEIGHT)
    times = sorted({one.days for one in series})
    nearest = min([(b - a) / axis.end for a, b in zip(times, times[1:], strict=False)], default=1) * NARROW
    arms = 1 if first.comparator_low is None else 2
    width = max(0.35, min(1.5, nearest / arms * 0.62))
    points = [
        Point(
            key=one.note.key,
            when=measured_at(one.days),
            amount=figure_words(one.figure),
            comparator=comparator_words(one.figure),
            against=against(one.figure),
            at=percent(axis.share(one.days)),
            columns=_columns(one.figure, values, width),
            html=one.note.html,
            is_before=one.days == 0,
        )
        for one in series
    ]
    lines = _tick_lines(axis)
    suffix = "%" if first.unit == "percent" else ""
    middle = (values.low + values.high) / 2
    floor = values.top + values.height
    return Panel(
        title=title_of(first.measure),
        unit="% of people" if counted else UNIT_WORDS.get(first.unit, first.unit),
        grade=series[0].note.grade,
        who=who(first),
        is_second_hand=all(one.note.rests_on_copies(copies) for one in series),
        comparator_name=comparator_name(first) if arms == 2 else "",
        axis=axis,
        values=tuple(
            Tick(f"{number(v)}{suffix}", em(values.y(v)))
            for v in dict.fromkeys((values.low, middle, values.high))
        ),
        zero=em(values.y(0)),
        ticks=tuple((tick, em(floor + 1.25 + line)) for tick, line in zip(axis.ticks, lines, strict=True)),
        height=em(floor + 1.8 + max(lines)),
        points=_kept_apart(points, axis),
    )


def why_nothing_is_drawn(notes: Iterable[ClaimNote | None]) -> str:
    """The plain words for a page without a picture."""
    weak = [note for note in notes if note and note.figure and not drawable(note)]
    if weak:
        return (
            "What is known about the times comes from clinics’ own pages and experts’ opinions. That is "
            "too little to draw."
        )
    return (
        "No source that we have read gives figures over time for this, so there is nothing that we could "
        "draw truthfully."
    )


def effect_chart(
    slug: str, facts: Iterable[Fact], claims: Iterable[ClaimNote], copies: frozenset[int] = frozenset()
) -> EffectChart:
    """The picture of a treatment page, from its key facts and its `measured` claims.

    `copies`: what was read second-hand.
    """
    shown = sorted((fact for fact in facts if fact.slot in SLOTS), key=lambda fact: SLOTS.index(fact.slot))
    drawn = [figure for fact in shown if (figure := drawable_time(fact.claim))]
    axis = axis_for(drawn) if drawn else None
    panels = tuple(_panel(group, copies) for group in _series(_measurements(claims)))
    why_not = "" if drawn or panels else why_nothing_is_drawn(fact.claim for fact in shown)
    return EffectChart(
        slug=slug,
        bands=tuple(_band(axis, fact, copies) for fact in shown),
        axis=axis,
        panels=panels,
        why_not=why_not,
    )

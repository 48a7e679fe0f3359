"""What one study measured, as columns: nothing is drawn between two of them, or after the last."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from clinic_site.charts.axes import Tick, TimeAxis, ValueAxis, em, percent, value_axis, visits_axis
from clinic_site.charts.figures import (
    UNIT_WORDS,
    against,
    comparator_name,
    comparator_words,
    drawable,
    figure_words,
    measured_at,
    number,
    people_counted,
    title_of,
    who,
)
from clinic_site.pages.shapes import ClaimNote, Figure

POINT_KINDS = {"benefit", "timing"}

PLOT_TOP, PLOT_HEIGHT = 2.2, 9.0  # em
NARROW = 12.0  # em: the width of a plot on the smallest phone, for which labels are kept apart
LETTER = 0.62  # em: a digit's width, with some air
LINE = 1.2  # em


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


def measurements_of(claims: Iterable[ClaimNote]) -> list[Measurement]:
    figures = ((note, drawable(note)) for note in claims if note.kind in POINT_KINDS)
    return [Measurement(note, f, f.at_days) for note, f in figures if f and f.at_days is not None]


def measured(claims: Iterable[ClaimNote]) -> tuple[ClaimNote, ...]:
    """The claims that hold what was measured at one time."""
    return tuple(one.note for one in measurements_of(claims))


def series_of(measurements: Iterable[Measurement]) -> list[list[Measurement]]:
    """What one study measured in one way, by time. A series that says little alone is left out."""
    groups: dict[tuple[str, ...], list[Measurement]] = {}
    for one in measurements:
        f = one.figure
        words = (f.measure.casefold(), f.population.casefold())
        groups.setdefault((*words, f.country, f.unit, f.comparator, one.note.grade), []).append(one)
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
    places = [(-width / 2, 0.0, "middle")]
    if figure.comparator_low is not None:
        arms.append(("comparator", figure.comparator_low, figure.comparator_high, comparator_words(figure)))
        places = [(-width - 0.08, -0.1, "end"), (0.08, 0.1, "start")]
    made = []
    for (arm, low, high, words), (x, label_x, anchor) in zip(arms, places, strict=True):
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
                label_x=em(label_x),
                label_y=em(highest - 0.4),
                anchor=anchor,
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


def _values_of(series: list[Measurement]) -> ValueAxis:
    figures = [one.figure for one in series]
    ranges = [(f.low, f.high, f.comparator_low, f.comparator_high) for f in figures]
    numbers = [value for four in ranges for value in four if value is not None]
    is_percent = figures[0].unit == "percent"
    return value_axis(numbers, is_percent=is_percent, top=PLOT_TOP, height=PLOT_HEIGHT)


def _width_of_columns(series: list[Measurement], axis: TimeAxis) -> float:
    times = sorted({one.days for one in series})
    nearest = min([(b - a) / axis.end for a, b in pairwise(times)], default=1) * NARROW
    arms = 1 if series[0].figure.comparator_low is None else 2
    return max(0.35, min(1.5, nearest / arms * 0.62))


def panel_of(series: list[Measurement], copies: frozenset[int]) -> Panel:
    first = series[0].figure
    axis, values = visits_axis(one.days for one in series), _values_of(series)
    width = _width_of_columns(series, axis)
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
        unit=UNIT_WORDS.get(first.unit, first.unit) if people_counted(first) is None else "% of people",
        grade=series[0].note.grade,
        who=who(first),
        is_second_hand=all(one.note.rests_on_copies(copies) for one in series),
        comparator_name="" if first.comparator_low is None else comparator_name(first),
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

"""When an effect starts, is strongest, fades and is repeated, as stretches of a time axis."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

from clinic_site.charts.axes import TimeAxis, percent, time_axis
from clinic_site.charts.figures import Fact, compared, drawable, figure_words, in_days, is_time, who
from clinic_site.pages.shapes import ClaimNote, Figure

FROM_THE_START = {"lasts"}  # how long something lasts: its bar begins where the effect does


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
    lead: Stretch | None = None  # from where the effect starts to where the stretch begins
    other: Stretch | None = None  # the comparator's


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


def start_of(figures: Iterable[tuple[str, Figure | None]]) -> float:
    """When the effect starts, in days, by the figures of the slots; 0, the injections, where none says so."""
    return next((ends(figure)[0] for slot, figure in figures if slot == "starts" and figure), 0)


def stretches(axis: TimeAxis, slot: str, figure: Figure, since: float) -> Stretches:
    """Where a timing figure and its comparator stand on `axis`; the effect starts `since` days after the
    injections.
    """
    low, high = ends(figure)
    other = comparator_ends(figure)
    counted = slot in FROM_THE_START
    if other and counted:
        other = min(since, other[1]), other[1]
    return {
        "stretch": stretch(axis, low, high),
        "lead": stretch(axis, since, low) if counted and low > since else None,
        "other": stretch(axis, *other) if other else None,
    }


def band_of(axis: TimeAxis | None, fact: Fact, copies: frozenset[int], since: float) -> Band:
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
        **stretches(axis, fact.slot, figure, since),
    )

"""Scales: from days and values to places in a picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from clinic_site.evidence.models import DAYS_IN

MOST_TICKS = 8
TICK_STEPS = (1, 2, 3, 4, 6, 12, 24, 60, 120)
NICE = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def percent(share: float) -> str:
    """A place or a width as SVG takes it."""
    return f"{share * 100:.3f}".rstrip("0").rstrip(".") + "%"


def em(length: float) -> str:
    return f"{length:.3f}".rstrip("0").rstrip(".") + "em"


@dataclass(frozen=True)
class Tick:
    label: str
    at: str


@dataclass(frozen=True)
class TimeAxis:
    """Days after the injections, from 0 to `end`, with ticks in `unit`."""

    end: float
    unit: str
    ticks: tuple[Tick, ...]

    def share(self, days: float) -> float:
        return days / self.end

    @property
    def words(self) -> str:
        return f"{self.ticks[-1].label} {self.unit}"


def time_axis(days: Iterable[float]) -> TimeAxis:
    """An axis that holds all of `days`, with at most eight even steps of whole days, weeks or months."""
    longest = max(days)
    unit = "days" if longest <= 14 else "weeks" if longest <= 18 * 7 else "months"
    units = max(longest / DAYS_IN[unit], 1)
    step = next((step for step in TICK_STEPS if units / step <= MOST_TICKS), ceil(units / MOST_TICKS))
    steps = ceil(round(units / step, 6))
    ticks = tuple(Tick(str(n * step), percent(n / steps)) for n in range(steps + 1))
    return TimeAxis(end=steps * step * DAYS_IN[unit], unit=unit, ticks=ticks)


def visits_axis(days: Iterable[int]) -> TimeAxis:
    """An axis for measured points: a tick at each time of measuring, and its end at the last."""
    times = sorted(set(days))
    unit = "weeks" if all(day % 7 == 0 for day in times) else "days"
    end = max(times[-1], 1)
    return TimeAxis(
        end, unit, tuple(Tick(str(round(day / DAYS_IN[unit])), percent(day / end)) for day in times)
    )


@dataclass(frozen=True)
class ValueAxis:
    """Values from `low` to `high`, drawn `height` em tall below `top` em."""

    low: float
    high: float
    top: float
    height: float

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def nice_ceiling(value: float) -> float:
    """The next round number: 18.95 gives 20."""
    if value <= 0:
        return 0
    power = 10.0 ** floor(log10(value))
    return next(nice * power for nice in NICE if nice * power >= value * (1 - 1e-9))


def value_axis(values: Iterable[float], *, is_percent: bool, top: float, height: float) -> ValueAxis:
    """From zero, always; everything that is told in percent up to 100, so that a small change looks small on
    every page.
    """
    values = list(values)
    high, low = nice_ceiling(max(values)), -nice_ceiling(-min(values))
    if is_percent:
        high = max(high, 100)
    return ValueAxis(low, high if high > low else low + 1, top, height)

"""A claim's figure in words, and what may be read from it."""

import re
from math import floor, isclose
from typing import Protocol

from clinic_site.evidence.models import DAYS_IN, Claim
from clinic_site.pages.shapes import ClaimNote, Figure

PLACEBO, OTHER, NONE = (
    kind.value for kind in (Claim.Comparator.PLACEBO, Claim.Comparator.OTHER, Claim.Comparator.NONE)
)
DRAWN_GRADES = {
    Claim.Grade.A.value,
    Claim.Grade.B.value,
}  # also where an old edition doesn't say what was measured
UNIT_WORDS = {"percent": "%", "days-per-month": "days a month"}
# A percentage may be a fall in pain, a change in width, a share of sessions. Only these count people.
PEOPLE = re.compile(r"(?:people|women|men|adults|patients|share (?=with\b|who\b))\s*(.*)", re.I | re.S)


class Fact(Protocol):
    """A key fact of a page, as the drawings need it: what it's about, and its claim, or why there is none."""

    @property
    def slot(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def gap(self) -> str: ...
    @property
    def claim(self) -> ClaimNote | None: ...


def number(value: float) -> str:
    """A number as people write it: 94, 7.5, 18.95, 2,036."""
    return f"{round(value, 4):,.4f}".rstrip("0").rstrip(".")


def _with_unit(words: str, unit: str, is_one: bool) -> str:
    if unit == "percent":
        return f"{words}%"
    named = UNIT_WORDS.get(unit, unit)
    return f"{words} {named.removesuffix('s') if is_one and unit not in UNIT_WORDS else named}"


def amount(low: float, high: float | None, unit: str) -> str:
    """ "16 weeks", "1 week", "197 to 205 days", "83 to 96%"."""
    if high is None or isclose(low, high):
        return _with_unit(number(low), unit, low == 1)
    return _with_unit(f"{number(low)} to {number(high)}", unit, is_one=False)


def figure_words(figure: Figure) -> str:
    return amount(figure.low, figure.high, figure.unit)


def comparator_words(figure: Figure) -> str:
    """The comparator's figure; empty if it has none."""
    if figure.comparator_low is None:
        return ""
    return amount(figure.comparator_low, figure.comparator_high, figure.unit)


def comparator_name(figure: Figure) -> str:
    return "another treatment" if figure.comparator == OTHER else "dummy injections"


def against(figure: Figure) -> str:
    """What the figure was compared with, or the words that nothing was.

    No measured arm is drawn without them.
    """
    if words := comparator_words(figure):
        return f"after {comparator_name(figure)}: {words}"
    if figure.comparator in (PLACEBO, OTHER):
        return f"compared with {comparator_name(figure)}"
    return "no comparison group" if figure.comparator == NONE else "no comparison group given"


def compared(figure: Figure) -> str:
    """What a time was compared with; empty where with nothing.

    The chart says once what a missing second bar means.
    """
    return (
        against(figure) if figure.comparator in (PLACEBO, OTHER) or figure.comparator_low is not None else ""
    )


def in_days(value: float, unit: str) -> float:
    """Raises KeyError where `unit` is no unit of time."""
    return value * DAYS_IN[unit]


def is_time(figure: Figure) -> bool:
    return figure.unit in DAYS_IN and figure.at_days is None


def measured_at(days: int) -> str:
    """When something was measured: whole weeks as weeks, everything else as days."""
    if days == 0:
        return "before treatment"
    return f"week {days // 7}" if days % 7 == 0 else f"day {days}"


def who(figure: Figure) -> str:
    """Who was studied, and how many."""
    many = f"{figure.n:,} people" if figure.n and not re.search(rf"\b{figure.n}\b", figure.population) else ""
    return "; ".join(filter(None, (figure.population, many)))


def people_counted(figure: Figure) -> str | None:
    """Whom a percentage counts: "who responded", "with a headache". None where it doesn't count people."""
    match = PEOPLE.match(figure.measure.strip()) if figure.unit == "percent" else None
    return match[1].strip() if match else None


def title_of(measure: str) -> str:
    """What is measured, as a heading. A share of people reads as people."""
    named = re.sub(r"^share(?= (?:with|who)\b)", "people", measure.strip(), flags=re.I)
    return named[:1].upper() + named[1:]


def nearest(value: float) -> int:
    """The nearest whole number, halves upwards."""
    return floor(value + 0.5)


def drawable(note: ClaimNote | None) -> Figure | None:
    """The claim's figure, if it has one that may be drawn."""
    return note.figure if note and (note.is_measured or note.grade in DRAWN_GRADES) else None

"""Out of 100 people: how many of those treated, and how many after a dummy injection.

Both arms have the same denominator, and both are told both ways: how many had it, and how many did not.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from clinic_site.charts.figures import PLACEBO, measured_at, nearest, number, people_counted, title_of, who
from clinic_site.pages.shapes import ClaimNote

OF = 100
PER_ROW = 10
PITCH_X, PITCH_Y, AISLE = 10, 15, 4  # a person's room in the picture's own units
HEAD, BODY = 3, 8  # where the head and the top of the body are in it


@dataclass(frozen=True)
class Crowd:
    """Some of the 100, from the `start`th on, as SVG paths: their heads and their bodies."""

    heads: str
    bodies: str


@dataclass(frozen=True)
class Arm:
    name: str
    had: int  # people that are drawn as having it
    maybe: int  # people that it may be or not: a range, or a figure under one
    had_words: str
    not_words: str
    exact: str
    crowds: tuple[tuple[str, Crowd], ...]

    @property
    def in_words(self) -> str:
        return f"{self.had_words} {self.not_words}"


@dataclass(frozen=True)
class OutOf100:
    key: str
    title: str
    when: str
    is_harm: bool
    grade: str
    html: str
    who: str
    is_second_hand: bool
    arms: tuple[Arm, Arm]


def _place(number: int) -> tuple[int, int]:
    """Where the person with this number has the top left corner of their room: ten in a row, with an aisle
    after five.
    """
    row, column = divmod(number, PER_ROW)
    return column * PITCH_X + (column >= PER_ROW // 2) * AISLE, row * PITCH_Y + (row >= PER_ROW // 2) * AISLE


def crowd(start: int, count: int) -> Crowd:
    """`count` people from place `start`, row by row.

    Heads are dots and bodies short strokes: both with round ends.

    Each step is written from the one before it, so that a hundred people pack into a few bytes.
    """
    if not count:
        return Crowd("", "")
    places = [_place(number) for number in range(start, start + count)]
    steps = [f"m{x - was_x} {y - was_y}" for (was_x, was_y), (x, y) in pairwise(places)]
    x, y = places[0]
    heads = f"M{x + PITCH_X // 2} {y + HEAD}h0" + "".join(f"{step}h0" for step in steps)
    bodies = f"M{x + PITCH_X // 2} {y + BODY}v4" + "".join(f"{step}m0-4v4" for step in steps)
    return Crowd(heads, bodies)


def _count(value: float) -> str:
    """A percentage of people as a count out of 100, as exactly as whole people allow."""
    if 0 < value < 1:
        return "fewer than 1"
    if OF - 1 < value < OF:
        return f"more than {OF - 1}"
    return str(nearest(value))


def _counts(low: float, high: float) -> str:
    first, last = _count(low), _count(high)
    words = first if first == last else f"{first} to {last}"
    rounded = any(value != nearest(value) for value in (low, high))
    return f"about {words}" if rounded and "than" not in words else words


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def arm(name: str, low: float, high: float | None, *, verb: str) -> Arm:
    """One arm.

    `low` and `high` are percentages of people. Raises ValueError where they are no share of 100.
    """
    high = low if high is None else high
    if not 0 <= low <= high <= OF:
        raise ValueError(f"{low} to {high} is no share of {OF}.")
    had = nearest(low) if low >= 1 else 0
    most = min(ceil(high), OF) if 0 < high < 1 else nearest(high)
    if OF - 1 < low < OF:
        had = floor(low)  # "more than 99": the last one stays open
        most = OF
    maybe = max(most - had, 0)
    did, did_not = ("had this", "did not have this") if verb == "had" else ("did", "did not")
    some, others = _counts(low, high), _counts(OF - high, OF - low)
    groups = (
        ("had", crowd(0, had)),
        ("maybe", crowd(had, maybe)),
        ("not", crowd(had + maybe, OF - had - maybe)),
    )
    return Arm(
        name=name,
        had=had,
        maybe=maybe,
        had_words=f"{_capital(some)} of {OF} {did}.",
        not_words=f"{_capital(others)} of {OF} {did_not}.",
        exact=f"{number(low)}%" if low == high else f"{number(low)} to {number(high)}%",
        crowds=tuple((state, people) for state, people in groups if people.heads),
    )


def out_of_100(note: ClaimNote, copies: frozenset[int] = frozenset()) -> OutOf100 | None:
    """The picture of a benefit or a side effect. None where the claim doesn't count people in both arms."""
    figure = note.figure
    if figure is None or note.kind not in ("benefit", "side-effect"):
        return None
    counted = people_counted(figure)
    if counted is None or figure.comparator != PLACEBO or figure.comparator_low is None:
        return None
    verb = "had" if counted.startswith("with") else "did"
    try:
        arms = (
            arm("With treatment", figure.low, figure.high, verb=verb),
            arm("With dummy injections", figure.comparator_low, figure.comparator_high, verb=verb),
        )
    except ValueError:
        return None
    return OutOf100(
        key=note.key,
        title=title_of(figure.measure),
        when="" if figure.at_days is None else measured_at(figure.at_days),
        is_harm=note.kind == "side-effect",
        grade=note.grade,
        html=note.html,
        who=who(figure),
        is_second_hand=note.rests_on_copies(copies),
        arms=arms,
    )

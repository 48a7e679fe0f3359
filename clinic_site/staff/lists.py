"""Lists that span rooms. Each room adds its own rows when it starts; nobody here knows which rooms there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TimedWork:
    """Work that falls due by itself: `run(now)` does what is due and returns how many things it did."""

    name: str
    run: Callable[[datetime], int]


@dataclass(frozen=True)
class Proof:
    """One promise, recomputed from the rows: `run()` returns (rows looked at, the rows that break it in words)."""

    promise: int
    name: str
    run: Callable[[], tuple[int, list[str]]]


timed_work: list[TimedWork] = []
proofs: list[Proof] = []

# One-value expressions, by name, that the clinic's row is fetched with on every public page, so that a room
# can say what stands (the reward on offer, say) without a query of its own.
standing: dict[str, Callable] = {}


@dataclass
class Starter:
    """Filling an empty site with the starter content: the sample people by role, and what is said on the way.

    With `report_only` nothing is signed: each draft's findings are told instead.
    """

    people: dict
    tell: Callable[[str], None]
    report_only: bool = False


# Each room's share of the starter content, in the order of the rooms from below.
starters: list[Callable[[Starter], None]] = []

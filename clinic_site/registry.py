"""Lists that span rooms.

Each room adds its own rows when it starts; nobody here knows which rooms there are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, auto
from typing import Any, TypeVar

from django.db.models import Count, Expression, QuerySet, Window

# Rooms above give these their shape: an `accounts.User`, and a `privacy.Person`.
User = Any
Person = Any

# What a room sets right in a database once all tables stand: `step(using)`, called after every migrate.
after_migrate: list[Callable[[str], None]] = []


@dataclass(frozen=True)
class ScheduledTask:
    """Work that falls due by itself: `run(now)` does what is due and returns how many things it did."""

    name: str
    run: Callable[[datetime], int]


@dataclass(frozen=True)
class Finding:
    """One promise, recomputed from the rows: how many `rows` were looked at, and those that break it, in
    words.
    """

    promise: int
    name: str
    count: int
    broken: list[str]
    rows: str = "rows"


@dataclass
class ProofRun:
    """`prove` at work: the head that it told another time ("NUMBER:DIGEST", or empty), and what is told
    beside the findings.
    """

    head: str = ""
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Proof:
    """One promise that one function recomputes: `run()` returns (rows looked at, the rows that break it in
    words).
    """

    promise: int
    name: str
    run: Callable[[], tuple[int, list[str]]]

    def __call__(self, proving: ProofRun) -> list[Finding]:
        return [Finding(self.promise, self.name, *self.run())]


class Priority(IntEnum):
    """What hurts first. The first page of the admin, and the weekly mail, are in this order."""

    OWN_SIGNATURE = auto()
    CLAIMS = auto()
    OVERDUE = auto()
    SENT_BACK = auto()
    SIGNATURE = auto()
    HELD = auto()
    SUBMITTED = auto()
    CHANGED = auto()
    SENT_BACK_TO_OTHERS = auto()
    SOURCES = auto()
    EXPIRES = auto()
    MAILS = auto()
    MESSAGES = auto()
    REFERRALS = auto()
    STOPS = auto()
    SAMPLES = auto()
    ALONE = auto()


@dataclass(frozen=True)
class WorkItem:
    """One thing that waits for somebody, and the one button that leads to where it's done."""

    words: str
    button: str
    address: str
    note: str = ""


Row = TypeVar("Row")
MOST = 12  # rows of one kind on the first page


@dataclass(frozen=True)
class WorkQueue:
    """All that waits for somebody of one kind: the first rows, how many there are, and the address of their
    list.
    """

    rank: Priority
    title: str
    rows: tuple[WorkItem, ...]
    count: int
    address: str

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def pile(
    rank: Priority,
    title: str,
    found: Sequence[Row] | QuerySet[Any],
    row: Callable[[Row], WorkItem],
    address: str,
    most: int = MOST,
) -> list[WorkQueue]:
    """What was found as a pile; of nothing, none.

    Of a queryset the first rows are fetched, with the count, in one query.
    """
    some: Sequence[Any]
    if isinstance(found, QuerySet):
        some = list(found.annotate(how_many=Window(Count("*")))[:most])
        count = some[0].how_many if some else 0
    else:
        some, count = found[:most], len(found)
    return [WorkQueue(rank, title, tuple(row(one) for one in some), count, address)] if some else []


# What waits for somebody, and only what they may act on. Each room adds its own piles.
work_queues: list[Callable[[User], Iterable[WorkQueue]]] = []


def work_for(user: User) -> list[WorkQueue]:
    """Everything that waits for this person, what hurts first before."""
    return sorted((one for room in work_queues for one in room(user)), key=lambda one: one.rank)


@dataclass(frozen=True)
class Event:
    """Something that falls on a day, or at a time, as a calendar of staff shows it.

    `key` stays the same whenever it's told; `known_at`: since when it has been so.
    """

    key: str
    on: date | datetime
    words: str
    address: str
    known_at: datetime


# What stands on somebody's calendar. Each room adds its own events, and no patient's.
calendar_events: list[Callable[[User], Iterable[Event]]] = []

scheduled_tasks: list[ScheduledTask] = []
proofs: list[Callable[[ProofRun], list[Finding]]] = []

# One-value expressions, by name, that the clinic's row is fetched with on every public page, so that a room
# can say what stands (the reward on offer, say) without a query of its own.
standing: dict[str, Callable[[], Expression]] = {}


@dataclass(frozen=True)
class Branding:
    """What stands on every mail: whose it is, and where they are reached.

    Any of it but the name may be empty.
    """

    name: str
    phone: str = ""
    email: str = ""
    address_lines: tuple[str, ...] = ()
    currency_sign: str = "$"
    site_url: str = ""


@dataclass(frozen=True)
class Help:
    """Where a page of the admin is explained, and what that part is about."""

    address: str
    title: str


# Filled by the room that has the guide: by the name of a page's address, what helps there.
helps: list[Callable[[str], Help]] = []

# Filled by the room that knows the clinic; see `branding`.
branding_sources: list[Callable[[], Branding]] = []


def branding() -> Branding:
    """The letterhead as it stands now."""
    return branding_sources[-1]()


@dataclass(frozen=True)
class PersonalData:
    """One kind of row that says who a person is.

    `held(person)` gives what is held, each row as names and values to read; `forget(person)` takes away
    whatever names or reaches them, and returns how many rows that touched.
    """

    name: str
    held: Callable[[Person], list[dict[str, str]]]
    forget: Callable[[Person], int]


# Each room's share of what is held about people; see `personal`.
personal_data: list[PersonalData] = []


@dataclass
class Starter:
    """Filling an empty site with the starter content: the sample people by role, and what is said on the way.

    With `report_only` nothing is signed: each draft's findings are told instead.
    """

    people: dict[str, "User"]
    tell: Callable[[str], None]
    report_only: bool = False


# Each room's share of the starter content, in the order of the rooms from below.
starters: list[Callable[[Starter], None]] = []

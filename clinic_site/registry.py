"""Lists that span rooms.

Each room adds its own rows when it starts; nobody here knows which rooms there are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, auto
from typing import Any, TypeVar

from django.db.models import Count, QuerySet, Window
from django.db.models.expressions import BaseExpression

# Rooms above give these their shape: an `accounts.User`, and a `privacy.Person`.
User = Any
Person = Any

# What a room sets right in a database once all tables stand: `function(using)`, called after every migrate.
after_migrate: list[Callable[[str], None]] = []


@dataclass(frozen=True)
class PartShared:
    """Something that all machines of one site have to share: `fault()` says what is wrong on this one, in a
    sentence; empty where nothing is.
    """

    name: str
    fault: Callable[[], str]


shared_parts: list[PartShared] = []


@dataclass(frozen=True)
class ScheduledTask:
    """Work that falls due by itself: `run(now)` does what is due and returns how many things it did."""

    name: str
    run: Callable[[datetime], int]


@dataclass(frozen=True)
class ProofResult:
    """One promise, recomputed from the rows: how many `rows` were checked, and those that break it."""

    promise: int
    name: str
    count: int
    broken: list[str]
    rows: str = "rows"


@dataclass
class ProofRun:
    """One run of `prove`: the ledger's head of an earlier run ("NUMBER:DIGEST", or empty), and lines to print
    beside the results.
    """

    head: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Proof:
    """One promise that one function recomputes: `run()` returns (number of rows checked, the rows that
    break it, in words).
    """

    promise: int
    name: str
    run: Callable[[], tuple[int, list[str]]]

    def __call__(self, proving: ProofRun) -> list[ProofResult]:
        return [ProofResult(self.promise, self.name, *self.run())]


class Priority(IntEnum):
    """The order of work queues on the admin's first page and in the weekly mail, the most urgent first."""

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
    VISITS = auto()
    MESSAGES = auto()
    QUESTIONS = auto()
    REFERRALS = auto()
    STOPS = auto()
    SAMPLES = auto()
    ALONE = auto()


@dataclass(frozen=True)
class WorkItem:
    """One thing to do, with the label and address of the button that leads there."""

    words: str
    button: str
    address: str
    note: str = ""


Row = TypeVar("Row")
ITEMS_SHOWN = 12  # of one queue on the first page


@dataclass(frozen=True)
class WorkQueue:
    """Things to do of one kind: the first items, how many there are, and the address of the whole list."""

    priority: Priority
    title: str
    items: tuple[WorkItem, ...]
    count: int
    address: str

    @property
    def more(self) -> int:
        return self.count - len(self.items)


def work_queue(
    priority: Priority,
    title: str,
    rows: Sequence[Row] | QuerySet[Any],
    item: Callable[[Row], WorkItem],
    address: str,
    shown: int = ITEMS_SHOWN,
) -> list[WorkQueue]:
    """A list of one queue with an item for each of the first rows; an empty list where there are no rows.

    A queryset's first rows and their count take one query.
    """
    first: Sequence[Any]
    if isinstance(rows, QuerySet):
        first = list(rows.annotate(how_many=Window(Count("*")))[:shown])
        count = first[0].how_many if first else 0
    else:
        first, count = rows[:shown], len(rows)
    return [WorkQueue(priority, title, tuple(map(item, first)), count, address)] if first else []


# Each room's queues for a user: only what they have permission to act on.
work_queues: list[Callable[[User], Iterable[WorkQueue]]] = []


def work_for(user: User) -> list[WorkQueue]:
    """All queues of this user, the most urgent first."""
    return sorted((queue for room in work_queues for queue in room(user)), key=lambda queue: queue.priority)


# What is wrong with words that patients read and nobody signs, in sentences for whoever typed them.
unsigned_word_checks: list[Callable[[str], list[str]]] = []


@dataclass(frozen=True)
class CalendarEvent:
    """Something on a day, or at a time, in the calendar feed of a member of staff.

    `key` identifies it in every version of the feed; `known_at`: when the date was set.
    """

    key: str
    on: date | datetime
    words: str
    address: str
    known_at: datetime


# Each room's calendar events for a user. None is about a patient.
calendar_events: list[Callable[[User], Iterable[CalendarEvent]]] = []

scheduled_tasks: list[ScheduledTask] = []
proofs: list[Callable[[ProofRun], list[ProofResult]]] = []

# What somebody may ask for a visit about: each room's functions that give (slug, title), in order.
visit_subjects: list[Callable[[], Iterable[tuple[str, str]]]] = []

# Expressions by name that the clinic's `Details` are annotated with on every public page, so that a room can
# add a value (the reward on offer, say) without a query of its own.
details_annotations: dict[str, Callable[[], BaseExpression]] = {}

# What gives the slug of the public page about a person from the path to their row ("signed_by"), or NULL.
# Filled by the room that has those pages: the last one counts.
person_slugs: list[Callable[[str], BaseExpression]] = []


def person_slug(path: str) -> BaseExpression:
    """An expression for rows that lead to a person by `path`: the slug of the page about them, or NULL."""
    return person_slugs[-1](path)


# Whether amounts were promised to somebody in the clinic's currency: while one says so, the currency stays.
currency_promises: list[Callable[[], bool]] = []


@dataclass(frozen=True)
class Branding:
    """The clinic's name and contact details, as every mail has them. Any but the name may be empty."""

    name: str
    phone: str = ""
    email: str = ""
    address_lines: tuple[str, ...] = ()
    currency_sign: str = "$"
    country: str = "CA"  # as ISO 3166 writes it, or "EU"
    site_url: str = ""


# Filled by the room that has the clinic's details: the last one counts.
branding_providers: list[Callable[[], Branding]] = []


def branding() -> Branding:
    """The clinic's branding now."""
    return branding_providers[-1]()


@dataclass(frozen=True)
class PersonalRow:
    """A row that says who somebody is: its key, what it holds as labels and values to read, and the name,
    addresses and telephone numbers in it that are that person's own.
    """

    key: str
    entries: tuple[dict[str, str], ...]
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonalData:
    """One kind of row that says who a person is.

    `find(person)` gives the rows that their address or telephone number leads to; `erase(keys)` removes
    whatever names or reaches somebody from those, and returns the number of rows changed.
    """

    name: str
    find: Callable[[Person], Iterable[PersonalRow]]
    erase: Callable[[list[str]], int]


# Each room's kinds of personal data, in the order of the rooms from below; see `privacy`.
personal_data: list[PersonalData] = []


@dataclass
class StarterRun:
    """Filling an empty site with the starter content: the sample users by role, and what prints progress.

    With `report_only` nothing is signed: each draft's findings are printed instead.
    """

    people: dict[str, User]
    report: Callable[[str], None]
    report_only: bool = False


# Each room's starter content, in the order of the rooms from below.
starter_content: list[Callable[[StarterRun], None]] = []

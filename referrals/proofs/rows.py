"""What the proof reads: each transfer with what it must agree with, and what each account holds then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from referrals.credit_lots import Lots
from referrals.models import Transfer, facts_of, label_of

BATCH = 2000
Joined = Any  # a column of the row that another names: None where it names none
_other_facts = attrgetter("cents", "key", "reverses", "spent_on", "invoice", "reason", "by", "approved_by")


class Row(NamedTuple):
    """A transfer with what it must agree with: its referral, what it reverses, the note of that reversal."""

    id: int
    number: int
    at: datetime
    source: int
    destination: int
    cents: int
    key: str
    referral: int | None
    reverses: Joined  # int
    spent_on: str
    invoice: str
    reason: str
    by: int | None
    approved_by: int | None
    digest: str
    sent_by: Joined  # int
    terms: Joined  # int
    mentioned_at: Joined  # datetime
    attended_on: Joined  # datetime
    attended_at: Joined  # datetime
    attended_by: Joined  # int
    of_id: Joined  # int
    of_source: Joined  # int
    of_destination: Joined  # int
    of_cents: Joined  # int
    of_key: Joined  # str
    of_reverses: Joined  # int
    noted: Joined  # int
    noted_at: Joined  # datetime
    noted_by: Joined  # int
    noted_because: Joined  # str
    lost_cents: Joined  # int

    def facts(self, systems: dict[int, str]) -> tuple:
        """As `Transfer.facts`; `systems` are the clinic's own accounts by key."""
        source, destination = (label_of(pk, systems.get(pk, "")) for pk in (self.source, self.destination))
        return facts_of(self.number, self.at, source, destination, *_other_facts(self))


# of each field of a Row, in its order
COLUMNS = (
    "id number at source_id destination_id cents key referral_id reverses__number spent_on invoice reason "
    "by_id approved_by_id digest "
    "referral__member_id referral__terms_id referral__mentioned_at referral__attended_on "
    "referral__attended_at referral__attended_by_id "
    "reverses_id reverses__source_id reverses__destination_id reverses__cents reverses__key "
    "reverses__reverses_id "
    "reverses__reversal__transfer_id reverses__reversal__at reverses__reversal__by_id "
    "reverses__reversal__because reverses__reversal__lost_cents"
).split()


def batches() -> Iterator[list[Row]]:
    found = Transfer.objects.order_by("number", "pk").values_list(*COLUMNS)
    rows = map(Row._make, found.iterator(chunk_size=BATCH))
    while batch := list(islice(rows, BATCH)):
        yield batch


@dataclass(slots=True)
class Holder:
    """A member's or a friend's account, as it stands at that point of the walk. Amounts in cents."""

    member: int | None
    referral: int | None
    user: int | None = None
    confirmed_at: datetime | None = None
    accepted: tuple[tuple[datetime, int], ...] = ()  # (when, terms), in the order of time
    balance: int = 0
    moved_lots: Lots | None = None
    year: int = 0
    rewards: int = 0  # this year's, but for those that are undone later: they stand by number in `undone`
    undone: tuple[int, ...] = ()
    alone: tuple[tuple[datetime, int], ...] = ()  # adjusted by one person lately: when, how much

    def accepted_by(self, at: datetime) -> int | None:
        """The terms that its owner had accepted last by then."""
        return next((terms for accepted_at, terms in reversed(self.accepted) if accepted_at <= at), None)

    @property
    def lots(self) -> Lots:
        """Of an account that a transfer has moved."""
        assert self.moved_lots is not None
        return self.moved_lots


@dataclass
class Loss:
    """A transfer was taken back when nothing of its credit was left: that many `cents` had been spent."""

    at: datetime
    number: int
    account: int
    cents: int

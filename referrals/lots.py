"""What an account's transfers come to: the running balance, and which credit is left of what came in.

Nothing here is stored: holds and expiry follow from each reward and the terms it was given under. Each credit that came in
is a lot. Spending takes from the lot that expires first; a reversed spending goes back to the lots it came from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from referrals.models import Account, Transfer

FIELDS = (
    "number", "at", "cents", "key", "source_id", "destination_id", "reverses__number", "spent_on", "invoice", "reason",
    "referral__reference", "referral__terms__hold_days", "referral__terms__expiry_days",
)  # fmt: skip


@dataclass
class Lot:
    """Credit that came in with one transfer, in cents: all of it (`cents`), and what is left."""

    number: int
    at: datetime
    cents: int
    left: int
    usable_from: datetime
    expires_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_usable(self, now: datetime) -> bool:
        return self.usable_from <= now and not self.is_expired(now)

    @property
    def turn(self) -> tuple:
        """Its place in the order of spending: what expires first, then what came first."""
        return (self.expires_at is None, self.expires_at or self.at, self.number)


@dataclass
class Line:
    """A transfer as one account sees it: cents above zero came in, below zero went out; `balance` is after it."""

    row: dict
    cents: int
    balance: int


@dataclass
class Book:
    """An account, replayed from its transfers. All amounts in cents."""

    lines: list[Line] = field(default_factory=list)
    lots: dict[int, Lot] = field(default_factory=dict)
    _taken: dict[int, list[tuple[Lot, int]]] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return self.lines[-1].balance if self.lines else 0

    def usable(self, now: datetime) -> int:
        """What may be spent at `now`: neither on hold nor expired."""
        return sum(lot.left for lot in self.lots.values() if lot.is_usable(now))

    def on_hold(self, now: datetime) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.left and lot.usable_from > now]

    def expired(self, now: datetime) -> list[Lot]:
        """Lots whose time is over, and that still hold credit."""
        return [lot for lot in self.lots.values() if lot.left and lot.is_expired(now)]

    def add(self, row: dict, *, came_in: bool) -> None:
        """The next transfer of this account, in the order of their numbers."""
        cents, reverses = row["cents"], row["reverses__number"]
        self.lines.append(Line(row, cents if came_in else -cents, self.balance + (cents if came_in else -cents)))
        if came_in and reverses is None:
            hold, expiry = row["referral__terms__hold_days"], row["referral__terms__expiry_days"]
            self.lots[row["number"]] = Lot(
                row["number"], row["at"], cents, cents,
                usable_from=row["at"] + timedelta(days=hold or 0),
                expires_at=row["at"] + timedelta(days=expiry) if expiry else None,
            )  # fmt: skip
        elif came_in:
            self._give_back(cents, self._taken.get(reverses, []))
        elif reverses is not None:
            self._take(row, [self.lots[reverses]])
        elif row["key"].startswith("expiry:"):
            self._take(row, [self.lots[int(row["key"].split(":")[1])]])
        else:
            ready = sorted(self.lots.values(), key=lambda lot: (not lot.is_usable(row["at"]), lot.turn))
            self._take(row, ready)

    def _take(self, row: dict, lots: Iterable[Lot]) -> None:
        wanted, taken = row["cents"], []
        for lot in lots:
            part = min(lot.left, wanted)
            if part:
                lot.left -= part
                wanted -= part
                taken.append((lot, part))
        self._taken[row["number"]] = taken

    @staticmethod
    def _give_back(cents: int, taken: list[tuple[Lot, int]]) -> None:
        for lot, part in taken:
            back = min(part, cents)
            lot.left += back
            cents -= back


def transfers_of(account: Account) -> QuerySet:
    return Transfer.objects.filter(Q(source=account) | Q(destination=account)).order_by("number")


def book_of(account: Account) -> Book:
    """The account, replayed. Two queries, each along an index."""
    rows = [
        *Transfer.objects.filter(destination=account).order_by().values(*FIELDS),
        *Transfer.objects.filter(source=account).order_by().values(*FIELDS),
    ]
    book = Book()
    for row in sorted(rows, key=lambda row: row["number"]):
        book.add(row, came_in=row["destination_id"] == account.pk)
    return book

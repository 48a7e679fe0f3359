"""What an account's transfers come to: the running balance, and which credit is left of what came in.

Nothing here is stored: holds and expiry follow from each reward and the terms it was given under. Each credit
that came in is a lot. Spending takes from the lot that expires first; a reversed spending goes back to the
lots it came from.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from referrals.models import Account, Transfer
from referrals.transfer_kinds import EXPIRY

FIELDS = (
    "number at cents key source_id destination_id reverses__number spent_on invoice reason "
    "referral__reference referral__terms__hold_days referral__terms__expiry_days"
).split()


def expired_lot(key: str) -> int | None:
    """The number of the transfer whose credit has expired, where that is the cause of an expiry."""
    parts = EXPIRY.read(key)
    return int(parts["number"]) if parts else None


@dataclass(slots=True)
class Lot:
    """Credit that came in with one transfer, in cents: all of it (`cents`), and what is left."""

    number: int
    at: datetime
    cents: int
    left: int
    usable_from: datetime
    expires_at: datetime | None
    expiries: int = 0  # how often some of it expired: what a reversal gives back expires again
    expired_cents: int = 0

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_usable(self, now: datetime) -> bool:
        return self.usable_from <= now and not self.is_expired(now)

    @property
    def turn(self) -> tuple[bool, datetime, int]:
        """Its place in the order of spending: what expires first, then what came first."""
        return (self.expires_at is None, self.expires_at or self.at, self.number)


@dataclass(slots=True)
class Lots:
    """An account's lots, moved on one transfer at a time, in the order of their numbers.

    Where it's known which transfers are undone later (`undone`, their numbers), what nobody can come back to
    is forgotten: a walk over the whole ledger then holds little. Left out, everything is kept.
    """

    lots: dict[int, Lot] = field(default_factory=dict)
    undone: Set[int] | None = None
    _taken: dict[int, list[tuple[Lot, int]]] = field(default_factory=dict)

    def usable(self, now: datetime) -> int:
        """What may be spent at `now`: neither on hold nor expired."""
        return sum(lot.left for lot in self.lots.values() if lot.is_usable(now))

    def on_hold(self, now: datetime) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.left and lot.usable_from > now]

    def expired(self, now: datetime) -> list[Lot]:
        """Lots whose time is over, and that still hold credit."""
        return [lot for lot in self.lots.values() if lot.left and lot.is_expired(now)]

    def come_in(
        self, number: int, at: datetime, cents: int, hold_days: int | None, expiry_days: int | None
    ) -> Lot:
        self.lots[number] = lot = Lot(
            number,
            at,
            cents,
            cents,
            usable_from=at + timedelta(days=hold_days) if hold_days else at,
            expires_at=at + timedelta(days=expiry_days) if expiry_days else None,
        )
        return lot

    def spend(self, number: int, at: datetime, cents: int) -> None:
        """Take from what is usable, in turn; then, where a manager takes more, from the rest."""
        lots = list(self.lots.values())
        if len(lots) > 1:
            lots.sort(key=lambda lot: (not lot.is_usable(at), lot.turn))
        self._take(number, cents, lots)

    def take_back(self, number: int, cents: int, lot: Lot) -> None:
        """A reward is reversed: what is left of it goes."""
        self._take(number, cents, [lot])

    def expire(self, number: int, cents: int, lot: Lot) -> None:
        lot.expiries += 1
        lot.expired_cents += cents
        self._take(number, cents, [lot])

    def taken_by(self, number: int) -> list[Lot]:
        """The lots that the transfer of that number took from."""
        return [lot for lot, _ in self._taken.get(number, ())]

    def give_back(self, cents: int, of: int) -> None:
        """A spending is reversed: `cents` go back to the lots that it took from."""
        for lot, part in self._taken.get(of, ()):
            back = min(part, cents)
            lot.left += back
            cents -= back
            self.lots[lot.number] = lot
        if self.undone is not None:
            self._taken.pop(of, None)

    def _take(self, number: int, cents: int, lots: list[Lot]) -> None:
        taken = []
        for lot in lots:
            part = min(lot.left, cents)
            if part:
                lot.left -= part
                cents -= part
                taken.append((lot, part))
        if self.undone is None or number in self.undone:
            self._taken[number] = taken
        if self.undone is not None:
            for lot, _ in taken:
                if not lot.left and lot.number not in self.undone:
                    self.lots.pop(lot.number, None)


@dataclass
class Line:
    """A transfer as one account sees it: `cents` above zero came in, `balance` is after it."""

    row: dict[str, Any]
    cents: int
    balance: int


@dataclass(slots=True)
class Book(Lots):
    """An account, replayed from its transfers. All amounts in cents."""

    lines: list[Line] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return self.lines[-1].balance if self.lines else 0

    def add(self, row: dict[str, Any], *, came_in: bool) -> None:
        """The next transfer of this account, in the order of their numbers."""
        number, at, cents, reverses = row["number"], row["at"], row["cents"], row["reverses__number"]
        change = cents if came_in else -cents
        self.lines.append(Line(row, change, self.balance + change))
        if came_in and reverses is None:
            terms = row["referral__terms__hold_days"], row["referral__terms__expiry_days"]
            self.come_in(number, at, cents, *terms)
        elif came_in:
            self.give_back(cents, reverses)
        elif reverses is not None:
            self.take_back(number, cents, self.lots[reverses])
        elif expired := expired_lot(row["key"]):
            self.expire(number, cents, self.lots[expired])
        else:
            self.spend(number, at, cents)


def book_of(account: Account) -> Book:
    """The account, replayed. Two queries, each along an index."""
    rows, book = Transfer.objects.order_by().values(*FIELDS), Book()
    moved = [*rows.filter(destination=account), *rows.filter(source=account)]
    for row in sorted(moved, key=itemgetter("number")):
        book.add(row, came_in=row["destination_id"] == account.pk)
    return book


def books_of(accounts: Sequence[Account]) -> Iterator[tuple[Account, Book]]:
    """Each account with its book: two queries for a thousand accounts."""
    rows = Transfer.objects.order_by().values(*FIELDS)
    for begin in range(0, len(accounts), 1000):
        books = {account.pk: Book() for account in accounts[begin : begin + 1000]}
        moved = [*rows.filter(destination__in=books), *rows.filter(source__in=books)]
        for row in sorted(moved, key=itemgetter("number")):
            came_in = row["destination_id"] in books  # at the other end of each stands the clinic's own
            books[row["destination_id" if came_in else "source_id"]].add(row, came_in=came_in)
        yield from ((account, books[account.pk]) for account in accounts[begin : begin + 1000])

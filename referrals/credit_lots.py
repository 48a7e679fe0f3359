"""What an account's transfers come to: the running balance, and which credit is left of what came in.

Nothing here is stored: holds, expiry and what credit may be spent on follow from each reward and the terms it
was earned under, whatever its owner accepts later. Each credit that came in is a lot. Spending takes from the
lot that expires first, of those that may be spent on that; a reversed spending goes back to the lots it came
from. A hold ends, and credit expires, when a day of the clinic's calendar begins.
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic_site.calendar_days import in_days
from referrals.models import Acceptance, Account, FormerRules, Terms, Transfer, things_named
from referrals.transfer_kinds import EXPIRY

FIELDS = (
    "number at cents key source_id destination_id reverses__number spent_on invoice reason "
    "referral__reference referral__terms__hold_days referral__terms__expiry_days named former_until"
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
    things: tuple[str, ...]  # what it may be spent on
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
    former_until: datetime | None = None  # see `FormerRules`
    _taken: dict[int, list[tuple[Lot, int]]] = field(default_factory=dict)

    def usable(self, now: datetime, thing: str = "") -> int:
        """What may be spent at `now`: neither on hold nor expired. `thing`: what may be spent on that."""
        return sum(
            lot.left for lot in self.lots.values() if lot.is_usable(now) and self._pays(lot, thing, now)
        )

    @property
    def named(self) -> set[str]:
        """What any of it may be, or might have been, spent on."""
        return {thing for lot in self.lots.values() for thing in lot.things}

    def by_things(self, now: datetime) -> dict[tuple[str, ...], int]:
        """What is left and hasn't expired, in cents, by what it may be spent on."""
        cents: Counter[tuple[str, ...]] = Counter()
        for lot in self.lots.values():
            if lot.left and not lot.is_expired(now):
                cents[lot.things] += lot.left
        return cents

    def _pays(self, lot: Lot, thing: str, at: datetime) -> bool:
        is_former = self.former_until is not None and at <= self.former_until
        return not thing or thing in lot.things or is_former

    def on_hold(self, now: datetime) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.left and lot.usable_from > now]

    def expired(self, now: datetime) -> list[Lot]:
        """Lots whose time is over, and that still hold credit."""
        return [lot for lot in self.lots.values() if lot.left and lot.is_expired(now)]

    def come_in(
        self,
        number: int,
        at: datetime,
        cents: int,
        *,
        hold_days: int | None,
        expiry_days: int | None,
        things: tuple[str, ...],
    ) -> Lot:
        usable_from = in_days(at, hold_days) if hold_days else at
        expires_at = in_days(at, expiry_days) if expiry_days else None
        if self.former_until is not None and at <= self.former_until:
            usable_from = min(at + timedelta(days=hold_days or 0), max(usable_from, self.former_until))
            expires_at = at + timedelta(days=expiry_days) if expiry_days else None
        self.lots[number] = lot = Lot(number, at, cents, cents, usable_from, expires_at, things)
        return lot

    def spend(self, number: int, at: datetime, cents: int, thing: str = "") -> None:
        """Take from what is usable, in turn; then, where a manager takes more, from the rest. `thing`: from
        what may be spent on that.
        """
        lots = list(self.lots.values())
        if len(lots) > 1:
            lots.sort(key=lambda lot: (not lot.is_usable(at), not self._pays(lot, thing, at), lot.turn))
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
            self.former_until = row["former_until"]
            self.come_in(
                number,
                at,
                cents,
                hold_days=row["referral__terms__hold_days"],
                expiry_days=row["referral__terms__expiry_days"],
                things=_things_named(row["named"] or ""),
            )
        elif came_in:
            self.give_back(cents, reverses)
        elif reverses is not None:
            self.take_back(number, cents, self.lots[reverses])
        elif expired := expired_lot(row["key"]):
            self.expire(number, cents, self.lots[expired])
        else:
            self.spend(number, at, cents, row["spent_on"])


@lru_cache(maxsize=64)
def _things_named(text: str) -> tuple[str, ...]:
    return tuple(things_named(text))


def lot_of(reward: Transfer, terms: Terms) -> Lot:
    """The credit that a reward under these terms has just brought."""
    return Lots().come_in(
        reward.number,
        reward.at,
        reward.cents,
        hold_days=terms.hold_days,
        expiry_days=terms.expiry_days,
        things=_things_named(terms.spendable_on),
    )


def transfer_rows() -> QuerySet[Transfer, dict[str, Any]]:
    """Every transfer, with what the terms name that its credit came under: a reward's own; of what else came
    in, those that its owner had accepted last.
    """
    accepted = Acceptance.objects.filter(member=OuterRef("destination__member"), at__lte=OuterRef("at"))
    last = Subquery(accepted.order_by("-pk").values("terms__spendable_on")[:1])
    named = Coalesce("referral__terms__spendable_on", last, "destination__referral__terms__spendable_on")
    former_until = Subquery(FormerRules.objects.values("until")[:1])
    return Transfer.objects.order_by().annotate(named=named, former_until=former_until).values(*FIELDS)


def book_of(account: Account) -> Book:
    """The account, replayed. Two queries, each along an index."""
    rows, book = transfer_rows(), Book()
    moved = [*rows.filter(destination=account), *rows.filter(source=account)]
    for row in sorted(moved, key=itemgetter("number")):
        book.add(row, came_in=row["destination_id"] == account.pk)
    return book


def books_of(accounts: Sequence[Account]) -> Iterator[tuple[Account, Book]]:
    """Each account with its book: two queries for a thousand accounts."""
    rows = transfer_rows()
    for begin in range(0, len(accounts), 1000):
        books = {account.pk: Book() for account in accounts[begin : begin + 1000]}
        moved = [*rows.filter(destination__in=books), *rows.filter(source__in=books)]
        for row in sorted(moved, key=itemgetter("number")):
            came_in = row["destination_id"] in books  # at the other end of each stands the clinic's own
            books[row["destination_id" if came_in else "source_id"]].add(row, came_in=came_in)
        yield from ((account, books[account.pk]) for account in accounts[begin : begin + 1000])

"""What falls due by itself: credit whose time is over, and writing to its owner before. `scheduled_tasks`
calls it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from clinic_site.calendar_days import in_days
from referrals import emails, ledger
from referrals.credit_lots import Book, book_of, books_of
from referrals.models import Account, Notice, Terms, Transfer
from referrals.transfer_kinds import EXPIRY

WARNED_BEFORE = 30  # days, that credit expires


def expire_due(now: datetime, *, since: datetime | None = None) -> int:
    """Move credit whose time is over to the expired account. Returns how many lots; a second run moves
    nothing more.

    `since`: what was due by then was moved, so only what fell due or came back after it is looked at.
    """
    moved, lots = 0, _reached(lambda days: days, _given(), now, since)
    for account, book in _books_with(lots):
        if not book.expired(now):
            continue
        with ledger.locked(now) as at:
            for lot in book_of(account).expired(at):
                key = EXPIRY.key(number=lot.number, time=lot.expiries)
                ledger.post(EXPIRY, account, cents=lot.left, key=key, now=at)
                moved += 1
    return moved


def warn_of_expiry(now: datetime, *, since: datetime | None = None) -> int:
    """Write to whoever holds credit that expires within WARNED_BEFORE, or in the last half of a shorter time.
    Returns of how many lots; each is told of once. `since` as in `expire_due`.
    """
    told = Notice.objects.filter(key=Concat(Value("expiring:"), Cast(OuterRef("number"), CharField())))
    untold = _given().filter(~Exists(told))
    lots = _reached(lambda days: max(days - WARNED_BEFORE, (days + 1) // 2), untold, now, since)
    count = 0
    for account, book in _books_with(lots, "member__user", "referral__introduction"):
        for lot in (
            lot for lot in book.lots.values() if lot.number in lots and lot.left and not lot.is_expired(now)
        ):
            with transaction.atomic():
                emails.expiring(account, lot)
            count += 1
    return count


def _given() -> QuerySet:
    """What was given for referrals."""
    return Transfer.objects.filter(referral__isnull=False, destination__system="").order_by()


def _reached(
    age: Callable[[int], int], given: QuerySet, now: datetime, since: datetime | None
) -> dict[int, int]:
    """Of the rewards `given`, numbers and accounts of those as many days old as `age` says, given after how
    many they expire. With `since`, those that grew so old on its day or after it, and older ones on accounts
    that credit came back to after it.
    """
    owners: set[int] = set()
    found: dict[int, int] = {}
    if since:
        came_back = Transfer.objects.filter(
            reverses__isnull=False, destination__system="", at__gt=since
        ).order_by()
        owners.update(came_back.values_list("destination", flat=True))
    for days in set(Terms.objects.filter(expiry_days__isnull=False).values_list("expiry_days", flat=True)):
        reached = age(days)
        old = given.filter(at__lt=in_days(now, 1 - reached))
        parts = [old]
        if since:
            parts = [old.filter(at__gte=in_days(since, -reached)), old.filter(destination__in=owners)]
        for rows in parts:
            # the terms are compared here: in the condition they'd keep the database from going by the time
            for number, account, theirs in rows.values_list(
                "number", "destination", "referral__terms__expiry_days"
            ):
                if theirs == days:
                    found[number] = account
    return found


def _books_with(lots: dict[int, int], *related: str) -> Iterator[tuple[Account, Book]]:
    """The accounts of these lots, each with its book."""
    owners = sorted(set(lots.values()))
    for begin in range(0, len(owners), 1000):
        accounts = Account.objects.filter(pk__in=owners[begin : begin + 1000])
        yield from books_of(list(accounts.select_related(*related)))

"""The one writer of transfers. What kinds there are stands in `transfer_kinds`, who earns what in `rewards`.

Every move locks the head of the ledger first, so all moves stand in one order, and what a verb has read of an
account under the lock is still so when it posts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic_site.accounts.models import User
from referrals import transfer_kinds
from referrals.credit_lots import Book, book_of
from referrals.errors import ReferralError
from referrals.formats import amount
from referrals.models import Account, Head, Transfer, digest_of
from referrals.transfer_kinds import CONFIRMED, NAMED_IN_TERMS, USABLE, SystemAccount, TransferKind


@contextmanager
def locked(now: datetime | None = None) -> Iterator[datetime]:
    """A transaction that holds the ledger: until it ends, nobody else moves credit.

    Gives the time at which what is done in it happens: `now` or, left out, the present once the lock is held;
    never before the last transfer, whichever clock was set back and however long somebody waited.

    On PostgreSQL the row of the head is locked. On SQLite the transaction is IMMEDIATE: it has the whole
    database for writing from its first statement on.
    """
    with transaction.atomic():
        head = _lock_head()
        yield _not_before(head, now or timezone.now())


def _lock_head() -> Head:
    locked = Head.objects.select_for_update()
    if head := locked.filter(pk=1).first():
        return head
    Head.objects.get_or_create(pk=1)
    return locked.get(pk=1)


def system_account(name: SystemAccount | str) -> Account:
    """The clinic's own account of that name."""
    return Account.objects.get_or_create(system=name)[0]


def post(
    kind: TransferKind,
    account: Account,
    *,
    cents: int,
    key: str,
    by: User | None = None,
    approved_by: User | None = None,
    now: datetime | None = None,
    spent_on: str = "",
    **says: Any,
) -> Transfer:
    """Move `cents` between a person's account and the clinic's own, as `kind` says, and return the transfer.

    A cause (`key`) that has moved credit before moves none again: its transfer is returned as it stands.
    `says` are further columns of the transfer: referral, reverses, invoice, reason.

    Raises ReferralError where the same cause moved something else, the table has no such kind, it is the
    account of whoever moves it, or what the kind needs is missing; IntegrityError where a rule of the ledger
    is broken: the database knows what each kind says and needs.
    """
    if kind not in transfer_kinds.TRANSFER_KINDS:
        raise ReferralError("Credit does not move that way.")
    with transaction.atomic():
        head = _lock_head()
        other_end = system_account(kind.system)
        source, destination = (other_end, account) if kind.comes_in else (account, other_end)
        if before := Transfer.objects.filter(key=key).first():
            if (before.source_id, before.destination_id, before.cents) != (source.pk, destination.pk, cents):
                raise ReferralError(
                    "This was done before, with another amount or for somebody else. Start again."
                )
            return before
        at = _not_before(head, now or timezone.now())
        refuse_own(account, by, approved_by)
        _refuse_unmet_needs(kind, account, cents, spent_on, at)
        says |= {"spent_on": spent_on, "by": by, "approved_by": approved_by}
        transfer = Transfer(
            number=head.number + 1,
            at=at,
            source=source,
            destination=destination,
            cents=cents,
            key=key,
            **says,
        )
        transfer.digest = digest_of(transfer.facts(), head.digest)
        transfer.save()
        Head.objects.filter(pk=head.pk).update(number=transfer.number, digest=transfer.digest)
        return transfer


def _not_before(head: Head, now: datetime) -> datetime:
    """`now`, or the time of the last transfer where that is later."""
    last = Transfer.objects.filter(number=head.number).values_list("at", flat=True).first()
    return max(now, last) if last else now


# --- what is refused in words, before the database would refuse it ------------------------------------------


class TooMuch(ReferralError):
    """More was to be spent than is usable; `usable` is how much is, in cents."""

    def __init__(self, usable: int, thing: str = ""):
        on = f" for {thing}" if thing else ""
        super().__init__(
            f"Usable today{on}: {amount(usable)}. That is less than you asked for; nothing was redeemed."
        )
        self.usable = usable


def refuse_own(account: Account, *people: User | None) -> None:
    """Raises ReferralError where it is the account of one of these people (None: nobody)."""
    if account.member and account.member.user_id in [person.pk for person in people if person]:
        raise ReferralError("Nobody moves credit to or from their own account. Ask a colleague.")


def _refuse_unmet_needs(
    kind: TransferKind, account: Account, cents: int, spent_on: str, at: datetime
) -> None:
    """The needs that are not here are what their verbs read before: a sentence there says more."""
    if CONFIRMED in kind.needs and not account.is_confirmed:
        raise ReferralError("Confirm first who this member is: look at a document with their name.")
    book = book_of(account) if {NAMED_IN_TERMS, USABLE} & set(kind.needs) else Book()
    if NAMED_IN_TERMS in kind.needs and spent_on not in book.named.union(account.spendable):
        raise ReferralError(
            "The terms that this credit was earned under don't name that. What isn't named can't be paid "
            "with credit."
        )
    if USABLE in kind.needs and cents > (usable := book.usable(at, spent_on)):
        raise TooMuch(usable, spent_on if usable < book.usable(at) else "")


# --- what accounts hold -------------------------------------------------------------------------------------


def balances(accounts: QuerySet[Account] | None = None) -> QuerySet[Any]:
    """Accounts (all, unless a queryset is given), each with `balance` in cents, in one query."""

    def total(which: str) -> Coalesce:
        rows = Transfer.objects.filter(**{which: OuterRef("pk")}).order_by().values(which)
        return Coalesce(Subquery(rows.annotate(total=Sum("cents")).values("total")), 0)

    accounts = Account.objects.all() if accounts is None else accounts
    return accounts.annotate(came=total("destination"), went=total("source")).annotate(
        balance=F("came") - F("went")
    )

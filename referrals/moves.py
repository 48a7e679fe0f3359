"""A transfer before it is posted: what its kind needs, asked in words before the database would refuse it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from referrals import ledger
from referrals.credit_lots import Book, book_of
from referrals.errors import ReferralError
from referrals.formats import amount
from referrals.models import Account, Transfer
from referrals.transfer_kinds import CONFIRMED, NAMED_IN_TERMS, USABLE, Need, TransferKind


class TooMuch(ReferralError):
    """More was to be spent than is usable; `usable` is how much is, in cents."""

    def __init__(self, usable: int):
        super().__init__(
            f"Usable today: {amount(usable)}. That is less than you asked for; nothing was redeemed."
        )
        self.usable = usable


@dataclass
class Move:
    """Credit that is about to move, in cents. `now` is the time that the lock of the ledger gave."""

    kind: TransferKind
    account: Account
    cents: int
    now: datetime
    spent_on: str = ""

    @cached_property
    def book(self) -> Book:
        """The person's account before it moves."""
        return book_of(self.account)

    def post(self, *, key: str, by=None, approved_by=None, **says) -> Transfer:
        """Write it, as `ledger.post` does. Raises ReferralError where something that its kind needs is
        missing.
        """

        def check() -> None:
            for person in (by, approved_by):
                refuse_own(self.account, person)
            for need in self.kind.needs:
                if need in REFUSALS:
                    REFUSALS[need](self)

        return ledger.post(
            self.kind,
            self.account,
            cents=self.cents,
            key=key,
            by=by,
            approved_by=approved_by,
            now=self.now,
            spent_on=self.spent_on,
            check=check,
            **says,
        )


def refuse_own(account: Account, by) -> None:
    """Raises ReferralError where it is the account of `by`."""
    if by and account.member and account.member.user_id == by.pk:
        raise ReferralError("Nobody moves credit to or from their own account. Ask a colleague.")


def _refuse_unconfirmed(move: Move) -> None:
    if not move.account.is_confirmed:
        raise ReferralError("Confirm first who this member is: look at a document with their name.")


def _refuse_what_terms_do_not_name(move: Move) -> None:
    if move.spent_on not in move.account.spendable:
        raise ReferralError(
            "The terms that this person accepted don't name that. What isn't named can't be paid with credit."
        )


def _refuse_more_than_usable(move: Move) -> None:
    if move.cents > (usable := move.book.usable(move.now)):
        raise TooMuch(usable)


# The other needs are what their verbs read before they make a move: a sentence there says more.
REFUSALS: dict[Need, Callable[[Move], None]] = {
    CONFIRMED: _refuse_unconfirmed,
    NAMED_IN_TERMS: _refuse_what_terms_do_not_name,
    USABLE: _refuse_more_than_usable,
}

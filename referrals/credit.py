"""Spending credit, and correcting it: redeem, reverse, adjust. Every step is a verb here, with `by=` for
whoever takes it.

`now` may be given where a year is rehearsed; left out, it's the present.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from clinic_site.amounts import LARGEST
from clinic_site.text.folding import fold
from clinic_site.text.normalise import plain_number, plain_words
from clinic_site.text.saying import has_visible_letters
from referrals import emails, ledger
from referrals.credit_lots import book_of
from referrals.errors import ReferralError, require
from referrals.formats import amount
from referrals.models import INVOICE, Account, Adjustment, Reversal, Terms, Transfer
from referrals.transfer_kinds import (
    ADJUSTMENT_DOWN,
    ADJUSTMENT_UP,
    REDEMPTION,
    REVERSE,
    SystemAccount,
    TransferKind,
    reversal_kind,
)

ALONE_FOR = timedelta(days=30)


# --- redeeming ----------------------------------------------------------------------------------------------


def redeem(
    account: Account,
    *,
    cents: int,
    spent_on: str,
    invoice: str,
    token: UUID,
    by,
    again: bool = False,
    now: datetime | None = None,
) -> Transfer:
    """Spend credit on something that the terms allow. The same `token` spends once, however often it is sent.
    `again`: it's meant as a second one on this invoice.

    Raises ReferralError where it is more than is usable (TooMuch), the terms don't name that kind of thing,
    the member isn't confirmed, or this credit has paid for this invoice before.
    """
    REDEMPTION.require(by, "redeems credit.")
    if not 0 < cents <= LARGEST:
        raise ReferralError("The amount is above zero.")
    invoice = plain_number(invoice)
    if not INVOICE.regex.search(invoice):
        raise ReferralError(INVOICE.message)
    key = REDEMPTION.key(token=token)
    with ledger.locked(now) as now:
        is_new = not Transfer.objects.filter(key=key).exists()
        account = Account.objects.select_related("member__user", "referral__terms").get(pk=account.pk)
        if is_new and not again and (earlier := paid_for(account, invoice)):
            raise ReferralError(earlier)
        transfer = ledger.post(
            REDEMPTION, account, cents=cents, key=key, by=by, now=now, spent_on=spent_on, invoice=invoice
        )
        if is_new:
            emails.redeemed(transfer, balance=book_of(account).balance)
        return transfer


def things_for(account: Account) -> list[str]:
    """What the credit on an account may be spent on: as the terms say that it was earned under."""
    named = [thing for lot in book_of(account).lots.values() if lot.left for thing in lot.things]
    return list(dict.fromkeys(named)) or account.spendable


def paid_for(account: Account, invoice: str, *, token: UUID | None = None) -> str:
    """That this credit has paid for this invoice already, in a sentence. Empty where it hasn't, or where the
    redemption of that `token` has: the same form is sent again.
    """
    spent = Transfer.objects.filter(
        source=account,
        destination__system=SystemAccount.REDEEMED,
        invoice__iexact=plain_number(invoice),
        reversal=None,
    )
    earlier = list(spent.order_by("number"))
    if not earlier or any(transfer.key == REDEMPTION.key(token=token) for transfer in earlier):
        return ""
    last = earlier[-1]
    at = f"{timezone.localtime(last.at):%-d %B %Y, %H:%M}"
    return (
        f"{amount(last.cents)} of this credit went on invoice {last.invoice} already: receipt "
        f"{last.number}, {at}."
    )


# --- reversing ----------------------------------------------------------------------------------------------


def reverse(transfer: Transfer, *, by, because: str, now: datetime | None = None) -> Reversal:
    """Take a transfer back, as far as its credit is still there; the rest is a loss that the reports show.

    Raises ReferralError where it was reversed before, is itself a reversal, or expired by itself.
    """
    require(by, REVERSE, "A manager reverses a transfer.")
    with ledger.locked(now) as now:
        transfer = Transfer.objects.select_related("source__member__user", "destination__member__user").get(
            pk=transfer.pk
        )
        ledger.refuse_own(transfer.person, by)
        because = _without_names(because, transfer.source, transfer.destination)
        cents, lost = what_comes_back(transfer)
        back = None
        if cents and (kind := reversal_kind(transfer.kind)):
            key = kind.key(number=transfer.number)
            back = ledger.post(
                kind, transfer.person, cents=cents, key=key, by=by, now=now, reverses=transfer, reason=because
            )
            emails.changed(back, balance=book_of(back.person).balance)
        return Reversal.objects.create(
            of=transfer, transfer=back, lost_cents=lost, because=because, by=by, at=now
        )


def what_comes_back(transfer: Transfer) -> tuple[int, int]:
    """(what would come back if this transfer were reversed now, what would be lost), in cents. Raises
    ReferralError where it can't be reversed.
    """
    if transfer.reverses_id:
        raise ReferralError("This is a reversal itself. Correct it with an adjustment.")
    kind = transfer.kind
    if kind is None or reversal_kind(kind) is None:
        raise ReferralError("This credit expired under the terms. Give it back with an adjustment.")
    if Reversal.objects.filter(of=transfer).exists():
        raise ReferralError("This was reversed before.")
    if not kind.comes_in:
        _refuse_what_a_reversed_reward_paid(transfer)
        return transfer.cents, 0
    # credit that somebody was given: what is left of it comes back, and what was spent of it is lost
    lot = book_of(transfer.destination).lots[transfer.number]
    return lot.left, lot.cents - lot.left - lot.expired_cents


def _refuse_what_a_reversed_reward_paid(transfer: Transfer) -> None:
    """A spending goes back to where it came from: not to a reward that was taken back since, as a loss."""
    lots = book_of(transfer.source).taken_by(transfer.number)
    if Reversal.objects.filter(of__number__in=[lot.number for lot in lots]).exists():
        raise ReferralError(
            "Part of this came from credit that was reversed since. Correct it with an adjustment."
        )


# --- adjusting ----------------------------------------------------------------------------------------------


def adjust(
    account: Account, *, cents: int, because: str, token: UUID, by, now: datetime | None = None
) -> Adjustment:
    """Give (`cents` above zero) or take (below) credit. What is over the terms' amount waits for a second
    manager.

    Raises ReferralError where it would take more than is there.
    """
    _kind_of_adjustment(cents).require(by, "adjusts credit.")
    if not 0 < abs(cents) <= LARGEST:
        raise ReferralError("The amount is not zero.")
    with ledger.locked(now) as now:
        if before := Adjustment.objects.filter(token=token).first():
            return before
        account = Account.objects.select_related("member__user").get(pk=account.pk)
        if account.system:
            raise ReferralError(
                "That is the clinic's own account: credit is given to people, and taken from them."
            )
        ledger.refuse_own(account, by)
        because = _without_names(because, account)
        _refuse_more_than_there_is(account, cents)
        adjustment = Adjustment.objects.create(
            account=account,
            cents=cents,
            because=because,
            token=token,
            asked_by=by,
            asked_at=now,
            needs_second=moved_alone(account, now) + abs(cents) > alone_cents(now),
        )
        if not adjustment.needs_second:
            _post_adjustment(adjustment, now=now)
        return adjustment


def approve(adjustment: Adjustment, *, by, now: datetime | None = None) -> Transfer:
    """The second manager agrees: the credit moves. Raises ReferralError for whoever asked, or if decided."""
    _kind_of_adjustment(adjustment.cents).require(by, "approves an adjustment.")
    with ledger.locked(now) as now:
        adjustment = _undecided(adjustment)
        if adjustment.asked_by_id == by.pk:
            raise ReferralError("You asked for this adjustment: another manager approves it.")
        ledger.refuse_own(adjustment.account, by)
        adjustment.stamp(approved_at=now, approved_by=by)
        return _post_adjustment(adjustment, now=now)


def turn_down(adjustment: Adjustment, *, by, now: datetime | None = None) -> None:
    """The second manager, or whoever asked, says no: nothing moves."""
    _kind_of_adjustment(adjustment.cents).require(by, "turns down an adjustment.")
    with ledger.locked(now) as now:
        _undecided(adjustment).stamp(refused_at=now, refused_by=by)


def _kind_of_adjustment(cents: int) -> TransferKind:
    return ADJUSTMENT_UP if cents > 0 else ADJUSTMENT_DOWN


def _undecided(adjustment: Adjustment) -> Adjustment:
    adjustment = Adjustment.objects.select_related("account__member__user", "asked_by").get(pk=adjustment.pk)
    if not adjustment.is_waiting:
        raise ReferralError("This adjustment was decided before.")
    return adjustment


def _post_adjustment(adjustment: Adjustment, *, now: datetime) -> Transfer:
    account, cents, kind = adjustment.account, adjustment.cents, _kind_of_adjustment(adjustment.cents)
    _refuse_more_than_there_is(account, cents)  # it may have been spent since it was asked for
    transfer = ledger.post(
        kind,
        account,
        cents=abs(cents),
        key=kind.key(adjustment=adjustment.pk),
        by=adjustment.asked_by,
        approved_by=adjustment.approved_by,
        now=now,
        reason=adjustment.because,
    )
    emails.changed(transfer, balance=book_of(account).balance)
    return transfer


def _refuse_more_than_there_is(account: Account, cents: int) -> None:
    if cents < 0 and -cents > (balance := book_of(account).balance):
        raise ReferralError(f"The account holds {amount(balance)}: no more can be taken.")


def alone_cents(now: datetime) -> int:
    """What one manager may move on one account within thirty days, under the terms in force at `now`."""
    terms = Terms.objects.in_force(timezone.localdate(now)).first()
    return terms.alone_cents if terms else 0


def moved_alone(account: Account, now: datetime) -> int:
    """What single people's adjustments moved there in the thirty days before `now`, given and taken added."""
    moved = Transfer.objects.filter(
        Q(source=account) | Q(destination=account),
        key__startswith=ADJUSTMENT_UP.prefix,
        approved_by=None,
        at__gt=now - ALONE_FOR,
    )
    return moved.aggregate(total=Sum("cents"))["total"] or 0


def _without_names(because: str, *accounts: Account) -> str:
    """The reason, unless it is missing or names somebody: it stays, and people may ask to be forgotten."""
    because = " ".join(because.split())
    if not has_visible_letters(because):
        raise ReferralError("Say why.")
    if len(because) > 200:
        raise ReferralError("Say why in at most 200 letters.")
    names = {
        word for a in accounts if a.member for word in re.findall(r"\w{2,}", plain_words(a.member.user.name))
    }
    plain = fold(because).text
    if (
        "@" in plain
        or re.search(r"\d[\d\s()./-]{5,}\d", plain)
        or names & set(re.findall(r"\w+", plain_words(because)))
    ):
        raise ReferralError(
            "Leave out names, addresses and telephone numbers: a reason stays for good, even after a person "
            "is forgotten."
        )
    return because

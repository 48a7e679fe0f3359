"""Who earns what, when it may be used, and how it is put right. Every step is a verb here, with `by=` for whoever takes it.

`now` may be given where a year is rehearsed; left out, it's the present.
"""

import re
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from referrals import ledger
from referrals.codes import normal_email
from referrals.lots import Book, book_of
from referrals.models import (
    INVOICE,
    VISIT_NUMBER,
    Account,
    Adjustment,
    Because,
    House,
    Member,
    Referral,
    Refused,
    Reversal,
    Terms,
    Transfer,
    require,
)

LARGEST = 1_000_000_00  # cents: more than that is a slip of the finger
ALONE_FOR = timedelta(days=30)


# --- what an account may spend ----------------------------------------------------------------------------------------


def usable(account: Account, book: Book, now: datetime) -> int:
    """Cents that the account may spend at `now`. Until the desk has confirmed who a member is: none."""
    return book.usable(now) if account.member is None or account.member.confirmed_at else 0


def spendable_on(account: Account) -> list[str]:
    """The kinds of things that the account may be spent on: as the terms say that its owner accepted."""
    terms = account.member.terms if account.member else account.referral.terms
    return terms.spendable if terms else []


def rewards_in(member: Member, year: int) -> int:
    """How many rewards the member got in that calendar year and was left with."""
    zone = timezone.get_current_timezone()
    begin, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    rewards = Transfer.objects.filter(destination__member=member, referral__isnull=False, at__gte=begin, at__lt=end)
    return rewards.filter(reversal=None).count()


# --- the desk: a referral ---------------------------------------------------------------------------------------------


def attend(referral: Referral, *, by, on: date, visit_number: str | None = None, now: datetime | None = None) -> list[Transfer]:
    """The friend came on that day. Returns the rewards that follow: none where the member is over the year's cap or has left.

    Raises Refused where the referral is not waiting, is the member's own, or the day is to come.
    """
    require(by, "handle_referral", "The front desk or a manager says that a friend came.")
    now = now or timezone.now()
    with ledger.locked():
        referral = Referral.objects.select_related("member__user", "terms").get(pk=referral.pk)
        _refuse_unless_open(referral)
        _refuse_the_members_own(referral, by)
        if on > timezone.localdate(now):
            raise Refused("That day is still to come.")
        _refuse_a_used_visit(visit_number)
        referral.stamp(attended_on=on, attended_at=now, attended_by=by, visit_number=visit_number or None)
        return _reward(referral, by=by, now=now)


def mention_late(
    member: Member, *, by, on: date, visit_number: str, token: UUID, now: datetime | None = None
) -> tuple[Referral, list[Transfer]]:
    """A friend who has been here says who sent them. Returns the referral and the rewards that follow.

    Raises Refused where the terms allow no mention that late, the visit counted before, or the programme doesn't know the member.
    """
    require(by, "handle_referral", "The front desk or a manager notes a late mention.")
    now = now or timezone.now()
    with ledger.locked():
        if before := Referral.objects.filter(token=token).first():
            return before, list(before.transfers.all())
        terms = member.terms
        if terms is None or member.left_at:
            raise Refused("This member has left the programme.")
        if by.pk == member.user_id:
            raise Refused("Nobody decides about their own referral.")
        days = (timezone.localdate(now) - on).days
        if days < 0:
            raise Refused("That day is still to come.")
        if days > terms.late_mention_days:
            raise Refused(
                f"That visit was {days} days ago. Under this member's terms a friend says who sent them within "
                f"{terms.late_mention_days} days."
            )
        _refuse_a_used_visit(visit_number)
        referral = Referral.objects.create(
            member=member, terms=terms, token=token, mentioned_at=now, mentioned_by=by, attended_on=on, attended_at=now,
            attended_by=by, visit_number=visit_number,
        )  # fmt: skip
        return referral, _reward(referral, by=by, now=now)


def decline(referral: Referral, *, by, because: Because, now: datetime | None = None) -> None:
    """The referral brings no reward. Raises Refused where it is not waiting, or is the member's own to decide."""
    require(by, "handle_referral", "The front desk or a manager declines a referral.")
    with ledger.locked():
        referral = Referral.objects.select_related("member").get(pk=referral.pk)
        _refuse_unless_open(referral)
        if by.pk == referral.member.user_id:
            raise Refused("Nobody decides about their own referral.")
        referral.stamp(declined_at=now or timezone.now(), declined_by=by, declined_because=because)


def _refuse_unless_open(referral: Referral) -> None:
    if referral.attended_at:
        raise Refused(f"This friend was put down as having come on {referral.attended_on} already.")
    if referral.declined_at:
        raise Refused(f"This referral was declined: {referral.get_declined_because_display()}.")
    if referral.withdrawn_at:
        raise Refused("This friend has withdrawn. Use a late mention if they say at the desk who sent them.")


def _refuse_the_members_own(referral: Referral, by) -> None:
    if by.pk == referral.member.user_id:
        raise Refused("Nobody decides about their own referral.")
    introduction = getattr(referral, "introduction", None)
    if introduction and introduction.same_email and introduction.same_email == normal_email(referral.member.user.email):
        raise Refused("The friend and the member are the same person: decline it.")


def _refuse_a_used_visit(visit_number: str | None) -> None:
    if visit_number:
        _refuse_unless(VISIT_NUMBER, visit_number)
        if Referral.objects.filter(visit_number=visit_number).exists():
            raise Refused(f"Visit {visit_number} counted for another referral already.")


def _refuse_unless(validator, text: str) -> None:
    if not validator.regex.search(text):
        raise Refused(validator.message)


def _reward(referral: Referral, *, by, now: datetime) -> list[Transfer]:
    given, member, terms = [], referral.member, referral.terms
    promotions = ledger.house(House.PROMOTIONS)
    within_cap = rewards_in(member, timezone.localdate(now).year) < terms.cap_per_year
    if within_cap and not member.left_at:
        given.append(
            ledger.post(
                source=promotions, destination=member.account, cents=terms.member_cents, referral=referral,
                key=f"referral:{referral.pk}:member", by=by, now=now,
            )
        )  # fmt: skip
    if terms.friend_cents:
        account = Account.objects.create(referral=referral, opened_at=now)
        given.append(
            ledger.post(
                source=promotions, destination=account, cents=terms.friend_cents, referral=referral,
                key=f"referral:{referral.pk}:friend", by=by, now=now,
            )
        )  # fmt: skip
    return given


# --- the desk: credit -------------------------------------------------------------------------------------------------


def redeem(
    account: Account, *, cents: int, spent_on: str, invoice: str, token: UUID, by, now: datetime | None = None
) -> Transfer:
    """Spend credit on something that the terms allow. The same `token` spends once, however often it is sent.

    Raises Refused where it is more than is usable, the terms don't name that kind of thing, or the member isn't confirmed.
    """
    require(by, "redeem_credit", "The front desk or a manager redeems credit.")
    now = now or timezone.now()
    if not 0 < cents <= LARGEST:
        raise Refused("The amount is above zero.")
    _refuse_unless(INVOICE, invoice)
    key = f"redemption:{token}"
    with ledger.locked():
        redeemed = ledger.house(House.REDEEMED)
        if not Transfer.objects.filter(key=key).exists():
            account = Account.objects.select_related("member__user", "referral__terms").get(pk=account.pk)
            _refuse_own(account, by)
            if account.member and not account.member.confirmed_at:
                raise Refused("Confirm first who this member is: look at a document with their name.")
            if spent_on not in spendable_on(account):
                raise Refused("The terms that this person accepted don't name that. What isn't named can't be paid with credit.")
            if cents > (most := book_of(account).usable(now)):
                raise TooMuch(most)
        return ledger.post(
            source=account, destination=redeemed, cents=cents, key=key, spent_on=spent_on, invoice=invoice, by=by, now=now
        )


class TooMuch(Refused):
    """More was to be spent than is usable; `usable` is how much is, in cents."""

    def __init__(self, usable: int):
        super().__init__(
            f"Usable today: {usable // 100}.{usable % 100:02}. That is less than you asked for; nothing was redeemed."
        )
        self.usable = usable


def _refuse_own(account: Account, by) -> None:
    if account.member and account.member.user_id == by.pk:
        raise Refused("Nobody moves credit to or from their own account. Ask a colleague.")


# --- putting right ----------------------------------------------------------------------------------------------------


def reverse(transfer: Transfer, *, by, because: str, now: datetime | None = None) -> Reversal:
    """Take a transfer back, as far as its credit is still there; the rest is a loss that the reports show.

    Raises Refused where it was reversed before, is itself a reversal, or expired by itself.
    """
    require(by, "reverse_transfer", "A manager reverses a transfer.")
    now = now or timezone.now()
    with ledger.locked():
        transfer = Transfer.objects.select_related("source__member__user", "destination__member__user").get(pk=transfer.pk)
        for account in (transfer.source, transfer.destination):
            _refuse_own(account, by)
        because = _without_names(because, transfer.source, transfer.destination)
        if transfer.reverses_id:
            raise Refused("This is a reversal itself. Put it right with an adjustment.")
        if transfer.key.startswith("expiry:"):
            raise Refused("This credit expired under the terms. Give it back with an adjustment.")
        if Reversal.objects.filter(of=transfer).exists():
            raise Refused("This was reversed before.")
        cents = transfer.cents
        if not transfer.destination.house:  # credit that somebody was given: what is left of it
            cents = book_of(transfer.destination).lots[transfer.number].left
        back = None
        if cents:
            back = ledger.post(
                source=transfer.destination, destination=transfer.source, cents=cents, key=f"reversal:{transfer.number}",
                reverses=transfer, reason=because, by=by, now=now,
            )  # fmt: skip
        return Reversal.objects.create(
            of=transfer, transfer=back, lost_cents=transfer.cents - cents, because=because, by=by, at=now
        )


def adjust(account: Account, *, cents: int, because: str, token: UUID, by, now: datetime | None = None) -> Adjustment:
    """Give (`cents` above zero) or take (below) credit. What is over the terms' amount waits for a second manager.

    Raises Refused where it would take more than is there.
    """
    require(by, "adjust_credit", "A manager adjusts credit.")
    now = now or timezone.now()
    if not 0 < abs(cents) <= LARGEST:
        raise Refused("The amount is not zero.")
    with ledger.locked():
        if before := Adjustment.objects.filter(token=token).first():
            return before
        account = Account.objects.select_related("member__user").get(pk=account.pk)
        _refuse_own(account, by)
        because = _without_names(because, account)
        adjustment = Adjustment.objects.create(
            account=account, cents=cents, because=because, token=token, asked_by=by, asked_at=now,
            needs_second=moved_alone(account, now) + abs(cents) > alone_cents(now),
        )  # fmt: skip
        if not adjustment.needs_second:
            _post_adjustment(adjustment, now=now)
        return adjustment


def approve(adjustment: Adjustment, *, by, now: datetime | None = None) -> Transfer:
    """The second manager agrees: the credit moves. Raises Refused where `by` asked for it, or it was decided before."""
    require(by, "adjust_credit", "A manager approves an adjustment.")
    now = now or timezone.now()
    with ledger.locked():
        adjustment = _undecided(adjustment, by)
        _refuse_own(adjustment.account, by)
        adjustment.stamp(approved_at=now, approved_by=by)
        return _post_adjustment(adjustment, now=now)


def turn_down(adjustment: Adjustment, *, by, now: datetime | None = None) -> None:
    """The second manager, or whoever asked, says no: nothing moves."""
    require(by, "adjust_credit", "A manager turns down an adjustment.")
    with ledger.locked():
        adjustment = _undecided(adjustment, None)
        adjustment.stamp(refused_at=now or timezone.now(), refused_by=by)


def _undecided(adjustment: Adjustment, by) -> Adjustment:
    adjustment = Adjustment.objects.select_related("account__member__user", "asked_by").get(pk=adjustment.pk)
    if not adjustment.needs_second or adjustment.approved_at or adjustment.refused_at:
        raise Refused("This adjustment was decided before.")
    if by and adjustment.asked_by_id == by.pk:
        raise Refused("You asked for this adjustment: another manager approves it.")
    return adjustment


def _post_adjustment(adjustment: Adjustment, *, now: datetime) -> Transfer:
    adjustments, account = ledger.house(House.ADJUSTMENTS), adjustment.account
    gives = adjustment.cents > 0
    if not gives and -adjustment.cents > (balance := book_of(account).balance):
        raise Refused(f"The account holds {balance // 100}.{balance % 100:02}: no more can be taken.")
    return ledger.post(
        source=adjustments if gives else account, destination=account if gives else adjustments, cents=abs(adjustment.cents),
        key=f"adjustment:{adjustment.pk}", reason=adjustment.because, by=adjustment.asked_by, approved_by=adjustment.approved_by,
        now=now,
    )  # fmt: skip


def alone_cents(now: datetime) -> int:
    """What one manager may move on one account within thirty days, under the terms in force at `now`."""
    terms = Terms.objects.in_force(timezone.localdate(now)).first()
    return terms.alone_cents if terms else 0


def moved_alone(account: Account, now: datetime) -> int:
    """What was moved by adjustments of one person on that account in the thirty days before `now`, given and taken added."""
    moved = Transfer.objects.filter(
        Q(source=account) | Q(destination=account), key__startswith="adjustment:", approved_by=None, at__gt=now - ALONE_FOR
    )
    return moved.aggregate(total=Sum("cents"))["total"] or 0


def _without_names(because: str, *accounts: Account) -> str:
    """The reason, unless it is missing or names somebody: it stays for good, and people may ask to be forgotten."""
    because = " ".join(because.split())
    if not because:
        raise Refused("Say why.")
    if len(because) > 200:
        raise Refused("Say why in at most 200 letters.")
    names = {word for a in accounts if a.member for word in re.findall(r"\w{2,}", a.member.user.name.casefold())}
    if "@" in because or re.search(r"\d[\d\s().-]{5,}\d", because) or names & set(re.findall(r"\w+", because.casefold())):
        raise Refused(
            "Leave out names, addresses and telephone numbers: a reason stays for good, even after a person is forgotten."
        )
    return because


# --- what falls due by itself -----------------------------------------------------------------------------------------


def expire_due(now: datetime) -> int:
    """Move credit whose time is over to the expired account. Returns how many lots; a second run moves nothing more."""
    moved = 0
    for account in _with_old_credit(now):
        with ledger.locked():
            expired, book = ledger.house(House.EXPIRED), book_of(account)
            for lot in book.expired(now):
                again = Transfer.objects.filter(key__startswith=f"expiry:{lot.number}:").count()
                ledger.post(source=account, destination=expired, cents=lot.left, key=f"expiry:{lot.number}:{again}", now=now)
                moved += 1
    return moved


def _with_old_credit(now: datetime) -> list[Account]:
    """Accounts that hold credit and were given some whose time may be over."""
    old = Q()
    for pk, days in Terms.objects.filter(expiry_days__isnull=False).values_list("pk", "expiry_days"):
        old |= Q(referral__terms=pk, at__lte=now - timedelta(days=days))
    if not old:
        return []
    given = Transfer.objects.filter(old, destination__house="").order_by().values("destination")
    return list(ledger.balances(Account.objects.filter(pk__in=given)).filter(balance__gt=0))

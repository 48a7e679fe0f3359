"""Who earns what, when it may be used, and how it is put right.

Every step is a verb here, with `by=` for whoever takes it.

`now` may be given where a year is rehearsed; left out, it's the present.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from referrals import ledger, letters
from referrals.lots import Book, Lots, book_of, books_of
from referrals.models import (
    INVOICE,
    VISIT_NUMBER,
    Account,
    Adjustment,
    Because,
    House,
    Member,
    Notice,
    Referral,
    Refused,
    Reversal,
    Terms,
    Transfer,
    require,
)

LARGEST = 10_000_00  # cents: more than that is a slip of the finger
ALONE_FOR = timedelta(days=30)
TOLD_BEFORE = timedelta(days=30)  # that credit runs out


# --- what an account may spend ------------------------------------------------------------------------------


def usable(account: Account, book: Book, now: datetime) -> int:
    """Cents that the account may spend at `now`. Until the desk has confirmed who a member is: none."""
    return book.usable(now) if account.member is None or account.member.confirmed_at else 0


def spendable_on(account: Account) -> list[str]:
    """The kinds of things that the account may be spent on: as the terms say that its owner accepted."""
    if account.house:
        return []
    terms = account.member.terms if account.member else account.referral.terms
    return terms.spendable if terms else []


def rewards_in(member: Member, year: int) -> int:
    """How many rewards the member got in that calendar year and was left with."""
    zone = timezone.get_current_timezone()
    begin, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    rewards = Transfer.objects.filter(
        destination__member=member, referral__isnull=False, at__gte=begin, at__lt=end
    )
    return rewards.filter(reversal=None).count()


# --- the desk: a referral -----------------------------------------------------------------------------------


def attend(
    referral: Referral, *, by, on: date, visit_number: str | None = None, now: datetime | None = None
) -> list[Transfer]:
    """The friend came on that day.

    Returns the rewards that follow: none where the member is over the year's cap or has left.

    Raises Refused where the referral is not waiting, is the member's own, or the day is to come.
    """
    require(by, "handle_referral", "The front desk or a manager says that a friend came.")
    with ledger.locked(now) as now:
        referral = Referral.objects.select_related("member__user", "terms").get(pk=referral.pk)
        _refuse_unless_open(referral)
        _refuse_the_members_own(referral, by)
        if on > timezone.localdate(now):
            raise Refused("That day is still to come.")
        before = (timezone.localdate(referral.introduced_at) - on).days
        if before > referral.terms.late_mention_days:
            raise Refused(
                f"That is {before} days before they introduced themself: they were a patient here before. "
                "Decline it."
            )
        referral.stamp(
            attended_on=on, attended_at=now, attended_by=by, visit_number=_unused_visit(visit_number)
        )
        return _reward(referral, by=by, now=now)


def mention_late(
    member: Member, *, by, on: date, visit_number: str, token: UUID, now: datetime | None = None
) -> tuple[Referral, list[Transfer]]:
    """A friend who has been here says who sent them. Returns the referral and the rewards that follow.

    Raises Refused where the terms allow no mention that late, the visit was before the member joined or
    counted before, or the programme doesn't know the member.
    """
    require(by, "handle_referral", "The front desk or a manager notes a late mention.")
    with ledger.locked(now) as now:
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
                f"That visit was {days} days ago. Under this member's terms a friend says who sent them "
                f"within {terms.late_mention_days} days."
            )
        if on < (joined := timezone.localdate(member.joined_at)):
            raise Refused(
                f"That visit was before this member joined, on {joined:%-d %B %Y}. It brings no credit."
            )
        if not (visit := _unused_visit(visit_number)):
            raise Refused("Write the number of the visit: it says that somebody came.")
        referral = Referral.objects.create(
            member=member,
            terms=terms,
            token=token,
            mentioned_at=now,
            mentioned_by=by,
            attended_on=on,
            attended_at=now,
            attended_by=by,
            visit_number=visit,
        )
        return referral, _reward(referral, by=by, now=now)


def decline(referral: Referral, *, by, because: Because, now: datetime | None = None) -> None:
    """The referral brings no reward.

    Raises Refused where it is not waiting, or is the member's own to decide.
    """
    require(by, "handle_referral", "The front desk or a manager declines a referral.")
    with ledger.locked(now) as now:
        referral = Referral.objects.select_related("member").get(pk=referral.pk)
        _refuse_unless_open(referral)
        if by.pk == referral.member.user_id:
            raise Refused("Nobody decides about their own referral.")
        referral.stamp(declined_at=now, declined_by=by, declined_because=because)


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
    if (
        introduction
        and introduction.same_email
        and introduction.same_email == referral.member.user.same_email
    ):
        raise Refused("The friend and the member are the same person: decline it.")


def _unused_visit(visit_number: str | None) -> str | None:
    """The visit's number in capitals. Raises Refused where it isn't one, or counted before."""
    visit_number = (visit_number or "").strip().upper()
    if not visit_number:
        return None
    _refuse_unless(VISIT_NUMBER, visit_number)
    if Referral.objects.filter(visit_number=visit_number).exists():
        raise Refused(f"Visit {visit_number} counted for another referral already.")
    return visit_number


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
                source=promotions,
                destination=member.account,
                cents=terms.member_cents,
                referral=referral,
                key=f"referral:{referral.pk}:member",
                by=by,
                now=now,
            )
        )
    if terms.friend_cents:
        account = Account.objects.create(referral=referral, opened_at=now)
        given.append(
            ledger.post(
                source=promotions,
                destination=account,
                cents=terms.friend_cents,
                referral=referral,
                key=f"referral:{referral.pk}:friend",
                by=by,
                now=now,
            )
        )
    for transfer in given:
        lot = Lots().come_in(transfer.number, transfer.at, transfer.cents, terms.hold_days, terms.expiry_days)
        letters.rewarded(transfer, lot)
    return given


# --- the desk: credit ---------------------------------------------------------------------------------------


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
    """Spend credit on something that the terms allow.

    The same `token` spends once, however often it is sent. `again`: it's meant as a second one on this
    invoice.

    Raises Refused where it is more than is usable, the terms don't name that kind of thing, the member isn't
    confirmed, or this credit has paid for this invoice before.
    """
    require(by, "redeem_credit", "The front desk or a manager redeems credit.")
    if not 0 < cents <= LARGEST:
        raise Refused("The amount is above zero.")
    _refuse_unless(INVOICE, invoice)
    key = f"redemption:{token}"
    with ledger.locked(now) as now:
        redeemed = ledger.house(House.REDEEMED)
        if is_new := not Transfer.objects.filter(key=key).exists():
            account = Account.objects.select_related("member__user", "referral__terms").get(pk=account.pk)
            _refuse_own(account, by)
            if account.member and not account.member.confirmed_at:
                raise Refused("Confirm first who this member is: look at a document with their name.")
            if spent_on not in spendable_on(account):
                raise Refused(
                    "The terms that this person accepted don't name that. What isn't named can't be paid "
                    "with credit."
                )
            if not again and (earlier := paid_for(account, invoice)):
                raise Refused(earlier)
            book = book_of(account)
            if cents > (most := book.usable(now)):
                raise TooMuch(most)
        transfer = ledger.post(
            source=account,
            destination=redeemed,
            cents=cents,
            key=key,
            spent_on=spent_on,
            invoice=invoice,
            by=by,
            now=now,
        )
        if is_new:
            letters.redeemed(transfer, balance=book.balance - cents)
        return transfer


def paid_for(account: Account, invoice: str, *, token: UUID | None = None) -> str:
    """That this credit has paid for this invoice already, in a sentence.

    Empty where it hasn't, or where the redemption of that `token` has: the same form is sent again.
    """
    spent = Transfer.objects.filter(
        source=account, destination__house=House.REDEEMED, invoice__iexact=invoice.strip(), reversal=None
    )
    earlier = list(spent.order_by("number"))
    if not earlier or any(transfer.key == f"redemption:{token}" for transfer in earlier):
        return ""
    last = earlier[-1]
    at = f"{timezone.localtime(last.at):%-d %B %Y, %H:%M}"
    return (
        f"{last.cents // 100}.{last.cents % 100:02} of this credit went on invoice {last.invoice} already: "
        f"receipt {last.number}, {at}."
    )


class TooMuch(Refused):
    """More was to be spent than is usable; `usable` is how much is, in cents."""

    def __init__(self, usable: int):
        super().__init__(
            f"Usable today: {usable // 100}.{usable % 100:02}. That is less than you asked for; nothing was "
            "redeemed."
        )
        self.usable = usable


def _refuse_own(account: Account, by) -> None:
    if account.member and account.member.user_id == by.pk:
        raise Refused("Nobody moves credit to or from their own account. Ask a colleague.")


# --- putting right ------------------------------------------------------------------------------------------


def reverse(transfer: Transfer, *, by, because: str, now: datetime | None = None) -> Reversal:
    """Take a transfer back, as far as its credit is still there; the rest is a loss that the reports show.

    Raises Refused where it was reversed before, is itself a reversal, or expired by itself.
    """
    require(by, "reverse_transfer", "A manager reverses a transfer.")
    with ledger.locked(now) as now:
        transfer = Transfer.objects.select_related("source__member__user", "destination__member__user").get(
            pk=transfer.pk
        )
        for account in (transfer.source, transfer.destination):
            _refuse_own(account, by)
        because = _without_names(because, transfer.source, transfer.destination)
        cents, lost = what_comes_back(transfer)
        back = None
        if cents:
            back = ledger.post(
                source=transfer.destination,
                destination=transfer.source,
                cents=cents,
                key=f"reversal:{transfer.number}",
                reverses=transfer,
                reason=because,
                by=by,
                now=now,
            )
            letters.put_right(back, balance=_balance_of(back))
        return Reversal.objects.create(
            of=transfer, transfer=back, lost_cents=lost, because=because, by=by, at=now
        )


def what_comes_back(transfer: Transfer) -> tuple[int, int]:
    """(what would come back if this transfer were reversed now, what would be lost), in cents.

    Raises Refused where it can't.
    """
    if transfer.reverses_id:
        raise Refused("This is a reversal itself. Put it right with an adjustment.")
    if transfer.key.startswith("expiry:"):
        raise Refused("This credit expired under the terms. Give it back with an adjustment.")
    if Reversal.objects.filter(of=transfer).exists():
        raise Refused("This was reversed before.")
    if transfer.destination.house:
        _refuse_what_a_reversed_reward_paid(transfer)
        return transfer.cents, 0
    # credit that somebody was given: what is left of it comes back, and what was spent of it is lost
    lot = book_of(transfer.destination).lots[transfer.number]
    return lot.left, lot.cents - lot.left - lot.expired_cents


def _balance_of(transfer: Transfer) -> int:
    """What the person at one end of a transfer has now, in cents."""
    return book_of(transfer.source if transfer.destination.house else transfer.destination).balance


def _refuse_what_a_reversed_reward_paid(transfer: Transfer) -> None:
    """A spending goes back to where it came from: not to a reward that was taken back meanwhile, and stands
    as a loss.
    """
    lots = book_of(transfer.source).taken_by(transfer.number)
    if Reversal.objects.filter(of__number__in=[lot.number for lot in lots]).exists():
        raise Refused(
            "Part of this came from credit that was reversed since. Put it right with an adjustment."
        )


def adjust(
    account: Account, *, cents: int, because: str, token: UUID, by, now: datetime | None = None
) -> Adjustment:
    """Give (`cents` above zero) or take (below) credit.

    What is over the terms' amount waits for a second manager.

    Raises Refused where it would take more than is there.
    """
    require(by, "adjust_credit", "A manager adjusts credit.")
    if not 0 < abs(cents) <= LARGEST:
        raise Refused("The amount is not zero.")
    with ledger.locked(now) as now:
        if before := Adjustment.objects.filter(token=token).first():
            return before
        account = Account.objects.select_related("member__user").get(pk=account.pk)
        if account.house:
            raise Refused("That is the clinic's own account: credit is given to people, and taken from them.")
        _refuse_own(account, by)
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
    """The second manager agrees: the credit moves.

    Raises Refused where `by` asked for it, or it was decided before.
    """
    require(by, "adjust_credit", "A manager approves an adjustment.")
    with ledger.locked(now) as now:
        adjustment = _undecided(adjustment, by)
        _refuse_own(adjustment.account, by)
        adjustment.stamp(approved_at=now, approved_by=by)
        return _post_adjustment(adjustment, now=now)


def turn_down(adjustment: Adjustment, *, by, now: datetime | None = None) -> None:
    """The second manager, or whoever asked, says no: nothing moves."""
    require(by, "adjust_credit", "A manager turns down an adjustment.")
    with ledger.locked(now) as now:
        adjustment = _undecided(adjustment, None)
        adjustment.stamp(refused_at=now, refused_by=by)


def _undecided(adjustment: Adjustment, by) -> Adjustment:
    adjustment = Adjustment.objects.select_related("account__member__user", "asked_by").get(pk=adjustment.pk)
    if not adjustment.is_waiting:
        raise Refused("This adjustment was decided before.")
    if by and adjustment.asked_by_id == by.pk:
        raise Refused("You asked for this adjustment: another manager approves it.")
    return adjustment


def _post_adjustment(adjustment: Adjustment, *, now: datetime) -> Transfer:
    adjustments, account = ledger.house(House.ADJUSTMENTS), adjustment.account
    gives = adjustment.cents > 0
    _refuse_more_than_there_is(account, adjustment.cents)  # it may have been spent since it was asked for
    transfer = ledger.post(
        source=adjustments if gives else account,
        destination=account if gives else adjustments,
        cents=abs(adjustment.cents),
        key=f"adjustment:{adjustment.pk}",
        reason=adjustment.because,
        by=adjustment.asked_by,
        approved_by=adjustment.approved_by,
        now=now,
    )
    letters.put_right(transfer, balance=_balance_of(transfer))
    return transfer


def _refuse_more_than_there_is(account: Account, cents: int) -> None:
    if cents < 0 and -cents > (balance := book_of(account).balance):
        raise Refused(f"The account holds {balance // 100}.{balance % 100:02}: no more can be taken.")


def alone_cents(now: datetime) -> int:
    """What one manager may move on one account within thirty days, under the terms in force at `now`."""
    terms = Terms.objects.in_force(timezone.localdate(now)).first()
    return terms.alone_cents if terms else 0


def moved_alone(account: Account, now: datetime) -> int:
    """What was moved by adjustments of one person on that account in the thirty days before `now`, given and
    taken added.
    """
    moved = Transfer.objects.filter(
        Q(source=account) | Q(destination=account),
        key__startswith="adjustment:",
        approved_by=None,
        at__gt=now - ALONE_FOR,
    )
    return moved.aggregate(total=Sum("cents"))["total"] or 0


def _without_names(because: str, *accounts: Account) -> str:
    """The reason, unless it is missing or names somebody: it stays for good, and people may ask to be
    forgotten.
    """
    because = " ".join(because.split())
    if not because:
        raise Refused("Say why.")
    if len(because) > 200:
        raise Refused("Say why in at most 200 letters.")
    names = {
        word for a in accounts if a.member for word in re.findall(r"\w{2,}", a.member.user.name.casefold())
    }
    if (
        "@" in because
        or re.search(r"\d[\d\s().-]{5,}\d", because)
        or names & set(re.findall(r"\w+", because.casefold()))
    ):
        raise Refused(
            "Leave out names, addresses and telephone numbers: a reason stays for good, even after a person "
            "is forgotten."
        )
    return because


# --- what falls due by itself -------------------------------------------------------------------------------


def expire_due(now: datetime, *, since: datetime | None = None) -> int:
    """Move credit whose time is over to the expired account.

    Returns how many lots; a second run moves nothing more.

    `since`: what was due by then was moved, so only what fell due or came back after it is looked at.
    """
    moved, lots = 0, _reached(lambda time: time, _given(), now, since)
    for account, book in _books_with(lots):
        if not book.expired(now):
            continue
        with ledger.locked(now) as at:
            expired = ledger.house(House.EXPIRED)
            for lot in book_of(account).expired(at):
                key = f"expiry:{lot.number}:{lot.expiries}"
                ledger.post(source=account, destination=expired, cents=lot.left, key=key, now=at)
                moved += 1
    return moved


def tell_of_expiry(now: datetime, *, since: datetime | None = None) -> int:
    """Write to whoever holds credit that runs out within TOLD_BEFORE, or in the last half of a shorter time.

    Returns of how many lots; each is told of once. `since` as in `expire_due`.
    """
    told = Notice.objects.filter(key=Concat(Value("expiring:"), Cast(OuterRef("number"), CharField())))
    lots = _reached(
        lambda time: max(time - TOLD_BEFORE, time / 2), _given().filter(~Exists(told)), now, since
    )
    count = 0
    for account, book in _books_with(lots, "member__user", "referral__introduction"):
        for lot in (
            lot for lot in book.lots.values() if lot.number in lots and lot.left and not lot.is_expired(now)
        ):
            with transaction.atomic():
                letters.expiring(account, lot)
            count += 1
    return count


def _given() -> QuerySet:
    """What was given for referrals."""
    return Transfer.objects.filter(referral__isnull=False, destination__house="").order_by()


def _reached(
    age: Callable[[timedelta], timedelta], given: QuerySet, now: datetime, since: datetime | None
) -> dict[int, int]:
    """Of the rewards `given`, numbers and accounts of those as old as `age` says, given the time until they
    expire. With `since`, those that grew so old after it, and older ones on accounts that credit came back to
    after it.
    """
    owners, found = set(), {}
    if since:
        came_back = Transfer.objects.filter(
            reverses__isnull=False, destination__house="", at__gt=since
        ).order_by()
        owners.update(came_back.values_list("destination", flat=True))
    for days in set(Terms.objects.filter(expiry_days__isnull=False).values_list("expiry_days", flat=True)):
        reached = age(timedelta(days=days))
        old = given.filter(at__lte=now - reached)
        for rows in (
            [old.filter(at__gt=since - reached), old.filter(destination__in=owners)] if since else [old]
        ):
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
        yield from books_of(
            Account.objects.filter(pk__in=owners[begin : begin + 1000]).select_related(*related)
        )

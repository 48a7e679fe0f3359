"""Who earns what for a referral. Every step is a verb here, with `by=` for whoever takes it.

`now` may be given where a year is rehearsed; left out, it's the present.
"""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from clinic_site.text.normalise import plain_number
from referrals import emails, ledger
from referrals.credit_lots import lot_of
from referrals.errors import ReferralError
from referrals.models import VISIT_NUMBER, Account, DeclineReason, Member, Referral, Terms, Transfer
from referrals.transfer_kinds import REWARD


def rewards_in(member: Member, year: int) -> int:
    """How many rewards the member got in that calendar year and was left with."""
    zone = timezone.get_current_timezone()
    begin, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    rewards = Transfer.objects.filter(
        destination__member=member, referral__isnull=False, at__gte=begin, at__lt=end
    )
    return rewards.filter(reversal=None).count()


def attend(
    referral: Referral, *, by, on: date, visit_number: str | None = None, now: datetime | None = None
) -> list[Transfer]:
    """The friend came on that day. Returns the rewards that follow: none where the member is over the year's
    cap or has left.

    Raises ReferralError where the referral is not waiting, is the member's own, or the day is to come.
    """
    REWARD.require(by, "says that a friend came.")
    with ledger.locked(now) as now:
        referral = Referral.objects.select_related("member__user", "terms").get(pk=referral.pk)
        _refuse_unless_open(referral)
        _refuse_the_members_own(referral, by)
        if on > timezone.localdate(now):
            raise ReferralError("That day is still to come.")
        before = (timezone.localdate(referral.introduced_at) - on).days
        if before > referral.terms.late_mention_days:
            raise ReferralError(
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
    """A friend who has been here says who sent them. Returns the referral and the rewards that follow, under
    the terms that the member had accepted when the friend came.

    Raises ReferralError where the terms allow no mention that late, the visit was before the member joined or
    counted before, or the programme doesn't know the member.
    """
    REWARD.require(by, "notes a late mention.")
    with ledger.locked(now) as now:
        if before := Referral.objects.filter(token=token).first():
            return before, list(before.transfers.all())
        terms = member.terms_on(on) or member.terms
        if terms is None or member.left_at:
            raise ReferralError("This member has left the programme.")
        _refuse_ones_own(member, by)
        _refuse_day_of_late_mention(on, member, terms, timezone.localdate(now))
        if not (visit := _unused_visit(visit_number)):
            raise ReferralError("Enter the number of the visit: it shows that somebody came.")
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


def decline(referral: Referral, *, by, because: DeclineReason, now: datetime | None = None) -> None:
    """It brings no reward. Raises ReferralError where it is not waiting, or one's own to decide."""
    REWARD.require(by, "declines a referral.")
    with ledger.locked(now) as now:
        referral = Referral.objects.select_related("member").get(pk=referral.pk)
        _refuse_unless_open(referral)
        _refuse_ones_own(referral.member, by)
        referral.stamp(declined_at=now, declined_by=by, declined_because=because)


def _refuse_unless_open(referral: Referral) -> None:
    if referral.attended_at:
        raise ReferralError(f"This friend was recorded as having come on {referral.attended_on} already.")
    if referral.declined_at:
        raise ReferralError(f"This referral was declined: {referral.get_declined_because_display()}.")
    if referral.withdrawn_at:
        raise ReferralError(
            "This friend has withdrawn. Use a late mention if they say at the desk who sent them."
        )


def _refuse_ones_own(member: Member, by) -> None:
    if by.pk == member.user_id:
        raise ReferralError("Nobody decides about their own referral.")


def _refuse_the_members_own(referral: Referral, by) -> None:
    _refuse_ones_own(referral.member, by)
    introduction = getattr(referral, "introduction", None)
    if (
        introduction
        and introduction.same_email
        and introduction.same_email == referral.member.user.same_email
    ):
        raise ReferralError("The friend and the member are the same person: decline it.")


def _refuse_day_of_late_mention(on: date, member: Member, terms: Terms, today: date) -> None:
    days = (today - on).days
    if days < 0:
        raise ReferralError("That day is still to come.")
    if days > terms.late_mention_days:
        raise ReferralError(
            f"That visit was {days} days ago. Under this member's terms a friend says who sent them within "
            f"{terms.late_mention_days} days."
        )
    if on < (joined := timezone.localdate(member.joined_at)):
        raise ReferralError(
            f"That visit was before this member joined, on {joined:%-d %B %Y}. It brings no credit."
        )


def _unused_visit(visit_number: str | None) -> str | None:
    """The visit's number in capitals. Raises ReferralError where it isn't one, or counted before."""
    visit_number = plain_number(visit_number or "").upper()
    if not visit_number:
        return None
    if not VISIT_NUMBER.regex.search(visit_number):
        raise ReferralError(VISIT_NUMBER.message)
    if Referral.objects.filter(visit_number=visit_number).exists():
        raise ReferralError(f"Visit {visit_number} counted for another referral already.")
    return visit_number


def _reward(referral: Referral, *, by, now: datetime) -> list[Transfer]:
    """Post the rewards that the terms promise: the member's, within the year's cap, and the friend's."""
    member, terms, owed = referral.member, referral.terms, []
    within_cap = rewards_in(member, timezone.localdate(now).year) < terms.cap_per_year
    if within_cap and not member.left_at:
        owed.append(("member", member.account, terms.member_cents))
    if terms.friend_cents:
        account = Account.objects.create(referral=referral, opened_at=now)
        owed.append(("friend", account, terms.friend_cents))
    given = []
    for side, account, cents in owed:
        key = REWARD.key(referral=referral.pk, side=side)
        transfer = ledger.post(REWARD, account, cents=cents, key=key, referral=referral, by=by, now=now)
        lot = lot_of(transfer, terms)
        emails.rewarded(transfer, lot)
        given.append(transfer)
    return given

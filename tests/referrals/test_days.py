"""Days that are told: counted by the clinic's calendar, over both changes of the clock, in any zone; and what
credit may be spent on, which stays as it was when it was earned.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from post_office.models import Email

from clinic_site import append_only
from clinic_site.calendar_days import in_days, start_of
from clinic_site.clinic.models import Details
from referrals import credit, expiry, ledger, rewards
from referrals.admin.referral import credit_given
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.formats import day
from referrals.models import FormerRules, Member, Transfer
from referrals.proofs.needs import LedgerWalk
from referrals.statement import statement_of
from referrals.transfer_kinds import EXPIRY, REDEMPTION
from tests import factories
from tests.referrals.verbs import DAY, adjust, redeem, rewarded

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)
TORONTO, AUCKLAND = "America/Toronto", "Pacific/Auckland"
# the clinic's own time of a reward, and how long its credit is on hold: the clocks change in between
HELD = [
    (TORONTO, datetime(2026, 12, 1, 16, 40), 14, date(2026, 12, 15)),
    (TORONTO, datetime(2026, 10, 25, 0, 30), 14, date(2026, 11, 8)),
    (TORONTO, datetime(2026, 10, 25, 23, 40), 14, date(2026, 11, 8)),
    (TORONTO, datetime(2027, 3, 7, 23, 40), 14, date(2027, 3, 21)),
    (TORONTO, datetime(2027, 3, 13, 12), 1, date(2027, 3, 14)),
    (AUCKLAND, datetime(2026, 9, 20, 23, 40), 14, date(2026, 10, 4)),
    (AUCKLAND, datetime(2027, 3, 28, 0, 30), 14, date(2027, 4, 11)),
]


@pytest.fixture
def clinic_in(settings):
    """The clinic stands in that time zone, and so do the rules of its database."""

    def move(zone: str) -> ZoneInfo:
        settings.TIME_ZONE = zone
        append_only.install()
        return ZoneInfo(zone)

    return move


def a_reward(desk, at: datetime, **terms) -> Transfer:
    version = factories.terms(from_on=timezone.localdate(at) - DAY, **{"hold_days": 0, **terms})
    member = factories.member(version, confirmed_by=desk, now=at - DAY, email="ottoline@home.test")
    return rewarded(member, desk, at)


def the_mail(subject: str) -> str:
    [mail] = [mail for mail in Email.objects.all() if subject in mail.subject]
    return mail.message


def breaks() -> list[str]:
    return sum(LedgerWalk().run().broken.values(), [])


# --- the calendar -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        (TORONTO, date(2026, 11, 1), 25),
        (TORONTO, date(2027, 3, 14), 23),
        (AUCKLAND, date(2026, 9, 27), 23),
        (AUCKLAND, date(2027, 4, 4), 25),
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Africa/Cairo", date(2026, 4, 24), 23),  # midnight doesn't come
        ("UTC", date(2026, 11, 1), 24),
    ],
)
def test_a_day_begins_and_ends_by_the_clinics_clock(settings, zone, on, hours):
    settings.TIME_ZONE = zone
    begins, ends = start_of(on), start_of(on + DAY)
    assert ends - begins == timedelta(hours=hours)
    assert timezone.localdate(begins) == on == timezone.localdate(ends - MOMENT)
    assert timezone.localdate(begins - MOMENT) == on - DAY
    for at in (begins, begins + timedelta(hours=5), ends - MOMENT):
        assert (in_days(at, 0), in_days(at, 1)) == (begins, ends)


# --- a hold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "at", "days", "on"), HELD)
def test_credit_is_usable_from_the_start_of_the_day_that_was_told(desk, clinic_in, zone, at, days, on):
    at = at.replace(tzinfo=clinic_in(zone))
    reward = a_reward(desk, at, hold_days=days)
    account, opens = reward.destination, start_of(on)
    # then that day is told: to the member, at the desk, on the statement
    assert f"You can use it from: {day(on)}" in the_mail("qualified")
    assert f"it can be used from {day(on)}." in credit_given(reward.referral, [reward])
    before, then = (statement_of(account.member, now=now).sums for now in (opens - MOMENT, opens))
    assert (before.on_hold, before.usable) == (((on, 5000),), 0)
    assert (then.on_hold, then.usable) == ((), 5000)
    # and it is so
    with pytest.raises(ReferralError, match="Usable today: 0.00"):
        redeem(account, desk, 5000, opens - MOMENT)
    redeem(account, desk, 5000, opens)
    assert breaks() == []


def test_a_spending_on_the_last_moment_of_a_hold_is_named(desk, monkeypatch):
    reward = a_reward(desk, timezone.now() - 30 * DAY, hold_days=14)
    monkeypatch.setattr(ledger, "_refuse_unmet_needs", lambda *said: None)
    opens = in_days(reward.at, 14)
    key, says = REDEMPTION.key(token=uuid4()), {"spent_on": "Sun cream", "invoice": "2026-1"}
    early = {"cents": 100, "key": key, "by": desk, "now": opens - MOMENT, **says}
    with pytest.raises(IntegrityError, match="not spent on hold"), transaction.atomic():
        ledger.post(REDEMPTION, reward.destination, **early)
    append_only.remove()
    spent = ledger.post(REDEMPTION, reward.destination, **early)
    append_only.install()
    assert breaks() == [f"transfer {spent.number}: it spends 100 cents where 0 were usable"]


# --- an expiry ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "at", "days", "on"), HELD)
def test_credit_expires_at_the_start_of_the_day_that_was_told(desk, clinic_in, zone, at, days, on):
    at = at.replace(tzinfo=clinic_in(zone))
    reward = a_reward(desk, at, expiry_days=days)
    account, ends = reward.destination, start_of(on)
    assert f"Use it before: {day(on)}" in the_mail("qualified")
    redeem(account, desk, 1000, ends - MOMENT)
    # neither the verb nor what goes round it takes it a moment earlier
    assert expiry.expire_due(ends - MOMENT) == 0
    key = EXPIRY.key(number=reward.number, time=0)
    with pytest.raises(IntegrityError, match="when its time is over"), transaction.atomic():
        ledger.post(EXPIRY, account, cents=4000, key=key, now=ends - MOMENT)
    with pytest.raises(ReferralError, match="Usable today: 0.00"):
        redeem(account, desk, 1000, ends)
    assert expiry.expire_due(ends, since=ends - DAY) == 1
    assert (book_of(account).balance, breaks()) == (0, [])


def test_an_expiry_a_moment_before_its_day_is_named(desk):
    reward = a_reward(desk, timezone.now() - 30 * DAY, expiry_days=14)
    append_only.remove()
    moment, key = in_days(reward.at, 14) - MOMENT, EXPIRY.key(number=reward.number, time=0)
    gone = ledger.post(EXPIRY, reward.destination, cents=5000, key=key, now=moment)
    append_only.install()
    assert f"transfer {gone.number}: of transfer {reward.number}, 0 cents had expired" in breaks()


@pytest.mark.parametrize(("days", "told_on"), [(100, 70), (20, 10), (7, 4)])
def test_whoever_is_warned_is_warned_on_a_day_of_the_calendar(desk, days, told_on):
    at = datetime(2026, 10, 25, 20, 40, tzinfo=UTC)
    a_reward(desk, at, expiry_days=days)
    due = in_days(at, told_on)
    assert expiry.warn_of_expiry(due - MOMENT, since=due - DAY) == 0
    assert expiry.warn_of_expiry(due, since=due - DAY) == 1


# --- what was moved by the rules of 1.0 ---------------------------------------------------------------------


def former_rules(until: datetime) -> None:
    append_only.remove()
    FormerRules.objects.create(pk=1, until=until)
    append_only.install()


def test_a_ledger_of_version_1_holds_by_the_rules_that_it_was_written_by(desk, manager):
    at = datetime(2026, 3, 1, 21, 40, tzinfo=UTC)  # a week before the clocks change
    until = at + 60 * DAY
    former_rules(until)
    first = a_reward(desk, at, hold_days=10, expiry_days=40, spendable_on="Sun cream")
    member = first.destination.member
    newer = factories.terms(from_on=timezone.localdate(at), spendable_on="Gift cards", expiry_days=90)
    member.accept(newer, now=at + DAY)
    # on hold to the hour, spent on what the terms named that were accepted last, expired to the hour
    with pytest.raises(ReferralError, match="Usable today"):
        redeem(member.account, desk, 100, at + 10 * DAY - MOMENT, spent_on="Gift cards")
    redeem(member.account, desk, 100, at + 10 * DAY, spent_on="Gift cards")
    assert expiry.expire_due(at + 40 * DAY - MOMENT) == 0
    redeem(member.account, desk, 100, at + 40 * DAY - MOMENT, spent_on="Gift cards")
    assert expiry.expire_due(at + 40 * DAY) == 1
    held = rewarded(member, desk, until - 2 * DAY)
    assert breaks() == []
    # what is on hold then is usable from the day that was told, and expires no earlier than it would have
    lot = book_of(member.account).lots[held.number]
    assert (lot.usable_from, lot.expires_at) == (in_days(held.at, 14), held.at + 90 * DAY)
    redeem(member.account, desk, 100, lot.usable_from, spent_on="Gift cards")
    assert expiry.expire_due(lot.expires_at - MOMENT) == 0
    assert expiry.expire_due(lot.expires_at) == 1
    assert breaks() == []


def test_former_rules_never_begin_anew(desk):
    a_reward(desk, timezone.now())
    with pytest.raises(IntegrityError, match="never begin anew"), transaction.atomic():
        FormerRules.objects.create(pk=1, until=timezone.now())


# --- what credit may be spent on ----------------------------------------------------------------------------


@pytest.fixture
def twice(desk, now):
    """A member who earned $50 while terms named sun cream, and then $50 while newer ones named gift cards."""
    at = now - 30 * DAY
    old = factories.terms(from_on=timezone.localdate(at), hold_days=0, spendable_on="Sun cream")
    member = factories.member(old, confirmed_by=desk, now=at)
    rewarded(member, desk, at)
    new = factories.terms(from_on=timezone.localdate(at) + DAY, hold_days=0, spendable_on="Gift cards")
    member.accept(new, now=at + 2 * DAY)
    rewarded(member, desk, at + 3 * DAY)
    return member


def test_credit_is_spent_on_what_the_terms_named_that_it_was_earned_under(twice, desk, now):
    account = twice.account
    with pytest.raises(ReferralError, match="Usable today for Sun cream: 50.00"):
        redeem(account, desk, 5001, now, spent_on="Sun cream")
    with pytest.raises(ReferralError, match="don't name that"):
        redeem(account, desk, 100, now, spent_on="Hats")
    redeem(account, desk, 3000, now, spent_on="Gift cards")
    redeem(account, desk, 5000, now, spent_on="Sun cream")
    assert book_of(account).by_things(now) == {("Gift cards",): 2000}
    with pytest.raises(ReferralError, match="Usable today for Sun cream: 0.00"):
        redeem(account, desk, 100, now, spent_on="Sun cream")
    assert breaks() == []


def test_an_introduction_of_before_earns_under_the_terms_of_before(desk, now):
    at = now - 30 * DAY
    old = factories.terms(from_on=timezone.localdate(at), hold_days=0, spendable_on="Sun cream")
    member = factories.member(old, confirmed_by=desk, now=at)
    sent_before = factories.referral(member, now=at)
    newer = factories.terms(from_on=timezone.localdate(at) + DAY, hold_days=0, spendable_on="Gift cards")
    member.accept(newer, now=at + 2 * DAY)
    rewards.attend(sent_before, by=desk, on=timezone.localdate(now), now=now)
    redeem(member.account, desk, 5000, now, spent_on="Sun cream")
    assert breaks() == []


def test_credit_that_a_manager_gives_follows_the_terms_accepted_by_then(twice, manager, desk, now):
    adjust(twice.account, manager, 700, now)
    assert book_of(twice.account).by_things(now) == {("Sun cream",): 5000, ("Gift cards",): 5700}
    redeem(twice.account, desk, 5700, now, spent_on="Gift cards")
    assert breaks() == []


def test_a_spending_goes_back_to_the_credit_that_it_came_from(twice, manager, desk, now):
    spent = redeem(twice.account, desk, 5000, now, spent_on="Sun cream")
    credit.reverse(spent, by=manager, because="Goods came back", now=now)
    assert book_of(twice.account).by_things(now) == {("Sun cream",): 5000, ("Gift cards",): 5000}
    assert breaks() == []


def test_round_the_verbs_the_database_knows_what_was_accepted_and_the_proof_what_was_earned(
    twice, desk, now, monkeypatch
):
    monkeypatch.setattr(ledger, "_refuse_unmet_needs", lambda *said: None)

    def spend(thing, cents):
        says = {"spent_on": thing, "invoice": "2026-1", "key": REDEMPTION.key(token=uuid4())}
        return ledger.post(REDEMPTION, twice.account, cents=cents, by=desk, now=now, **says)

    with pytest.raises(IntegrityError, match="terms name|not spent on hold"), transaction.atomic():
        spend("Hats", 100)
    with pytest.raises(IntegrityError, match="not spent on hold"), transaction.atomic():
        spend("Sun cream", 5001)
    spend("Sun cream", 3000)
    spent = spend("Sun cream", 2500)  # of which lot it was taken, no trigger knows
    assert breaks() == [f"transfer {spent.number}: the terms don't name 'Sun cream' but for 2000 cents"]


def test_the_desk_and_the_statement_say_what_it_may_be_spent_on(twice, desk, client):
    client.force_login(desk)
    page = " ".join(client.get(f"/admin/referrals/member/{twice.pk}/change/").content.decode().split())
    for words in ("$50.00 can be spent on: Sun cream.", "$50.00 can be spent on: Gift cards."):
        assert words in page
    for thing in ("Sun cream", "Gift cards"):
        assert f'name="spent_on" value="{thing}"' in page
    client.force_login(twice.user)
    page = " ".join(client.get("/refer-a-friend/statement/").content.decode().split())
    for thing in ("Sun cream", "Gift cards"):
        assert f"<strong>$50.00</strong> can be spent on: {thing}." in page


def test_the_currency_stays_while_members_were_promised_credit_in_it(member):
    details = Details.objects.create(name="A clinic", country="CA")
    for country in ("US", "GB"):
        details.country = country
        for refused in (details.full_clean, details.save):
            with pytest.raises(ValidationError, match="stand in CAD"):
                refused()
    details.refresh_from_db()
    assert details.country == "CA"


def test_a_late_mention_counts_under_what_was_accepted_when_the_friend_came(desk, now, monkeypatch):
    at = now - 40 * DAY
    old = factories.terms(from_on=timezone.localdate(at), late_mention_days=60)
    member = factories.member(old, confirmed_by=desk, now=at)
    new = factories.terms(from_on=timezone.localdate(at) + DAY, member_cents=100, late_mention_days=5)
    member.accept(new, now=now - 10 * DAY)
    on = {"before": timezone.localdate(now) - 20 * DAY, "after": timezone.localdate(now) - 4 * DAY}
    for when, visit, terms, cents in (("before", "V-1", old, 5000), ("after", "V-2", new, 100)):
        referral, [given] = rewards.mention_late(
            member, by=desk, on=on[when], visit_number=visit, token=uuid4(), now=now
        )
        assert (referral.terms, given.cents) == (terms, cents)
    assert breaks() == []
    # round the verb: the proof knows which version counted then
    monkeypatch.setattr(Member, "terms_on", lambda member, day: old)
    rewards.mention_late(member, by=desk, on=on["after"], visit_number="V-3", token=uuid4(), now=now)
    assert any("other terms counted when the friend" in words for words in breaks())

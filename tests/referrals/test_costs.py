"""The owner's report in a ledger of its own, where little happened: months, ages, costs of new terms."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from referrals import credit, reports, rewards
from referrals.models import Terms
from tests import factories
from tests.referrals.verbs import DAY, redeem, rewarded

pytestmark = pytest.mark.django_db
REPORT = "/admin/referrals/report/"


# --- days and months ----------------------------------------------------------------------------------------


def test_credit_is_as_old_as_the_day_it_was_given(desk, now):
    member = factories.member(factories.terms(hold_days=20), confirmed_by=desk)
    for ago in (400, 200, 100, 10):
        rewarded(member, desk, now - ago * DAY)
    redeem(member.account, desk, 6000)
    young, quarter, half, old = reports.ageing(timezone.localdate())
    assert [(age.cents, age.on_hold) for age in (young, quarter, half, old)] == [
        (5000, 5000),
        (5000, 0),
        (4000, 0),
        (0, 0),
    ]


def test_a_month_begins_at_midnight_in_the_clinics_own_time(desk):
    midnight = reports.end_of(date(2026, 2, 28))
    member = factories.member(factories.terms(from_on=date(2026, 1, 1)), now=midnight - 60 * DAY)
    for at in (midnight - timedelta(microseconds=1), midnight):
        rewards.attend(factories.referral(member, now=at - DAY), by=desk, on=date(2026, 2, 27), now=at)
    february, march = reports.months(date(2026, 3, 31), count=2).rows[1:]
    assert (february.issued, march.issued) == (5000, 5000)
    assert reports.owed(date(2026, 2, 28)).total == 5000


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_back_to_a_day_that_is(day, months, expected):
    assert reports.months_before(day, months) == expected


# --- what new terms would have cost -------------------------------------------------------------------------


def test_the_terms_that_stood_would_have_cost_what_they_did(desk):
    terms = factories.terms(friend_cents=700, cap_per_year=2)
    today = timezone.localdate()
    for friends in (1, 3):
        member = factories.member(terms, confirmed_by=desk)
        for _ in range(friends):
            rewards.attend(factories.referral(member), by=desk, on=today)
    assert reports.cost_under(terms, today) == reports.cost_in_truth(today)
    assert reports.cost_in_truth(today) == reports.Cost(referrals=4, rewards=3, members=15000, friends=2800)


def test_a_cap_counts_by_the_calendar_year_and_reversed_rewards_are_left_out(desk, manager):
    terms = factories.terms(from_on=date(2025, 1, 1), cap_per_year=2)
    member = factories.member(terms, now=reports.end_of(date(2024, 12, 31)))

    def came(on: date):
        at = reports.end_of(on) - timedelta(hours=6)
        return rewards.attend(factories.referral(member, now=at - DAY), by=desk, on=on, now=at)

    came(date(2025, 1, 10))  # before the year that is looked at, and within its calendar year
    came(date(2025, 11, 1))
    came(date(2025, 12, 1))  # over the cap of 2025
    credit.reverse(
        came(date(2026, 2, 1))[0], by=manager, because="Not due", now=reports.end_of(date(2026, 2, 1))
    )
    came(date(2026, 3, 1))
    until = date(2026, 6, 30)
    new = Terms(member_cents=1000, friend_cents=100, cap_per_year=2)
    assert reports.cost_under(new, until) == reports.Cost(referrals=3, rewards=2, members=2000, friends=300)
    assert reports.cost_under(Terms(member_cents=1000, friend_cents=0, cap_per_year=1), until).rewards == 1


# --- as the owner reads it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["2999-01-01", "0001-01-01", "1999-12-31", "yesterday", "2025-02-30"])
def test_a_day_that_cannot_be_is_said_in_words(as_manager, on):
    page = as_manager.get(REPORT, {"on": on})
    assert page.status_code == 200
    assert page.context["form"].errors["on"]
    assert page.context["form"]["on"].value() == on
    assert as_manager.get(f"{REPORT}owed.csv", {"on": on}).status_code == 404
    assert as_manager.get(f"{REPORT}nothing.csv").status_code == 404


def test_an_empty_programme_owes_nothing(as_manager):
    assert "$0.00</b> owed" in as_manager.get(REPORT).content.decode()

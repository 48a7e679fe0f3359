"""The owner's report: recomputed here in another way, from the same rows."""

import csv
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from referrals import ledger, reports, rewards
from referrals.lots import book_of
from referrals.models import Account, House, Member, Referral, Reversal, Terms, Transfer
from tests import factories

pytestmark = pytest.mark.django_db
REPORT = "/admin/referrals/report/"
DAY = timedelta(days=1)


@pytest.fixture
def as_manager(manager):
    client = Client()
    client.force_login(manager)
    return client


def days() -> list[date]:
    """Every day on which something moved, and the one before."""
    moved = {timezone.localdate(at) for at in Transfer.objects.values_list("at", flat=True)}
    return sorted(moved | {day - DAY for day in moved})


def balances_on(day: date) -> dict[Account, int]:
    """What people's accounts held at the end of that day, one transfer after the other."""
    held = Counter()
    for transfer in Transfer.objects.select_related("source__member", "destination__member"):
        if timezone.localdate(transfer.at) <= day:
            held[transfer.source] -= transfer.cents
            held[transfer.destination] += transfer.cents
    return {account: cents for account, cents in held.items() if not account.house}


# --- what is owed -----------------------------------------------------------------------------------------------------


def test_what_is_owed_on_any_day_is_what_the_ledger_says(history):
    for day in days():
        held = balances_on(day)
        owed = reports.owed(day)
        assert owed.members == sum(cents for account, cents in held.items() if account.member)
        assert owed.friends == sum(cents for account, cents in held.items() if not account.member)
    assert reports.owed(timezone.localdate()).total == sum(a.balance for a in ledger.balances() if not a.house)


def test_people_who_are_forgotten_stand_apart_from_the_day_on_which_they_were(history):
    today, member = timezone.localdate(), Member.objects.order_by("-pk").first()
    held = book_of(member.account).balance
    before, yesterday = reports.owed(today), reports.owed(today - DAY)
    assert held
    member.leave()
    Member.objects.filter(pk=member.pk).update(forgotten_at=timezone.now(), named_as="")
    after = reports.owed(today)
    assert (after.forgotten, after.members) == (held, before.members - held)
    assert after.total == before.total
    assert reports.owed(today - DAY) == yesterday


def test_the_ages_add_up_to_what_is_owed(history):
    for day in days():
        ages = reports.ageing(day)
        assert sum(age.cents for age in ages) == reports.owed(day).total
        assert all(0 <= age.on_hold <= age.cents for age in ages)


def test_credit_is_as_old_as_the_day_it_was_given(desk):
    member = factories.member(factories.terms(hold_days=20), confirmed_by=desk)
    now = timezone.now()
    for ago in (400, 200, 100, 10):
        at = now - timedelta(days=ago)
        rewards.attend(factories.referral(member, now=at), by=desk, on=timezone.localdate(at), now=at)
    rewards.redeem(member.account, cents=6000, spent_on="Sun cream", invoice="1", token=uuid4(), by=desk)
    young, quarter, half, old = reports.ageing(timezone.localdate())
    assert [(age.cents, age.on_hold) for age in (young, quarter, half, old)] == [(5000, 5000), (5000, 0), (4000, 0), (0, 0)]


# --- by month ---------------------------------------------------------------------------------------------------------


def test_the_months_add_up_to_the_ledger(history):
    last = timezone.localdate(Transfer.objects.order_by("number").last().at)
    for until, count in ((last, 12), (last, 3), (last - 40 * DAY, 2), (timezone.localdate(), 30)):
        months = reports.months(until, count=count)
        total = months.total
        until_then = [t for t in Transfer.objects.select_related("source", "destination") if timezone.localdate(t.at) <= until]

        def moved(source, destination, rows=until_then):
            return sum(t.cents for t in rows if (t.source.house, t.destination.house) == (source, destination))

        assert total.issued == moved(House.PROMOTIONS, "")
        assert total.taken_back == moved("", House.PROMOTIONS)
        assert total.redeemed == moved("", House.REDEEMED)
        assert total.given_back == moved(House.REDEEMED, "")
        assert total.expired == moved("", House.EXPIRED)
        assert total.adjusted == moved(House.ADJUSTMENTS, "") - moved("", House.ADJUSTMENTS)
        assert total.owed == total.change == reports.owed(until).total
        for month, following in zip(months.rows[1:], months.rows[2:], strict=False):
            assert month.owed == reports.owed(following.begins - DAY).total


def test_losses_and_friends_are_counted_in_their_months(history):
    until = timezone.localdate()
    months = reports.months(until, count=60)
    assert months.total.lost == sum(Reversal.objects.values_list("lost_cents", flat=True)) == 6000
    assert months.total.mentioned == Referral.objects.exclude(mentioned_at=None).count() == 1
    assert months.total.introduced == Referral.objects.exclude(introduced_at=None).count()
    for month, following in zip(months.rows[1:], months.rows[2:], strict=False):
        came = Referral.objects.filter(attended_on__gte=month.begins, attended_on__lt=following.begins)
        assert month.attended == came.count()


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


def test_the_report_asks_as_often_whatever_there_is(history, manager, as_manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        assert as_manager.get(REPORT).status_code == 200


# --- what new terms would have cost -----------------------------------------------------------------------------------


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
    rewards.reverse(came(date(2026, 2, 1))[0], by=manager, because="Not due", now=reports.end_of(date(2026, 2, 1)))
    came(date(2026, 3, 1))
    until = date(2026, 6, 30)
    new = Terms(member_cents=1000, friend_cents=100, cap_per_year=2)
    assert reports.cost_under(new, until) == reports.Cost(referrals=3, rewards=2, members=2000, friends=300)
    assert reports.cost_under(Terms(member_cents=1000, friend_cents=0, cap_per_year=1), until).rewards == 1


# --- as the owner reads it --------------------------------------------------------------------------------------------


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(StringIO(response.content.decode())))


def test_each_part_downloads_with_the_numbers_on_the_page(history, as_manager):
    page = as_manager.get(REPORT, {"on": "2025-03-31"})
    html = page.content.decode()
    assert set(page.context["tables"]) == {"owed", "ageing", "months", "friends"}
    for name, table in page.context["tables"].items():
        assert f'href="{REPORT}{name}.csv?on=2025-03-31"' in html
        response = as_manager.get(f"{REPORT}{name}.csv", {"on": "2025-03-31"})
        assert response["Content-Disposition"] == f'attachment; filename="{name}-2025-03-31.csv"'
        head, *rows = rows_of(response)
        assert head == [title for title, _ in table.columns]
        assert len(rows) == len(table.rows)
    owed = rows_of(as_manager.get(f"{REPORT}owed.csv", {"on": "2025-03-31"}))
    cents = reports.owed(date(2025, 3, 31)).members
    assert owed[1] == ["Members", f"{cents // 100}.{cents % 100:02}"]


def test_the_whole_ledger_downloads(history, as_manager):
    response = as_manager.get(f"{REPORT}ledger.csv")
    lines = list(csv.reader(StringIO(b"".join(response).decode())))
    assert len(lines) == Transfer.objects.count() + 1
    assert lines[-1][-1] == Transfer.objects.first().digest


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

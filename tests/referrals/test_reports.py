"""The owner's report: recomputed here in another way, from the same rows."""

import codecs
import csv
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.utils import timezone

from referrals import ledger, reports
from referrals.credit_lots import book_of
from referrals.models import Account, Member, Referral, Reversal, Transfer
from referrals.transfer_kinds import SystemAccount
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db
REPORT = "/admin/referrals/report/"


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
    return {account: cents for account, cents in held.items() if not account.system}


# --- what is owed -------------------------------------------------------------------------------------------


def test_what_is_owed_on_any_day_is_what_the_ledger_says(history):
    for day in days():
        held = balances_on(day)
        owed = reports.owed(day)
        assert owed.members == sum(cents for account, cents in held.items() if account.member)
        assert owed.friends == sum(cents for account, cents in held.items() if not account.member)
    assert reports.owed(timezone.localdate()).total == sum(
        a.balance for a in ledger.balances() if not a.system
    )


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


# --- by month -----------------------------------------------------------------------------------------------


def test_the_months_add_up_to_the_ledger(history):
    last = timezone.localdate(Transfer.objects.order_by("number").last().at)
    for until, count in ((last, 12), (last, 3), (last - 40 * DAY, 2), (timezone.localdate(), 30)):
        months = reports.months(until, count=count)
        total = months.total
        until_then = [
            t
            for t in Transfer.objects.select_related("source", "destination")
            if timezone.localdate(t.at) <= until
        ]

        def moved(source, destination, rows=until_then):
            return sum(
                t.cents for t in rows if (t.source.system, t.destination.system) == (source, destination)
            )

        assert total.issued == moved(SystemAccount.PROMOTIONS, "")
        assert total.taken_back == moved("", SystemAccount.PROMOTIONS)
        assert total.redeemed == moved("", SystemAccount.REDEEMED)
        assert total.given_back == moved(SystemAccount.REDEEMED, "")
        assert total.expired == moved("", SystemAccount.EXPIRED)
        assert total.adjusted == moved(SystemAccount.ADJUSTMENTS, "") - moved("", SystemAccount.ADJUSTMENTS)
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


def test_the_report_asks_as_often_whatever_there_is(
    history, manager, as_manager, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20):
        assert as_manager.get(REPORT).status_code == 200


# --- as the owner reads it ----------------------------------------------------------------------------------


def rows_of(response) -> list[list[str]]:
    """Of a file that Excel knows for UTF-8."""
    file = response.getvalue()
    assert file.startswith(codecs.BOM_UTF8)
    return list(csv.reader(StringIO(file.decode("utf-8-sig"))))


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
    lines = rows_of(response)
    assert len(lines) == Transfer.objects.count() + 1
    assert lines[-1][-1] == Transfer.objects.first().digest

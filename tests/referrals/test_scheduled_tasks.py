"""What falls due by itself costs little while nothing is due, and nothing that is due is passed over."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Email

from clinic_site.operations.models import Heartbeat
from referrals import credit, emails, expiry, scheduled_tasks
from referrals.credit_lots import book_of
from tests import factories
from tests.referrals.verbs import DAY, redeem, rewarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(desk):
    return factories.member(factories.terms(hold_days=0, expiry_days=100), confirmed_by=desk)


@pytest.fixture(autouse=True)
def no_letters():
    with emails.held_back():
        yield


def test_what_fell_due_since_the_last_tick_expires(member, desk, now):
    for days in (300, 103, 101, 99):
        rewarded(member, desk, now - days * DAY)
    assert expiry.expire_due(now - 2 * DAY) == 2
    Heartbeat.objects.create(pk=1, at=now - 2 * DAY)
    assert scheduled_tasks.expire(now) == 1
    assert book_of(member.account).balance == 5000


def test_credit_that_came_back_to_a_lot_long_over_expires(member, desk, manager, now):
    rewarded(member, desk, now - 300 * DAY)
    spent = redeem(member.account, desk, 3000, now - 299 * DAY)
    call_command("tick")
    assert book_of(member.account).balance == 0
    credit.reverse(spent, by=manager, because="Goods came back")
    assert scheduled_tasks.expire(timezone.now()) == 1
    assert book_of(member.account).balance == 0


def test_after_a_tick_that_failed_nothing_is_passed_over(member, desk, now):
    rewarded(member, desk, now - 110 * DAY)
    Heartbeat.objects.create(pk=1, at=now - 20 * DAY)
    assert scheduled_tasks.expire(now) == 1


def test_a_clock_that_was_ahead_does_not_put_off_what_is_due(member, desk, now):
    rewarded(member, desk, now - 100 * DAY - timedelta(hours=1))
    Heartbeat.objects.create(pk=1, at=now + 50 * DAY)
    assert scheduled_tasks.expire(now) == 1


def test_each_kind_of_terms_has_its_own_time(member, desk, now):
    shorter = factories.terms(from_on=timezone.localdate(now) - DAY, hold_days=0, expiry_days=10)
    other = factories.member(shorter, confirmed_by=desk)
    rewarded(member, desk, now - 11 * DAY)
    short = rewarded(other, desk, now - 11 * DAY)
    Heartbeat.objects.create(pk=1, at=now - 2 * DAY)
    assert scheduled_tasks.expire(now) == 1
    assert book_of(short.destination).balance == 0
    assert book_of(member.account).balance == 5000


def test_somebody_is_told_when_their_credit_comes_near_its_end(member, desk, now):
    Email.objects.all().delete()
    rewarded(member, desk, now - 70 * DAY)
    rewarded(member, desk, now - 60 * DAY)
    Heartbeat.objects.create(pk=1, at=now - timedelta(minutes=1))
    assert scheduled_tasks.warn(now) == 1


def test_a_tick_asks_as_often_whatever_lies_behind_it(member, desk, now):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert (scheduled_tasks.expire(now), scheduled_tasks.warn(now)) == (0, 0)
        return len(queries)

    Heartbeat.objects.create(pk=1, at=now - timedelta(minutes=1))
    nothing = asked()
    for days in (300, 290, 280):
        rewarded(member, desk, now - days * DAY)
    assert expiry.expire_due(now - 150 * DAY) == 3
    rewarded(member, desk, now - 90 * DAY)  # near its end, since before the last tick
    rewarded(member, desk, now - 10 * DAY)
    assert asked() == nothing

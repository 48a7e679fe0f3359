"""Who and what the tests begin with; a ledger with every kind of transfer in it, and a copy without rules."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from referrals import credit, expiry, rewards
from referrals.models import Account, Head
from tests import factories
from tests.referrals.tampering import copy_rows
from tests.referrals.verbs import DAY, redeem, rewarded


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def terms(db):
    return factories.terms()


@pytest.fixture
def member(terms, desk):
    return factories.member(terms, confirmed_by=desk)


@pytest.fixture
def as_manager(manager):
    client = Client()
    client.force_login(manager)
    return client


@pytest.fixture(scope="module")
def books(django_db_setup, django_db_blocker):
    """Written once a module, gone after it: each test's own changes are rolled back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        write_books()
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def history(books, db) -> int:
    """A ledger with every kind of transfer, and a second version of the terms. Gives the last number."""
    return Head.objects.get().number


def write_books() -> None:
    desk, manager, second_manager = (factories.person(role) for role in ("desk", "manager", "manager"))
    start = datetime(2025, 2, 1, 12, tzinfo=UTC)  # a year's cap counts them all
    on = timezone.localdate(start)
    first = factories.terms(from_on=on, hold_days=0, expiry_days=100)
    ann, bob = (factories.member(first, confirmed_by=desk, now=start) for _ in range(2))

    def reward(member, day):
        return rewarded(member, desk, start + day * DAY)

    def spend(account, cents, day, on="Sun cream"):
        now = start + day * DAY
        return redeem(account, desk, cents, now, spent_on=on, invoice=f"2026-{day}", again=False)

    def adjust(member, cents, day):
        now = start + day * DAY
        return credit.adjust(
            member.account, cents=cents, because="Goodwill", token=uuid4(), by=manager, now=now
        )

    def reverse(transfer, day):
        return credit.reverse(transfer, by=manager, because="A mistake", now=start + day * DAY)

    early = reward(ann, 1)
    spend(ann.account, 2000, 2)
    spent = reward(bob, 3)
    back = spend(bob.account, 4000, 4)
    reverse(back, 5)
    spend(bob.account, 1000, 6)
    reverse(spent, 7)  # 4000 come back, 1000 are lost
    gone = reward(bob, 8)
    spend(bob.account, 5000, 9)
    reverse(gone, 10)  # lost to the last cent: no transfer
    adjust(ann, 1500, 11)
    adjust(ann, -500, 12)
    credit.approve(adjust(bob, 9000, 13), by=second_manager, now=start + 14 * DAY)
    credit.turn_down(adjust(bob, 9900, 14), by=second_manager, now=start + 15 * DAY)
    second = factories.terms(
        from_on=on + 20 * DAY, member_cents=4000, friend_cents=1500, hold_days=10, spendable_on="Skin care"
    )
    ann.accept(second, now=start + 21 * DAY)
    reward(ann, 22)
    spend(Account.objects.get(referral__isnull=False), 700, 40, on="Skin care")
    rewards.mention_late(
        bob, by=desk, on=on + 50 * DAY, visit_number="V-10422", token=uuid4(), now=start + 60 * DAY
    )
    expiry.expire_due(early.at + 100 * DAY)


@pytest.fixture
def copy(history) -> int:
    """As `history`, of rows without any rule."""
    copy_rows()
    return history

"""The verbs that most stories begin with, with what a test need not say."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from referrals import credit, rewards
from referrals.models import Adjustment, Transfer
from tests import factories

DAY = timedelta(days=1)


def rewarded(member, desk, now=None, **friend) -> Transfer:
    """A friend was introduced and came, on the same day: the member's reward."""
    now = now or timezone.now()
    referral = factories.referral(member, now=now, **friend)
    return rewards.attend(referral, by=desk, on=timezone.localdate(now), now=now)[0]


def redeem(account, desk, cents, now=None, **fields) -> Transfer:
    bill = {"spent_on": "Sun cream", "invoice": "2026-1", "again": True, "token": uuid4(), **fields}
    return credit.redeem(account, cents=cents, by=desk, now=now, **bill)


def adjust(account, manager, cents, now=None, because="Goodwill") -> Adjustment:
    return credit.adjust(account, cents=cents, because=because, token=uuid4(), by=manager, now=now)

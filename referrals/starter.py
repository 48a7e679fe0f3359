"""The starter's terms: $50 for the member, under a programme that can be switched off."""

from django.utils import timezone

from clinic_site.staff.lists import Starter, starters
from referrals.models import Terms


def fill(starter: Starter) -> None:
    Terms.objects.create(
        from_on=timezone.localdate(), member_cents=5000, friend_cents=0, hold_days=14, cap_per_year=10, late_mention_days=60,
        spendable_on="Skin care products from our shelf\nSun cream",
    )  # fmt: skip


starters.append(fill)

"""The starter's terms: $50 for the member, under a programme that a manager can close."""

from django.utils import timezone

from clinic_site.registry import StarterRun, starter_content
from referrals.models import Switch, Terms


def fill(starter: StarterRun) -> None:
    Terms.objects.create(
        from_on=timezone.localdate(),
        member_cents=5000,
        friend_cents=0,
        hold_days=14,
        cap_per_year=10,
        late_mention_days=60,
        spendable_on="Skin care products from our shelf\nSun cream",
    )
    Switch.objects.create(
        is_open=True,
        by=starter.people["manager"],
        because="Sample: before a real clinic opens it, somebody asks its college in writing and files the "
        "answer.",
    )


starter_content.append(fill)

"""What waits for somebody in refer-a-friend. No row here names anybody."""

from collections.abc import Iterator

from django.urls import reverse

from clinic_site.accounts.models import User
from clinic_site.registry import Priority, WorkItem, WorkQueue, work_queue, work_queues
from referrals import front_desk
from referrals.formats import amount, day
from referrals.models import Adjustment, Referral


def of_refer_a_friend(user: User) -> Iterator[WorkQueue]:
    if "referrals.handle_referral" in user.role_permissions:
        yield from work_queue(
            Priority.REFERRALS,
            "Friends who introduced themselves",
            Referral.objects.waiting().exclude(member__user=user).order_by("introduced_at"),
            _referral,
            reverse("admin:referrals_referral_changelist") + "?stage=waiting",
        )
    if "referrals.adjust_credit" in user.role_permissions:
        # whoever asked doesn't agree, and nobody does to their own credit
        waiting = Adjustment.objects.waiting().exclude(asked_by=user).exclude(account__member__user=user)
        yield from work_queue(
            Priority.REFERRALS,
            "Adjustments waiting for a second manager",
            waiting.select_related("account__member", "account__referral", "asked_by").order_by("asked_at"),
            _adjustment,
            reverse("admin:referrals_adjustment_changelist") + "?state=waiting",
        )


def _referral(referral: Referral) -> WorkItem:
    address = reverse("admin:referrals_referral_change", args=[referral.pk])
    return WorkItem(
        f"Referral {referral}", "Record the visit", address, f"Since {day(referral.introduced_at)}"
    )


def _adjustment(adjustment: Adjustment) -> WorkItem:
    address = reverse("admin:referrals_adjustment_change", args=[adjustment.pk])
    way = "to" if adjustment.cents > 0 else "from"
    did = f"{amount(abs(adjustment.cents))} of credit {way} {front_desk.owner_of(adjustment.account)}"
    return WorkItem(
        did, "Approve or turn down", address, f"Asked by {adjustment.asked_by} on {day(adjustment.asked_at)}"
    )


work_queues.append(of_refer_a_friend)

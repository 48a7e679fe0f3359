"""What waits for somebody in refer-a-friend. No row here names anybody."""

from collections.abc import Iterator

from django.urls import reverse

from clinic_site.staff.lists import Pile, Rank, ToDo, pile, to_do
from clinic_site.staff.models import User
from referrals import desk
from referrals.amounts import written
from referrals.models import Adjustment, Referral


def of_refer_a_friend(user: User) -> Iterator[Pile]:
    if "referrals.handle_referral" in user.granted:
        yield from pile(
            Rank.REFERRALS, "Friends who introduced themselves: have they come?",
            Referral.objects.waiting().exclude(member__user=user).order_by("introduced_at"), _referral,
            reverse("admin:referrals_referral_changelist") + "?stage=waiting",
        )  # fmt: skip
    if "referrals.adjust_credit" in user.granted:
        # whoever asked doesn't agree, and nobody does to their own credit
        waiting = Adjustment.objects.waiting().exclude(asked_by=user).exclude(account__member__user=user)
        yield from pile(
            Rank.REFERRALS, "Adjustments that wait for a second manager",
            waiting.select_related("account__member", "account__referral", "asked_by").order_by("asked_at"), _adjustment,
            reverse("admin:referrals_adjustment_changelist") + "?state=waiting",
        )  # fmt: skip


def _referral(referral: Referral) -> ToDo:
    address = reverse("admin:referrals_referral_change", args=[referral.pk])
    return ToDo(f"Referral {referral}", "Put down whether they came", address, f"Since {desk.day(referral.introduced_at)}")


def _adjustment(adjustment: Adjustment) -> ToDo:
    address = reverse("admin:referrals_adjustment_change", args=[adjustment.pk])
    way = "to" if adjustment.cents > 0 else "from"
    did = f"{written(abs(adjustment.cents))} of credit {way} {desk.owner_of(adjustment.account)}"
    return ToDo(did, "Agree, or turn it down", address, f"Asked by {adjustment.asked_by} on {desk.day(adjustment.asked_at)}")


to_do.append(of_refer_a_friend)

from django.contrib import admin
from django.db.models import Q

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import choice_filter
from referrals import credit, front_desk
from referrals.admin.base import ReferralsAdmin, amount_column
from referrals.amounts import cash
from referrals.codes import read_code
from referrals.models import Adjustment
from referrals.transfer_kinds import ADJUSTMENT_UP


def approve(adjustment, *, by):
    transfer = credit.approve(adjustment, by=by)
    return f"Approved: {cash(transfer.cents)} has moved."


def turn_down(adjustment, *, by):
    credit.turn_down(adjustment, by=by)
    return "Turned down: nothing moves."


@admin.register(Adjustment)
class AdjustmentAdmin(ReferralsAdmin):
    list_display = ("asked_at", "owner", "amount", "because", "asked_by", "state")
    list_select_related = ("account__member", "account__referral", "asked_by", "approved_by", "refused_by")
    list_filter = (
        choice_filter(
            "state",
            waiting=Q(needs_second=True, approved_at=None, refused_at=None),
            approved=Q(approved_at__isnull=False),
            turned_down=Q(refused_at__isnull=False),
        ),
    )
    fields = ("owner", "amount", "because", "asked_by", "asked_at", "state")
    ordering = ("-pk",)
    amount = amount_column("cents", description="amount")
    row_actions = (
        Action(
            "approve",
            "Approve…",
            ADJUSTMENT_UP.right,
            approve,
            is_open=lambda adjustment: adjustment.is_waiting,
            is_for=lambda user, adjustment: adjustment.asked_by_id != user.pk,
            help_text="The credit moves at once.",
        ),
        Action(
            "turn-down",
            "Turn down…",
            ADJUSTMENT_UP.right,
            turn_down,
            is_open=lambda adjustment: adjustment.is_waiting,
            help_text="Nothing moves, now or later.",
            is_destructive=True,
        ),
    )

    def search(self, queryset, typed):
        return queryset.filter(account__member__code=read_code(typed) or "")

    @admin.display(description="whose")
    def owner(self, adjustment):
        return front_desk.owner_of(adjustment.account)

    @admin.display(description="state")
    def state(self, adjustment):
        if adjustment.refused_at:
            return f"turned down by {adjustment.refused_by}"
        if adjustment.approved_at:
            return f"approved by {adjustment.approved_by}"
        return "waiting for a second manager" if adjustment.needs_second else "moved at once"

    def action_context(self, request, row, action, refused):
        facts = [
            ("Whose", front_desk.owner_of(row.account)),
            ("Amount", cash(row.cents)),
            ("Why", row.because),
            ("Asked by", row.asked_by),
        ]
        return {"facts": facts}

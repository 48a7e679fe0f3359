from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.model_admin import choice_filter
from referrals import credit, front_desk, ledger
from referrals.admin.base import ReferralsAdmin, address_of_owner, amount_column
from referrals.amounts import cash
from referrals.codes import read_code, spoken
from referrals.credit_lots import book_of
from referrals.front_desk_forms import AdjustForm, RedeemForm
from referrals.models import Account, Adjustment, Transfer
from referrals.statement import sums_of
from referrals.transfer_kinds import ADJUSTMENT_UP, REDEMPTION


def redeem(account, *, by, amount, spent_on, invoice, token, again=False):
    with ledger.locked():
        is_new = not Transfer.objects.filter(key=REDEMPTION.key(token=token)).exists()
        transfer = credit.redeem(
            account, cents=amount, spent_on=spent_on, invoice=invoice.strip(), token=token, again=again, by=by
        )
    did = f"{cash(transfer.cents)} of {front_desk.owner_of(account)}, receipt {transfer.number}"
    return ActionResult(
        f"Redeemed: {did}." if is_new else f"Redeemed once, before: {did}.",
        redirect_to=reverse("admin:referrals_transfer_receipt", args=[transfer.pk]),
        is_new=is_new,
    )


def adjust(account, *, by, cents, because, token):
    with ledger.locked():
        is_new = not Adjustment.objects.filter(token=token).exists()
        adjustment = credit.adjust(account, cents=cents, because=because, token=token, by=by)
    did = f"{cash(abs(cents))} {'given to' if cents > 0 else 'taken from'} {front_desk.owner_of(account)}"
    if adjustment.is_waiting:
        return ActionResult(
            f"Nothing has moved yet: {did} waits until a second manager agrees.", is_new=is_new
        )
    return ActionResult(
        "This was turned down: nothing moved." if adjustment.refused_at else f"Done: {did}.", is_new=is_new
    )


@admin.register(Account)
class AccountAdmin(ReferralsAdmin):
    list_display = ("label", "owner", "balance", "opened_at")
    list_filter = (
        choice_filter(
            "whose",
            members=Q(member__isnull=False),
            friends=Q(referral__isnull=False),
            the_clinics_own=~Q(system=""),
        ),
    )
    list_select_related = ("member", "referral")
    fields = ("label", "owner", "balance", "opened_at")
    ordering = ("-pk",)
    balance = amount_column("balance", description="credit")
    row_actions = (
        Action(
            "redeem",
            "Redeem…",
            REDEMPTION.right,
            redeem,
            RedeemForm,
            is_open=lambda account: not account.system and account.is_confirmed,
        ),
        Action(
            "adjust",
            "Adjust…",
            ADJUSTMENT_UP.right,
            adjust,
            AdjustForm,
            is_open=lambda account: not account.system,
            is_destructive=True,
        ),
    )

    def get_queryset(self, request):
        return ledger.balances(
            super().get_queryset(request).select_related("member__user", "referral__terms")
        )

    def search(self, queryset, typed):
        code = read_code(typed) or ""
        return queryset.filter(
            Q(member__code=code) | Q(referral__in=front_desk.find_referrals(typed, most=100))
        )

    @admin.display(description="account")
    def label(self, account):
        return account.label

    @admin.display(description="whose")
    def owner(self, account):
        return front_desk.owner_of(account)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        account = self.get_object(request, unquote(object_id))
        if account and not account.system and self.has_view_permission(request, account):
            return redirect(address_of_owner(account))
        return super().change_view(request, object_id, form_url, extra_context)

    def action_context(self, request, row, action, refused):
        if row.system:
            return {}
        now = timezone.now()
        sums = sums_of(book_of(row), is_confirmed=row.is_confirmed, now=now)
        facts = [("Credit", cash(sums.balance)), ("Usable today", cash(sums.usable))]
        if action.name == "adjust":
            alone = max(0, credit.alone_cents(now) - credit.moved_alone(row, now))
            facts.append(("Without a second manager", f"{cash(alone)} at most"))
        name = (
            f"{row.member.user.name}, {spoken(row.member.code)}" if row.member else front_desk.owner_of(row)
        )
        return {"original": name, "facts": facts}

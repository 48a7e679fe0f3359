from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import choice_filter
from referrals import front_desk, ledger
from referrals.admin.base import ReferralsAdmin, amount_column
from referrals.admin.credit import SHOWN, credit_of
from referrals.codes import spoken
from referrals.models import Account, Member, Referral


def confirm(member, *, by):
    member.confirm(by=by)
    return f"{spoken(member.code)} is confirmed: they can use their credit."


@admin.register(Member)
class MemberAdmin(ReferralsAdmin):
    change_form_template = "admin/referrals/member.html"
    list_display = ("spoken", "name", "joined_at", "confirmed_at", "left_at", "balance")
    list_filter = (
        choice_filter(
            "status",
            identity_confirmed=Q(confirmed_at__isnull=False),
            identity_not_confirmed_yet=Q(confirmed_at=None, left_at=None),
            left=Q(left_at__isnull=False),
            erased=Q(forgotten_at__isnull=False),
        ),
    )
    list_select_related = ("user",)
    balance = amount_column("balance", description="credit")
    row_actions = (
        Action(
            "confirm",
            "Confirm identity…",
            "referrals.handle_referral",
            confirm,
            help_text="You have looked at a document with their name, and it is this member. They can use "
            "credit from then on.",
            is_open=lambda member: not (member.confirmed_at or member.forgotten_at),
        ),
    )

    def get_queryset(self, request):
        accounts = ledger.balances(Account.objects.filter(member=OuterRef("pk"))).values("balance")
        return super().get_queryset(request).annotate(balance=Subquery(accounts))

    def search(self, queryset, typed):
        return queryset.filter(pk__in=[member.pk for member in front_desk.find_members(typed, most=100)])

    @admin.display(description="code", ordering="code")
    def spoken(self, member):
        return spoken(member.code)

    @admin.display(description="name", ordering="user__name")
    def name(self, member):
        return member.user.name

    def action_context(self, request, row, action, refused):
        return {"original": f"{row.user.name}, {spoken(row.code)}"}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        referrals = (
            Referral.objects.filter(member=obj).select_related("introduction").order_by("-pk")[: SHOWN + 1]
        )
        context |= {
            "title": obj.user.name or f"Member {spoken(obj.code)}",
            "subtitle": None,
            "credit": credit_of(request, obj.account),
            "referrals": referrals[:SHOWN],
            "more_referrals": len(referrals) > SHOWN,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

"""What the screens of refer-a-friend share: rows that verbs write, their filters and columns."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import reverse

from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly
from referrals import front_desk
from referrals.errors import ReferralError
from referrals.formats import amount
from referrals.models import Account


class ReferralsAdmin(ReadOnly, BaseAdmin):
    """Rows that verbs write. Nothing here is edited: there are actions."""

    refusals = (ReferralError, PermissionError)
    show_full_result_count = False
    search_fields = ("pk",)  # that there is a box: what it finds, `search` says

    def search(self, queryset, typed: str):
        """The rows that are meant by what was typed."""
        return queryset.none()

    def get_search_results(self, request, queryset, search_term):
        typed = front_desk.clean(search_term)
        return (self.search(queryset, typed) if typed else queryset), False

    def forms_for(self, request, row, *names: str) -> dict:
        """Actions whose form stands open on the row's own screen, by name: what to send, and where."""
        return {
            offered["action"].name.replace("-", "_"): offered
            | {"form": offered["action"].form(row=row, by=request.user)}
            for offered in self.actions_for(request, row)
            if offered["action"].name in names
        }


class DateFilter(admin.DateFieldListFilter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = "date"


def amount_column(column: str, **display):
    """A column of amounts."""
    return admin.display(**display)(lambda self, row: amount(getattr(row, column)))


def address_of_owner(account: Account) -> str:
    """The screen where this account is looked at: its owner's; for the clinic's own, the account's."""
    if account.member_id:
        return reverse("admin:referrals_member_change", args=[account.member_id])
    if account.referral_id:
        return reverse("admin:referrals_referral_change", args=[account.referral_id])
    return reverse("admin:referrals_account_change", args=[account.pk])


def render_page(request, template: str, *, status: int = 200, **context) -> TemplateResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)

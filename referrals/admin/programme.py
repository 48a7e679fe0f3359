"""The terms of the programme, and its switch: written once."""

from django import forms
from django.contrib import admin
from django.utils import timezone

from clinic_site.amounts import AmountField
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin
from referrals import reports
from referrals.admin.base import amount_column
from referrals.models import Switch, Terms


class TermsForm(BaseForm):
    member_cents = AmountField(label="Reward for the member", help_text="Such as 50 or 12.50.")
    friend_cents = AmountField(label="Reward for the friend", least=0, initial=0, help_text="0: none.")
    alone_cents = AmountField(
        label="Adjustments by one person",
        least=0,
        initial=Terms._meta.get_field("alone_cents").default,
        help_text=Terms._meta.get_field("alone_cents").help_text,
    )
    constraint_words = {
        "a_reward_is_above_zero": "The member's reward is above zero.",
        "a_cap_is_above_zero": "The cap is above zero.",
        "one_version_a_day": "There are terms from that day already. Choose another day.",
        "credit_can_be_used_before_it_expires": "Credit would expire before it can be used: give it more "
        "days.",
    }


class WrittenOnceAdmin(BaseAdmin):
    """Rows that are added and then stay as they are."""

    actions = None

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Terms)
class TermsAdmin(WrittenOnceAdmin):
    """Written once: whoever accepted a version must find it as it was. A change is a new version."""

    logs_values = True
    form = TermsForm
    add_form_template = "admin/referrals/terms_add.html"
    list_display = (
        "from_on",
        "member_reward",
        "friend_reward",
        "cap_per_year",
        "hold_days",
        "expiry_days",
        "made_at",
    )
    member_reward = amount_column("member_cents", description="for the member")
    friend_reward = amount_column("friend_cents", description="for the friend")

    def add_view(self, request, form_url="", extra_context=None):
        if request.method == "POST" and "_preview" in request.POST:
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                # shown as it was typed, and not saved
                today = timezone.localdate()
                extra_context = {
                    "preview": reports.cost_under(form.instance, today),
                    "truth": reports.cost_in_truth(today),
                    "year": reports.year_before(today),
                }
                request.method = "GET"
        return super().add_view(request, form_url, extra_context)

    def get_changeform_initial_data(self, request):
        """New terms begin as the newest ones stand; what was typed goes before."""
        newest = Terms.objects.first()
        stands = forms.model_to_dict(newest, exclude=["from_on"]) if newest else {}
        return {**stands, **super().get_changeform_initial_data(request), **request.POST.dict()}


@admin.register(Switch)
class SwitchAdmin(WrittenOnceAdmin):
    logs_values = True
    list_display = ("at", "is_open", "because", "by")
    list_select_related = ("by",)

    def save_model(self, request, obj, form, change):
        obj.by = request.user
        super().save_model(request, obj, form, change)

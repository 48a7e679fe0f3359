from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import redirect
from django.utils import timezone

from clinic_site.accounts.invitations import Invitation, InvitationError
from clinic_site.accounts.roles import ROLE_DESCRIPTIONS
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly


class InvitationForm(BaseForm):
    constraint_words = {
        "invited_registration_is_whole": "Give both the college or council and the number, or neither: half "
        "can't be looked up.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:  # not where it's only looked at
            self.fields["email"].required = self.fields["name"].required = True
            self.fields["role"] = forms.ChoiceField(
                choices=[(role, f"{role}: {may}") for role, may in ROLE_DESCRIPTIONS.items()],
                widget=forms.RadioSelect,
            )

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if reason := Invitation.why_not(email):
            raise ValidationError(reason)
        return email


def send_again(invitation, *, by):
    invitation.send_again(by=by)
    return (
        f"A new link is on its way. It works until {timezone.localtime(invitation.ends_at):%-d %B %Y, %H:%M}."
    )


def take_back(invitation, *, by):
    invitation.take_back(by=by)
    return "Taken back: its link no longer works."


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "status", "status"
    OPEN = Q(accepted_at=None, taken_back_at=None, forgotten_at=None)

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("ended", "Ended, not accepted"), ("accepted", "Accepted")]

    def queryset(self, request, queryset):
        chosen = {
            "open": self.OPEN & Q(ends_at__gt=timezone.now()),
            "ended": self.OPEN & Q(ends_at__lte=timezone.now()),
            "accepted": Q(accepted_at__isnull=False),
        }
        return queryset.filter(chosen.get(self.value(), Q()))


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, BaseAdmin):
    """Written once and mailed; then sent again or taken back."""

    form = InvitationForm
    refusals = (InvitationError, PermissionError)
    list_display = ("whom", "email", "role", "status", "ends_at", "invited_by")
    list_filter = (StandingFilter, "role")
    list_select_related = ("invited_by",)
    search_fields = ("name", "email")
    written = ("email", "name", "role", "title", "registration_body", "registration_number")
    row_actions = (
        Action(
            "again",
            "Send again…",
            "accounts.add_invitation",
            send_again,
            is_open=lambda invitation: not invitation.is_over,
            help_text="A new mail with a new link goes to the same address. The old link no longer works.",
        ),
        Action(
            "take-back",
            "Take back…",
            "accounts.add_invitation",
            take_back,
            is_open=lambda invitation: not invitation.is_over,
            help_text="The link stops working. Nobody is told.",
            is_destructive=True,
        ),
    )

    def has_add_permission(self, request):
        return request.user.has_perm("accounts.add_invitation")

    def get_fields(self, request, obj=None):
        told = (
            "status",
            "invited_by",
            "invited_at",
            "ends_at",
            "accepted_by",
            "accepted_at",
            "taken_back_by",
            "taken_back_at",
        )
        return (*self.written, *told) if obj else self.written

    def add_view(self, request, form_url="", extra_context=None):
        try:
            return super().add_view(request, form_url, extra_context)
        except InvitationError as refused:  # a colleague invited them in this very moment
            messages.error(request, str(refused))
            return redirect(self.address("changelist"))

    def save_model(self, request, obj, form, change):
        Invitation.invite(obj, by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(
            request, f"Invited. The mail to {obj.email} holds a link that works once, for seven days."
        )
        return redirect(self.address("change", obj))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="name")
    def whom(self, invitation):
        return invitation.name or "(forgotten)"

    @admin.display(description="status")
    def status(self, invitation):
        return invitation.status

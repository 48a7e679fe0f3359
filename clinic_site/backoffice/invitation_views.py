"""The page behind an invitation's link.

Whoever has the link sees what they are invited to, and chooses a password.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from clinic_site.accounts.invitations import Invitation, InvitationError, UnknownInvitation
from clinic_site.accounts.models import User
from clinic_site.accounts.roles import CLINICIAN, ROLE_DESCRIPTIONS
from clinic_site.audit_log import log

ABOUT = ("name", "title", "registration_body", "registration_number")


class AcceptForm(SetPasswordForm):
    name = forms.CharField(
        label="Your name", max_length=120, help_text="First and last name, as patients may read it."
    )
    title = forms.CharField(
        label="Title", max_length=30, required=False, help_text="Dr, RN, NP … or nothing."
    )
    registration_body = forms.CharField(label="College or council that licenses you", max_length=120)
    registration_number = forms.CharField(label="Registration number", max_length=40)

    field_order = (*ABOUT, "new_password1", "new_password2")

    def __init__(self, invitation: Invitation, *args, **kwargs):
        initial = {name: getattr(invitation, name) for name in ABOUT}
        known = User(email=invitation.email, name=invitation.name)  # a password that's like them is refused
        super().__init__(known, *args, initial=initial, label_suffix="", **kwargs)
        self.fields["new_password1"].label, self.fields["new_password2"].label = (
            "Choose a password",
            "Repeat the password",
        )
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if invitation.role != CLINICIAN:
            del self.fields["registration_body"], self.fields["registration_number"]

    @property
    def given(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "").strip() for name in ABOUT}


@sensitive_post_parameters()
@never_cache
@csrf_protect
def accept(request, token):
    invitation = Invitation.objects.by_token(token).select_related("invited_by").first()
    if invitation is None:
        return _shown(request, "gone", "This link doesn’t work", status=404)
    form, refused = AcceptForm(invitation, request.POST or None), None
    if form.is_valid():
        try:
            with transaction.atomic():
                user = Invitation.accept(token, password=form.cleaned_data["new_password1"], **form.given)
                log.write("accepted an invitation", user, by=user, said=f"As {invitation.role}.")
        except UnknownInvitation:  # used in another tab, or taken back, since the form was looked at
            return _shown(request, "gone", "This link doesn’t work", status=404)
        except InvitationError as error:
            refused = error
        else:
            login(request, user)
            messages.success(
                request, f"Welcome. You sign in with {user.email} and the password that you chose."
            )
            return redirect("admin:index")
    return _shown(
        request,
        "accept",
        "You are invited",
        form=form,
        invitation=invitation,
        refused=refused,
        may=ROLE_DESCRIPTIONS[invitation.role],
        status=422 if form.is_bound else 200,
    )


def _shown(request, template: str, title: str, *, status: int, **context):
    context |= {**admin.site.each_context(request), "title": title, "is_nav_sidebar_enabled": False}
    response = TemplateResponse(request, f"admin/invitation/{template}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response

"""Staff who forgot their password choose a new one, by a link that goes to their own address.

A manager may have it sent, and never types one: whoever knew a colleague's password could sign in their name.
Somebody who asks gets the same answer whether or not the address is known here; only the mail says more.
"""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic_site.accounts.form_tokens import Sending, TokenField
from clinic_site.accounts.rate_limits import is_within
from clinic_site.audit_log import log
from clinic_site.notifications.mail import MailContent, queue
from clinic_site.registry import branding
from clinic_site.text.normalise import normal_email

SUBJECT = "A new password for the clinic’s website"
UNASKED = "If you don’t need it, ignore this mail: nothing changes."


def may_have_one():
    """Those who sign in with a password."""
    return get_user_model().objects.filter(is_staff=True, is_active=True)


def send_link(person, *, by=None) -> None:
    """Mail a link to their own address; it opens a page where they choose a password, once, for an hour.

    `by`: the manager who has it sent; None: whoever it is asked themself. Raises PermissionError where they
    can't sign in anyway.
    """
    if not may_have_one().filter(pk=person.pk).exists():
        raise PermissionError("Only somebody who may sign in to the admin has a password.")
    key, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    asked = f"{by} has this link sent to you" if by else "Somebody asked for this link with your address"
    mail = MailContent(
        SUBJECT,
        opening=(
            f"{asked}. It opens a page where you choose a new password for the website of {branding().name}.",
            f"It works once, until {timezone.localtime(until):%H:%M}.",
        ),
        links=(
            ("Choose a new password", settings.SITE_URL + reverse("new_password_chosen", args=[key, token])),
        ),
        closing=(UNASKED,),
    )
    queue(mail, person.email, at_once=True, until=until)


def _send_to_nobody(email: str) -> None:
    """Whoever mistook their address learns it from the mail, and the answer takes as long as for an address
    that is known.
    """
    until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    mail = MailContent(
        SUBJECT,
        opening=(
            f"Somebody asked for a new password for the website of {branding().name}.",
            "Nobody on its staff signs in with this address.",
        ),
        closing=(UNASKED,),
    )
    queue(mail, email, at_once=True, until=until)


def tell_of_address(person, *, before: str, by) -> None:
    """Somebody's mail goes elsewhere from now on: whoever reads the address before learns of it."""
    mail = MailContent(
        "Your sign-in address was changed",
        opening=(
            f"{by} changed the address that you sign in with on the website of {branding().name}. Mail no "
            "longer goes here.",
        ),
        closing=("If you don’t know about it, tell the clinic at once.",),
    )
    queue(mail, before)


class AskForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        help_text="The one that you sign in with.",
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    token = TokenField()


@never_cache
@csrf_protect
def ask(request):
    form, refused = AskForm(request.POST or None, label_suffix=""), ""
    if form.is_valid():
        email = normal_email(form.cleaned_data["email"])
        sending = Sending(form.cleaned_data["token"], email)
        if not sending.begin():
            return redirect("new_password_sent")
        if is_within(request, "new_password", email):
            person = may_have_one().filter(same_email=email).first()
            with transaction.atomic():
                send_link(person) if person else _send_to_nobody(form.cleaned_data["email"])
            return redirect("new_password_sent")
        sending.undo()
        refused = "Too many links were asked for. Wait an hour, or ask a manager of the clinic."
    return _shown(
        request,
        "ask",
        title="Forgotten your password?",
        form=form,
        refused=refused,
        status=422 if form.is_bound else 200,
    )


@never_cache
def change(request):
    """Where a password manager leads somebody who wants another password (W3C: a well-known URL for changing
    passwords).
    """
    return redirect(
        "admin:password_change" if admin.site.has_password_permission(request) else "new_password"
    )


@never_cache
def sent(request):
    return _shown(request, "sent", title="Check your e-mail")


class ChoosePasswordView(PasswordResetConfirmView):
    """The page behind the link. It doesn't sign them in: their second factor is asked for as ever."""

    template_name = "admin/new_password/choose.html"
    success_url = reverse_lazy("admin:login")

    def get_user(self, uidb64):
        person = super().get_user(uidb64)
        return person if person and may_have_one().filter(pk=person.pk).exists() else None

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.label_suffix = ""
        form.fields["new_password1"].label, form.fields["new_password2"].label = (
            "Choose a password",
            "Repeat the password",
        )
        return form

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        self.user.end_sessions()
        log.write(
            "own password",
            self.user,
            by=self.user,
            said="Chose a new password, by a link that went to their address.",
        )
        told = MailContent(
            "Your password was changed",
            opening=(
                "Somebody who had the link that was sent to this address chose a new password for you.",
            ),
            closing=("If that wasn’t you, tell a manager of the clinic at once.",),
        )
        queue(told, self.user.email)
        messages.success(self.request, "Your password was changed. Sign in with the new one.")
        return response

    def render_to_response(self, context, **kwargs):
        status = 404 if not context["validlink"] else 422 if context["form"].is_bound else 200
        return _shown(self.request, "choose", status=status, **context | {"title": "A new password"})


def _shown(request, template: str, *, title: str, status: int = 200, **context):
    context = {**context, **admin.site.each_context(request), "title": title, "is_nav_sidebar_enabled": False}
    response = TemplateResponse(request, f"admin/new_password/{template}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response

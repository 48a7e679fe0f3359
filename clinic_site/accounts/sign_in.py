"""Where django-allauth's own views stand: the staff's sign-in, their second factor, and being asked again. No
other view of allauth has an address here.

What stands around them is ours: they open to staff alone, and what they change is written down in the same
transaction.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.generic import View

from clinic_site.accounts import second_factor, second_factor_changes
from clinic_site.accounts.allauth_internals import half_minute_of
from clinic_site.accounts.second_factor import SecondFactorState, Type
from clinic_site.accounts.second_factor_forms import NewAppForm, RemovalForm


def ask_again(request: HttpRequest, then: str) -> str:
    """The address where somebody signed in shows once more that it's they, and from where they come to
    `then`.
    """
    return f"{get_adapter().get_reauthentication_methods(request.user)[0]['url']}?{urlencode({'next': then})}"


class OverviewView(mfa.IndexView):
    def get_context_data(self, **kwargs):
        user = self.request.user
        factors = [
            {"factor": one, "name": second_factor.named(one), "may_go": second_factor.may_be_removed(one)}
            for one in second_factor.factors_of(user).select_related("user")
        ]
        return super().get_context_data(**kwargs) | {
            "factors": factors,
            "has_app": any(one["factor"].type == Type.TOTP for one in factors),
            "codes_left": second_factor.codes_left(user),
            "is_demanded": second_factor.is_demanded(),
            "passkeys_work": second_factor.passkeys_work(self.request),
        }


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class NewAppView(totp.ActivateTOTPView):
    """Whoever has an app moves to another one: with allauth's own they would first have none, and no way
    in.
    """

    def dispatch(self, request, *args, **kwargs):
        return View.dispatch(self, request, *args, **kwargs)

    def form_valid(self, form):
        apps = second_factor.factors_of(self.request.user).filter(type=Type.TOTP)
        apps.delete()
        response = super().form_valid(form)
        at = half_minute_of(form.secret, form.cleaned_data["code"])  # spent by this
        apps.update(data={**apps.get().data, "last_counter": at})
        del self.request.session[NewAppForm.LOCKED]
        return response


class PasskeyAgainView(webauthn.ReauthenticateWebAuthnView):
    def form_invalid(self, form):
        super().form_invalid(form)  # its message
        return redirect(self.request.get_full_path())


def while_unkept(view: Callable) -> Callable:
    """Recovery codes are shown to the session that made them, until their owner says that they are kept."""

    def opened(request):
        if not second_factor.shown_codes(request):
            return redirect(
                "mfa_generate_recovery_codes" if second_factor.codes_of(request.user) else "mfa_index"
            )
        if request.method == "POST":
            del request.session[second_factor.SHOWN_CODES]
            return redirect("mfa_index")
        return view(request)

    return opened


def _shown(request, response: Any, title: str) -> HttpResponse:
    """In the frame of the admin; a form that was refused has a status of its own."""
    if (context := getattr(response, "context_data", None)) is not None and not response.is_rendered:
        response.context_data = {**admin.site.each_context(request), "title": title, **context}
        forms = [context.get("form"), context.get("webauthn_form")]
        if any(form is not None and form.is_bound and form.errors for form in forms):
            response.status_code = 422
    return response


def _page(address: str, view: Callable, name: str, title: str, *, is_door=False, is_own=False):
    """`is_door`: for whoever isn't signed in yet; else for staff. `is_own`: about their own second factor,
    which they have given before, where they have one.
    """

    def opened(request, *args, **kwargs):
        if not is_door and not admin.site.has_password_permission(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if is_own and second_factor.second_factor_state(request) is SecondFactorState.GIVE:
            return redirect(ask_again(request, request.get_full_path()))
        request.current_app = admin.site.name
        return _shown(request, _changing(request, view, *args, **kwargs), title)

    # a stale form is shown afresh: what it holds is neither kept nor carried
    opened.starts_anew = True  # type: ignore[attr-defined]
    return path(address, never_cache(update_wrapper(opened, view, updated=())), name=name)


def _changing(request, view: Callable, *args, **kwargs) -> HttpResponse:
    """The view's answer; what it changed is written down with it, or undone with it."""
    try:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            second_factor.locked(request.user)
            before = second_factor_changes.held_by(request.user)
            response = view(request, *args, **kwargs)
            happened = second_factor_changes.note(request, before)
            second_factor.check_one_is_left(request.user, before.values())
            if happened:
                messages.success(request, happened)
            return response
    except PermissionError as refused:
        messages.error(request, str(refused))
        return redirect("mfa_index")
    except ReauthenticationRequired:
        # caught before allauth's middleware, which would keep what was sent in the session, passwords too
        return redirect(ask_again(request, request.get_full_path()))


def _own(address: str, view: Callable, name: str, title: str):
    return _page(f"second-factor/{address}", view, name, title, is_own=True)


urlpatterns = [
    _page("login/", account.login, "account_login", "Sign in", is_door=True),
    _page("login/second-factor/", mfa.authenticate, "mfa_authenticate", "Your second factor", is_door=True),
    _page("again/", account.reauthenticate, "account_reauthenticate", "Your password"),
    _page("again/code/", mfa.reauthenticate, "mfa_reauthenticate", "Your second factor"),
    _page("again/passkey/", PasskeyAgainView.as_view(), "mfa_reauthenticate_webauthn", "Your second factor"),
    _own("", OverviewView.as_view(), "mfa_index", "Second factor"),
    _own("app/", NewAppView.as_view(), "mfa_activate_totp", "Set up an authenticator app"),
    _own("app/remove/", totp.deactivate_totp, "mfa_deactivate_totp", "Remove: Authenticator app"),
    _own("passkey/", webauthn.add_webauthn, "mfa_add_webauthn", "Set up a passkey"),
    _own(
        "passkey/<int:pk>/remove/",
        webauthn.RemoveWebAuthnView.as_view(form_class=RemovalForm, success_url=reverse_lazy("mfa_index")),
        "mfa_remove_webauthn",
        "Remove a passkey",
    ),
    _own(
        "recovery-codes/",
        while_unkept(codes.view_recovery_codes),
        "mfa_view_recovery_codes",
        "Recovery codes",
    ),
    _own(
        "recovery-codes/download/",
        while_unkept(codes.download_recovery_codes),
        "mfa_download_recovery_codes",
        "Recovery codes",
    ),
    _own(
        "recovery-codes/new/",
        codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
        "New recovery codes",
    ),
]

"""Joining, signing in and out, and agreeing to newer terms."""

from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.accounts.form_tokens import Sending
from clinic_site.backoffice.form_recovery import typed_words
from referrals.errors import ReferralError
from referrals.membership import (
    ASKED_WITH,
    UNSENT,
    Code,
    member_of,
    member_required,
    not_for_staff,
    open_terms,
)
from referrals.membership_forms import CodeForm, JoinForm, SignInForm
from referrals.models import Terms

PAGE = require_http_methods(["GET", "HEAD", "POST"])
TOO_MANY_CODES = (
    "Too many codes were asked for, with this address or over this internet connection. Nothing was sent. "
)
STILL_HERE = "What you typed is still here: wait an hour, then send it again."
TOO_MANY_TRIES = "Too many codes were tried for this address. Wait an hour, then ask for a new one."
AN_HOUR = 3600


@never_cache
@PAGE
def join(request):
    if request.user.is_staff:
        return not_for_staff(request)
    member, terms = member_of(request.user), open_terms()
    if member and not member.left_at:
        return redirect(_wanted(request))
    if terms is None:
        return render(request, "referrals/closed.html", status=409 if request.method == "POST" else 200)
    form = JoinForm(request.POST or None, terms=terms, initial=_filled_in(request))
    if form.is_valid():
        typed = form.cleaned_data
        sending = Sending(typed["token"], typed["email"], typed["name"])
        asked = {"email": typed["email"], "name": typed["name"], "terms": terms}
        if not sending.begin() or Code.ask(request, **asked, then=_wanted(request)):
            return redirect("referrals:code")
        sending.undo()
        form.add_error(None, TOO_MANY_CODES + STILL_HERE)
        return _later(render(request, "referrals/join.html", {"form": form}))
    return render(request, "referrals/join.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@PAGE
def sign_in(request):
    if request.user.is_staff:
        return not_for_staff(request)
    if member_of(request.user):
        return redirect(_wanted(request))
    form = SignInForm(request.POST or None, initial=_filled_in(request))
    if form.is_valid():
        email = form.cleaned_data["email"]
        sending = Sending(form.cleaned_data["token"], email)
        if not sending.begin() or Code.ask(request, email=email, then=_wanted(request)):
            return redirect("referrals:code")
        sending.undo()
        form.add_error(None, TOO_MANY_CODES + STILL_HERE)
        return _later(render(request, "referrals/sign_in.html", {"form": form}))
    has_left = "signed-out" in request.GET
    return render(
        request,
        "referrals/sign_in.html",
        {"form": form, "has_left": has_left},
        status=422 if form.is_bound else 200,
    )


@never_cache
@PAGE
def code(request):
    awaited = Code.awaited(request)
    if awaited is None:
        return _no_code(request)
    form = CodeForm(request.POST or None, initial={"email": awaited.email})
    page = {"form": form, "awaited": awaited, "is_new": "new" in request.GET}
    if not form.is_valid():
        return render(request, "referrals/code.html", page, status=422 if form.is_bound else 200)
    if awaited.is_tried_too_often():
        form.add_error(None, TOO_MANY_TRIES)
        return _later(render(request, "referrals/code.html", page))
    if awaited.fits(form.cleaned_data["code"]):
        try:
            awaited.finish()
        except ReferralError as why:
            return _no_code(request, because=str(why))
        return redirect(awaited.then)
    if not awaited.tries_left:
        return _no_code(request, because="That was the wrong code, too many times.")
    form.add_error("code", f"That is not the code of the newest mail. Tries left: {awaited.tries_left}.")
    return render(request, "referrals/code.html", page, status=422)


@PAGE
def new_code(request):
    awaited = Code.awaited(request)
    if awaited is None:
        return _no_code(request)
    if request.method != "POST":
        return redirect("referrals:code")
    if awaited.was_resent(request.POST.get("sent_at", "")) or awaited.resend():
        return redirect(f"{reverse('referrals:code')}?new")
    form = CodeForm(initial={"email": awaited.email})
    return _later(
        render(
            request,
            "referrals/code.html",
            {"form": form, "awaited": awaited, "problem": TOO_MANY_CODES + "Wait an hour, then ask again."},
        )
    )


@PAGE
def sign_out(request):
    """By the button alone: a link or a picture on another page signs nobody out."""
    if request.method != "POST":
        return redirect("referrals:statement")
    logout(request)
    return redirect(f"{reverse('referrals:sign-in')}?signed-out")


@PAGE
@member_required
def accept_terms(request):
    """A member agrees to the terms that they were shown, if those are still the ones in force."""
    terms = Terms.objects.in_force().first()
    if (
        request.method == "POST"
        and terms
        and request.POST.get("terms") == str(terms.pk)
        and not request.member.left_at
    ):
        request.member.accept(terms)
    return redirect("referrals:statement")


@require_safe
@member_required
def unsent(request):
    """The form that a member sent after they had been signed out, to be sent again."""
    form = request.session.pop(UNSENT, None)
    if not form or not form["typed"]:
        return redirect("referrals:statement")
    return render(request, "referrals/unsent.html", {**form, "words": typed_words(form["typed"])})


# --- what they share ----------------------------------------------------------------------------------------


def _wanted(request) -> str:
    """Where somebody wanted to go when asked to sign in, if that is on this site; else their statement."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own else reverse("referrals:statement")


def _filled_in(request) -> dict:
    """What this browser asked for a code with before, so that a slip is put right without typing all."""
    return {**request.session.get(ASKED_WITH, {}), "next": request.GET.get("next", "")}


def _later(response):
    response.status_code = 429
    response["Retry-After"] = AN_HOUR
    return response


def _no_code(request, because=""):
    """No code to be typed, or none any more: a form for a new one, filled in as far as is known."""
    if member_of(request.user):
        return redirect("referrals:statement")
    asked_with = request.session.get(ASKED_WITH, {})
    terms = open_terms() if "name" in asked_with else None
    if terms:
        form = JoinForm(terms=terms, initial=asked_with)
    else:
        form = SignInForm(initial=asked_with or {"email": request.POST.get("email", "")})
    status = 422 if request.method == "POST" else 200
    return render(request, "referrals/no_code.html", {"form": form, "because": because}, status=status)

"""What a friend meets: the welcome behind a member's link, the form in which they introduce themself, and the
way back.

Every link that leads nowhere answers with one page, byte for byte: a code that nobody has, one whose member
left, any code while the programme is closed. Nobody learns from it who takes part. An introduction's own
address is known to its friend alone; forged, or used again after it was erased, it leads to one page too.
"""

import re
from functools import wraps

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.accounts.rate_limits import is_within
from clinic_site.backoffice.form_recovery import posted_fields, typed_words
from referrals.codes import read_code
from referrals.errors import ReferralError
from referrals.forms import IntroductionForm
from referrals.models import Acceptance, Referral

TOO_MANY = (
    "Many introductions have come from your network just now. Please try again in an hour, or call "
    "us. Yours was not sent."
)


def spelled(view):
    """The view gets the code as the member has it; another spelling of it is led to that address."""

    @wraps(view)
    def with_the_code(request, code):
        meant = read_code(code)
        if meant and meant != code and request.method != "POST":
            return redirect(request.resolver_match.view_name, code=meant)
        return view(request, meant or "")

    return with_the_code


def nowhere(request):
    """No member's link. What somebody typed is not stored, and not lost."""
    words = typed_words(posted_fields(request.POST))
    context = {"canonical": settings.SITE_URL + reverse("referrals:programme"), "words": words}
    return render(request, "referrals/nowhere.html", context, status=404)


@require_safe
def typed_code(request):
    """A code that somebody was told, typed by hand: its link, whether or not it leads anywhere."""
    typed = request.GET.get("code", "")
    code = read_code(typed) or re.sub(r"[^\w-]", "", typed)[:20]
    return redirect("referrals:welcome", code=code or "-")


@require_safe
@spelled
def welcome(request, code):
    """It writes nothing and sets no cookie: programs that preview a link open it too."""
    standing = Acceptance.behind(code)
    if standing is None:
        return nowhere(request)
    response = render(request, "referrals/welcome.html", {"member": standing.member, "terms": standing.terms})
    response["Referrer-Policy"] = "no-referrer"  # the next page is not told which code led to it
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@spelled
def introduce(request, code):
    standing = Acceptance.behind(code)
    if standing is None:
        return nowhere(request)
    form = IntroductionForm(request.POST or None, terms=standing.terms)
    status = 422 if request.method == "POST" else 200
    if form.is_valid():
        if is_within(request, "introduce"):
            try:
                referral = form.introduce(standing.member)
            except ReferralError:  # closed between the page and its form
                return nowhere(request)
            return redirect("referrals:introduced", key=referral.key)
        form.add_error(None, TOO_MANY)
        status = 429
    context = {
        "member": standing.member,
        "terms": standing.terms,
        "form": form,
        "is_danger": form.names_danger,
    }
    return render(request, "referrals/introduce.html", context, status=status)


# --- the friend's own address -------------------------------------------------------------------------------


def of_the_friend(view):
    """The view gets the referral of that key. Where what was typed is gone, one page says so."""

    @wraps(view)
    def with_the_referral(request, key):
        referral = Referral.by_key(key)
        if referral is None:
            canonical = settings.SITE_URL + reverse("referrals:withdrawn")
            return render(request, "referrals/gone.html", {"canonical": canonical}, status=404)
        return view(request, referral)

    return with_the_referral


@never_cache
@require_safe
@of_the_friend
def introduced(request, referral):
    response = render(request, "referrals/introduced.html", {"referral": referral})
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_the_friend
def withdraw(request, referral):
    """A link is opened by programs too: the page asks, and its button erases."""
    if request.method == "POST":
        referral.withdraw()
        return redirect("referrals:withdrawn")
    return render(request, "referrals/withdraw.html", {"referral": referral})


@require_safe
def withdrawn(request):
    return render(request, "referrals/withdrawn.html")

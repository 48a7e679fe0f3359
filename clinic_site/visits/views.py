"""Asking for a visit, and taking that back.

A request's own address is known to whoever asked alone; forged, or used again after the request was erased,
it leads to one page.
"""

from functools import wraps

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic_site.accounts.rate_limits import is_within
from clinic_site.visits.forms import VisitForm
from clinic_site.visits.models import VisitRequest

TOO_MANY = (
    "Many requests have come from your network just now. Please try again in an hour, or call us. Yours was "
    "not sent: what you typed is still here."
)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """`?about=hyperhidrosis` chooses what it's about beforehand."""
    is_sent = request.method == "POST"
    form = VisitForm(request.POST if is_sent else None, about=request.GET.get("about", ""))
    status = 422 if is_sent else 200
    if form.is_valid():
        was_sent = VisitRequest.objects.filter(token=form.cleaned_data["token"], **form.typed).exists()
        if was_sent or is_within(request, "visit"):
            return redirect("visits:asked", key=form.save().key)
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "visits/ask.html", {"form": form}, status=status)


def of_whoever_asked(view):
    """The view gets the request of that key. Where what was typed is gone, one page says so."""

    @never_cache
    @wraps(view)
    def with_the_request(request, key):
        asked = VisitRequest.by_key(key)
        if asked is None:
            canonical = settings.SITE_URL + reverse("visits:taken-back")
            return render(request, "visits/gone.html", {"canonical": canonical}, status=404)
        response = view(request, asked)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return with_the_request


@require_safe
@of_whoever_asked
def asked(request, asked):
    return render(request, "visits/asked.html", {"asked": asked})


@require_http_methods(["GET", "HEAD", "POST"])
@of_whoever_asked
def take_back(request, asked):
    """A link is opened by programs too: the page asks, and its button erases."""
    if request.method == "POST":
        asked.take_back()
        return redirect("visits:taken-back")
    return render(request, "visits/take_back.html", {"asked": asked})


@require_safe
def taken_back(request):
    return render(request, "visits/taken_back.html")

"""One's own page: the weekly mail, and the address of one's calendar."""

from django.contrib import admin, messages
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from clinic_site.accounts.models import User
from clinic_site.audit_log import log
from clinic_site.notifications import calendar_feed, weekly_digest


def _choose_mail(user: User, wanted: bool) -> str:
    User.objects.filter(pk=user.pk).update(wants_weekly_mail=wanted)
    if not wanted:
        return "You get no weekly mail any more."
    weekly_digest.begin_next_monday(user)
    return "You get a mail on Mondays, from the next one on, when you have tasks."


def _make_address(user: User) -> str:
    had_one = calendar_feed.has_address(user)
    calendar_feed.make_address(user)
    return (
        "Your calendar has a new address. The old address no longer works."
        if had_one
        else "Your calendar has an address."
    )


def _end_address(user: User) -> str:
    calendar_feed.end_address(user)
    return "Your calendar has no address any more."


DEEDS = {
    "mail": lambda user: _choose_mail(user, True),
    "no-mail": lambda user: _choose_mail(user, False),
    "address": _make_address,
    "no-address": _end_address,
}


@require_http_methods(["GET", "HEAD", "POST"])
def mail_and_calendar(request):
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed:
        with transaction.atomic():
            said = deed(request.user)
            log.write("mail and calendar", request.user, by=request.user, said=said)
        messages.success(request, said)
        return redirect("admin:mail_and_calendar")
    context = {
        **admin.site.each_context(request),
        "title": "Mail and calendar",
        "address": calendar_feed.address_of(request.user),
        "wants_mail": request.user.wants_weekly_mail,
    }
    return TemplateResponse(
        request,
        "admin/notifications/preferences.html",
        context,
        status=422 if request.method == "POST" else 200,
    )

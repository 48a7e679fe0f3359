"""What staff read in the admin where there is no page, or none for them, or what they sent can't be read: a
sentence, and the way back.
"""

from contextlib import suppress

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.urls import reverse

from clinic_site.backoffice.site import roleless

MOST_THROWN_AWAY = 64 * 1024**2  # bytes


def is_below_the_admin(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index")) and hasattr(request, "user")


def is_in_the_admin(request: HttpRequest) -> bool:
    """Somebody for whom the admin is open asked for something below its address."""
    return is_below_the_admin(request) and admin.site.has_permission(request)


def no_page(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "admin/404.html",
        {**admin.site.each_context(request), "title": "There is no page here"},
        status=404,
    )


def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """Answers what a role doesn't include."""
    context = {"title": "This page isn’t yours to open", "roles": ""}
    if is_in_the_admin(request):
        context |= admin.site.each_context(request) | {
            "roles": ", ".join(group.name for group in request.user.groups.order_by("name")),
            "roleless": roleless(request.user),
        }
    return render(request, "403.html", context, status=403)


def read_to_its_end(request: HttpRequest) -> None:
    """A browser that is answered while it still sends shows a broken line, and not the answer."""
    left = MOST_THROWN_AWAY
    with suppress(OSError, RawPostDataException):
        while left > 0 and (some := request.read(64 * 1024)):
            left -= len(some)


def unreadable(request: HttpRequest, exception=None) -> HttpResponse:
    """Answers what is too much to be taken at once (413), and what no form of this site sends (400)."""
    read_to_its_end(request)
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    context = {
        "title": "That was too much to send at once" if is_too_much else "What was sent couldn’t be read",
        "is_too_much": is_too_much,
        "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2,
        "back": request.path,
    }
    is_staff = is_in_the_admin(request)
    if is_staff:
        context |= admin.site.each_context(request)
    template = "admin/400.html" if is_staff else "400.html"
    return render(request, template, context, status=413 if is_too_much else 400)

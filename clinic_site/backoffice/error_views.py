"""What people read where there is no page, or none for them, or where what they sent can't be read:
a sentence, and the way back. Staff read it in the frame of the admin.
"""

from contextlib import suppress

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import Resolver404, resolve, reverse

from clinic_site.backoffice.site import roleless
from clinic_site.operations.request_bodies import discard


def _is_below_admin(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index")) and hasattr(request, "user")


def _is_in_admin(request: HttpRequest) -> bool:
    """Somebody for whom the admin is open asked for something below its address."""
    return _is_below_admin(request) and admin.site.has_permission(request)


def _in_small_letters(path: str) -> str:
    """The address of ours that somebody wrote in capitals, or without its last slash; empty where there is
    none. Codes and keys in it keep their letters.
    """
    for ending in ("", "/"):
        with suppress(Resolver404):
            route = resolve(path.lower() + ending).route.split("/")
            parts = (path + ending).lstrip("/").split("/")
            if len(parts) != len(route):
                continue
            is_fixed = ("<" not in name or name == "<slug:slug>" for name in route)
            return "/" + "/".join(p.lower() if fixed else p for p, fixed in zip(parts, is_fixed, strict=True))
    return ""


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    meant = _in_small_letters(request.path) if request.method in ("GET", "HEAD") else ""
    if meant and meant.rstrip("/") != request.path.rstrip("/"):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{meant}?{query}" if query else meant)
    if not _is_in_admin(request):
        return render(request, "404.html", status=404)
    context = {**admin.site.each_context(request), "title": "Page not found"}
    return render(request, "admin/404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """No database, no context: what broke may be either."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """Answers what a role doesn't include."""
    is_member = _is_below_admin(request) and request.user.is_authenticated and not request.user.is_staff
    context = {"title": "You can’t open this page", "roles": "", "is_member": is_member}
    if _is_in_admin(request):
        context |= admin.site.each_context(request) | {
            "roles": ", ".join(group.name for group in request.user.groups.order_by("name")),
            "roleless": roleless(request.user),
        }
    return render(request, "403.html", context, status=403)


def unreadable(request: HttpRequest, exception=None) -> HttpResponse:
    """Answers what is too much to be taken at once (413), and what no form of this site sends (400)."""
    with suppress(OSError, RawPostDataException):
        discard(request)
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    context = {
        "title": "That was too much to send at once" if is_too_much else "What was sent couldn’t be read",
        "is_too_much": is_too_much,
        "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2,
        "back": request.path,
    }
    is_staff = _is_in_admin(request)
    if is_staff:
        context |= admin.site.each_context(request)
    template = "admin/400.html" if is_staff else "400.html"
    return render(request, template, context, status=413 if is_too_much else 400)

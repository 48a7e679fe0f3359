"""What staff read in the admin where there is no page, or none for them: a sentence, and the way back."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


def is_below_the_admin(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index")) and hasattr(request, "user")


def is_in_the_admin(request: HttpRequest) -> bool:
    """Somebody for whom the admin is open asked for something below its address."""
    return is_below_the_admin(request) and admin.site.has_permission(request)


def no_page(request: HttpRequest) -> HttpResponse:
    return render(request, "admin/404.html", {**admin.site.each_context(request), "title": "There is no page here"}, status=404)


def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """Answers what a role doesn't include."""
    context = {"title": "This page isn’t yours to open", "roles": ""}
    if is_in_the_admin(request):
        context |= admin.site.each_context(request) | {
            "roles": ", ".join(group.name for group in request.user.groups.order_by("name"))
        }
    return render(request, "403.html", context, status=403)

"""The admin itself: its pages that aren't a table's, and what becomes of a form that was sent after its
session had ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode

from clinic_site.backoffice import form_recovery
from clinic_site.backoffice.help_links import help_link
from clinic_site.registry import work_for

PASSWORD_LABELS = {
    "old_password": "Current password",
    "new_password1": "Choose a new password",
    "new_password2": "Repeat the new password",
}


class BackofficeAdminConfig(AdminConfig):
    default_site = "clinic_site.backoffice.site.BackofficeSite"


@dataclass(frozen=True)
class AdminPage:
    """A page of a room.

    `title`: as it's listed first in the room's group; empty: it's reached from other pages.
    """

    address: str
    name: str
    permission: str
    view: Callable
    title: str = ""

    @property
    def app_label(self) -> str:
        return self.address.partition("/")[0]


def roleless(user) -> str:
    """Of somebody without a role, who may give them one: "themself" or "a manager". Empty where they have
    one.
    """
    if user.groups.exists():
        return ""
    return "themself" if user.may_entitle(user) else "a manager"


class BackofficeSite(AdminSite):
    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.pages: list[AdminPage] = []

    def page(self, address: str, *, name: str, permission: str, title: str = "") -> Callable:
        """A view at `address` below the admin's own, for those who hold the permission ("room/page/",
        reversed as "admin:`name`"). Without a permission: for all staff.
        """

        def add(view):
            def for_holders(request, *args, **kwargs):
                if permission and not request.user.has_perm(permission):
                    raise PermissionDenied
                return view(request, *args, **kwargs)

            self.pages.append(AdminPage(address, name, permission, update_wrapper(for_holders, view), title))
            return view

        return add

    def get_urls(self):
        from clinic_site.backoffice.preferences import mail_and_calendar

        pages = [path(page.address, self.admin_view(page.view), name=page.name) for page in self.pages]
        own = path("mail-and-calendar/", self.admin_view(mail_and_calendar), name="mail_and_calendar")
        return [own, *pages, *super().get_urls()]

    # --- the second factor ----------------------------------------------------------------------------------

    def has_password_permission(self, request) -> bool:
        """Staff who have signed in with their password, their second factor given or not."""
        return super().has_permission(request)

    def has_permission(self, request):
        """The one place that decides: the admin opens to staff whose second factor was given, and to those
        without one where none is demanded.
        """
        # models can't be imported while the project starts
        from clinic_site.accounts.second_factor import SecondFactorState, second_factor_state

        return (
            self.has_password_permission(request) and second_factor_state(request) is SecondFactorState.OPEN
        )

    def outstanding(self, request: HttpRequest, then: str) -> str:
        """The address where somebody signed in gives, or sets up, the second factor that is wanted of them;
        from there they come to `then`. Empty where none is.
        """
        if not self.has_password_permission(request) or self.has_permission(request):
            return ""
        from clinic_site.accounts.second_factor import SecondFactorState, second_factor_state
        from clinic_site.accounts.sign_in import ask_again

        if second_factor_state(request) is SecondFactorState.GIVE:
            return ask_again(request, then)
        return f"{reverse('mfa_index')}?{urlencode({'next': then})}"

    def each_context(self, request):

        match = request.resolver_match
        return {
            **super().each_context(request),
            "help": help_link((match and match.url_name) or ""),
            "most_sent": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        }

    def login(self, request, extra_context=None):
        """Leads to allauth's sign-in whoever isn't signed in: Django's own would ask for a password alone."""
        from allauth.account.decorators import secure_admin_login
        from allauth.account.utils import get_next_redirect_url

        def signed_in(request):
            then = get_next_redirect_url(request) or reverse("admin:index")
            return redirect(self.outstanding(request, then) or then)

        return secure_admin_login(signed_in)(request)

    def index(self, request, extra_context=None):
        """What waits for this person, and what they did last; the rooms come after it."""
        from clinic_site.audit_log import log

        queues = work_for(request.user)
        found = {
            "queues": queues,
            "did_last": log.last_of(request.user),
            "roleless": not queues and roleless(request.user),
        }
        return super().index(request, {**found, **(extra_context or {})})

    def password_change(self, request, extra_context=None):
        """Their own. The log and the change are one."""
        from clinic_site.audit_log import log

        with transaction.atomic():
            response = super().password_change(
                request, {"title": "Change your password", **(extra_context or {})}
            )
            if request.method == "POST" and response.status_code == 302:
                log.write("own password", request.user, by=request.user, said="Changed their own password.")
        if form := getattr(response, "context_data", {}).get("form"):
            form.label_suffix = ""
            for name, label in PASSWORD_LABELS.items():
                form.fields[name].label = label
            form.fields["new_password2"].help_text = ""  # its label says it
        return response

    def password_change_done(self, request, extra_context=None):
        return super().password_change_done(
            request, {"title": "Your password is changed", **(extra_context or {})}
        )

    def get_app_list(self, request, app_label=None):
        if not self.has_permission(request):
            return []
        if app_label is None and hasattr(request, "app_list"):  # Django asks twice for one page
            return request.app_list
        groups = super().get_app_list(request, app_label)
        for group in groups:
            pages = [page for page in self.pages if page.title and page.app_label == group["app_label"]]
            group["models"][:0] = [
                {
                    "name": page.title,
                    "object_name": page.name,
                    "admin_url": reverse(f"admin:{page.name}"),
                    "view_only": True,
                    "perms": {"view": True},
                }
                for page in pages
                if request.user.has_perm(page.permission)
            ]
        if app_label is None:
            request.app_list = groups
        return groups

    def admin_view(self, view, cacheable=False):
        """As Django's; who owes a second factor is led there.

        What they, or a signed-out person, wrote and sent is shown to be sent again.
        """
        protected = super().admin_view(view, cacheable)

        def protected_and_recovered(request, *args, **kwargs):
            if view == self.logout:  # of those who are half signed in, too
                return view(request)
            address = self.outstanding(request, request.get_full_path())
            if not self.has_permission(request) and form_recovery.has_written(request):
                return form_recovery.resend_page(request)
            return redirect(address) if address else protected(request, *args, **kwargs)

        return update_wrapper(protected_and_recovered, protected)


site = cast(BackofficeSite, admin.site)  # the one that every room registers with

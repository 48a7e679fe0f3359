"""A form of the admin that wasn't taken, carried in the answer with all that was typed, to be sent once more.

Its session had ended, or its sender signed in anew in another tab and its token is stale. What is short comes
back by `kept` instead. Signing in changes the token against forgery, so the form carries a ticket for its one
address, and the browser a cookie that goes with it: together they do for an hour what the token does, and
only for a form sent from this site.
"""

import re
import secrets

from django.conf import settings
from django.contrib import admin
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.html import escape, linebreaks, strip_tags
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from clinic_site.backoffice import kept
from clinic_site.backoffice.typed import in_words, is_from_here, own_origins

TICKET, COOKIE = "_again", "again"
FOR = 60 * 60  # seconds
MOST = 1_000_000  # letters: a draft of thirty parts, many times over
NOT_CARRIED = (*kept.NOT_KEPT, TICKET)
NOT_WRITTEN = re.compile(
    r"_.*|action|post|.*_FORMS|.*-id", re.S
)  # buttons, and what forms need for themselves
_SALT = "staff.again"


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """(field, value) of what was sent from a page of this site, but for secrets."""
    if request.method != "POST" or not is_from_here(request):
        return []
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        if not any(word in name for word in NOT_CARRIED)
        for value in values
    ]
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= MOST else []


def _words(pairs: list[tuple[str, str]]) -> list[str]:
    """What somebody wrote, as text: sentences where there are any."""
    written = in_words(
        [(name, strip_tags(value)) for name, value in pairs if not NOT_WRITTEN.fullmatch(name)]
    )
    written = [value for value in dict.fromkeys(value.strip() for value in written) if not value.isdigit()]
    return [value for value in written if " " in value] or written


def written(request: HttpRequest) -> list[tuple[str, str]]:
    """(where, as HTML) of the words of a form that nobody can name the fields of."""
    return [("", mark_safe(linebreaks(escape(words)))) for words in _words(_carried(request))]


def is_worth_it(request: HttpRequest) -> bool:
    """Somebody wrote something, and looks at the answer: it isn't a script that asked."""
    return request.headers.get("Sec-Fetch-Dest") != "empty" and bool(
        _words(_carried(request)) or request.FILES
    )


def page(request: HttpRequest) -> HttpResponse:
    """The answer to a form that wasn't taken: nothing was done, and a form of its own carries what was
    typed.
    """
    pairs = _carried(request)
    nonce = request.COOKIES.get(COOKIE) or secrets.token_urlsafe()
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, {request.get_host()}, require_https=request.is_secure()
    )
    context = {
        **admin.site.each_context(request),
        "title": "This wasn’t sent",
        "is_open": admin.site.has_permission(request),
        "path": request.get_full_path(),
        "pairs": pairs,
        "words": _words(pairs),
        "files": [(name, file.name) for name, file in request.FILES.items()] if pairs else [],
        "ticket": signing.dumps([nonce, request.get_full_path()], salt=_SALT),
        "ticket_name": TICKET,
        "back": came_from if is_ours else reverse("admin:index"),
    }
    response = TemplateResponse(request, "admin/again.html", context, status=403)
    if pairs:
        response.set_cookie(
            COOKIE,
            nonce,
            max_age=FOR,
            path=request.path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response


def is_sent_again(request: HttpRequest) -> bool:
    """The form of such a page, sent to the address that it's for by the browser that it was given to."""
    try:
        nonce, path = signing.loads(request.POST.get(TICKET, ""), salt=_SALT, max_age=FOR)
    except signing.BadSignature:
        return False
    is_theirs = constant_time_compare(nonce, request.COOKIES.get(COOKIE, ""))
    return (
        is_theirs
        and path == request.get_full_path()
        and request.headers.get("Origin") in own_origins(request)
    )


def refused(request: HttpRequest) -> HttpResponse:
    """A form of the admin whose token didn't fit: taken where its ticket does, else shown to be sent once
    more.
    """
    if not is_sent_again(request):
        return page(request)
    request._dont_enforce_csrf_checks = True  # Django's own word for it: the ticket took the token's place
    match = request.resolver_match
    return match.func(request, *match.args, **match.kwargs)

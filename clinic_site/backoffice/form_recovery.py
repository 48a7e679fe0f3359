"""Nothing typed is lost: what the server adds to the browser, which keeps what was typed until it is saved.

A form that could not be taken (its sign-in had ended, or its token against forgery is stale) is shown again
with all that was typed and a fresh token: without a script, and for forms that a browser may not keep. See
docs/decisions/014-nothing-typed-is-lost.md, and static/js/form_recovery.js for the browser's part.
"""

import re

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import escape, linebreaks, strip_tags
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

DRAFT_ID = "_draft_id"  # names the browser's copy of a form: sent along, and given back once it is saved
SAVED_COOKIE = "saved"
MAX_CHARS = 6000  # of a public form: the longest message to the clinic, and room to spare
MAX_STAFF_CHARS = 1_000_000  # a draft of thirty parts, many times over
_DRAFT_ID = re.compile(r"[0-9a-z-]{8,40}")
_SECRET = re.compile(r"csrfmiddlewaretoken|.*(password|passkey|credential).*|(.*_)?code", re.I)
_NOT_TYPED = re.compile(r"on|.|/.*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I | re.S)
_NOT_WRITTEN = re.compile(r"_.*|action|post|.*_FORMS|.*-id", re.S)  # buttons, and what forms need
_FILE = "_file-"  # before the name of a file field: the name of the file, which a browser does not send twice


def posted_fields(sent: QueryDict, *, max_chars: int = MAX_CHARS) -> list[tuple[str, str]]:
    """(name, value) of what was sent but for secrets; nothing where that is longer than any form here."""
    names = [name for name in sent if not _SECRET.fullmatch(name)]
    fields = [(name, value) for name in names for value in sent.getlist(name)]
    return fields if sum(len(name) + len(value) for name, value in fields) <= max_chars else []


def typed_words(fields: list[tuple[str, str]]) -> list[str]:
    """Those values that somebody typed, as against ticked, or carried along unseen."""
    return [value for _, value in fields if value.strip() and not _NOT_TYPED.fullmatch(value.strip())]


def is_from_this_site(request: HttpRequest) -> bool:
    """The form stood on a page of this site, as the browser says: another site can't have filled it in."""
    own = (settings.SITE_URL, f"{request.scheme}://{request.get_host()}")
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get("Origin") in own


def _staff_fields(request: HttpRequest) -> list[tuple[str, str]]:
    is_own = request.method == "POST" and is_from_this_site(request)
    return posted_fields(request.POST, max_chars=MAX_STAFF_CHARS) if is_own else []


def written_words(request: HttpRequest) -> list[tuple[str, str]]:
    """What staff wrote into the form that they sent, sentences first, as (no label, HTML)."""
    fields = [one for one in _staff_fields(request) if not _NOT_WRITTEN.fullmatch(one[0])]
    texts = typed_words([(name, strip_tags(value).strip()) for name, value in fields])
    written = dict.fromkeys(value for value in texts if not value.isdigit())
    sentences_first = sorted(written, key=lambda value: " " not in value)
    return [("", mark_safe(linebreaks(escape(value)))) for value in sentences_first]


def has_written(request: HttpRequest) -> bool:
    """Somebody wrote something, and looks at the answer: it is not a script that asked."""
    is_seen = request.headers.get("Sec-Fetch-Dest") != "empty"
    return is_seen and bool(written_words(request) or (request.method == "POST" and request.FILES))


def resend_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answers (403) a form that was not taken: nothing was done, and what was typed can be sent once more.

    Words from another site's page are never shown: they would be sent with one press of a button here.
    `reason` is what Django says of a token that did not fit; it is not told.
    """
    if getattr(getattr(request.resolver_match, "func", None), "starts_anew", False):
        return redirect(request.get_full_path())  # where one signs in: the form holds nothing but secrets
    is_staff = request.path.startswith(reverse("admin:index"))
    response = _resend_to_staff(request) if is_staff else _resend_to_public(request)
    add_never_cache_headers(response)
    return response


def _resend_to_public(request: HttpRequest) -> HttpResponse:
    fields = posted_fields(request.POST) if is_from_this_site(request) else []
    return render(request, "403_form.html", {"typed": fields, "words": typed_words(fields)}, status=403)


def _resend_to_staff(request: HttpRequest) -> HttpResponse:
    is_open, fields = admin.site.has_permission(request), _staff_fields(request)
    files = {name.removeprefix(_FILE): value for name, value in fields if name.startswith(_FILE)}
    files |= {name: getattr(file, "name", "") for name, file in request.FILES.items()} if fields else {}
    carried = [(name, value) for name, value in fields if not name.startswith(_FILE)]
    if not is_open:  # a file chosen before signing in would have to be chosen again
        carried += [(f"{_FILE}{name}", chosen) for name, chosen in files.items()]
    came_from, host = request.headers.get("Referer", ""), request.get_host()
    is_ours = url_has_allowed_host_and_scheme(came_from, {host}, require_https=request.is_secure())
    context = {
        **admin.site.each_context(request),
        "title": "Your changes were not sent",
        "is_open": is_open,
        "action": request.get_full_path() if fields else "",
        "carried": carried,
        "files": files,
        "words": written_words(request),
        "button": "Send it now" if is_open else "Continue",
        "back": came_from if is_ours else reverse("admin:index"),
    }
    return render(request, "admin/resend_form.html", context, status=403)


def note_saved(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the browser that what it kept of this form is saved: it keeps that no longer."""
    draft_id = request.POST.get(DRAFT_ID, "")
    if _DRAFT_ID.fullmatch(draft_id):
        secure, path = settings.SESSION_COOKIE_SECURE, reverse("admin:index")
        response.set_cookie(SAVED_COOKIE, draft_id, path=path, secure=secure, samesite="Lax")

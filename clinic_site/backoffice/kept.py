"""What somebody typed into a form of the admin and sent after their session had ended: kept until they have
signed in again.

It lies in their own browser for a quarter of an hour, signed, for the one address that it was sent to, and
nowhere on the server. The form comes back filled in; nothing is done before its button is pressed again.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict

COOKIE = "typed"
FOR = 15 * 60  # seconds
MOST = (
    3500  # bytes: a browser takes 4096 with the cookie's name and address. A draft of a whole page is longer
)
NOT_KEPT = ("csrfmiddlewaretoken", "password", "one_time_code", "passkey")
FILES = "_files"  # names of files that were chosen: a browser doesn't send those twice
NOTHING_DONE = (
    "Your sign-in had run out before this was sent, so nothing has been done. What you typed is here: look "
    "it over, and press the button again."
)


def gives_back(view: Callable) -> Callable:
    """Marks a view that fills its form with what `given_back` returns."""
    view.gives_back = True
    return view


def _salt(request: HttpRequest) -> str:
    return f"staff.kept:{request.path}"


def keep(request: HttpRequest, response: HttpResponse) -> bool:
    """Lay what was posted into the answer, and say whether it was: not where the page there wouldn't give it
    back, and not what is too long. Passwords are left out.
    """
    if request.method != "POST" or not getattr(request.resolver_match.func, "gives_back", False):
        return False
    fields = [
        (name, values) for name, values in request.POST.lists() if not any(word in name for word in NOT_KEPT)
    ]
    if request.FILES:
        fields.append((FILES, [file.name for file in request.FILES.values()]))
    text = signing.dumps(fields, salt=_salt(request), compress=True)
    if len(text) > MOST:
        return False
    response.set_cookie(
        COOKIE,
        text,
        max_age=FOR,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return True


def is_ours(request: HttpRequest) -> bool:
    """Whether a browser with a sign-in of this site sent the form from one of this site's own pages."""
    return (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
        and settings.SESSION_COOKIE_NAME in request.COOKIES
    )


def given_back(request: HttpRequest) -> QueryDict | None:
    """What was typed at this address before its sender signed in again, once, and a message that says so.

    None where there is nothing.
    """
    if request.method != "GET" or COOKIE not in request.COOKIES:
        return None
    request.typed_was_given_back = True
    try:
        fields = signing.loads(request.COOKIES[COOKIE], salt=_salt(request), max_age=FOR)
    except signing.BadSignature:
        return None
    typed = QueryDict(mutable=True)
    for name, values in fields:
        typed.setlist(name, values)
    names = typed.pop(FILES, [])
    chosen = f" Choose the file once more: {', '.join(names)}." if names else ""
    messages.warning(request, NOTHING_DONE + chosen)
    return typed


def was_given_back(request: HttpRequest) -> bool:
    return getattr(request, "typed_was_given_back", False)


def let_go(request: HttpRequest, response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=request.path, samesite="Lax")

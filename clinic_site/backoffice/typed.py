"""What somebody typed into a form that couldn't be taken, kept so that they can send it again."""

import re

from django.conf import settings
from django.http import HttpRequest, QueryDict

SECRET = re.compile(r"csrfmiddlewaretoken|.*password.*|.*code", re.I)
NOT_TYPED = re.compile(r"on|.|/.*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I | re.S)
MOST = 6000  # letters: the longest message to the clinic, and room to spare


def typed(sent: QueryDict) -> list[tuple[str, str]]:
    """(field, value) of what was sent but for passwords and codes; nothing at all where that is longer than
    any form of ours.
    """
    pairs = [(name, value) for name, values in sent.lists() if not SECRET.fullmatch(name) for value in values]
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= MOST else []


def in_words(pairs: list[tuple[str, str]]) -> list[str]:
    """Those values that somebody typed, as against ticked, or carried along unseen."""
    return [value for _, value in pairs if value.strip() and not NOT_TYPED.fullmatch(value.strip())]


def is_from_here(request: HttpRequest) -> bool:
    """The form stood on one of this site's own pages, as the browser says: another site can't have filled it
    in.
    """
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get(
        "Origin"
    ) in own_origins(request)


def own_origins(request: HttpRequest) -> set[str]:
    return {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}

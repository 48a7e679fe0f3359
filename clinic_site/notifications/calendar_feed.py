"""The calendar of whoever works here: review dates, publications, what runs out, at a private address of
their own.

The address holds a secret. It follows from the secret key and a number that is kept, so its owner can see it
again; what a calendar program sends is looked up by its digest, and nothing in the database opens anything. A
new address ends the old one.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from clinic_site.notifications.models import CalendarAddress
from clinic_site.registry import CalendarEvent, User, branding, calendar_events

LONGEST = 75  # bytes of a line (RFC 5545, 3.1)
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None, "\x00": None})


# --- the address --------------------------------------------------------------------------------------------


def _secret(user: User, number: str) -> str:
    return salted_hmac("staff.feed", f"{user.pk}:{number}", algorithm="sha256").hexdigest()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make_address(user: User) -> str:
    """A new address; the one before, if there was one, is dead."""
    number = secrets.token_hex(16)
    secret = _secret(user, number)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"number": number, "digest": _digest(secret)}
    )
    return _written(secret)


def address_of(user: User) -> str:
    """The address as it stands; empty where there is none, or where the secret key is another one by now."""
    row = CalendarAddress.objects.filter(user=user).first()
    secret = _secret(user, row.number) if row else ""
    return _written(secret) if row and _digest(secret) == row.digest else ""


def has_address(user: User) -> bool:
    """Also where the secret key is another one by now."""
    return CalendarAddress.objects.filter(user=user).exists()


def end_address(user: User) -> None:
    CalendarAddress.objects.filter(user=user).delete()


def _written(secret: str) -> str:
    return settings.SITE_URL + reverse("calendar", args=[secret])


# --- what it gives ------------------------------------------------------------------------------------------


@require_safe
def feed(request, secret):
    """The calendar at a private address; 404 for any other, also that of somebody who left.

    It sets no cookie.
    """
    working = models.Q(user__is_active=True, user__is_staff=True)
    row = CalendarAddress.objects.filter(working, digest=_digest(secret)).select_related("user").first()
    if row is None:
        raise Http404
    events = [event for room in calendar_events for event in room(row.user)]
    response = HttpResponse(calendar(branding().name, events), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def calendar(name: str, events: Iterable[CalendarEvent]) -> str:
    """The events as iCalendar (RFC 5545)."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//clinic-site//staff//EN",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        *_utc(),
    ]
    for event in events:
        lines += _event(event)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _utc() -> list[str]:
    """A calendar holds something at least, and there may be no event."""
    return [
        "BEGIN:VTIMEZONE",
        "TZID:UTC",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0000",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def _event(event: CalendarEvent) -> list[str]:
    on = event.on
    return [
        "BEGIN:VEVENT",
        f"UID:{event.key}@{urlsplit(settings.SITE_URL).hostname}",
        f"DTSTAMP:{_stamp(event.known_at)}",
        f"DTSTART:{_stamp(on)}" if isinstance(on, datetime) else f"DTSTART;VALUE=DATE:{_day(on)}",
        f"SUMMARY:{_text(event.words)}",
        f"URL:{settings.SITE_URL}{event.address}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _text(words: str) -> str:
    return words.translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 bytes, each but the first after a space. No letter is cut in two."""
    piece, room = "", LONGEST
    for letter in line:
        if len(letter.encode()) > room:
            yield piece
            piece, room = " ", LONGEST - 1
        piece += letter
        room -= len(letter.encode())
    yield piece

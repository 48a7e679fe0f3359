"""When the review of a page is due, and what follows from its being overdue."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from clinic_site.calendar_days import in_days
from clinic_site.publishing.document_types import DOCUMENT_TYPES, SPREAD

NEAR = 56  # days before its review is due, from when an unchanged page may be signed anew
UNLISTED_AFTER = 90  # days overdue, after which search engines are asked to forget a page
WITHDRAWN_AFTER = 180  # days overdue, after which it's taken away by itself, where the clinic wants that


def signed_long_ago(by: int = 0) -> Q:
    """A condition: every edition that may be overdue by more than `by` days, and some that aren't: the day
    follows from the document.
    """
    condition = Q(pk__in=[])
    for kind, document in DOCUMENT_TYPES.items():
        days = document.REVIEW_DAYS - SPREAD + by
        condition |= Q(kind=kind, signed_at__lt=in_days(timezone.now(), -days))
    return condition


def days_overdue(kind: str, document: int, signed_at: datetime | None, at: datetime | None = None) -> int:
    """By how many days the review of a page that was signed then is overdue, now or at that time; below one
    it isn't.
    """
    return (
        timezone.localdate(at) - DOCUMENT_TYPES[kind].due_on(document, timezone.localdate(signed_at))
    ).days

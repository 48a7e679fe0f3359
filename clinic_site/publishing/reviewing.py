"""When the review of a page is due, and what follows from its being overdue."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinic_site.publishing.kinds import KINDS

if TYPE_CHECKING:
    from clinic_site.publishing.models import Edition

SPREAD = 57  # days that reviews are spread over: nought to eight weeks
NEAR = 56  # days before its review is due, from when an unchanged page may be signed anew
UNLISTED_AFTER = 90  # days overdue, after which search engines are asked to forget a page
WITHDRAWN_AFTER = 180  # days overdue, after which it's taken away by itself, where the clinic wants that


def due_on(days: int, document: int | None, signed_on: date) -> date:
    """When the review of the page with that key is due, signed on that day: after its kind's `days`, less
    nought to eight weeks that its key fixes, so that what was signed in one week isn't all due in one.
    """
    return signed_on + timedelta(days=days - (document or 0) * 23 % SPREAD)


def signed_long_ago(by: int = 0) -> Q:
    """A condition: every edition that may be overdue by more than `by` days, and some that aren't: the day
    follows from the document.
    """
    condition = Q(pk__in=[])
    for kind, document in KINDS.items():
        days = document.REVIEW_DAYS - SPREAD + by
        condition |= Q(kind=kind, signed_at__lt=timezone.now() - timedelta(days=days))
    return condition


def longest_overdue(editions: "Iterable[Edition]", by: int = 0) -> "list[Edition]":
    """Those of them that are overdue by more than `by` days, the longest first."""
    return sorted(
        (edition for edition in editions if edition.days_overdue > by),
        key=lambda edition: -edition.days_overdue,
    )


def days_overdue(kind: str, document: int, signed_at: datetime, at: datetime | None = None) -> int:
    """By how many days the review of a page that was signed then is overdue, now or at that time; below one
    it isn't.
    """
    return (timezone.localdate(at) - KINDS[kind].due_on(document, timezone.localdate(signed_at))).days

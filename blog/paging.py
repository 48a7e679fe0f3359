"""Lists by key: the last page costs what the first one does, however many answers there are."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.http import Http404

PAGE_SIZE = 20


@dataclass(frozen=True)
class Paged:
    """Some rows of a list, newest first, and the keys of the pages beside it (empty: there is none)."""

    rows: list
    newer: str = ""
    older: str = ""


def key_of(live) -> str:
    return f"{live.posted_on.isoformat()}-{live.pk}"


def parse(key: str) -> tuple[date, int]:
    """Raises Http404 for a key that no list ever made."""
    try:
        day, pk = key[:10], key[11:]
        if key[10] != "-" or not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            raise ValueError
        return date.fromisoformat(day), int(pk)
    except (ValueError, IndexError):
        raise Http404("No such page of this list.") from None


def by_key(queryset, after: str | None = None, before: str | None = None, size: int = PAGE_SIZE) -> Paged:
    """The page of `queryset` (live pages) that follows the key `after`, or ends before the key `before`."""
    if before:
        day, pk = parse(before)
        newer = queryset.filter(Q(posted_on__gt=day) | Q(posted_on=day, pk__gt=pk)).order_by(
            "posted_on", "pk"
        )[: size + 1]
        rows = list(newer)
        more, rows = len(rows) > size, rows[:size][::-1]
        return Paged(rows, key_of(rows[0]) if rows and more else "", key_of(rows[-1]) if rows else "")
    if after:
        day, pk = parse(after)
        queryset = queryset.filter(posted_on__lte=day).filter(
            Q(posted_on__lt=day) | Q(posted_on=day, pk__lt=pk)
        )
    rows = list(queryset.order_by("-posted_on", "-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Paged(rows, key_of(rows[0]) if rows and after else "", key_of(rows[-1]) if rows and more else "")

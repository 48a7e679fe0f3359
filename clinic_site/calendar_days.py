"""Days as the clinic's calendar has them. A day that somebody is told begins at midnight by the clinic's
clock, whatever the hour was that it's counted from, and whether the clocks change in between.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def start_of(day: date) -> datetime:
    """The first moment of that day. Where the clocks skip midnight, it begins an hour later."""
    return timezone.make_aware(datetime.combine(day, time())).astimezone(UTC)


def in_days(at: datetime, days: int) -> datetime:
    """The start of the day that is `days` after (below zero: before) the one of `at`."""
    return start_of(timezone.localdate(at) + timedelta(days=days))

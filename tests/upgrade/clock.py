import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone


@contextmanager
def clock(starts: datetime):
    """Django's clock begins at `starts` and goes on by a millisecond whenever it's read.

    `timezone.now` itself stands in models' defaults, so what it asks is put in its place.
    """

    class Clock(datetime):
        now_is = starts

        @classmethod
        def now(cls, tz=None):
            cls.now_is += timedelta(milliseconds=1)
            return cls.now_is.astimezone(tz)

    with (
        mock.patch.object(timezone, "datetime", Clock),
        mock.patch.object(time, "time", side_effect=lambda: Clock.now(UTC).timestamp()),
    ):
        yield

"""What falls due by itself: credit whose time is over, and saying so before."""

from datetime import datetime, timedelta

from clinic_site.operations.models import Heartbeat
from clinic_site.registry import ScheduledTask, scheduled_tasks
from referrals import expiry

# clocks are set back, and a transaction may end after the one that began behind it
OVERLAP = timedelta(days=1)


def _since(now: datetime) -> datetime | None:
    """All that was due by then has been done: the last `tick` ended well. None where none has."""
    last = Heartbeat.objects.filter(pk=1).values_list("at", flat=True).first()
    return last and min(last, now) - OVERLAP


def expire(now: datetime) -> int:
    return expiry.expire_due(now, since=_since(now))


def warn(now: datetime) -> int:
    return expiry.warn_of_expiry(now, since=_since(now))


scheduled_tasks.append(ScheduledTask("credit expires", expire))
scheduled_tasks.append(ScheduledTask("warned that credit expires", warn))

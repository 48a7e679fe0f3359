"""Sessions that have run out go: they hold what somebody typed before their code came."""

from datetime import datetime

from django.contrib.sessions.models import Session

from clinic_site.staff.invitations import forget_the_old
from clinic_site.staff.lists import TimedWork, timed_work


def end_sessions(now: datetime) -> int:
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    return ended


timed_work.append(TimedWork("sessions end", end_sessions))
timed_work.append(TimedWork("invitations forgotten", forget_the_old))

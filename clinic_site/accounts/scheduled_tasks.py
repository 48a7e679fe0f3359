"""Sessions that have run out go: they hold what somebody typed before their code came."""

from datetime import datetime

from django.contrib.sessions.models import Session

from clinic_site.accounts.invitations import forget_the_old
from clinic_site.registry import ScheduledTask, scheduled_tasks


def end_sessions(now: datetime) -> int:
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    return ended


scheduled_tasks.append(ScheduledTask("sessions end", end_sessions))
scheduled_tasks.append(ScheduledTask("invitations forgotten", forget_the_old))

from datetime import datetime

from post_office.models import Email

from clinic_site.calendar_days import in_days
from clinic_site.registry import ScheduledTask, scheduled_tasks
from clinic_site.visits.models import VisitRequest

KEPT_FOR = 365  # days after the desk's last step


def forget_requests(now: datetime) -> int:
    """Delete requests that the desk was done with long ago, and the mails about them. Returns how many.

    What nobody took yet stays: it waits for somebody.
    """
    old = VisitRequest.objects.done_with(before=in_days(now, -KEPT_FOR))
    keys = list(old.values_list("pk", flat=True))
    if keys:
        Email.objects.filter(visit__request__in=keys).delete()
        VisitRequest.objects.filter(pk__in=keys).delete()
    return len(keys)


scheduled_tasks.append(ScheduledTask("old requests for a visit deleted", forget_requests))

"""What falls due by itself: editions signed for a time to come."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from clinic_site.publishing.models import Edition
from clinic_site.staff.lists import TimedWork, timed_work


def put_due_editions_live(now: datetime) -> int:
    """Point the site at each signed edition whose time has come. Safe to repeat.

    One that a newer edition has overtaken stays where it is, also where that newer one was withdrawn since.
    """
    newer = Edition.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"), live_from__lte=now)
    due = Edition.objects.scheduled().filter(~Exists(newer), live_from__lte=now)
    for edition in due:
        edition.go_live()
    return len(due)


timed_work.append(TimedWork("editions go live", put_due_editions_live))

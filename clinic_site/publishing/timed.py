"""What falls due by itself: editions signed for a time to come, and reviews that nobody did."""

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef

from clinic_site.publishing.models import WITHDRAWN_AFTER, Edition, Refused
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


def withdraw_overdue(now: datetime) -> int:
    """Take away pages that nobody has reviewed for too long, where the clinic has chosen that. Safe to repeat."""
    count = 0
    for edition in Edition.objects.overdue(by=WITHDRAWN_AFTER) if settings.WITHDRAW_OVERDUE else ():
        with suppress(Refused):  # signed anew, or withdrawn, in this moment
            edition.withdraw_overdue()
            count += 1
    return count


timed_work += [
    TimedWork("editions go live", put_due_editions_live),
    TimedWork("overdue pages withdrawn", withdraw_overdue),
]

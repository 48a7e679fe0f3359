"""What falls due by itself: editions signed for a time to come, and reviews that nobody did."""

import logging
from contextlib import suppress
from datetime import datetime

from django.conf import settings

from clinic_site.publishing.models import Edition, PublishingError
from clinic_site.publishing.review_dates import WITHDRAWN_AFTER
from clinic_site.registry import ScheduledTask, scheduled_tasks

log = logging.getLogger(__name__)


def put_due_editions_live(now: datetime) -> int:
    """Point the site at each signed edition whose time has come. Safe to repeat."""
    count = 0
    for edition in Edition.objects.to_go_live(now).filter(live_from__lte=now):
        try:
            edition.go_live()
            count += 1
        except (
            PublishingError
        ) as refused:  # one page that can't go live holds up no other: it waits, and the first page says why
            log.warning("Edition %s is due and can't go live: %s", edition.pk, refused)
    return count


def withdraw_overdue(now: datetime) -> int:
    """Take away pages that nobody has reviewed for too long, where the clinic has chosen that.

    Safe to repeat.
    """
    count = 0
    for edition in Edition.objects.overdue(by=WITHDRAWN_AFTER) if settings.WITHDRAW_OVERDUE else ():
        with suppress(PublishingError):  # signed anew, or withdrawn, in this moment
            edition.withdraw_overdue()
            count += 1
    return count


scheduled_tasks += [
    ScheduledTask("editions go live", put_due_editions_live),
    ScheduledTask("overdue pages withdrawn", withdraw_overdue),
]

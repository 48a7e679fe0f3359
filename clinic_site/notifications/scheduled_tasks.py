"""Mail that waits in our database goes out by `tick`, so a mail server that is down delays it and loses
nothing.
"""

import logging
from datetime import datetime

from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import Max
from post_office.mail import get_queued, send_queued
from post_office.models import Log
from post_office.settings import get_backend

from clinic_site.calendar_days import in_days
from clinic_site.notifications.models import Mail
from clinic_site.registry import ScheduledTask, scheduled_tasks

log = logging.getLogger(__name__)
KEPT_FOR = 30  # days
TOLD_EVERY = 600  # seconds, while the server is down
GOING, LONGEST = "clinic.mails-are-going", 300  # seconds: more than a batch may take


def send_mail(now: datetime) -> int:
    """Send what waits; returns how many went.

    While the server can't be used nothing is tried: no mail uses up its tries.
    """
    if not (get_queued().exists() and _server_answers()):
        return 0
    if not cache.add(GOING, True, LONGEST):  # two at it would send each mail twice
        return 0
    try:
        sent, failed, requeued = send_queued()
    finally:
        cache.delete(GOING)
    if failed or requeued:
        # what an error says may hold an address: staff read it beside the mail, and it goes with it
        log.warning("Mails that were not taken: %s to be tried again, %s given up.", requeued, failed)
        newest = Log.objects.values("email").annotate(newest=Max("pk")).values("newest")
        Log.objects.exclude(pk__in=newest).delete()
    return sent


def _server_answers() -> bool:
    server = get_connection(get_backend())
    if not isinstance(server, EmailBackend):
        return True  # files, or somebody else's service, which tells when it's sent to
    try:
        server.open()
        server.close()
    except OSError as error:  # also what the mail protocol raises
        if cache.add("clinic.mail-server-is-down", True, TOLD_EVERY):
            log.error("The mail server cannot be used (%s). Mails wait.", type(error).__name__)
        return False
    return True


def forget_mail(now: datetime) -> int:
    """Delete what was sent or given up long ago: a mail holds an address. Returns how many."""
    old = Mail.objects.done_with().filter(created__lt=in_days(now, -KEPT_FOR))
    count = old.count()
    if count:
        old.delete()
    return count


scheduled_tasks.append(ScheduledTask("mails sent", send_mail))
scheduled_tasks.append(ScheduledTask("old mails deleted", forget_mail))

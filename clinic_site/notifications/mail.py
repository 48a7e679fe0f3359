"""Mails: what one says is data, and one pair of templates makes text and HTML of it, so the two can't drift
apart.

A mail is a row in our database, stored with the change that caused it: a rolled back change takes its mail
along, and a mail server that is down delays mails and loses none.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parseaddr
from functools import partial, wraps
from threading import BoundedSemaphore, Thread

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from post_office import mail as post_office
from post_office.connections import connections as servers
from post_office.models import STATUS, Email

from clinic_site.registry import Branding, branding

log = logging.getLogger(__name__)
HEAD_START = timedelta(minutes=1)  # what a mail that goes at once has before `tick` takes care of it
_threads = BoundedSemaphore(4)  # a mail server that doesn't answer holds so many of a process, and no more


@dataclass(frozen=True)
class MailContent:
    """What a mail says, as plain text: nothing in it is a template or HTML.

    Text that somebody typed stands in `rows` at most.
    """

    subject: str
    opening: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()  # name and value
    links: tuple[tuple[str, str], ...] = ()  # words and address
    closing: tuple[str, ...] = ()


def queue(
    mail: MailContent,
    to: str,
    *,
    at_once: bool = False,
    until: datetime | None = None,
    head: Branding | None = None,
) -> Email | None:
    """Store the mail; it goes with the next `tick`, or `at_once` when the transaction is through, without
    keeping anybody waiting. After `until` it doesn't go any more. None where `to` is no address that a mail
    can go to: what caused the mail happens all the same. `head`: the letterhead, where it's at hand.
    """
    head = head or branding()
    says = {"mail": mail, "head": head}
    # typed text comes in as values: post_office renders what it's given as templates
    values = {
        "subject": " ".join(mail.subject.split()),
        "text": render_to_string("mail/mail.txt", says),
        "html": render_to_string("mail/mail.html", says),
    }
    headers = {"Auto-Submitted": "auto-generated"}  # holiday notices don't answer it
    if head.email:
        headers["Reply-To"] = head.email
    try:
        row = post_office.send(
            to,
            sender_of(head.name),
            subject="{{ subject|safe }}",
            message="{{ text|safe }}",
            html_message="{{ html|safe }}",
            context=values,
            headers=headers,
            priority="high" if at_once else "medium",
            scheduled_time=timezone.now() + HEAD_START if at_once else None,
            expires_at=until,
        )
    except ValidationError:
        log.warning("A mail has no address that it can go to: %s", mail.subject)
        return None
    if at_once:
        transaction.on_commit(partial(_send_beside, row.pk))
    return row


def _with_its_year(prepare):
    """post_office leaves the year out of the day on which a mail runs out, and no reader of mail can make
    anything of that.
    """

    @wraps(prepare)
    def prepared(row):
        message = prepare(row)
        if row.expires_at:
            message.extra_headers["Expires"] = format_datetime(row.expires_at)
        return message

    return prepared


Email.prepare_email_message = _with_its_year(Email.prepare_email_message)


def sender_of(name: str) -> str:
    """DEFAULT_FROM_EMAIL with the clinic's name before it, unless the setting has a name of its own."""
    own, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    plain = " ".join(re.sub(r'[<>"\\,;:@]', " ", own or name).split())
    return f'"{plain}" <{address}>' if plain else address


def _send_beside(pk: int) -> None:
    """Send it in a thread of its own, unless all are busy: then `tick` does."""
    if _threads.acquire(blocking=False):
        Thread(target=_send_and_make_room, args=(pk,), daemon=True).start()


def _send_and_make_room(pk: int) -> None:
    try:
        _send_now(pk)
    finally:
        _threads.release()


def _send_now(pk: int) -> None:
    """Try once. Where that fails, or this process ends before, `tick` sends it after its head start."""
    try:
        row = Email.objects.filter(pk=pk, status=STATUS.queued).first()
        if row:
            row.dispatch(commit=False)
            Email.objects.filter(pk=pk).update(status=STATUS.sent)
    except Exception as error:  # nobody waits for this thread, and what an error says may hold an address
        log.warning("A mail did not go at once (%s). It is tried again.", type(error).__name__)
    finally:
        servers.close()
        connection.close()

"""What waits for somebody of the clinic's own rows: messages, mails, and what runs out."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import DateField, Q, Value
from django.urls import reverse
from django.utils import timezone
from post_office.models import STATUS

from clinic_site.accounts.models import User
from clinic_site.clinic.models import Accreditation, Message, Testimonial
from clinic_site.notifications.models import Mail
from clinic_site.registry import (
    CalendarEvent,
    Priority,
    WorkItem,
    WorkQueue,
    calendar_events,
    work_queue,
    work_queues,
)

SOON = timedelta(days=60)


def _ends(on: date) -> str:
    return f"{'Ended' if on < timezone.localdate() else 'Ends'} on {on:%-d %B %Y}"


def of_the_clinic(user: User) -> Iterator[WorkQueue]:
    yield from _ending_and_samples(user)
    if "notifications.change_mail" in user.role_permissions:
        yield from _mails()
    if "clinic.change_message" in user.role_permissions:
        yield from _messages()


ACCREDITATION, TESTIMONIAL, PERSON = (
    "clinic_accreditation",
    "clinic_testimonial",
    "accounts_user",
)  # as in the admin's addresses
# (what, whether it's a sample): priority and title of its queue, the button, and what to do, where the day
# doesn't say it
_ENDS = {
    (ACCREDITATION, False): (Priority.EXPIRES, "Accreditations about to expire", "Renew", ""),
    (TESTIMONIAL, False): (
        Priority.EXPIRES,
        "Consent to a testimonial ends",
        "Ask again or withdraw",
        "",
    ),
    (ACCREDITATION, True): (
        Priority.SAMPLES,
        "Sample accreditations that patients can read",
        "Remove",
        "Clear its “published on”, or delete it",
    ),
    (TESTIMONIAL, True): (
        Priority.SAMPLES,
        "Sample testimonials that patients can read",
        "Remove",
        "Say when it was withdrawn, or delete it",
    ),
    (PERSON, True): (
        Priority.SAMPLES,
        "Sample accounts that can sign in",
        "Close the account",
        "Untick “may sign in” before patients come",
    ),
}


def _ending_and_samples(user: User) -> Iterator[WorkQueue]:
    """What runs out soon or has run out, and samples among what patients read: one query for all of it."""
    soon = timezone.localdate() + SOON
    # what is published or consented to and has ended is gone by itself: somebody renews it, or takes it away
    # for good
    accreditations = Accreditation.objects.filter(
        Q(valid_until__lte=soon) | Q(is_sample=True), published_on__isnull=False
    )
    testimonials = Testimonial.objects.filter(
        Q(consent_until__lte=soon) | Q(is_sample=True), withdrawn_on=None
    )
    people = User.objects.filter(is_sample=True, is_active=True).annotate(until=Value(None, DateField()))
    parts = {
        "clinic.change_accreditation": (accreditations, ACCREDITATION, "name", "valid_until"),
        "clinic.change_testimonial": (testimonials, TESTIMONIAL, "said_by", "consent_until"),
        "accounts.change_user": (people, PERSON, "email", "until"),
    }
    first, *others = [
        rows.order_by().values_list(Value(what), "pk", words, until, "is_sample")
        for permission, (rows, what, words, until) in parts.items()
        if permission in user.role_permissions
    ] or [Accreditation.objects.none()]
    found = sorted(first.union(*others, all=True), key=lambda row: (row[3] or date.max, row[2]))
    for (what, is_sample), (rank, title, button, note) in _ENDS.items():
        rows = [row for row in found if row[0] == what and bool(row[4]) == is_sample]

        def row(one, what=what, button=button, note=note) -> WorkItem:
            _, pk, words, until, _ = one
            return WorkItem(words, button, reverse(f"admin:{what}_change", args=[pk]), note or _ends(until))

        until = {ACCREDITATION: "valid_until", TESTIMONIAL: "consent_until"}.get(what)
        listed = "is_sample__exact=1" if is_sample else f"{until}__lte={soon}&is_sample__exact=0"
        yield from work_queue(rank, title, rows, row, f"{reverse(f'admin:{what}_changelist')}?{listed}")


def _mails() -> list[WorkQueue]:
    def row(mail: Mail) -> WorkItem:
        written = f"Written on {timezone.localtime(mail.created):%-d %B %Y, %H:%M}"
        return WorkItem(
            f"{mail}: {mail.subject}",
            "Send again",
            reverse("admin:notifications_mail_again", args=[mail.pk]),
            written,
        )

    failed = Mail.objects.failed().defer("message", "html_message", "context").order_by("-pk")
    listed = f"{reverse('admin:notifications_mail_changelist')}?status__exact={STATUS.failed}"
    return work_queue(Priority.MAILS, "Mails that couldn’t be sent", failed, row, listed)


def _messages() -> list[WorkQueue]:
    def row(message: Message) -> WorkItem:
        came = f"Received on {timezone.localtime(message.at):%-d %B %Y, %H:%M}"
        note = f"May be an emergency: read it now. {came}" if message.names_danger else came
        address = reverse("admin:clinic_message_change", args=[message.pk])
        return WorkItem(f"{message.reference}, {message.name}", "Read", address, note)

    waiting = Message.objects.filter(answered_at=None).order_by("at")
    listed = reverse("admin:clinic_message_changelist") + "?answered_at__isempty=1"
    return work_queue(Priority.MESSAGES, "Unanswered messages", waiting, row, listed)


def on_calendars(user: User) -> Iterator[CalendarEvent]:
    if "clinic.change_accreditation" not in user.role_permissions:
        return
    for row in Accreditation.objects.filter(published_on__isnull=False, valid_until__isnull=False).order_by(
        "pk"
    ):
        address = reverse("admin:clinic_accreditation_change", args=[row.pk])
        known_at = timezone.make_aware(datetime.combine(row.published_on, time()))
        yield CalendarEvent(f"accreditation-{row.pk}", row.valid_until, f"Expires: {row}", address, known_at)


work_queues.append(of_the_clinic)
calendar_events.append(on_calendars)

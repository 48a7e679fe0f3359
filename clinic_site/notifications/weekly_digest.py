"""The mail on Monday morning: to each of staff what waits for them, as counts and links. It names nobody."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.notifications.mail import MailContent, queue
from clinic_site.notifications.models import WeeklyMail
from clinic_site.registry import ScheduledTask, User, WorkQueue, scheduled_tasks, work_for

BEGINS = time(7)  # on Monday, in the clinic's own time


def tell_weekly(now: datetime) -> int:
    """Queue this week's mail for everybody who hasn't been told, and returns how many went.

    Of two at once, one tells somebody.

    Who began here later than this Monday's mails waits for the next. Who has nothing to do gets no mail, and
    isn't looked at again before the next week. Sample accounts have no mailbox.
    """
    begin = begin_of_week(now)
    if now < begin:
        return 0
    told = WeeklyMail.objects.filter(week=begin.date()).values("user")
    people = (
        get_user_model()
        .objects.filter(
            is_staff=True, is_active=True, is_sample=False, wants_weekly_mail=True, joined_at__lte=begin
        )
        .exclude(pk__in=told)
    )
    return sum(tell(person, begin.date(), until=now + timedelta(days=6)) for person in people)


def begin_of_week(now: datetime) -> datetime:
    """When the mails of this week go."""
    today = timezone.localdate(now)
    return timezone.make_aware(datetime.combine(today - timedelta(days=today.weekday()), BEGINS))


def begin_next_monday(person: User) -> None:
    """They chose the mail again: the mails of this week, where they have gone already, aren't sent after
    them.
    """
    now = timezone.now()
    begin = begin_of_week(now)
    if now >= begin:
        WeeklyMail.objects.get_or_create(user=person, week=begin.date())


def tell(person: User, monday, *, until: datetime) -> bool:
    try:
        with transaction.atomic():
            WeeklyMail.objects.create(user=person, week=monday)
            queues = work_for(person)
            return bool(queues and queue(digest_mail(queues), person.email, until=until))
    except IntegrityError:  # another `tick` was first
        return False


def digest_mail(queues: list[WorkQueue]) -> MailContent:
    count = sum(queue.count for queue in queues)
    waits = "You have one task" if count == 1 else f"You have {count} tasks"
    return MailContent(
        waits,
        (f"{waits} on the clinic’s site.",),
        links=(
            *((f"{queue.title} ({queue.count})", settings.SITE_URL + queue.address) for queue in queues),
            (
                "Stop or restart this weekly mail",
                settings.SITE_URL + reverse("admin:mail_and_calendar"),
            ),
        ),
    )


scheduled_tasks.append(ScheduledTask("staff told what waits for them", tell_weekly))

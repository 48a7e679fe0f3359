"""What was told to whom: mails, the weekly digest, calendars."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from post_office.models import STATUS, Email

from clinic_site.append_only import WrittenOnce


class WeeklyMail(WrittenOnce):
    """Somebody was told what waits for them in the week of that Monday, or nothing waited, or they chose the
    mail after it: once, however often `tick` runs.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    week = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "week"], name="told_once_a_week")]

    def __str__(self):
        return f"{self.user}, week of {self.week}"


class CalendarAddress(models.Model):
    """The private address of somebody's calendar; see `feed`. What opens it isn't here, only its digest."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return f"Calendar of person {self.user_id}"


class MailQuerySet(models.QuerySet):
    def failed(self):
        return self.filter(status=STATUS.failed)

    def done_with(self):
        """Sent, given up, or of no use any more, as a code that has run out."""
        return self.filter(
            models.Q(status__in=[STATUS.sent, STATUS.failed]) | models.Q(expires_at__lt=timezone.now())
        )


class Mail(Email):
    """A mail in the queue, as staff may see it: what became of it, not what it says."""

    objects = MailQuerySet.as_manager()

    class Meta:
        proxy = True
        ordering = ["-pk"]

    def __str__(self):
        return f"Mail {self.pk}"  # stands in the log: no address

    @property
    def has_failed(self) -> bool:
        return self.status == STATUS.failed

    def try_again(self) -> None:
        """Put it in the queue once more."""
        type(self).objects.filter(pk=self.pk).failed().update(
            status=STATUS.queued, number_of_retries=0, scheduled_time=None
        )

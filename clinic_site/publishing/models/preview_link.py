"""Preview links: one edition for somebody outside, sealed as it is, read without a sign-in until a day or
until it's taken back.

The address isn't stored. Its token is a digest, keyed with SECRET_KEY, over what the row says, so it can be
shown again to staff, can't be guessed, and opens nothing once the row is another one. How often it's opened
isn't counted.
"""

import re
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from clinic_site.append_only import Rule, WrittenOnce
from clinic_site.calendar_days import in_days
from clinic_site.publishing.errors import PublishingError
from clinic_site.publishing.models.edition import Edition
from clinic_site.text.folding import fold
from clinic_site.text.saying import has_visible_letters, says_nothing

MOST_DAYS = 90
_REACHES_SOMEBODY = re.compile(r"@|(?:\d[\s().+-]*){7}")  # an e-mail address or a telephone number
_TOKEN = re.compile(r"([1-9]\d{0,17})-([0-9a-f]{64})")


class PreviewLink(WrittenOnce):
    """Lets whoever has its address read one edition, signed or not, until `ends_at`."""

    stamps = ("taken_back_at", "taken_back_by")
    database_rules = (
        Rule(
            "insert",
            "INSERT",
            "NEW.taken_back_at IS NOT NULL",
            "a link starts without having been taken back",
        ),
        Rule("for_whom", "INSERT", says_nothing("NEW.reader"), "a preview link is for somebody"),
    )

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="preview_links")
    reader = models.CharField("for whom", max_length=80)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_at = models.DateTimeField("ends")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = "preview link", "preview links"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="a_preview_link_ends"),
            models.CheckConstraint(condition=~Q(reader=""), name="a_preview_link_is_for_somebody"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="a_preview_link_is_taken_back_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.edition}, for {self.reader}"

    @staticmethod
    @transaction.atomic
    def make(edition: Edition, *, by, reader: str, ends_at: datetime) -> "PreviewLink":
        """A link to `edition` until `ends_at`.

        Raises PublishingError where `by` may not, or where there is nothing to show.
        """
        now, reader = timezone.now(), " ".join(reader.split())
        if not by.has_role_permission("publishing.submit_document"):
            raise PublishingError("Preview links are made by those who may submit pages.")
        if not has_visible_letters(reader):
            raise PublishingError("Say in a few words for whom it is.")
        if _REACHES_SOMEBODY.search(fold(reader).text):
            raise PublishingError(
                "Leave out e-mail addresses and telephone numbers: “our insurer” or “the college” says "
                "enough."
            )
        if edition.withdrawn_at:
            raise PublishingError("This edition was withdrawn, so nobody outside reads it.")
        if not edition.is_intact:
            raise PublishingError("The sealed words don't match their digest, so nobody is shown them.")
        if ends_at <= now:
            raise PublishingError("That day has passed. Choose one to come.")
        if ends_at > in_days(now, MOST_DAYS + 1):
            raise PublishingError(
                f"A link lasts {MOST_DAYS} days at the most. Make another one when it has ended."
            )
        return PreviewLink.objects.create(
            edition=edition, reader=reader, made_at=now, made_by=by, ends_at=ends_at
        )

    @transaction.atomic
    def take_back(self, *, by) -> None:
        """End it at once."""
        link = PreviewLink.objects.select_for_update().get(pk=self.pk)
        if not by.has_role_permission("publishing.submit_document"):
            raise PublishingError("Preview links are taken back by those who may make them.")
        if link.taken_back_at:
            raise PublishingError("This link was taken back already.")
        if link.ends_at <= timezone.now():
            raise PublishingError("This link has ended already.")
        self.stamp(taken_back_at=timezone.now(), taken_back_by=by)

    @property
    def state(self) -> str:
        """Where it stands, in a word or two for staff."""
        if self.taken_back_at:
            return "taken back"
        if self.ends_at <= timezone.now():
            return "ended"
        return "closed: the edition was withdrawn" if self.edition.withdrawn_at else "open"

    @property
    def opens(self) -> bool:
        return self.state == "open"

    @property
    def token(self) -> str:
        told = [
            self.pk,
            self.edition_id,
            self.edition.digest,
            self.made_at.timestamp(),
            self.ends_at.timestamp(),
        ]
        return (
            f"{self.pk}-{salted_hmac('publishing.preview_link', repr(told), algorithm='sha256').hexdigest()}"
        )

    @property
    def address(self) -> str:
        """Where it leads, whole: to be given to its reader."""
        return settings.SITE_URL + reverse("preview", args=[self.token])

    @classmethod
    def of(cls, token: str) -> "PreviewLink | None":
        """The link with that token, whether it opens or not."""
        match = _TOKEN.fullmatch(token)
        link = cls.objects.filter(pk=int(match[1])).select_related("edition").first() if match else None
        return link if link and constant_time_compare(link.token, token) else None

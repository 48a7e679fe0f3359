"""Who did what to which row, and who saved which words. Both written once."""

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from clinic_site.append_only import WrittenOnce


class DraftSave(WrittenOnce):
    """Somebody saved words that patients may read one day: a draft, a claim, the warning. Written once."""

    words = models.CharField(
        max_length=100,
        db_index=True,
        help_text="Which words, by their key: “document:12”, “claim:sweat-lasts”.",
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of the words as they were saved: two saves with one digest changed nothing.",
    )

    def __str__(self):
        return f"{self.user} saved {self.words}"

    @classmethod
    def settle(cls) -> None:
        """Wait for the saves under way, and hold up others until this transaction ends: what it reads of
        words and of their saves belongs together. (SQLite has one writer at a time anyhow.)
        """
        cls._lock("pg_advisory_xact_lock_shared")

    @staticmethod
    def _lock(function: str) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {function}(hashtext('draft saves'))")

    @classmethod
    def note(cls, words: str, *, by, digest: str) -> None:
        """Remember that `by` saved these words. Whoever saves them as they stood wrote nothing: no row."""
        cls._lock("pg_advisory_xact_lock")
        newest = cls.objects.filter(words=words).order_by("-pk").values_list("digest", flat=True).first()
        if newest != digest:
            cls.objects.create(words=words, user=by, digest=digest)


class AuditEntry(WrittenOnce):
    """Somebody did something to a row. Written once, by `log.write`, with what it tells."""

    at = models.DateTimeField("when", default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="who",
        help_text="None: nobody who was signed in.",
    )
    verb = models.CharField("action", max_length=40, db_index=True)
    model = models.CharField("kind of row", max_length=80, help_text="“blog.answer”")
    row = models.CharField(max_length=64, blank=True, help_text="Its key.")
    name = models.CharField("object", max_length=200, blank=True, help_text="As the row was called then.")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Whom it was done to: their name is looked up, not kept.",
    )
    said = models.TextField("what happened", blank=True)
    changes = models.JSONField(
        default=list, help_text="(field, before, after) each; of people the field alone."
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["model", "row"], name="logged_of_a_row")]
        verbose_name, verbose_name_plural = "log entry", "log entries"

    def __str__(self):
        return f"{self.whom} {self.verb}"

    @property
    def whom(self) -> str:
        """What it was done to, as it's called now where that is a person."""
        return (self.person and self.person.name) or self.name or "–"

    @property
    def fields(self) -> str:
        """The fields that changed, in one line: with what stood in them where that was kept and is short."""
        return "; ".join(_in_short(*change) for change in self.changes)


def _in_short(field: str, before: str = "", after: str = "") -> str:
    is_short = len(before) + len(after) <= 80 and not set("<\n") & set(before + after)
    if not (before or after) or not is_short:
        return field
    return f"{field}: {before or 'none'} → {after or 'none'}" if before else f"{field}: {after}"


class AuditWord(WrittenOnce):
    """A word that an entry of the log is found by."""

    word = models.CharField(max_length=40, db_index=True)
    entry = models.ForeignKey(AuditEntry, models.PROTECT, db_index=False, related_name="+")

    def __str__(self):
        return self.word

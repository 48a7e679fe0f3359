"""What an edition holds, by key."""

from django.db import models

from clinic_site.append_only import WrittenOnce


class Mark(WrittenOnce):
    """What an edition holds, by key: so that lists find it by subject, and a stop finds what it touches."""

    class Kind(models.TextChoices):
        CLAIM = "claim"
        SOURCE = "source"
        SUBJECT = "subject"
        PICTURE = "picture"  # by the name of its file

    edition = models.ForeignKey("Edition", models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "edition"], name="one_mark_a_key")]

    def __str__(self):
        return f"{self.kind} {self.key}"

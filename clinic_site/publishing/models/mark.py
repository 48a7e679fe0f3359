"""What an edition holds, by key."""

from django.db import models

from clinic_site.append_only import WrittenOnce
from clinic_site.pages.shapes import Page


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

    @classmethod
    def of_page(cls, edition, page: Page) -> list["Mark"]:
        """The marks of an edition's page, not saved."""
        keys = {
            cls.Kind.CLAIM: [claim.key for claim in page.claims],
            cls.Kind.SOURCE: [source.key for source in page.sources],
            cls.Kind.SUBJECT: page.subjects,
            cls.Kind.PICTURE: page.pictures,
        }
        return [cls(edition=edition, kind=kind, key=key) for kind, found in keys.items() for key in found]

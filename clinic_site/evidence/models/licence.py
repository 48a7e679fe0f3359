"""What the medicine is licensed for, and where."""

from django.core.validators import RegexValidator
from django.db import models

from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models.country import Country
from clinic_site.evidence.models.source import Source, digest_of


class Use(models.Model):
    """Something that the medicine is used for, as regulators divide it.

    One page may have two (armpits; hands and feet).
    """

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name, verbose_name_plural = "use with its licences", "uses and their licences"
        ordering = ["key"]

    def __str__(self):
        return self.name

    @property
    def words_key(self) -> str:
        return f"use:{self.key}"

    def note_change(self, *, by) -> None:
        """Remember that `by` changed it or its licences: what patients read of them is older than this, and
        `by` can't sign the next edition of a page that says it.
        """
        fields = ("country", "status", "since", "detail", "source__key")
        rows = list(self.licences.order_by("country").values_list(*fields))
        digest = digest_of([self.key, self.name, rows])
        DraftSave.note(self.words_key, by=by, digest=digest)


class Licence(models.Model):
    """The status of one use in one country."""

    class Status(models.TextChoices):
        LICENSED = "licensed", "Approved"
        OFF_LABEL = "off-label", "Off-label"
        NOT_APPROVED = "not-approved", "Not approved"

    use = models.ForeignKey(Use, models.CASCADE, related_name="licences")
    country = models.CharField(max_length=2, choices=Country)
    status = models.CharField(max_length=12, choices=Status)
    since = models.CharField(
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d{4}(-\d{2}(-\d{2})?)?\Z", "Write 2001, 2001-08 or 2001-08-31.")],
        help_text="As exactly as the source says: 2001, 2001-08 or 2001-08-31.",
    )
    detail = models.CharField(max_length=300, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="licences")

    class Meta:
        ordering = ["use", "country"]
        constraints = [
            models.UniqueConstraint(fields=["use", "country"], name="one_status_a_use_and_country")
        ]

    def __str__(self):
        return f"{self.use} in {self.get_country_display()}: {self.get_status_display()}"

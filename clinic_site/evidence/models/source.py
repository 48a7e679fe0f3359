"""Where what is known comes from."""

import hashlib
import json
import re

from django.core.validators import RegexValidator
from django.db import models

from clinic_site.audit_log.models import DraftSave

validate_key = RegexValidator(r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z", "Letters, digits and single hyphens.")


def digest_of(said: list) -> str:
    """SHA-256 over what was said, as JSON."""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


class Source(models.Model):
    """A label, guideline, trial, review or page that a claim rests on."""

    class Kind(models.TextChoices):
        LABEL = "label", "product label or package leaflet"
        GUIDELINE = "guideline", "guideline"
        TRIAL = "trial", "trial"
        REVIEW = "review", "review of studies"
        STUDY = "study", "study without random groups"
        REGULATOR = "regulator", "decision of a regulator"
        LEAFLET = "leaflet", "patient leaflet"
        NEWS = "news", "news report"
        CLINIC = "clinic", "page of a clinic"
        COMPANY = "company", "page of a company"

    OPINIONS = frozenset({Kind.LEAFLET, Kind.NEWS, Kind.CLINIC})
    # what rests on nothing else has the lowest grade
    WEAK = OPINIONS | {Kind.STUDY, Kind.COMPANY}

    class Status(models.TextChoices):
        CURRENT = "current", "current"
        SUPERSEDED = "superseded", "superseded"
        RETRACTED = "retracted", "retracted"

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=200, help_text="Journal, agency, company or site.")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    doi = models.CharField("DOI", max_length=120, blank=True, help_text="Without https://doi.org/")
    url = models.URLField("address", max_length=400, blank=True)
    locator = models.CharField(
        max_length=200, blank=True, help_text="Volume and pages, where there is no address."
    )
    is_secondary = models.BooleanField(
        "second-hand",
        default=False,
        help_text="The figure was read where somebody repeats the original. Pages say so.",
    )
    note = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.CURRENT)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(doi="", url="", locator=""), name="a_source_can_be_found"
            )
        ]

    def __str__(self):
        return f"{self.key}: {self.title}"

    def save(self, *args, **kwargs):
        self.doi = re.sub(r"^(?:https?://)?(?:dx\.)?(?:doi\.org/|doi:)\s*", "", self.doi.strip(), flags=re.I)
        super().save(*args, **kwargs)

    @property
    def href(self) -> str:
        """Where a reader can open it; empty where it's only in print."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def words_key(self) -> str:
        return f"source:{self.key}"

    @property
    def digest(self) -> str:
        """SHA-256 over everything that pages say of it."""
        said = [self.key, self.title, self.publisher, self.year, self.kind, self.href, self.locator]
        return digest_of([*said, self.is_secondary, self.note, self.status])

    def note_change(self, *, by) -> None:
        """Remember that `by` changed it: what patients read of it is older than this.

        Its title and place are others' words. Whoever worded the note can't sign the next edition of a page
        that cites it.
        """
        DraftSave.note(self.words_key, by=by, digest=self.digest)
        worded = f"source-note:{self.key}"
        if self.note or DraftSave.objects.filter(words=worded).exists():
            DraftSave.note(worded, by=by, digest=digest_of([self.note]))

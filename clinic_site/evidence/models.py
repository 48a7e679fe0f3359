"""What is known, and where from.

A claim is one medical fact, worded once. Pages, answers and charts refer to it by its key and never type its
figure, so the clinic can't contradict itself. Whether a claim stands checked is derived: the stamp holds the
digest of the words that were checked, so a change by any route leaves the claim unchecked.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule
from clinic_site.audit_log.models import DraftSave

KEY = RegexValidator(r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z", "Letters, digits and single hyphens.")
NAME = re.compile(
    r"(?=[a-z0-9-]*[A-Z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
)  # what could be a source's key in running text
DAYS_IN = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30.44, "years": 365.25}


class Country(models.TextChoices):
    CANADA = "CA", "Canada"
    UNITED_STATES = "US", "United States"
    UNITED_KINGDOM = "GB", "United Kingdom"
    EUROPEAN_UNION = "EU", "European Union"


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

    key = models.CharField(max_length=60, unique=True, validators=[KEY])
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
            ),
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
        said = [
            self.key,
            self.title,
            self.publisher,
            self.year,
            self.kind,
            self.href,
            self.locator,
            self.is_secondary,
            self.note,
            self.status,
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def note_change(self, *, by) -> None:
        """Remember that `by` changed it: what patients read of it is older than this.

        It makes nobody the writer of a page.
        """
        DraftSave.objects.create(words=self.words_key, user=by, digest=self.digest)


class ClaimQuerySet(models.QuerySet):
    def with_sources(self):
        return self.prefetch_related("sources")

    def with_checks(self) -> list["Claim"]:
        """Each, and whether it `stands_checked`, in one query: a claim comes out of it once for each of its
        sources.
        """
        found, sources = {}, defaultdict(list)
        for row in self.annotate(of_source=models.F("sources__key")):
            sources[found.setdefault(row.pk, row)].append(row.of_source)
        for claim, keys in sources.items():
            claim.stands_checked = claim.checked_digest == claim.digest_with(key for key in keys if key)
        return list(sources)


TOO_HIGH = (
    "Its sources carry grade C at the most. More takes a product label, a regulator's decision, a "
    "guideline, a trial or a review."
)


def outruns(grade: str, sources: Iterable[Source]) -> bool:
    """Whether a grade is higher than any of the sources can carry.

    Where there are none, that is another fault.
    """
    kinds = {source.kind for source in sources}
    return bool(kinds) and grade != Claim.Grade.C and kinds <= Source.WEAK


class Claim(models.Model):
    """One medical fact, worded once, with its figure, its comparator, its grade and its sources."""

    class Kind(models.TextChoices):
        TIMING = "timing", "how soon, how long"
        BENEFIT = "benefit", "benefit"
        SIDE_EFFECT = "side-effect", "side effect"
        SAFETY = "safety", "safety"
        SESSION = "session", "what is done"
        SUITABILITY = "suitability", "who it suits"
        MECHANISM = "mechanism", "how it works"
        ALTERNATIVE = "alternative", "alternative"
        STATUS = "status", "licence or approval"
        GUIDANCE = "guidance", "guideline"

    class Grade(models.TextChoices):
        A = "A", "A: product label, decision of a regulator, guideline, or large, well-run trials"
        B = "B", "B: small trials, reviews of small trials, or trials that disagree"
        C = (
            "C",
            "C: case series, studies without random groups, expert opinion, leaflets, news, or clinic and "
            "company pages only",
        )

    class Comparator(models.TextChoices):
        PLACEBO = "placebo", "dummy injection"
        OTHER = "other", "another treatment"
        NONE = "none", "no comparison group"

    key = models.CharField(max_length=80, unique=True, validators=[KEY])
    kind = models.CharField(max_length=12, choices=Kind)
    sentence = models.CharField(
        max_length=400, help_text="The fact as a sentence of its own, with a full stop."
    )
    phrase = models.CharField(
        max_length=300,
        blank=True,
        help_text="The same fact as part of a sentence. Left empty: it only stands alone.",
    )
    measure = models.CharField(max_length=160, blank=True, help_text="What the figure measures.")
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    comparator = models.CharField(max_length=8, choices=Comparator, blank=True)
    comparator_low = models.FloatField(null=True, blank=True)
    comparator_high = models.FloatField(null=True, blank=True)
    population = models.CharField(max_length=200, blank=True)
    n = models.PositiveIntegerField("people studied", null=True, blank=True)
    at_days = models.PositiveIntegerField(
        "measured on day",
        null=True,
        blank=True,
        help_text="Days after treatment, for a figure taken at one time.",
    )
    country = models.CharField(
        max_length=2, choices=Country, blank=True, help_text="Where the fact holds in one place only."
    )
    grade = models.CharField("evidence grade", max_length=1, choices=Grade)
    sources = models.ManyToManyField(Source, related_name="claims")
    checked_digest = models.CharField(max_length=64, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ClaimQuerySet.as_manager()

    database_rules = (
        Rule(
            "grade",
            "UPDATE",
            "NEW.checked_digest <> '' AND NEW.checked_digest <> OLD.checked_digest AND NEW.grade <> 'C' "
            "AND EXISTS (SELECT 1 FROM evidence_claim_sources x WHERE x.claim_id = NEW.id) AND NOT EXISTS ("
            "SELECT 1 FROM evidence_claim_sources x JOIN evidence_source s ON s.id = x.source_id WHERE "
            "x.claim_id = NEW.id "
            f"AND s.kind NOT IN ({', '.join(repr(kind.value) for kind in sorted(Source.WEAK))}))",
            "a claim that is checked has no higher grade than its sources carry",
        ),
    )

    class Meta:
        ordering = ["key"]
        permissions = [("check_claim", "May mark a claim checked")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__isnull=True, high__isnull=True)
                | (models.Q(low__isnull=False) & ~models.Q(unit="") & ~models.Q(measure="")),
                name="a_figure_has_unit_and_measure",
            ),
            models.CheckConstraint(
                condition=models.Q(high__isnull=True) | models.Q(high__gte=models.F("low")),
                name="a_range_runs_upwards",
            ),
            models.CheckConstraint(
                condition=models.Q(comparator_high__isnull=True)
                | models.Q(comparator_high__gte=models.F("comparator_low")),
                name="a_comparator_range_runs_upwards",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_digest="", checked_at__isnull=True, checked_by__isnull=True)
                | (
                    ~models.Q(checked_digest="")
                    & models.Q(checked_at__isnull=False, checked_by__isnull=False)
                ),
                name="a_check_has_a_name",
            ),
        ]

    def __str__(self):
        return self.sentence

    def clean(self):
        super().clean()
        if self.sentence and not re.search(r"[.?!]\Z", self.sentence):
            raise ValidationError({"sentence": "Write it as a whole sentence, with a full stop at its end."})
        if re.search(r"[.?!]\Z", self.phrase):
            raise ValidationError({"phrase": "A phrase is part of a sentence: leave out the full stop."})
        if self.low is not None and not (self.unit and self.measure):
            raise ValidationError("A figure needs its unit and what it measures.")
        read = " ".join((self.sentence, self.phrase, self.measure, self.population))
        for source in Source.objects.filter(key__in=set(NAME.findall(read))):
            if (
                source.key not in source.title
            ):  # a study may be known to everybody by the name that is our key
                raise ValidationError(
                    f"“{source.key}” is the clinic's own key for a source. Write it so that patients can "
                    "read it."
                )

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the claim says and rests on."""
        return self.digest_with(source.key for source in self.sources.all())

    def digest_with(self, sources: Iterable[str]) -> str:
        """Its digest as it would be if it rested on the sources with these keys."""
        numbers = (self.low, self.high, self.comparator_low, self.comparator_high, self.n, self.at_days)
        said = [
            self.key,
            self.kind,
            self.sentence,
            self.phrase,
            self.measure,
            self.unit,
            self.comparator,
            self.population,
            self.country,
            self.grade,
            [None if number is None else float(number) for number in numbers],
            sorted(sources),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def outruns_its_sources(self) -> bool:
        return outruns(self.grade, self.sources.all())

    @property
    def is_checked(self) -> bool:
        """Somebody checked these very words against these very sources."""
        return bool(self.checked_digest) and self.checked_digest == self.digest

    @property
    def span(self) -> tuple[float, float] | None:
        """The figure as (low, high), times in days."""
        if self.low is None:
            return None
        factor = DAYS_IN.get(self.unit, 1)
        return self.low * factor, (self.low if self.high is None else self.high) * factor

    @property
    def topic(self) -> tuple[str, str, str, bool, int | None]:
        """What the figure is about: two claims with one topic must not disagree."""
        return (
            self.measure.casefold(),
            self.population.casefold(),
            self.country,
            self.unit in DAYS_IN,
            self.at_days,
        )

    def disagrees_with(self, other: "Claim") -> bool:
        """Same measure, population and place, and ranges that don't overlap."""
        mine, theirs = self.span, other.span
        if self.pk == other.pk or not (mine and theirs) or self.topic != other.topic:
            return False
        return mine[1] < theirs[0] or theirs[1] < mine[0]

    @property
    def words_key(self) -> str:
        return f"claim:{self.key}"

    def note_save(self, *, by) -> None:
        """Remember that `by` worded this claim: they can't sign the next edition of a page that uses it."""
        DraftSave.objects.create(words=self.words_key, user=by, digest=self.digest)

    def mark_checked(self, *, by) -> None:
        """Stamp that `by` has read these words against their sources.

        Raises PermissionError where `by` is no clinician, ValueError where its grade is too high for its
        sources.
        """
        if not by.has_role_permission("evidence.check_claim"):
            raise PermissionError("Only a clinician marks a claim checked.")
        if self.outruns_its_sources:
            raise ValueError(TOO_HIGH)
        self.checked_digest, self.checked_at, self.checked_by = self.digest, timezone.now(), by
        self.save(update_fields=["checked_digest", "checked_at", "checked_by"])


class Use(models.Model):
    """Something that the medicine is used for, as regulators cut it: one page may have two (armpits; hands
    and feet).
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
        """Remember that `by` changed it or its licences: what patients read of them is older than this."""
        rows = self.licences.order_by("country").values_list(
            "country", "status", "since", "detail", "source__key"
        )
        said = json.dumps([self.key, self.name, list(rows)], ensure_ascii=False)
        DraftSave.objects.create(
            words=self.words_key, user=by, digest=hashlib.sha256(said.encode()).hexdigest()
        )


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

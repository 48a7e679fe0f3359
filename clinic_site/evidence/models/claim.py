"""What is known: each medical fact, worded once."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models.country import Country
from clinic_site.evidence.models.source import Source, digest_of, validate_key

LIKELY_SOURCE_KEY = re.compile(r"(?=[a-z0-9-]*[A-Z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
DAYS_IN = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30.44, "years": 365.25}


class ClaimQuerySet(models.QuerySet):
    def with_sources(self) -> "ClaimQuerySet":
        return self.select_related("checked_by").prefetch_related("sources")

    def seen_by(self, user):
        """Each as it stands for that person: to a sample account a sample's check counts."""
        return self.annotate(trusts_samples=models.Value(user.is_sample))

    def with_checks(self) -> list["Claim"]:
        """Each, and whether it `stands_checked`. One query, with a row for each source of each claim."""
        found: dict[int, Any] = {}
        sources: dict[Any, list[str]] = defaultdict(list)
        for row in self.select_related("checked_by").annotate(of_source=models.F("sources__key")):
            sources[found.setdefault(row.pk, row)].append(row.of_source)
        for claim, keys in sources.items():
            is_current = claim.checked_digest == claim.digest_with(key for key in keys if key)
            claim.stands_checked = is_current and claim.was_checked
        return list(sources)


GRADE_TOO_HIGH = (
    "Its sources carry grade C at the most. More takes a product label, a regulator's decision, a "
    "guideline, a trial or a review."
)

READ_SECOND_HAND = (
    "Each of its sources was read second-hand, which carries grade B at the most. More takes a source that "
    "was read where it was first said."
)


def exceeds(grade: str, sources: Iterable[Source]) -> bool:
    """Whether a grade is higher than any of the sources can carry.

    Where there are none, that is another fault.
    """
    kinds = {source.kind for source in sources}
    return bool(kinds) and grade != Claim.Grade.C and kinds <= Source.WEAK


def why_too_high(grade: str, sources: Iterable[Source]) -> str:
    """What to tell whoever gives that grade: its sources are too weak for it, or nobody here read one of them
    where it was first said. Empty where it may stand.
    """
    sources = list(sources)
    if exceeds(grade, sources):
        return GRADE_TOO_HIGH
    second_hand = sources and all(source.is_secondary for source in sources)
    return READ_SECOND_HAND if grade == Claim.Grade.A and second_hand else ""


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

    key = models.CharField(max_length=80, unique=True, validators=[validate_key])
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

    # whether a sample account's check counts, for whoever looks: to a person of the clinic it's none
    trusts_samples = False

    database_rules = (
        Rule(
            "grade",
            "UPDATE",
            "NEW.checked_digest <> '' AND NEW.checked_digest <> OLD.checked_digest AND NEW.grade <> 'C' "
            "AND EXISTS (SELECT 1 FROM evidence_claim_sources x WHERE x.claim_id = NEW.id) "
            "AND NOT EXISTS (SELECT 1 FROM evidence_claim_sources x "
            "JOIN evidence_source s ON s.id = x.source_id WHERE x.claim_id = NEW.id "
            f"AND s.kind NOT IN ({', '.join(repr(kind.value) for kind in sorted(Source.WEAK))}))",
            "a claim that is checked has no higher grade than its sources carry",
        ),
        Rule(
            "reading",
            "UPDATE",
            "NEW.checked_digest <> '' AND NEW.checked_digest <> OLD.checked_digest AND NEW.grade = 'A' "
            "AND EXISTS (SELECT 1 FROM evidence_claim_sources x WHERE x.claim_id = NEW.id) "
            "AND NOT EXISTS (SELECT 1 FROM evidence_claim_sources x JOIN evidence_source s "
            "ON s.id = x.source_id WHERE x.claim_id = NEW.id AND NOT s.is_secondary)",
            "a claim that is checked has no higher grade than its reading allows",
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
                | ~models.Q(checked_digest="") & models.Q(checked_at__isnull=False, checked_by__isnull=False),
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
        for source in Source.objects.filter(key__in=set(LIKELY_SOURCE_KEY.findall(read))):
            # a study may be known to everybody by the name that is our key
            if source.key not in source.title:
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
        words = [self.key, self.kind, self.sentence, self.phrase, self.measure, self.unit, self.comparator]
        numbers = (self.low, self.high, self.comparator_low, self.comparator_high, self.n, self.at_days)
        floats = [None if number is None else float(number) for number in numbers]
        return digest_of([*words, self.population, self.country, self.grade, floats, sorted(sources)])

    @property
    def grade_exceeds_sources(self) -> bool:
        return exceeds(self.grade, self.sources.all())

    @property
    def why_too_high(self) -> str:
        """Why its grade can't stand; empty where it can."""
        return why_too_high(self.grade, self.sources.all())

    @property
    def was_checked(self) -> bool:
        """Somebody whose check counts checked it, in these words or others."""
        return self.checked_by is not None and (self.trusts_samples or not self.checked_by.is_sample)

    @property
    def is_checked(self) -> bool:
        """Somebody whose check counts checked these very words against these very sources."""
        return self.was_checked and self.checked_digest == self.digest

    @property
    def is_checked_by_sample(self) -> bool:
        """These very words were checked, and by a sample account alone."""
        return bool(self.checked_by and self.checked_by.is_sample) and self.checked_digest == self.digest

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
        measure, population = self.measure.casefold(), self.population.casefold()
        return measure, population, self.country, self.unit in DAYS_IN, self.at_days

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
        DraftSave.note(self.words_key, by=by, digest=self.digest)

    def mark_checked(self, *, by) -> None:
        """Stamp that `by` has read these words against their sources. A sample's check takes no person's
        away.

        Raises PermissionError where `by` is no clinician, ValueError where its grade is too high for its
        sources, or for how they were read.
        """
        if not by.has_role_permission("evidence.check_claim"):
            raise PermissionError("Only a clinician marks a claim checked.")
        if wrong := self.why_too_high:
            raise ValueError(wrong)
        if by.is_sample and self.is_checked and not self.is_checked_by_sample:
            return  # a person's check stands
        self.checked_digest, self.checked_at, self.checked_by = self.digest, timezone.now(), by
        self.save(update_fields=["checked_digest", "checked_at", "checked_by"])

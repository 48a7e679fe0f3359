"""What the clinic treats: a page for each, and the overview of them all."""

from typing import Any

from django.db import models
from django.urls import reverse

from clinic_site.evidence.models import Claim, Use
from clinic_site.pages.compose import Composer, keys_in
from clinic_site.pages.decompose import decompose, decompose_line
from clinic_site.pages.fields import declared
from clinic_site.pages.shapes import ClaimNote, LicenceRow
from clinic_site.publishing.models import Document
from clinic_site.publishing.schema_org import reviewed_page
from clinic_site.text.saying import has_visible_letters
from treatments.offerings import Offering  # noqa: F401 : a model of this room
from treatments.pages import (
    ChoiceKind,
    ChoiceRow,
    KeyFact,
    OverviewPage,
    ProblemFact,
    Strength,
    TreatmentPage,
)


def about_treatment(reading, subject: str) -> dict:
    """A reviewed page about a `subject` of schema.org."""
    return reviewed_page(reading) | {"about": {"@type": subject, "name": reading.page.title}}


def emergencies_of(roles) -> list[str]:
    """The keys of the claims that some `TreatmentClaim`s name as emergencies, each once."""
    named = roles.filter(role=TreatmentClaim.Role.EMERGENCY).order_by("order", "pk")
    return list(dict.fromkeys(named.values_list("claim__key", flat=True)))


class Treatment(Document):
    KIND = "treatment"
    LABEL = "Treatment"
    SEARCH_RANK = 10
    SEARCH_WEIGHT = 1.15  # it tells the whole of it, an answer a part
    PARTS = {
        "in-brief": "In one minute",
        "what-it-is": "What it is",
        "how-it-works": "How it works",
        "who-it-may-suit": "Who it may suit",
        "who-should-not": "Who should not have it",
        "try-first": "What to try first",
        "on-the-day": "What happens on the day",
        "timing": "When it starts, peaks and fades",
        "benefits": "How much it helps",
        "side-effects": "Side effects",
        "alternatives": "Other choices, doing nothing included",
        "not-known": "What is not known",
    }
    REVIEW_DAYS = 365
    SHARED_BLOCKS = ("urgent", "before_treatment")
    url_name = "treatments:treatment"
    page_shape = TreatmentPage

    class Group(models.TextChoices):
        MEDICAL = "medical", "Medical"
        AESTHETIC = "aesthetic", "Aesthetic"

    short = models.CharField("short name", max_length=60, help_text="For menus and cards.")
    group = models.CharField(max_length=10, choices=Group)
    order = models.PositiveSmallIntegerField(default=100, help_text="Lower numbers come first.")
    uses = models.ManyToManyField(Use, blank=True, help_text="The uses whose licence status the page shows.")

    class Meta:
        ordering = ["order", "slug"]

    @classmethod
    def structured_data(cls, reading):
        return about_treatment(
            reading, "MedicalCondition" if reading.page.group == "medical" else "MedicalTherapy"
        )

    def texts(self):
        return [*super().texts(), *(text for row in self.ordered_choices() for text in row.texts())]

    def own_keys(self):
        return [row.claim.key for row in self.claims_in_roles() if row.claim] + super().own_keys()

    def emergency_keys(self):
        return emergencies_of(self.roles)

    def restore_emergencies(self, sealed):
        keys = keys_in(*map(decompose_line, sealed.signs)) if sealed else []
        role = TreatmentClaim.Role.EMERGENCY
        return self._restore_roles([role], [(role, key, "", order) for order, key in enumerate(keys)])

    def claims_in_roles(self) -> list["TreatmentClaim"]:
        return list(self.roles.select_related("claim").order_by("order", "pk"))

    def compose_facts(self, composer: Composer) -> tuple[KeyFact, ...]:
        found = composer.once(self.claims_in_roles)
        rows = {row.role: row for row in found if not row.problem}
        return tuple(KeyFact(**rows[slot].as_fact(composer)) for slot in TreatmentClaim.SLOTS if slot in rows)

    def restore_facts(self, facts: tuple[KeyFact, ...]) -> list[str]:
        self.roles.filter(role__in=TreatmentClaim.SLOTS, problem="").delete()
        return self._add_roles([(fact.slot, fact.claim and fact.claim.key, fact.gap, 0) for fact in facts])

    def compose_problem_facts(self, composer: Composer) -> tuple[ProblemFact, ...]:
        rows = [
            row
            for row in composer.once(self.claims_in_roles)
            if row.problem and row.role in TreatmentClaim.SLOTS
        ]
        rows.sort(key=lambda row: (row.problem, TreatmentClaim.SLOTS.index(row.role)))
        return tuple(ProblemFact(problem=row.problem, **row.as_fact(composer)) for row in rows)

    def restore_problem_facts(self, facts: tuple[ProblemFact, ...]) -> list[str]:
        self.roles.filter(role__in=TreatmentClaim.SLOTS).exclude(problem="").delete()
        return [
            lack
            for fact in facts
            for lack in self._add_roles(
                [(fact.slot, fact.claim and fact.claim.key, fact.gap, 0)], problem=fact.problem
            )
        ]

    def compose_benefits(self, composer: Composer) -> tuple[ClaimNote, ...]:
        return self._notes(composer, TreatmentClaim.Role.BENEFIT)

    def restore_benefits(self, notes: tuple[ClaimNote, ...]) -> list[str]:
        return self._restore_notes(TreatmentClaim.Role.BENEFIT, notes)

    def compose_side_effects(self, composer: Composer) -> tuple[ClaimNote, ...]:
        return self._notes(composer, TreatmentClaim.Role.SIDE_EFFECT)

    def restore_side_effects(self, notes: tuple[ClaimNote, ...]) -> list[str]:
        return self._restore_notes(TreatmentClaim.Role.SIDE_EFFECT, notes)

    def _notes(self, composer: Composer, role: str) -> tuple[ClaimNote, ...]:
        rows = composer.once(self.claims_in_roles)
        notes = (composer.note(row.claim.key) for row in rows if row.role == role and row.claim)
        return tuple(note for note in notes if note)

    def _restore_notes(self, role: str, notes: tuple[ClaimNote, ...]) -> list[str]:
        return self._restore_roles([role], [(role, note.key, "", order) for order, note in enumerate(notes)])

    def _restore_roles(self, roles, wanted: list[tuple]) -> list[str]:
        """Only these rows have these roles: see `_add_roles`."""
        self.roles.filter(role__in=roles).delete()
        return self._add_roles(wanted)

    def _add_roles(self, wanted: list[tuple], *, problem: str = "") -> list[str]:
        """Rows of (role, claim's key or None, why there is none, order). Returns what couldn't be taken."""
        claims = Claim.objects.in_bulk({key for _, key, _, _ in wanted if key}, field_name="key")
        TreatmentClaim.objects.bulk_create(
            TreatmentClaim(
                treatment=self, role=role, problem=problem, claim=claims.get(key), gap=gap, order=order
            )
            for role, key, gap, order in wanted
            if not key or key in claims
        )
        return [
            f"{TreatmentClaim.Role(role).label}: [[{key}]] is no claim any more, so it's left out."
            for role, key, _, _ in wanted
            if key and key not in claims
        ]

    def ordered_choices(self) -> list["Choice"]:
        return list(self.choices.all()) if self.pk else []

    def compose_choices(self, composer: Composer) -> tuple[ChoiceRow, ...]:
        """Problem by problem, as their first rows stand."""
        rows = self.ordered_choices()
        problems = list(dict.fromkeys(row.problem for row in rows))
        return tuple(
            ChoiceRow(**row.composed(composer))
            for row in sorted(rows, key=lambda row: problems.index(row.problem))
        )

    def restore_choices(self, rows: tuple[ChoiceRow, ...]) -> list[str]:
        self.choices.all().delete()
        Choice.objects.bulk_create(
            Choice(
                treatment=self,
                order=order,
                **{name: decompose(one, getattr(row, name)) for name, one in declared(ChoiceRow).items()},
            )
            for order, row in enumerate(rows)
        )
        return []

    def compose_licences(self, composer: Composer) -> tuple[LicenceRow, ...]:
        return composer.licences(self.uses.values_list("pk", flat=True))

    def restore_licences(self, rows: tuple[LicenceRow, ...]) -> list[str]:
        names = {row.use: row.use_name for row in rows}
        uses = Use.objects.in_bulk(list(names), field_name="key")
        self.uses.set(uses.values())
        return [
            f"The use “{name}” is no longer there, nor is its licence status."
            for key, name in names.items()
            if key not in uses
        ]

    def missing(self):
        rows = {r.role for r in self.claims_in_roles() if not r.problem}
        lacks = [
            f"No key fact “{slot.label}”, and no word on why there is none."
            for slot in TreatmentClaim.SLOTS
            if slot not in rows and slot != TreatmentClaim.Role.VISIT
        ]
        if TreatmentClaim.Role.BENEFIT not in rows:
            lacks.append("No benefit is listed with its comparator.")
        if TreatmentClaim.Role.SIDE_EFFECT not in rows:
            lacks.append("No side effect is listed with how often it comes.")
        if not self.uses.exists():
            lacks.append("No use is chosen, so the page has no licence status.")
        elif not all(use.licences.exists() for use in self.uses.all()):
            lacks.append("A use has no licence status in any country.")
        if not has_visible_letters(self.summary):
            lacks.append("The one-line summary is empty.")
        return lacks


class TreatmentClaim(models.Model):
    """A claim in a role of its own on a treatment page: a key fact, a benefit or a side effect."""

    class Role(models.TextChoices):
        STARTS = "starts", "Starts"
        PEAKS = "peaks", "Is strongest"
        LASTS = "lasts", "Lasts"
        REPEAT = "repeat", "Repeated"
        VISIT = "visit", "The visit"
        BENEFIT = "benefit", "Benefit"
        SIDE_EFFECT = "side-effect", "Side effect"
        EMERGENCY = "emergency", "Emergency sign"

    SLOTS = (Role.STARTS, Role.PEAKS, Role.LASTS, Role.REPEAT, Role.VISIT)

    treatment = models.ForeignKey(Treatment, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=Role)
    problem = models.CharField(
        "for the problem",
        max_length=60,
        blank=True,
        help_text="Of a key fact, where the page is about several problems: as the choices name it.",
    )
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="roles")
    gap = models.CharField(
        max_length=300,
        blank=True,
        help_text="Instead of a claim: why there is no figure, in a patient's words.",
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "claim in a role"
        verbose_name_plural = "key facts, benefits and side effects"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(claim__isnull=False, gap="") | models.Q(claim=None) & ~models.Q(gap=""),
                name="a_claim_or_the_reason_for_the_gap",
            ),
            models.UniqueConstraint(
                fields=["treatment", "problem", "role"],
                condition=models.Q(role__in=["starts", "peaks", "lasts", "repeat", "visit"]),
                name="one_key_fact_a_slot",
            ),
            models.UniqueConstraint(
                fields=["treatment", "problem", "role", "claim"], name="a_claim_once_a_role"
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}: {self.claim.key if self.claim else self.gap}"

    def as_fact(self, composer: Composer) -> dict[str, Any]:
        """The fields of a key fact."""
        slot = TreatmentClaim.Role(self.role)
        fact: dict[str, Any] = {"slot": slot, "label": slot.label, "gap": self.gap}
        if self.claim:
            fact["html"] = composer.span(self.claim.key, starts=True)
            fact["claim"] = composer.note(self.claim.key)
        return fact


class Choice(models.Model):
    """One thing that somebody with the page's problem could do, doing nothing included."""

    PLACED_AT = "works"  # the field that findings on the row lead to

    treatment = models.ForeignKey(Treatment, models.CASCADE, related_name="choices")
    problem = models.CharField(
        max_length=60,
        blank=True,
        help_text="Where the page is about several problems, such as armpits and palms: each has its table.",
    )
    kind = models.CharField(max_length=8, choices=ChoiceKind, default=ChoiceKind.OTHER)
    name = models.CharField(
        "choice", max_length=80, help_text="In a patient's words: “Strong antiperspirant”."
    )
    what = models.CharField("what it is", max_length=120, blank=True)
    works = models.TextField(
        "how well it works", help_text="With what it was compared with. Figures as claims, in [[ ]]."
    )
    lasts = models.TextField("how long", blank=True)
    risks = models.TextField("risks", blank=True)
    available = models.TextField("where to get it", blank=True)
    strength = models.CharField("evidence", max_length=8, choices=Strength)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(works=""), name="a_choice_says_how_well_it_works"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ChoiceKind.values, strength__in=Strength.values),
                name="a_choice_has_a_known_kind_and_strength",
            ),
            models.UniqueConstraint(fields=["treatment", "problem", "name"], name="a_choice_once_a_problem"),
            # the page's own treatment, and doing nothing
            models.UniqueConstraint(
                fields=["treatment", "problem", "kind"],
                condition=~models.Q(kind=ChoiceKind.OTHER),
                name="one_own_choice_and_one_nothing_a_problem",
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.problem}" if self.problem else self.name

    @property
    def place(self) -> str:
        """Where findings and usages say that something of it stands: as its page names the row."""
        return f"Choice “{self}”"

    def texts(self) -> list[str]:
        """Every text that may refer to claims."""
        return [getattr(self, name) for name, one in declared(ChoiceRow).items() if one.has_marks]

    def composed(self, composer: Composer) -> dict[str, Any]:
        """The fields of its row."""
        return {name: composer.words(one, getattr(self, name)) for name, one in declared(ChoiceRow).items()}


class Overview(Document):
    """The page over all treatments: what the medicine is and how it works. There is one."""

    KIND = "overview"
    LABEL = "All treatments"
    SEARCH_RANK = 30
    PARTS = {
        "what-it-is": "What botulinum toxin is",
        "how-it-works": "How it works",
        "medical": "Medical conditions",
        "aesthetic": "Aesthetic uses",
        "who-should-not": "Who should not have it",
    }
    SHARED_BLOCKS = ("urgent", "before_treatment")
    url_name = "treatments:overview"
    page_shape = OverviewPage

    class Meta:
        verbose_name = "treatments overview"
        verbose_name_plural = "treatments overview"

    @classmethod
    def structured_data(cls, reading):
        return about_treatment(reading, "MedicalTherapy")

    @classmethod
    def address_of(cls, slug):
        return reverse(cls.url_name)

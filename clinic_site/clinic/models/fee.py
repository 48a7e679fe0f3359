"""What a visit or a treatment costs, as staff keep it."""

from django.db import models
from django.utils import timezone

from clinic_site.clinic.models.details import check_words
from clinic_site.evidence.models import Country
from treatments.models import Treatment

WORDS = ("name", "plans", "not_charged")  # what patients read of it, and nobody signs

# What a place says of prices beside a prescription medicine, for staff, with where it says so. Not advice.
PRICE_RULES: dict[str, str] = {
    Country.CANADA: "In Canada an advertisement of a prescription medicine to the public may give its name, "
    "price and quantity, and nothing of what it does (Food and Drug Regulations, C.01.044). Colleges add "
    "rules of their own: Quebec's physicians say beside a price how long it holds, its limits and what comes "
    "on top.",
    Country.UNITED_KINGDOM: "The UK forbids advertising prescription-only medicines to the public (Human "
    "Medicines Regulations 2012; CAP Code, 12.12): a list of prices neither names the medicine nor says what "
    "it does.",
    Country.EUROPEAN_UNION: "The EU's members forbid advertising prescription-only medicines to the public "
    "(Directive 2001/83/EC, article 88): ask before you show prices beside one.",
}


class FeeQuerySet(models.QuerySet):
    def of(self, document_id: int):
        """What somebody pays who has that treatment: its own fees, and those for everybody."""
        return self.filter(models.Q(treatment=None) | models.Q(treatment=document_id))


class Fee(models.Model):
    """One price, or a range of them, in the clinic's currency. Zero says that it isn't charged."""

    class Kind(models.TextChoices):
        CONSULTATION = "consultation", "Consultation"
        TREATMENT = "treatment", "Treatment"
        FOLLOW_UP = "follow-up", "Follow-up visit"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(
        max_length=80, blank=True, help_text="In place of the kind: “Both armpits”. Empty: the kind stands."
    )
    treatment = models.ForeignKey(
        Treatment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fees",
        help_text="Empty: for every treatment. One whose page isn't live isn't shown.",
    )
    low_cents = models.PositiveIntegerField("from")
    high_cents = models.PositiveIntegerField("to", null=True, blank=True)
    plans = models.CharField("what plans may pay", max_length=200, blank=True)
    not_charged = models.CharField("what isn't charged", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=100, help_text="Lower numbers come first.")
    changed_on = models.DateField(editable=False)

    objects = FeeQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(low_cents__gte=0), name="a_fee_is_not_below_zero"),
            models.CheckConstraint(
                condition=models.Q(high_cents=None) | models.Q(high_cents__gte=models.F("low_cents")),
                name="a_fee_rises_from_low_to_high",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="other", name=""), name="another_fee_says_what_it_is_for"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def title(self) -> str:
        return self.name or str(self.get_kind_display())

    @property
    def is_free(self) -> bool:
        return not (self.low_cents or self.high_cents)

    @property
    def is_range(self) -> bool:
        return self.high_cents not in (None, self.low_cents)

    def clean(self):
        super().clean()
        check_words(**{name: getattr(self, name) for name in WORDS})

    def save(self, *args, **kwargs):
        check_words(**{name: getattr(self, name) for name in WORDS})
        said = [f.attname for f in self._meta.concrete_fields if f.name not in ("id", "order", "changed_on")]
        before = type(self)._default_manager.filter(pk=self.pk).values(*said).first()
        if before != {name: getattr(self, name) for name in said} or self.changed_on is None:
            self.changed_on = timezone.localdate()
        super().save(*args, **kwargs)

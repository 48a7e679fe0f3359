"""What this clinic does of what its pages explain: staff's own rows, beside the signed words."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from clinic_site.accounts.models import User
from clinic_site.editorial.unsigned_words import complaints
from clinic_site.publishing.prepared import Joined, Prepared
from clinic_site.registry import person_slug

NAME_ENDS, PERSON_ENDS = "\x1f", "\x1e"  # no name holds them: what is typed is cleared of them


@dataclass(frozen=True)
class Injector:
    """Somebody who gives the injections, with the slug of the page about them, or ""."""

    name: str
    slug: str


class Offering(models.Model):
    """Whether the clinic offers a treatment, with which brand, how long a visit takes and who injects."""

    treatment = models.OneToOneField("treatments.Treatment", models.CASCADE, related_name="offering")
    is_offered = models.BooleanField(
        "offered here", default=True, help_text="Unticked: the page says that you only explain it."
    )
    brands = models.CharField(
        "brands used",
        max_length=200,
        blank=True,
        help_text="Some places forbid naming a prescription medicine to the public: leave it empty there.",
    )
    visit_low = models.PositiveSmallIntegerField("a visit takes, in minutes, from", null=True, blank=True)
    visit_high = models.PositiveSmallIntegerField("to", null=True, blank=True)
    injectors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="offerings", verbose_name="who injects"
    )

    class Meta:
        verbose_name = "treatment at this clinic"
        verbose_name_plural = "treatments at this clinic"
        ordering = ["treatment__order", "treatment__slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(visit_low=None, visit_high=None)
                | models.Q(visit_low__isnull=False, visit_low__gte=1, visit_high=None)
                | models.Q(visit_low__isnull=False, visit_low__gte=1, visit_high__gte=models.F("visit_low")),
                name="a_visit_takes_from_low_to_high",
            ),
            models.CheckConstraint(
                condition=models.Q(is_offered=True) | models.Q(brands="", visit_low=None, visit_high=None),
                name="what_is_not_offered_has_no_visit",
            ),
        ]

    def __str__(self):
        return str(self.treatment)

    def clean(self):
        super().clean()
        self._refuse_medical_words()

    def save(self, *args, **kwargs):
        self._refuse_medical_words()
        super().save(*args, **kwargs)

    def _refuse_medical_words(self) -> None:
        if wrong := complaints(self.brands):
            raise ValidationError({"brands": wrong})

    @property
    def minutes(self) -> str:
        """How long a visit takes: "30 to 45 minutes"; empty where nobody has said."""
        if self.visit_low is None:
            return ""
        low, high = self.visit_low, self.visit_high
        return f"{low} to {high} minutes" if high not in (None, low) else f"{low} minutes"

    @property
    def who_injects(self) -> list[Injector]:
        """Of a row of `offering_of`: those who work here now, by name."""
        told = getattr(self, "told_injectors", None) or ""
        pairs = [person.partition(NAME_ENDS) for person in told.split(PERSON_ENDS) if person]
        return sorted((Injector(name.strip(), slug) for name, _, slug in pairs), key=lambda one: one.name)


def _injectors() -> Subquery:
    slug = Coalesce(person_slug("pk"), Value(""), output_field=models.TextField())
    parts = ("title", Value(" "), "name", Value(NAME_ENDS), slug)
    name = Concat(*parts, output_field=models.TextField())
    found = User.objects.filter(offerings=OuterRef("pk"), is_active=True, is_staff=True).order_by()
    joined = found.values(one=Value(1)).annotate(told=Joined(name, Value(PERSON_ENDS))).values("told")
    return Subquery(joined[:1])


_found = Prepared(
    lambda treatment: Offering.objects.filter(treatment=treatment).annotate(told_injectors=_injectors()), int
)


def offering_of(treatment: int) -> Offering | None:
    """What staff say of a treatment here, by its document's key. One query."""
    return next(iter(_found(treatment)), None)

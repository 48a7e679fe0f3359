"""An accreditation or award, with what it can be looked up by."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule
from clinic_site.clinic.models.details import check_words
from clinic_site.publishing.models import Picture


class AccreditationQuerySet(models.QuerySet):
    def shown(self):
        """Complete, published, not expired."""
        return self.filter(published_on__lte=timezone.localdate()).exclude(
            valid_until__lt=timezone.localdate()
        )


class Accreditation(models.Model):
    """A membership, award or accreditation of the clinic. It's gone by itself when it expires."""

    # a logo shows nobody, so no consent to it can end
    database_rules = tuple(
        Rule(
            f"logo_{event.lower()}",
            event,
            f"NEW.logo_id IS NOT NULL {new}AND EXISTS "
            "(SELECT 1 FROM publishing_picture p WHERE p.id = NEW.logo_id AND p.shows_person IS NOT FALSE)",
            "a logo is a picture that shows nobody",
        )
        for event, new in (("INSERT", ""), ("UPDATE", "AND OLD.logo_id IS DISTINCT FROM NEW.logo_id "))
    )

    name = models.CharField(max_length=120)
    issuer = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True)
    url = models.URLField("link to the register", max_length=300, blank=True)
    logo = models.ForeignKey(
        Picture,
        models.PROTECT,
        null=True,
        blank=True,
        help_text="A mark or an emblem. A picture that shows a person, or of which nobody has said whether "
        "it does, is refused.",
    )
    awarded_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    published_on = models.DateField(
        null=True, blank=True, help_text="Empty: a draft that patients don't see."
    )
    note = models.CharField(max_length=300, blank=True, help_text="For staff.")
    is_sample = models.BooleanField("a sample", default=False, editable=False)

    objects = AccreditationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            # an award that nobody can look up isn't shown
            models.CheckConstraint(
                condition=models.Q(published_on=None)
                | ~models.Q(number="") & models.Q(awarded_on__isnull=False),
                name="published_needs_number_and_date",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.issuer})"

    def clean(self):
        super().clean()
        if self.published_on and not (self.number and self.awarded_on):
            raise ValidationError("Before patients see it, it needs its number and the date it was awarded.")
        check_words(name=self.name, issuer=self.issuer, number=self.number)
        if self.logo and self.logo.shows_person is not False:
            raise ValidationError(
                {"logo": "Say first, at the picture, that it shows nobody: a person is no logo."}
            )

    def save(self, *args, **kwargs):
        check_words(name=self.name, issuer=self.issuer, number=self.number)
        super().save(*args, **kwargs)

    @property
    def shown_logo(self) -> Picture | None:
        """The logo, unless somebody has said since that it shows a person."""
        return None if self.logo and self.logo.shows_person else self.logo

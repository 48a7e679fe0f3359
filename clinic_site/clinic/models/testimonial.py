"""What a patient said of the clinic, with their consent."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule
from clinic_site.clinic.models.details import check_words
from clinic_site.text.saying import has_visible_letters, says_nothing


class TestimonialQuerySet(models.QuerySet):
    def shown(self):
        """Consented to, not withdrawn, within the consent's scope and dates."""
        today = timezone.localdate()
        return (
            self.filter(consented_on__lte=today, withdrawn_on=None)
            .exclude(consent_until__lt=today)
            .exclude(consent_scope="")
        )


class Testimonial(models.Model):
    """Words of a patient about the clinic (never about a medicine's effect), shown while their consent
    stands.
    """

    database_rules = tuple(
        Rule(
            f"consent_said_{event.lower()}",
            event,
            f"{says_nothing('NEW.consent_scope')} OR {says_nothing('NEW.words')}",
            "a testimonial has words, and a consent that says what it covers",
        )
        for event in ("INSERT", "UPDATE")
    )

    words = models.TextField(help_text="About the visit and the people. Figures and promises are refused.")
    said_by = models.CharField(max_length=60, help_text="As the patient wants to be named: “A. P., Guelph”.")
    consented_on = models.DateField()
    consent_scope = models.CharField(
        max_length=200, help_text="What they agreed to: “this website, first name and town”."
    )
    consent_until = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True, help_text="It disappears everywhere at once.")
    is_sample = models.BooleanField("a sample", default=False, editable=False)

    objects = TestimonialQuerySet.as_manager()

    class Meta:
        ordering = ["-consented_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(consent_scope=""), name="consent_has_a_scope"),
            models.CheckConstraint(
                condition=models.Q(consent_until=None)
                | models.Q(consent_until__gte=models.F("consented_on")),
                name="consent_ends_after_it_began",
            ),
        ]

    def __str__(self):
        return f"{self.said_by}, {self.consented_on}"

    @property
    def logged_as(self) -> str:
        return f"Testimonial {self.pk}"

    def clean(self):
        super().clean()
        check_words(words=self.words, said_by=self.said_by)
        silent = {
            name: "Write it in words."
            for name in ("words", "said_by", "consent_scope")
            if not has_visible_letters(getattr(self, name))
        }
        if silent:
            raise ValidationError(silent)

    def save(self, *args, **kwargs):
        check_words(words=self.words, said_by=self.said_by)
        super().save(*args, **kwargs)

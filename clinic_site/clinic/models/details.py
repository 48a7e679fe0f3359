"""The clinic's own details, and what follows from its country."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models

from clinic_site.accounts.phone_numbers import PhoneField
from clinic_site.editorial.unsigned_words import complaints, promises_in
from clinic_site.evidence.models import Country
from clinic_site.publishing.prepared import Prepared
from clinic_site.registry import currency_promises, details_annotations

# What follows from where the clinic is: (emergency number, currency sign, currency code).
COUNTRY_WORDS: dict[str, tuple[str, str, str]] = {
    Country.CANADA: ("911", "$", "CAD"),
    Country.UNITED_STATES: ("911", "$", "USD"),
    Country.UNITED_KINGDOM: ("999", "£", "GBP"),
    Country.EUROPEAN_UNION: ("112", "€", "EUR"),
}

# Where anybody reports a side effect: its name, its address, its telephone number.
SIDE_EFFECT_REPORTS: dict[str, tuple[str, str, str]] = {
    Country.CANADA: (
        "Canada Vigilance (MedEffect)",
        "https://www.healthcanada.gc.ca/medeffect",
        "1-866-234-2345",
    ),
    Country.UNITED_STATES: ("the FDA’s MedWatch", "https://www.fda.gov/medwatch", ""),
    Country.UNITED_KINGDOM: ("the Yellow Card scheme", "https://yellowcard.mhra.gov.uk/", ""),
    Country.EUROPEAN_UNION: ("the medicines agency of your country", "", ""),
}


def check_words(**fields: str) -> None:
    """Raises ValidationError, by field, where a line that nobody signs holds a medical figure or a banned
    word.
    """
    wrong = {name: found for name, text in fields.items() if (found := complaints(text))}
    if wrong:
        raise ValidationError(wrong)


class Accent(models.TextChoices):
    """Colours that a clinic may choose; each is tested for contrast in both themes."""

    PINE = "pine"
    LAKE = "lake"
    PLUM = "plum"
    CLAY = "clay"
    SLATE = "slate"
    ROSE = "rose"


class Details(models.Model):
    """The clinic itself. One row, edited by staff."""

    name = models.CharField(max_length=80)
    strapline = models.CharField(max_length=80, blank=True)
    lead = models.CharField("lead line", max_length=160, blank=True)
    street = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=80, blank=True)
    region = models.CharField("province, state or county", max_length=80, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(
        max_length=2,
        choices=Country,
        default=Country.CANADA,
        help_text="Picks the emergency number, the licence row shown first and the currency.",
    )
    phone = PhoneField()
    email = models.EmailField(blank=True)
    hours = models.TextField(
        "opening hours", blank=True, help_text="One line for each: Monday to Friday, 9 am to 5 pm."
    )
    directions = models.TextField(
        blank=True, help_text="How to get there, in words: bus, parking, entrance, lift."
    )
    booking_url = models.URLField(
        "booking address",
        blank=True,
        max_length=300,
        help_text="Where patients choose a time themselves, if you have such a system. “Ask for a visit” "
        "then leads there, and says that it’s another site. Empty: they fill in a form here.",
    )
    accent = models.CharField(
        max_length=8, choices=Accent, default=Accent.PINE, help_text="The colour of links and buttons."
    )
    show_testimonials = models.BooleanField(
        default=True,
        help_text="Several colleges (Ontario's and Alberta's physicians among them) and the rules of the UK, "
        "Ireland and the EU forbid testimonials for prescription treatments. Switch this off where yours "
        "does.",
    )
    show_banner = models.BooleanField(
        "show the offer banner",
        default=True,
        help_text="A reward beside a prescription medicine can count as advertising it to the public, which "
        "the UK, Ireland and the EU forbid and Canada limits. The banner never stands on a treatment page or "
        "an answer.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "clinic details"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_clinic")]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self._check_words()
        self._refuse_another_currency()

    def save(self, *args, **kwargs):
        self.pk = 1
        self._check_words()
        self._refuse_another_currency()
        super().save(*args, **kwargs)

    def _check_words(self) -> None:
        check_words(strapline=self.strapline, lead=self.lead, directions=self.directions)
        if found := promises_in(self.hours):  # "closed for two weeks" is no medical figure
            raise ValidationError({"hours": found})

    def _refuse_another_currency(self) -> None:
        before = Details.objects.filter(pk=1).values_list("country", flat=True).first()
        code, wanted = (COUNTRY_WORDS[country][2] for country in (before or self.country, self.country))
        if code != wanted and any(is_promised() for is_promised in currency_promises):
            raise ValidationError(
                {"country": f"Members were promised credit in {code}, and another country would change that."}
            )

    @classmethod
    def current(cls) -> "Details":
        """The clinic's row, annotated by other rooms (see `registry.details_annotations`), in one
        query.
        """
        return next(iter(_current_details()), None) or cls(pk=1, name="This clinic")

    @property
    def seal(self) -> tuple:
        """Everything that a page may show of the clinic: what is rendered from it once stays right while this
        is the same.
        """
        return tuple(getattr(self, field.attname) for field in self._meta.concrete_fields) + (
            getattr(self, "offer_cents", None),
            self.shows_only_samples,
        )

    @property
    def emergency_number(self) -> str:
        return COUNTRY_WORDS[self.country][0]

    @property
    def side_effect_report(self) -> tuple[str, str, str]:
        """Where patients report a side effect: its name, address and telephone number, or ""."""
        return SIDE_EFFECT_REPORTS[self.country]

    @property
    def currency_sign(self) -> str:
        return COUNTRY_WORDS[self.country][1]

    @property
    def shows_only_samples(self) -> bool:
        """Something is live, and nobody of the clinic has signed any of it."""
        return bool(getattr(self, "shows_samples", False)) and not getattr(self, "shows_signed", False)

    @property
    def has_programme(self) -> bool:
        """Refer-a-friend is open and has terms in force."""
        return bool(getattr(self, "offer_cents", None))

    @property
    def has_banner(self) -> bool:
        return self.show_banner and self.has_programme

    @property
    def offer(self) -> str:
        """The member's reward as it's written: "$50", "$12.50"."""
        cents = getattr(self, "offer_cents", None) or 0
        return f"{self.currency_sign}{cents // 100}" + (f".{cents % 100:02}" if cents % 100 else "")

    @property
    def booking_host(self) -> str:
        """The name of the other site where a visit is booked."""
        return urlsplit(self.booking_url).hostname or ""

    @property
    def address_lines(self) -> list[str]:
        town = " ".join(filter(None, [self.town, self.region, self.postcode]))
        return [line for line in (self.street, town, self.get_country_display()) if line]


_current_details = Prepared(
    lambda: Details.objects.annotate(**{name: make() for name, make in details_annotations.items()}).filter(
        pk=1
    )
)

"""The clinic's own details, and what follows from its country."""

from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from clinic_site.accounts.phone_numbers import PhoneField
from clinic_site.append_only import Rule
from clinic_site.clinic.models.opening_hours import (
    Closure,
    Days,
    closures_in,
    hours_in,
    told_closures,
    told_hours,
    week_of,
)
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


class MapService(models.TextChoices):
    """Where a plain link may lead that shows the clinic on a map."""

    OPENSTREETMAP = "osm", "OpenStreetMap"
    GOOGLE = "google", "Google Maps"
    APPLE = "apple", "Apple Maps"


MAP_ADDRESSES: dict[str, str] = {
    MapService.OPENSTREETMAP: "https://www.openstreetmap.org/search?query=",
    MapService.GOOGLE: "https://www.google.com/maps/search/?api=1&query=",
    MapService.APPLE: "https://maps.apple.com/?q=",
}
LINES = ("strapline", "lead", "directions", "parking", "access")  # that nobody signs


class Details(models.Model):
    """The clinic itself. One row, edited by staff."""

    # each country has a currency of its own
    database_rules = (
        Rule(
            "currency",
            "UPDATE",
            "OLD.country <> NEW.country AND EXISTS (SELECT 1 FROM clinic_fee)",
            "fees stand in the currency of the country",
        ),
    )

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
        "more on opening hours",
        blank=True,
        help_text="What the rows below don't say: “Evenings by appointment”. It stands under them.",
    )
    directions = models.TextField(blank=True, help_text="How to get there, in words: bus, train, entrance.")
    parking = models.TextField(blank=True, help_text="Where to leave a car or a bicycle, and what it costs.")
    access = models.TextField(
        "getting in",
        blank=True,
        help_text="Steps, lift, doors, toilets, hearing loop: for somebody with a wheelchair or a pram.",
    )
    map_service = models.CharField(
        "link to a map",
        max_length=8,
        choices=MapService,
        blank=True,
        default="",
        help_text="A plain link with your address, to another site. Nothing of a map is loaded here.",
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
    show_fees = models.BooleanField(
        "show the fees",
        default=True,
        help_text="A price beside a prescription medicine can count as advertising it to the public, which "
        "the UK, Ireland and the EU forbid and Canada limits. Switched off, the page on costs says what to "
        "ask, and nothing leads there.",
    )
    show_banner = models.BooleanField(
        "show the offer banner",
        default=True,
        help_text="A reward beside a prescription medicine can count as advertising it to the public, which "
        "the UK, Ireland and the EU forbid and Canada limits. The banner never stands on a treatment page or "
        "an answer.",
    )

    # annotated by `current`
    told_hours: str = ""
    told_closures: str = ""

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
        check_words(**{name: getattr(self, name) for name in LINES})
        if found := promises_in(self.hours):  # "closed for two weeks" is no medical figure
            raise ValidationError({"hours": found})

    def _refuse_another_currency(self) -> None:
        before = Details.objects.filter(pk=1).values_list("country", flat=True).first()
        code, wanted = (COUNTRY_WORDS[country][2] for country in (before or self.country, self.country))
        if code != wanted and any(is_promised() for is_promised in currency_promises):
            raise ValidationError(
                {
                    "country": f"Credit that members were promised, or fees, stand in {code}. With another "
                    "country they would mean something else."
                }
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
            self.shows_people,
            self.shows_fees,
            self.told_hours,
            self.told_closures,
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
    def currency_code(self) -> str:
        """As ISO 4217 writes it: "CAD"."""
        return COUNTRY_WORDS[self.country][2]

    @property
    def currency_sign(self) -> str:
        return COUNTRY_WORDS[self.country][1]

    @property
    def week(self) -> list[Days]:
        """The opening hours of a week."""
        return week_of(hours_in(self.told_hours))

    @property
    def next_closures(self) -> list[Closure]:
        return closures_in(self.told_closures)

    @property
    def hours_data(self) -> str:
        """For the script that says whether it's open now: "0/09:00/17:00", 0 for Monday."""
        hours = hours_in(self.told_hours)
        return " ".join(f"{one.weekday}/{one.opens:%H:%M}/{one.closes:%H:%M}" for one in hours)

    @property
    def closures_data(self) -> str:
        return " ".join(f"{one.first_day}/{one.last_day}" for one in self.next_closures)

    @property
    def zone(self) -> str:
        """The time zone that the hours are in, as IANA writes it."""
        return settings.TIME_ZONE

    @property
    def map_url(self) -> str:
        """Where the clinic is shown on a map; empty where staff chose none, or it has no street."""
        if not (self.map_service and self.street):
            return ""
        return MAP_ADDRESSES[self.map_service] + quote(", ".join(self.address_lines))

    @property
    def shows_people(self) -> bool:
        """Somebody has a page under People."""
        return bool(getattr(self, "has_people", False))

    @property
    def shows_fees(self) -> bool:
        """It has fees, and shows them."""
        return self.show_fees and bool(getattr(self, "has_fees", False))

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
    lambda: Details.objects.annotate(
        told_hours=told_hours(),
        told_closures=told_closures(),
        **{name: make() for name, make in details_annotations.items()},
    ).filter(pk=1)
)

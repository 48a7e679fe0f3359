"""What is true of the whole clinic: details, testimonials, accreditations, policy pages, messages, search
words.
"""

import secrets
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.people_search import PersonSearchKeys
from clinic_site.accounts.phone_numbers import PhoneField, phone_key
from clinic_site.accounts.roles import EDITOR, MANAGER
from clinic_site.append_only import Rule
from clinic_site.clinic.pages import PolicyPage
from clinic_site.editorial.unsigned_words import complaints
from clinic_site.evidence.models import Country
from clinic_site.publishing.models import Document, Picture
from clinic_site.publishing.prepared import Prepared
from clinic_site.registry import currency_promises, details_annotations
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.saying import has_visible_letters, says_nothing
from clinic_site.text.search_keys import SearchKeyField

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
        check_words(strapline=self.strapline, lead=self.lead, directions=self.directions)
        self._refuse_another_currency()

    def save(self, *args, **kwargs):
        self.pk = 1
        check_words(strapline=self.strapline, lead=self.lead, directions=self.directions)
        self._refuse_another_currency()
        super().save(*args, **kwargs)

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
    def address_lines(self) -> list[str]:
        town = " ".join(filter(None, [self.town, self.region, self.postcode]))
        return [line for line in (self.street, town, self.get_country_display()) if line]


_current_details = Prepared(
    lambda: Details.objects.annotate(**{name: make() for name, make in details_annotations.items()}).filter(
        pk=1
    )
)


class Policy(Document):
    """A page that a manager signs: privacy, accessibility, how we write, about."""

    KIND = "policy"
    LABEL = "About the clinic"
    IS_MEDICAL = False
    SIGNED_BY = MANAGER
    WRITTEN_BY = (MANAGER, EDITOR)
    SEARCH_RANK = 40
    OPEN_GRAPH_TYPE = "website"
    page_shape = PolicyPage
    ADDRESSES = {
        "privacy": "clinic:privacy",
        "accessibility": "clinic:accessibility",
        "how-we-write": "clinic:how-we-write",
        "about": "clinic:about",
    }

    class Meta:
        verbose_name_plural = "policies"

    @classmethod
    def address_of(cls, slug):
        return reverse(cls.ADDRESSES.get(slug, "clinic:home"))

    def clean(self):
        super().clean()
        if self.slug not in self.ADDRESSES:
            raise ValidationError({"slug": f"Policy pages are: {', '.join(self.ADDRESSES)}."})


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
        check_words(name=self.name)
        if self.logo and self.logo.shows_person is not False:
            raise ValidationError(
                {"logo": "Say first, at the picture, that it shows nobody: a person is no logo."}
            )

    def save(self, *args, **kwargs):
        check_words(name=self.name)
        super().save(*args, **kwargs)

    @property
    def shown_logo(self) -> Picture | None:
        """The logo, unless somebody has said since that it shows a person."""
        return None if self.logo and self.logo.shows_person else self.logo


# no 0/O, 1/I/L: it's read out on the phone
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference() -> str:
    return "M" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(7))


class Message(PersonSearchKeys):
    """What somebody wrote in the contact form. Stored before any mail is tried."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    # of the form that it came by: sent twice, it's one message
    token = models.UUIDField(unique=True, null=True, editable=False)
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("your e-mail address", blank=True)
    phone = PhoneField("your phone number")
    words = models.TextField("your message", max_length=5000)
    same_phone = SearchKeyField(of="phone", make=phone_key, max_length=16)
    at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(email="", phone=""), name="a_message_can_be_answered"),
        ]

    def __str__(self):
        return self.reference

    @property
    def names_danger(self) -> bool:
        """Whether it tells of a sign that can't wait."""
        return names_danger(self.words, self.name)

    @classmethod
    def take(cls, token: UUID, **typed) -> "tuple[Message, bool]":
        """The message, and whether it's new: with other words in it the same form makes another one."""
        if cls.objects.filter(token=token).exclude(**typed).exists():
            token = uuid4()
        return cls.objects.get_or_create(token=token, defaults=typed)

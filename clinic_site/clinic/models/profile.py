"""What the site says of somebody who works here, beside what `accounts.User` says of them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from clinic_site.append_only import Rule
from clinic_site.clinic.models.details import check_words
from clinic_site.publishing.models import Picture
from treatments.models import Treatment

# what patients read of it, and nobody signs
WORDS = ("languages", "training", "days", "maker_money")


class ProfileQuerySet(models.QuerySet):
    def shown(self):
        """Of those who work here now, in the clinic's order."""
        return self.filter(is_shown=True, person__is_active=True, person__is_staff=True).order_by(
            "order", "person__name", "pk"
        )


class Profile(models.Model):
    """Somebody's page under People. It's gone when they may no longer sign in; their signatures stay."""

    # whoever put in a picture that nobody agreed to could show anybody
    database_rules = tuple(
        Rule(
            f"portrait_{event.lower()}",
            event,
            f"NEW.portrait_id IS NOT NULL {new}AND NOT EXISTS (SELECT 1 FROM publishing_picture p "
            "WHERE p.id = NEW.portrait_id AND p.shows_person IS TRUE AND p.consent_withdrawn_on IS NULL)",
            "a portrait is a picture of a person with their consent",
        )
        for event, new in (
            ("INSERT", ""),
            ("UPDATE", "AND OLD.portrait_id IS DISTINCT FROM NEW.portrait_id "),
        )
    )

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="profile",
        limit_choices_to={"is_staff": True},
        help_text="Their name, title, position, registration and the words about them stand under Users.",
    )
    # made of the name once: a page's address doesn't change with a name
    slug = models.SlugField(max_length=80, unique=True, editable=False)
    is_shown = models.BooleanField("on the People page", default=False)
    order = models.PositiveSmallIntegerField(default=100, help_text="Lower numbers come first.")
    portrait = models.ForeignKey(
        Picture,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="A picture that shows them, with their written consent. Empty: their initials are drawn.",
    )
    languages = models.CharField(max_length=120, blank=True, help_text="Such as “English and French”.")
    training = models.TextField(blank=True, help_text="Where and in what they were trained. One line each.")
    treats = models.ManyToManyField(
        Treatment,
        blank=True,
        related_name="profiles",
        help_text="The treatments that patients see them about.",
    )
    days = models.CharField("here on", max_length=120, blank=True, help_text="“Monday and Thursday”.")
    register_url = models.URLField(
        "link to the register",
        max_length=300,
        blank=True,
        help_text="Where patients can look up their registration.",
    )
    maker_money = models.CharField(
        "money from makers",
        max_length=300,
        blank=True,
        help_text="A sentence on what makers of medicines or devices pay them, and as of when: “None, as of "
        "November 2026.” Empty: the page doesn't say.",
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["order", "person__name", "pk"]

    def __str__(self):
        return str(self.person)

    @property
    def logged_as(self) -> str:
        return f"Profile {self.pk}"

    def clean(self):
        super().clean()
        check_words(**{name: getattr(self, name) for name in WORDS})
        if self.portrait and (not self.portrait.shows_person or self.portrait.why_held_back):
            words = "Say first, at the picture, that it shows a person, and write down their consent."
            raise ValidationError({"portrait": words})

    def save(self, *args, **kwargs):
        check_words(**{name: getattr(self, name) for name in WORDS})
        self.slug = self.slug or free_slug(self.person.name, type(self)._default_manager)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.person.title} {self.person.name}".strip()

    @property
    def has_facts(self) -> bool:
        """Whether a line stands under "At a glance", beside what they treat."""
        words = (self.training, self.languages, self.days, self.maker_money)
        return any((*words, self.person.registration_body))

    @property
    def initials(self) -> str:
        """Of the first and the last part of the name: what is drawn where there is no portrait."""
        parts = self.person.name.split()
        return "".join(part[0] for part in dict.fromkeys((*parts[:1], *parts[-1:]))).upper()

    @property
    def image(self):
        """The portrait as pages show it; None where there is none, or the consent to it holds no longer."""
        if self.portrait is None or not self.portrait.shows_person or self.portrait.why_held_back:
            return None
        return self.portrait.as_image()


def free_slug(name: str, profiles: models.Manager) -> str:
    """The address of a page about `name` that none of the `profiles` has: "ann-li", "ann-li-2"."""
    first = slugify(name)[:70] or "person"
    taken = set(profiles.filter(slug__startswith=first).values_list("slug", flat=True))
    n, slug = 1, first
    while slug in taken:
        n += 1
        slug = f"{first}-{n}"
    return slug

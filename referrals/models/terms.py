import re
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.registry import unsigned_word_checks
from clinic_site.text.folding import fold
from clinic_site.text.saying import has_visible_letters, says_nothing

MEDICINES = re.compile(
    r"\b(?:botox|botulinum\w*|toxin\w*|dysport|xeomin|injections?|injectables?|prescriptions?|insured|treatments?)\b",
    re.I,
)


def things_named(text: str) -> list[str]:
    """What credit may be spent on, of a text with one kind a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class TermsQuerySet(WrittenOnceQuerySet):
    def in_force(self, on=None):
        """The newest version begun on that day (left out: the database's), as a queryset of at most one."""
        return self.filter(from_on__lte=on or TruncDate(Now())).order_by("-from_on", "-pk")[:1]


class Terms(WrittenOnce):
    """A version of the programme's rules and amounts (cents). Never edited: a new version is a new row."""

    from_on = models.DateField("in force from")
    member_cents = models.PositiveIntegerField("reward for the member, in cents", help_text="5000 is 50.00.")
    friend_cents = models.PositiveIntegerField("reward for the friend, in cents", default=0)
    hold_days = models.PositiveSmallIntegerField("days before it can be used", default=14)
    cap_per_year = models.PositiveSmallIntegerField("rewards a member and year", default=10)
    late_mention_days = models.PositiveSmallIntegerField("days for a late mention", default=60)
    expiry_days = models.PositiveSmallIntegerField(
        "days until it expires",
        null=True,
        blank=True,
        help_text="Counted from the day it was given. Empty: never.",
    )
    alone_cents = models.PositiveIntegerField(
        "adjustments by one person, in cents",
        default=5000,
        help_text="What one manager may move on one account within thirty days. Above it, a second manager "
        "agrees first.",
    )
    spendable_on = models.TextField(
        "what it may be spent on",
        help_text="One kind a line. Never a prescription-only medicine or an insured service.",
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TermsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "terms"
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(member_cents__gt=0), name="a_reward_is_above_zero"),
            # two versions of one day would leave open which one counts
            models.UniqueConstraint(fields=["from_on"], name="one_version_a_day"),
            models.CheckConstraint(condition=models.Q(cap_per_year__gt=0), name="a_cap_is_above_zero"),
            models.CheckConstraint(
                condition=models.Q(expiry_days=None) | models.Q(expiry_days__gt=models.F("hold_days")),
                name="credit_can_be_used_before_it_expires",
            ),
        ]

    def __str__(self):
        return f"Terms of {self.from_on}"

    def clean(self):
        super().clean()
        if self.from_on and self.from_on < timezone.localdate():
            raise ValidationError(
                {"from_on": "New terms begin today or later: what was promised before stays promised."}
            )
        self._refuse_medicines()

    def save(self, *args, **kwargs):
        self._refuse_medicines()
        super().save(*args, **kwargs)

    def _refuse_medicines(self) -> None:
        if not has_visible_letters(self.spendable_on):
            raise ValidationError({"spendable_on": "Say what it may be spent on."})
        if found := MEDICINES.search(fold(self.spendable_on).text):
            raise ValidationError(
                {
                    "spendable_on": f"“{found[0]}”: credit is never spent on a prescription-only medicine or "
                    "an insured service."
                }
            )
        if wrong := [fault for check in unsigned_word_checks for fault in check(self.spendable_on)]:
            raise ValidationError({"spendable_on": wrong})

    @staticmethod
    def offer_cents():
        """An expression: the member's reward in force, in cents, or NULL where the programme is closed."""
        return models.Subquery(Terms.objects.filter(Switch.is_on()).in_force().values("member_cents"))

    @property
    def spendable(self) -> list[str]:
        return things_named(self.spendable_on)


class Switch(WrittenOnce):
    """The programme was opened or closed. The newest row counts; with none, it is closed.

    Closed, it takes no new member and no new introduction; what was promised is kept.
    """

    database_rules = (
        Rule("said", "INSERT", says_nothing("NEW.because"), "opening or closing has a reason in words"),
    )

    is_open = models.BooleanField("the programme is open")
    because = models.CharField(
        "why",
        max_length=200,
        help_text="To open it: who looked up that it's lawful here, and where their answer is kept. Some "
        "colleges (New Brunswick's, Nova Scotia's and Saskatchewan's among them), several US states and the "
        "US federal anti-kickback law forbid rewards for referring a patient.",
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "opening or closing"
        verbose_name_plural = "opening and closing"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(because=""), name="a_switch_has_a_reason")]

    def clean(self):
        super().clean()
        if not has_visible_letters(self.because):
            raise ValidationError({"because": "Say why, in words."})

    def __str__(self):
        return f"{'Opened' if self.is_open else 'Closed'} on {timezone.localdate(self.at)}"

    @classmethod
    def is_on(cls):
        """A condition: the programme is open."""
        newest = cls.objects.order_by("-pk").values("pk")[:1]
        return models.Exists(cls.objects.filter(pk=models.Subquery(newest), is_open=True))

"""Refer a friend: the terms of the programme."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from clinic_site.append_only import WrittenOnce, WrittenOnceQuerySet

MEDICINES = re.compile(
    r"\b(?:botox|botulinum\w*|toxin\w*|dysport|xeomin|injections?|injectables?|prescriptions?|insured|treatments?)\b", re.I
)


class TermsQuerySet(WrittenOnceQuerySet):
    def in_force(self):
        """The newest version that has begun, as a queryset of at most one. The database says what day it is."""
        return self.filter(from_on__lte=TruncDate(Now())).order_by("-from_on", "-pk")[:1]


class Terms(WrittenOnce):
    """A version of the programme's rules and amounts. Never edited: a new version is a new row. Amounts are in cents."""

    from_on = models.DateField("in force from")
    member_cents = models.PositiveIntegerField("reward for the member, in cents", help_text="5000 is 50.00.")
    friend_cents = models.PositiveIntegerField("reward for the friend, in cents", default=0)
    hold_days = models.PositiveSmallIntegerField("days before it can be used", default=14)
    cap_per_year = models.PositiveSmallIntegerField("rewards a member and year", default=10)
    late_mention_days = models.PositiveSmallIntegerField("days for a late mention", default=60)
    expiry_days = models.PositiveSmallIntegerField("days until it expires", null=True, blank=True, help_text="Empty: never.")
    spendable_on = models.TextField(
        "what it may be spent on", help_text="One kind a line. Never a prescription-only medicine or an insured service."
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "terms"
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(member_cents__gt=0), name="a_reward_is_above_zero"),
            # two versions of one day would leave open which one counts
            models.UniqueConstraint(fields=["from_on"], name="one_version_a_day"),
            models.CheckConstraint(condition=models.Q(cap_per_year__gt=0), name="a_cap_is_above_zero"),
        ]

    def __str__(self):
        return f"Terms of {self.from_on}"

    def clean(self):
        super().clean()
        if self.from_on and self.from_on < timezone.localdate():
            raise ValidationError({"from_on": "New terms begin today or later: what was promised before stays promised."})
        self._refuse_medicines()

    def save(self, *args, **kwargs):
        self._refuse_medicines()
        super().save(*args, **kwargs)

    def _refuse_medicines(self) -> None:
        if found := MEDICINES.search(self.spendable_on):
            raise ValidationError(
                {"spendable_on": f"“{found[0]}”: credit is never spent on a prescription-only medicine or an insured service."}
            )

    @staticmethod
    def offer_cents():
        """An expression: the member's reward under the terms in force, in cents, or NULL without terms."""
        return models.Subquery(Terms.objects.in_force().values("member_cents"))

    @property
    def spendable(self) -> list[str]:
        return [line.strip() for line in self.spendable_on.splitlines() if line.strip()]

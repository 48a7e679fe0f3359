"""Refer a friend: the terms of the programme."""

from django.db import models
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from clinic_site.append_only import WrittenOnce, WrittenOnceQuerySet


class TermsQuerySet(WrittenOnceQuerySet):
    def in_force(self):
        """The newest version that has begun, as a queryset of at most one. The database says what day it is."""
        return self.filter(from_on__lte=TruncDate(Now())).order_by("-from_on", "-pk")[:1]


class Terms(WrittenOnce):
    """A version of the programme's rules and amounts. Never edited: a new version is a new row. Amounts are in cents."""

    from_on = models.DateField("in force from")
    member_cents = models.PositiveIntegerField("reward for the member, in cents")
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
            models.CheckConstraint(condition=models.Q(cap_per_year__gt=0), name="a_cap_is_above_zero"),
        ]

    def __str__(self):
        return f"Terms of {self.from_on}"

    @staticmethod
    def offer_cents():
        """An expression: the member's reward under the terms in force, in cents, or NULL without terms."""
        return models.Subquery(Terms.objects.in_force().values("member_cents"))

    @property
    def spendable(self) -> list[str]:
        return [line.strip() for line in self.spendable_on.splitlines() if line.strip()]

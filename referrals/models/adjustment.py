from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.text.saying import says_nothing
from referrals.models.account import Account

STAFF = settings.AUTH_USER_MODEL


class AdjustmentQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        """A second manager has to look at them."""
        return self.filter(needs_second=True, approved_at=None, refused_at=None)


class Adjustment(WrittenOnce):
    """Credit given (`cents` above zero) or taken; over the terms' amount it waits for a second manager."""

    database_rules = (
        Rule("said", "INSERT", says_nothing("NEW.because"), "an adjustment has a reason in words"),
    )
    stamps = ("approved_at", "approved_by", "refused_at", "refused_by")

    account = models.ForeignKey(Account, models.PROTECT, related_name="adjustments")
    cents = models.IntegerField("amount")
    because = models.CharField(
        "reason", max_length=200, help_text="Without anybody's name: it stays for good."
    )
    token = models.UUIDField(unique=True, editable=False)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    needs_second = models.BooleanField()
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar = AdjustmentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(cents=0), name="an_adjustment_moves_something"),
            models.CheckConstraint(condition=~models.Q(because=""), name="an_adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | models.Q(needs_second=True) & ~models.Q(approved_by=models.F("asked_by")),
                name="an_adjustment_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None) | models.Q(refused_at=None), name="approved_or_refused"
            ),
        ]

    def __str__(self):
        return f"Adjustment {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """A second manager has to look at it."""
        return self.needs_second and not (self.approved_at or self.refused_at)

from django.db import models
from django.utils import timezone

from clinic_site.append_only import WrittenOnce
from referrals.transfer_kinds import SystemAccount


class Account(WrittenOnce):
    """Where credit sits: the clinic's own (`system`), a member's, or a friend's (known by the referral)."""

    system = models.CharField(max_length=11, choices=SystemAccount, blank=True)
    member = models.OneToOneField(
        "referrals.Member", models.PROTECT, null=True, blank=True, related_name="account"
    )
    referral = models.OneToOneField(
        "referrals.Referral", models.PROTECT, null=True, blank=True, related_name="friend_account"
    )
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(system__in=SystemAccount.values, member=None, referral=None)
                | models.Q(system="", member__isnull=False, referral=None)
                | models.Q(system="", member=None, referral__isnull=False),
                name="an_account_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=["system"], condition=~models.Q(system=""), name="one_account_a_system_account"
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """Its name in the export and under each digest: nothing personal, and it never changes."""
        return label_of(self.pk, self.system)

    @property
    def is_confirmed(self) -> bool:
        """The desk has seen who its member is: its credit may be used. A friend's waits for nothing."""
        return self.member is None or bool(self.member.confirmed_at)

    @property
    def spendable(self) -> list[str]:
        """What credit that it gets may be spent on: as the terms say that its owner accepted last."""
        owner = self.member or self.referral
        terms = owner and owner.terms
        return terms.spendable if terms else []


def label_of(pk: int, system: str) -> str:
    return system or f"account-{pk}"

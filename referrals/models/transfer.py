"""What must stay true of the ledger, in the database too (triggers on both engines, see `transfer_rules`):

- a transfer is written once; its number is the next one, and its digest stands on the one before;
- it has one source, one destination, cents above zero, and a cause (`key`) that no other transfer has;
- no member's and no friend's account is ever below zero, after any prefix of history;
- credit takes one of the ways of `transfer_kinds`, each with what it says and needs;
- a referral is rewarded once, after it was attended, with the amount of the terms that its member accepted;
- a transfer is reversed once at most, by another transfer, for no more than it moved;
- nobody moves credit to or from their own account, and nobody approves what they asked for.

All amounts are whole cents.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from clinic_site.append_only import Rule, WrittenOnce
from clinic_site.text.saying import says_nothing
from referrals.models.account import Account
from referrals.models.referral import Referral
from referrals.models.transfer_rules import ledger_rules
from referrals.transfer_kinds import EXPIRY, TransferKind, kind_of

STAFF = settings.AUTH_USER_MODEL
INVOICE: Any = RegexValidator(  # Any: in its stubs `regex` may be text
    r"^[A-Za-z]{0,4}[-/]?\d{1,6}(?:[-/]\d{1,4})?\Z", "An invoice number, such as 2026-0142."
)


class Transfer(WrittenOnce):
    """Credit moved between two accounts, with the reason. `ledger.post` writes it, nothing else does."""

    database_rules = ledger_rules

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    source = models.ForeignKey(Account, models.PROTECT, related_name="outgoing")
    destination = models.ForeignKey(Account, models.PROTECT, related_name="incoming")
    cents = models.PositiveIntegerField()
    key = models.CharField("cause", max_length=80, unique=True, help_text="The same cause moves credit once.")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="transfers")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    spent_on = models.CharField(max_length=200, blank=True)
    invoice = models.CharField(max_length=16, blank=True, validators=[INVOICE])
    reason = models.CharField(
        max_length=200, blank=True, help_text="Without anybody's name: it stays for good."
    )
    by = models.ForeignKey(
        STAFF, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: expired by itself."
    )
    approved_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["at"], name="transfer_at")]
        constraints = [
            models.CheckConstraint(condition=models.Q(cents__gt=0), name="a_transfer_moves_something"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("destination")), name="a_transfer_goes_somewhere"
            ),
            models.CheckConstraint(condition=models.Q(number__gt=0), name="numbers_begin_at_one"),
            models.CheckConstraint(condition=~models.Q(key=""), name="a_transfer_has_a_cause"),
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | models.Q(key__startswith=EXPIRY.prefix),
                name="only_expiry_is_nobodys_doing",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("by")),
                name="a_second_person_approves",
            ),
        ]
        permissions = [
            ("redeem_credit", "Can redeem credit"),
            ("reverse_transfer", "Can reverse a transfer"),
            ("adjust_credit", "Can adjust credit, and approve an adjustment"),
            ("view_report", "Can see what the programme owes"),
        ]

    def __str__(self):
        return f"Transfer {self.number}"

    @property
    def kind(self) -> TransferKind | None:
        """Which row of the table it is; None where credit doesn't move that way."""
        return kind_of(
            self.source.system, self.destination.system, reverses=self.reverses_id is not None, key=self.key
        )

    @property
    def person(self) -> Account:
        """The member's or friend's account: the clinic's own stands at the other end."""
        return self.source if self.destination.system else self.destination

    def facts(self) -> tuple:
        accounts = self.source.label, self.destination.label
        reverses = self.reverses.number if self.reverses else None
        said = self.spent_on, self.invoice, self.reason, self.by_id, self.approved_by_id
        return facts_of(self.number, self.at, *accounts, self.cents, self.key, reverses, *said)


def facts_of(number: int, at: datetime, source: str, destination: str, *others) -> tuple:
    """What the digest of a transfer stands for, beside the digest before: nothing personal, in the order of
    the export.

    `source` and `destination` are labels; `others` are cents, key, the number of the transfer that it
    reverses, spent_on, invoice, reason, and who did and who approved it, by their number.
    """
    return (number, at.astimezone(UTC).isoformat(timespec="microseconds"), source, destination, *others)


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def digest_of(facts: Iterable, before: str) -> str:
    """SHA-256, as hex, over a transfer's facts and the digest before it (empty before the first)."""
    return hashlib.sha256(_as_json([*facts, before]).encode()).hexdigest()


class Head(models.Model):
    """The last transfer's number and digest: one row, which whoever moves credit locks first."""

    database_rules = (
        Rule(
            "follows",
            "UPDATE",
            "NEW.id <> OLD.id OR NEW.number <> OLD.number + 1 OR NOT EXISTS "
            "(SELECT 1 FROM referrals_transfer t WHERE t.number = NEW.number AND t.digest = NEW.digest)",
            "the head follows the last transfer",
        ),
        Rule("kept", "DELETE", "", "the head of the ledger is never deleted"),
    )

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_head")]

    def __str__(self):
        return f"{self.number}:{self.digest}"


class FormerRules(WrittenOnce):
    """Transfers up to `until` were made by the rules of version 1.0, and are judged by them: a day of a hold
    or an expiry was 24 hours, and any credit could be spent on what its owner's last accepted terms named.
    Credit of then still expires at the hour that it had; a hold ends as told. The migration that brought the
    rules of today wrote the row; a ledger that began with them has none.
    """

    database_rules = (Rule("never", "INSERT", "", "former rules end with an upgrade, and never begin anew"),)

    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="rules_changed_once")]

    def __str__(self):
        return f"Rules of version 1.0, until {self.until}"


class Reversal(WrittenOnce):
    """A transfer was taken back as far as its credit was there. What was spent is a loss, and no transfer."""

    database_rules = (
        Rule("said", "INSERT", says_nothing("NEW.because"), "a reversal has a reason in words"),
    )

    of = models.OneToOneField(Transfer, models.PROTECT, related_name="reversal")
    transfer = models.OneToOneField(Transfer, models.PROTECT, null=True, blank=True, related_name="+")
    lost_cents = models.PositiveIntegerField()
    because = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(because=""), name="a_reversal_has_a_reason")
        ]

    def __str__(self):
        return f"Reversal of {self.of}"

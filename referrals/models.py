"""Refer a friend: its terms, who takes part, who was sent, and the rows of the ledger.

What must stay true of the ledger, in the database too (triggers, on both engines, below):

- a transfer is written once; its number is the next one, and its digest stands on the one before;
- it has one source, one destination, cents above zero, and a cause (`key`) that no other transfer has;
- no member's and no friend's account is ever below zero, after any prefix of history;
- credit takes one of seven paths between accounts, each with what it must say for itself;
- a referral is rewarded once, after it was attended, with the amount of the terms that its member accepted;
- a transfer is reversed once at most, by another transfer, for no more than it moved;
- nobody moves credit to or from their own account, and nobody approves what they asked for.

All amounts are whole cents.
"""

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models.functions import Now, TruncDate
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts.people_search import Found
from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.text.normalise import normal_phone
from clinic_site.text.search_keys import SearchKeyField
from referrals import letters
from referrals.codes import ALPHABET, new_code, read_code

MEDICINES = re.compile(
    r"\b(?:botox|botulinum\w*|toxin\w*|dysport|xeomin|injections?|injectables?|prescriptions?|insured|treatments?)\b",
    re.I,
)
# something that a visit or an invoice is known by in the clinic's own books: too short for a telephone number
VISIT_NUMBER = RegexValidator(
    r"^[A-Za-z]{0,3}-?\d{1,6}\Z", "Up to three letters and six digits, as on the appointment: V-1042."
)
INVOICE = RegexValidator(
    r"^[A-Za-z]{0,4}[-/]?\d{1,6}(?:[-/]\d{1,4})?\Z", "An invoice number, such as 2026-0142."
)
# what a link must not say of anybody, and what reads like an advertisement; beside the medicines above
NOT_IN_A_NAME = re.compile(
    r"\b(?:dr|doctor|nurse|clinics?|patients?|medic\w*|migraines?|headaches?|sweat\w*|hyperhidrosis|tmj|spasms?|wrinkles?|acne|"
    r"fillers?|cosmetics?|aesthetics?|free|discounts?|offers?|credits?|rewards?)\b",
    re.I,
)
STAFF = settings.AUTH_USER_MODEL


class Refused(Exception):
    """A step that may not happen, with the reason in words for whoever took it."""


def require(user, permission: str, words: str) -> None:
    """Raises Refused with `words` unless one of the user's roles grants "referrals.`permission`"."""
    if not user.has_role_permission(f"referrals.{permission}"):
        raise Refused(words)


def check_link_name(name: str) -> None:
    """Raises ValidationError unless this reads as somebody's name: letters of any script, no address, no
    link, no health.
    """
    of_letters = all(unicodedata.category(c)[0] in "LM" or c in " -'’." for c in name)
    if not (of_letters and name[:1].isalpha()) or re.search(r"\.\w{2}", name):
        raise ValidationError("Write a name and nothing else: no number, no address, no link.")
    if found := MEDICINES.search(name) or NOT_IN_A_NAME.search(name):
        raise ValidationError(
            f"Leave out “{found[0]}”: a link says nothing about anybody’s health, and advertises nothing."
        )


def new_reference() -> str:
    return "F" + "".join(secrets.choice(ALPHABET) for _ in range(7))


# --- the programme ------------------------------------------------------------------------------------------


class TermsQuerySet(WrittenOnceQuerySet):
    def in_force(self, on=None):
        """The newest version that has begun, as a queryset of at most one, on the day `on`; left out, the
        database says what day it is.
        """
        return self.filter(from_on__lte=on or TruncDate(Now())).order_by("-from_on", "-pk")[:1]


class Terms(WrittenOnce):
    """A version of the programme's rules and amounts.

    Never edited: a new version is a new row. Amounts are in cents.
    """

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

    objects = TermsQuerySet.as_manager()

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
        if found := MEDICINES.search(self.spendable_on):
            raise ValidationError(
                {
                    "spendable_on": f"“{found[0]}”: credit is never spent on a prescription-only medicine or "
                    "an insured service."
                }
            )

    @staticmethod
    def offer_cents():
        """An expression: the member's reward under the terms in force, in cents, or NULL where the programme
        is closed.
        """
        return models.Subquery(Terms.objects.filter(Switch.is_on()).in_force().values("member_cents"))

    @property
    def spendable(self) -> list[str]:
        return [line.strip() for line in self.spendable_on.splitlines() if line.strip()]


class Switch(WrittenOnce):
    """The programme was opened or closed. The newest row counts; with none, it is closed.

    Closed, it takes no new member and no new introduction; what was promised is kept.
    """

    is_open = models.BooleanField("the programme is open")
    because = models.CharField(
        "why",
        max_length=200,
        help_text="To open it: who looked up that it's lawful here, and where their answer is kept. Some "
        "colleges (New Brunswick's, Nova Scotia's and Saskatchewan's among them), several US states and the "
        "US federal anti-kickback law forbid rewards for referring a patient.",
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "opening or closing"
        verbose_name_plural = "opening and closing"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(because=""), name="a_switch_has_a_reason")]

    def __str__(self):
        return f"{'Opened' if self.is_open else 'Closed'} on {timezone.localdate(self.at)}"

    @classmethod
    def is_on(cls):
        """A condition: the programme is open."""
        newest = cls.objects.order_by("-pk").values("pk")[:1]
        return models.Exists(cls.objects.filter(pk=models.Subquery(newest), is_open=True))


# --- who takes part -----------------------------------------------------------------------------------------


class MemberQuerySet(models.QuerySet):
    def active(self):
        """Those whose link works."""
        return self.filter(left_at=None, forgotten_at=None)

    def by_code(self, typed: str):
        return self.filter(code=read_code(typed) or "")


class Member(models.Model):
    """Somebody who takes part, one-to-one with a user without staff rights.

    Their name and address are the user's.
    """

    database_rules = tuple(
        Rule(
            f"no_staff_{event.lower()}",
            event,
            "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.user_id AND u.is_staff)",
            "staff do not take part",
        )
        for event in ("INSERT", "UPDATE")
    )

    user = models.OneToOneField(STAFF, models.PROTECT, related_name="member")
    code = models.CharField(max_length=7, unique=True, default=new_code, editable=False)
    named_as = models.CharField(
        "name on your link",
        max_length=40,
        blank=True,
        validators=[check_link_name],
        help_text="What a friend reads who opens your link. Empty: nobody is named.",
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    adult_at = models.DateTimeField("said to be 18 or over", editable=False)
    confirmed_at = models.DateTimeField("identity confirmed", null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        STAFF, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    left_at = models.DateTimeField(null=True, blank=True, editable=False)
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None, confirmed_by=None)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="a_confirmation_has_a_name_under_it",
            ),
            models.CheckConstraint(
                condition=models.Q(forgotten_at=None) | models.Q(left_at__isnull=False, named_as=""),
                name="a_forgotten_member_has_left",
            ),
            # the model knows more that isn't a name; these two make an address
            models.CheckConstraint(
                condition=~models.Q(named_as__contains="@") & ~models.Q(named_as__contains="/"),
                name="a_link_names_no_address",
            ),
        ]

    def __str__(self):
        return f"Member {self.code}"  # stands in logs: never a name

    def save(self, *args, **kwargs):
        if self.named_as:
            check_link_name(self.named_as)
        super().save(*args, **kwargs)

    @property
    def link(self) -> str:
        return settings.SITE_URL + reverse("referrals:welcome", args=[self.code])

    @property
    def terms(self) -> "Terms | None":
        """The version that this member accepted last."""
        accepted = self.acceptances.select_related("terms").order_by("-pk").first()
        return accepted and accepted.terms

    @classmethod
    @transaction.atomic
    def join(cls, user, *, terms: "Terms", now=None) -> "Member":
        """Take part: whoever joins says that they are 18 or over and have read `terms`.

        Somebody who left comes back.

        Raises Refused while the programme is closed, and for staff.
        """
        now = now or timezone.now()
        if user.is_staff:
            raise Refused("Staff do not take part.")
        if not Terms.objects.filter(Switch.is_on(), pk=terms.pk).exists():
            raise Refused("The programme takes no new members at the moment.")
        member, is_new = cls.objects.get_or_create(user=user, defaults={"adult_at": now, "joined_at": now})
        came_back = member.left_at is not None
        if is_new:
            Account.objects.create(member=member, opened_at=now)
        elif came_back:
            member.left_at = None
            member.save(update_fields=["left_at"])
        member.accept(terms, now=now)
        if is_new or came_back:
            letters.joined(member, terms, at=now)
        return member

    def accept(self, terms: "Terms", *, now=None) -> None:
        """Agree to a version of the terms; a second time changes nothing."""
        Acceptance.objects.get_or_create(member=self, terms=terms, defaults={"at": now or timezone.now()})

    def confirm(self, *, by, now=None) -> None:
        """The desk has seen who this is. Raises Refused for one's own membership."""
        require(by, "handle_referral", "The front desk or a manager confirms who a member is.")
        if by.pk == self.user_id:
            raise Refused("Nobody confirms themselves.")
        if not self.confirmed_at:
            self.confirmed_at, self.confirmed_by = now or timezone.now(), by
            self.save(update_fields=["confirmed_at", "confirmed_by"])

    def be_named(self, name: str) -> None:
        """Friends who open the link read that name; empty: nobody's.

        Raises ValidationError where it isn't a name.
        """
        self.named_as = name
        self.save(update_fields=["named_as"])

    def leave(self, *, now=None) -> None:
        """The link stops working.

        The credit stays, and so does what was promised for friends who came before.
        """
        if not self.left_at:
            self.left_at = now or timezone.now()
            self.save(update_fields=["left_at"])

    def forget(self, *, now=None) -> None:
        """Nothing here says any more who this was; their mails about it go too.

        Referrals and credit stay, under the code.
        """
        now = now or timezone.now()
        self.named_as, self.left_at, self.forgotten_at = "", self.left_at or now, self.forgotten_at or now
        self.save(update_fields=["named_as", "left_at", "forgotten_at"])
        Email.objects.filter(notice__member=self).delete()


class Acceptance(WrittenOnce):
    """A member said that they had read a version of the terms, and agreed."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="acceptances")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "terms"], name="accepted_once")]

    def __str__(self):
        return f"{self.member}: {self.terms}"

    @classmethod
    def behind(cls, code: str) -> "Acceptance | None":
        """What a link with that code stands on: its member, and the terms that they accepted last.

        None where the link is not in use: it is nobody's, its member left, or the programme is closed. One
        query in any case.
        """
        active = cls.objects.filter(Switch.is_on(), member__in=Member.objects.active().by_code(code))
        return active.select_related("member", "terms").order_by("-pk").first()


# --- who was sent -------------------------------------------------------------------------------------------


class Because(models.TextChoices):
    """Why a referral was declined. A choice, not a sentence: a sentence would end up naming somebody."""

    KNOWN = "known", "was a patient here before"
    SELF = "self", "is the member"
    TWICE = "twice", "came through another referral"
    NEVER = "never", "never came"
    LATE = "late", "was mentioned too late"
    MINOR = "minor", "is under 18"
    STAFF = "staff", "works here, or lives with somebody who does"


_signer = signing.Signer(salt="referrals.introduction", sep=".")


class ReferralQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        """Introduced, and neither attended, declined nor withdrawn."""
        return self.filter(attended_at=None, declined_at=None, withdrawn_at=None)


class Referral(WrittenOnce):
    """One friend sent by one member.

    Who the friend is stands in the introduction alone, which can be erased.
    """

    stamps = (
        "attended_on",
        "attended_at",
        "attended_by",
        "visit_number",
        "declined_at",
        "declined_by",
        "declined_because",
        "withdrawn_at",
    )
    database_rules = (
        Rule(
            "accepted",
            "INSERT",
            "NOT EXISTS (SELECT 1 FROM referrals_acceptance a WHERE a.member_id = NEW.member_id AND "
            "a.terms_id = NEW.terms_id)",
            "a referral stands under terms that its member accepted",
        ),
        Rule(
            "own",
            "UPDATE",
            "EXISTS (SELECT 1 FROM referrals_member m WHERE m.id = NEW.member_id "
            "AND m.user_id IN (NEW.attended_by_id, NEW.declined_by_id))",
            "nobody decides about their own referral",
        ),
    )

    member = models.ForeignKey(Member, models.PROTECT, related_name="referrals")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=8, unique=True, default=new_reference, editable=False)
    # the form that made it: sent twice, it makes one
    token = models.UUIDField(unique=True, editable=False)
    introduced_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: the friend spoke up at the desk."
    )
    mentioned_at = models.DateTimeField(null=True, blank=True, help_text="A late mention at the desk.")
    mentioned_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    attended_on = models.DateField("came on", null=True, blank=True)
    attended_at = models.DateTimeField(null=True, blank=True)
    attended_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    # one visit, one referral
    visit_number = models.CharField(
        max_length=10, unique=True, null=True, blank=True, validators=[VISIT_NUMBER]
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    declined_because = models.CharField(max_length=5, choices=Because, null=True, blank=True)  # noqa: DJ001
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["introduced_at"],
                condition=models.Q(attended_at=None, declined_at=None, withdrawn_at=None),
                name="referral_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(introduced_at__isnull=False, mentioned_at=None, mentioned_by=None)
                | models.Q(introduced_at=None, mentioned_at__isnull=False, mentioned_by__isnull=False),
                name="introduced_or_mentioned",
            ),
            models.CheckConstraint(
                condition=models.Q(attended_on=None, attended_at=None, attended_by=None, visit_number=None)
                | models.Q(attended_on__isnull=False, attended_at__isnull=False, attended_by__isnull=False),
                name="attended_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(declined_at=None, declined_by=None, declined_because=None)
                | models.Q(
                    declined_at__isnull=False, declined_by__isnull=False, declined_because__in=Because.values
                ),
                name="declined_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(attended_at=None) | models.Q(declined_at=None), name="attended_or_declined"
            ),
            models.CheckConstraint(
                condition=models.Q(mentioned_at=None)
                | models.Q(attended_at__isnull=False, visit_number__isnull=False),
                name="a_late_mention_names_its_visit",
            ),
        ]
        permissions = [("handle_referral", "Can find, confirm and decline a referral")]

    def __str__(self):
        return self.reference

    @classmethod
    @transaction.atomic
    def introduce(cls, member: Member, *, token, may_tell: bool, now=None, **typed) -> "Referral":
        """A friend introduces themself: `typed` is name, email, phone, times. The same `token` introduces
        once.

        Raises Refused where the programme is closed or the member has left.
        """
        now = now or timezone.now()
        # of one form that is sent twice at once, the second waits here, and finds what the first made
        active = Member.objects.select_for_update().active().filter(pk=member.pk).first()
        if before := cls.objects.filter(token=token).first():
            return before
        if not (active and Switch.objects.filter(Switch.is_on()).exists()):
            raise Refused("This link is not in use at the moment.")
        referral = cls.objects.create(member=member, terms=member.terms, token=token, introduced_at=now)
        Introduction.objects.create(
            referral=referral,
            adult_at=now,
            contact_agreed_at=now,
            telling_agreed_at=now if may_tell else None,
            **typed,
        )
        letters.introduced(referral, at=now)
        return referral

    @transaction.atomic
    def withdraw(self, *, now=None) -> None:
        """The friend takes back what they typed: it is erased, and so are the mails to them.

        What was decided before stays decided. A second time changes nothing.
        """
        self.withdrawn_at = Referral.objects.select_for_update().get(pk=self.pk).withdrawn_at
        if not self.withdrawn_at:
            Introduction.objects.filter(referral=self).delete()
            self.stamp(withdrawn_at=now or timezone.now())
            letters.withdrawn(self)

    @property
    def key(self) -> str:
        """What the friend's own links hold: whoever has it may withdraw.

        It can't be made from the reference.
        """
        return _signer.sign(self.reference)

    @classmethod
    def by_key(cls, key: str) -> "Referral | None":
        """The referral whose friend was given that key, while what they typed is held.

        One query in any case.
        """
        try:
            reference = _signer.unsign(key)
        except signing.BadSignature:
            reference = ""
        return cls.objects.filter(reference=reference, introduction__isnull=False).first()

    @property
    def withdraw_link(self) -> str:
        return settings.SITE_URL + reverse("referrals:withdraw", args=[self.key])

    @property
    def is_waiting(self) -> bool:
        return not (self.attended_at or self.declined_at or self.withdrawn_at)


class Introduction(Found):
    """What a friend typed about themself, and agreed that the clinic may use.

    The only place for a friend's contact: a row goes when they withdraw or ask to be forgotten.
    """

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="introduction")
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("your e-mail address", blank=True)
    phone = models.CharField(
        "your phone number",
        max_length=30,
        blank=True,
        validators=[RegexValidator(r"^[\d\s()+.\-x]{7,30}\Z", "Write a phone number, such as 416 555 0100.")],
    )
    times = models.CharField("when we may reach you", max_length=200, blank=True)
    adult_at = models.DateTimeField("said to be 18 or over")
    contact_agreed_at = models.DateTimeField("agreed to be contacted")
    telling_agreed_at = models.DateTimeField("agreed that the member may be told", null=True, blank=True)
    same_phone = SearchKeyField(of="phone", make=normal_phone, max_length=10)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(email="", phone=""), name="an_introduction_can_be_answered"
            ),
        ]

    def __str__(self):
        return f"Introduction {self.referral_id}"


# --- the ledger ---------------------------------------------------------------------------------------------


class House(models.TextChoices):
    """The clinic's own accounts. Where credit sits says what happened to it."""

    PROMOTIONS = "promotions", "Rewards"  # gives rewards; takes them back when they are reversed
    REDEEMED = "redeemed", "Redeemed"
    EXPIRED = "expired", "Expired"
    ADJUSTMENTS = "adjustments", "Adjustments"


class Account(WrittenOnce):
    """Where credit sits: the clinic's own (`house`), a member's, or a friend's (known by the referral
    alone).
    """

    house = models.CharField(max_length=11, choices=House, blank=True)
    member = models.OneToOneField(Member, models.PROTECT, null=True, blank=True, related_name="account")
    referral = models.OneToOneField(
        Referral, models.PROTECT, null=True, blank=True, related_name="friend_account"
    )
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(house__in=House.values, member=None, referral=None)
                | models.Q(house="", member__isnull=False, referral=None)
                | models.Q(house="", member=None, referral__isnull=False),
                name="an_account_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=["house"], condition=~models.Q(house=""), name="one_account_a_house"
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """What the account is called in the export and under each digest: nothing personal, and it never
        changes.
        """
        return label_of(self.pk, self.house)


def label_of(pk: int, house: str) -> str:
    return house or f"account-{pk}"


class Notice(models.Model):
    """A cause to write to a member or a friend, or to the desk about a friend, was seen to: each once.

    `mail` is empty where there was no address, and when the mail is no longer kept.
    """

    key = models.CharField("cause", max_length=80, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="notices")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="notices")
    mail = models.OneToOneField(
        "post_office.Email", models.SET_NULL, null=True, blank=True, related_name="notice"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(member__isnull=False, referral=None)
                | models.Q(member=None, referral__isnull=False),
                name="a_notice_is_about_one",
            ),
        ]

    def __str__(self):
        return self.key


def _account(column: str, which: str) -> str:
    return f"(SELECT {column} FROM referrals_account x WHERE x.id = NEW.{which}_id)"


def _between(source: str, destination: str) -> str:
    return (
        f"{_account('x.house', 'source')} = '{source}' AND {_account('x.house', 'destination')} = "
        f"'{destination}'"
    )


_PATHS = " OR ".join(
    f"({_between(source, destination)} AND {says})"
    for source, destination, says in (
        ("promotions", "", "NEW.referral_id IS NOT NULL AND NEW.reverses_id IS NULL"),
        ("", "promotions", "NEW.reverses_id IS NOT NULL AND NEW.reason <> ''"),
        ("", "redeemed", "NEW.reverses_id IS NULL AND NEW.spent_on <> '' AND NEW.invoice <> ''"),
        ("redeemed", "", "NEW.reverses_id IS NOT NULL AND NEW.reason <> ''"),
        ("", "expired", "NEW.reverses_id IS NULL AND NEW.key LIKE 'expiry:%'"),
        ("adjustments", "", "NEW.reason <> ''"),
        ("", "adjustments", "NEW.reason <> ''"),
    )
)


class Transfer(WrittenOnce):
    """Credit moved between two accounts, with the reason. `ledger.post` writes it, nothing else does."""

    database_rules = (
        Rule(
            "next_number",
            "INSERT",
            # of two writers that both saw the same last number, the unique key stops the second: moves stand
            # in one order
            "NEW.number <> COALESCE((SELECT MAX(t.number) FROM referrals_transfer t), 0) + 1",
            "transfers are numbered without a gap",
        ),
        Rule(
            "order",
            "INSERT",
            "NEW.at < (SELECT t.at FROM referrals_transfer t WHERE t.number = NEW.number - 1)",
            "transfers stand in the order of time",
        ),
        Rule("path", "INSERT", f"NOT COALESCE({_PATHS}, FALSE)", "credit does not move that way"),
        Rule(
            "overdrawn",
            "INSERT",
            f"CASE WHEN {_account('x.house', 'source')} <> '' THEN FALSE ELSE "
            "COALESCE((SELECT SUM(t.cents) FROM referrals_transfer t WHERE t.destination_id = "
            "NEW.source_id), 0) - COALESCE((SELECT SUM(t.cents) FROM referrals_transfer t WHERE t.source_id "
            "= NEW.source_id), 0) < NEW.cents END",
            "an account is never below zero",
        ),
        Rule(
            "reward",
            "INSERT",
            "NEW.referral_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM referrals_referral r "
            "JOIN referrals_terms p ON p.id = r.terms_id JOIN referrals_account x ON x.id = "
            "NEW.destination_id WHERE r.id = NEW.referral_id AND r.attended_at IS NOT NULL AND ("
            "(NEW.key = 'referral:' || r.id || ':member' AND x.member_id = r.member_id AND NEW.cents = "
            "p.member_cents) OR (NEW.key = 'referral:' || r.id || ':friend' AND x.referral_id = r.id AND "
            "NEW.cents = p.friend_cents)))",
            "a referral is rewarded once, after it was attended, under the terms that its member accepted",
        ),
        Rule(
            "reversal",
            "INSERT",
            "NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM referrals_transfer t WHERE t.id = "
            "NEW.reverses_id AND t.source_id = NEW.destination_id AND t.destination_id = NEW.source_id AND "
            "t.cents >= NEW.cents AND t.reverses_id IS NULL AND t.key NOT LIKE 'expiry:%')",
            "a reversal goes back the way of one transfer, for no more than it moved",
        ),
        Rule(
            "confirmed",
            "INSERT",
            f"{_account('x.house', 'destination')} = 'redeemed' AND EXISTS (SELECT 1 FROM referrals_account "
            "x "
            "JOIN referrals_member m ON m.id = x.member_id WHERE x.id = NEW.source_id AND m.confirmed_at IS "
            "NULL)",
            "the desk confirms who a member is before the first redemption",
        ),
        Rule(
            "own",
            "INSERT",
            "EXISTS (SELECT 1 FROM referrals_account x JOIN referrals_member m ON m.id = x.member_id "
            "WHERE x.id IN (NEW.source_id, NEW.destination_id) AND m.user_id IN (NEW.by_id, "
            "NEW.approved_by_id))",
            "nobody moves credit to or from their own account",
        ),
    )

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
                condition=models.Q(by__isnull=False) | models.Q(key__startswith="expiry:"),
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

    def facts(self) -> tuple:
        return facts_of(
            self.number,
            self.at,
            self.source.label,
            self.destination.label,
            self.cents,
            self.key,
            self.reverses.number if self.reverses_id else None,
            self.spent_on,
            self.invoice,
            self.reason,
            self.by_id,
            self.approved_by_id,
        )


def facts_of(number: int, at: datetime, source: str, destination: str, *others) -> tuple:
    """What the digest of a transfer stands for, beside the digest before: nothing personal, in the order of
    the export.

    `source` and `destination` are labels; `others` are cents, key, the number of the transfer that it
    reverses, spent_on, invoice, reason, and who did and who approved it, by their number.
    """
    return (number, at.astimezone(UTC).isoformat(timespec="microseconds"), source, destination, *others)


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def digest_of(facts: Iterable, before: str) -> str:
    """SHA-256 over a transfer's facts and the digest of the transfer before it (empty before the first), as
    hex.
    """
    return hashlib.sha256(_as_json([*facts, before]).encode()).hexdigest()


class Head(models.Model):
    """The last transfer's number and digest, in one row.

    Whoever moves credit locks it first: all moves stand in one order.
    """

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


class Reversal(WrittenOnce):
    """A transfer was taken back, as far as the credit was still there.

    What was spent before is a loss, without a transfer.
    """

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


class AdjustmentQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        """A second manager has to look at them."""
        return self.filter(needs_second=True, approved_at=None, refused_at=None)


class Adjustment(WrittenOnce):
    """Credit that a manager gives (`cents` above zero) or takes (below), with a reason.

    Over the terms' amount it waits for a second manager.
    """

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

    objects = AdjustmentQuerySet.as_manager()

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

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.core import signing
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.people_search import PersonSearchKeys
from clinic_site.accounts.phone_numbers import PhoneField, phone_key
from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.search_keys import SearchKeyField
from referrals import emails
from referrals.codes import ALPHABET
from referrals.errors import ReferralError
from referrals.models.member import Member
from referrals.models.terms import Switch, Terms

STAFF = settings.AUTH_USER_MODEL
# something that a visit or an invoice is known by in the clinic's own books: too short for a telephone number
VISIT_NUMBER: Any = RegexValidator(  # Any: in its stubs `regex` may be text
    r"^[A-Za-z]{0,3}-?\d{1,6}\Z", "Up to three letters and six digits, as on the appointment: V-1042."
)
_signer = signing.Signer(salt="referrals.introduction", sep=".")


def new_reference() -> str:
    return "F" + "".join(secrets.choice(ALPHABET) for _ in range(7))


class DeclineReason(models.TextChoices):
    """Why a referral was declined. A choice, not a sentence: a sentence would end up naming somebody."""

    KNOWN = "known", "was a patient here before"
    SELF = "self", "is the member"
    TWICE = "twice", "came through another referral"
    NEVER = "never", "never came"
    LATE = "late", "was mentioned too late"
    MINOR = "minor", "is under 18"
    STAFF = "staff", "works here, or lives with somebody who does"


class ReferralQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        """Introduced, and neither attended, declined nor withdrawn."""
        return self.filter(attended_at=None, declined_at=None, withdrawn_at=None)


class Referral(WrittenOnce):
    """One friend sent by one member. Who it is stands in the introduction alone, which can be erased."""

    stamps = tuple(
        "attended_on attended_at attended_by visit_number declined_at declined_by declined_because "
        "withdrawn_at".split()
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
    declined_because = models.CharField(max_length=5, choices=DeclineReason, null=True, blank=True)  # noqa: DJ001
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ReferralQuerySet.as_manager()

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
                    declined_at__isnull=False,
                    declined_by__isnull=False,
                    declined_because__isnull=False,  # beside NULL, IN is neither true nor false
                    declined_because__in=DeclineReason.values,
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

        Raises ReferralError where the programme is closed or the member has left.
        """
        now = now or timezone.now()
        # of one form that is sent twice at once, the second waits here, and finds what the first made
        active = Member.objects.select_for_update().active().filter(pk=member.pk).first()
        if before := cls.objects.filter(token=token).first():
            return before
        if not (active and Switch.objects.filter(Switch.is_on()).exists() and (terms := member.terms)):
            raise ReferralError("This link is not in use at the moment.")
        referral = cls.objects.create(member=member, terms=terms, token=token, introduced_at=now)
        Introduction.objects.create(
            referral=referral,
            adult_at=now,
            contact_agreed_at=now,
            telling_agreed_at=now if may_tell else None,
            **typed,
        )
        emails.introduced(referral, at=now)
        return referral

    @transaction.atomic
    def withdraw(self, *, now=None) -> None:
        """The friend takes back what they typed: it is erased, and so are the mails to them. What was decided
        before stays decided. A second time changes nothing.
        """
        self.withdrawn_at = Referral.objects.select_for_update().get(pk=self.pk).withdrawn_at
        if not self.withdrawn_at:
            Introduction.objects.filter(referral=self).delete()
            self.stamp(withdrawn_at=now or timezone.now())
            emails.withdrawn(self)

    @property
    def key(self) -> str:
        """What the friend's own links hold: whoever has it may withdraw. No reference makes one."""
        return _signer.sign(self.reference)

    @classmethod
    def by_key(cls, key: str) -> "Referral | None":
        """The referral whose friend has that key, while what they typed is held. One query in any case."""
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


class Introduction(PersonSearchKeys):
    """What a friend typed about themself, and agreed that the clinic may use. The only place for a friend's
    contact: a row goes when they withdraw or ask to be forgotten.
    """

    referral = models.OneToOneField(Referral, models.PROTECT, related_name="introduction")
    name = models.CharField("your name", max_length=100)
    email = models.EmailField("your e-mail address", blank=True)
    phone = PhoneField("your phone number")
    times = models.CharField("when we may reach you", max_length=200, blank=True)
    adult_at = models.DateTimeField("said to be 18 or over")
    contact_agreed_at = models.DateTimeField("agreed to be contacted")
    telling_agreed_at = models.DateTimeField("agreed that the member may be told", null=True, blank=True)
    same_phone = SearchKeyField(of="phone", make=phone_key, max_length=16)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(email="", phone=""), name="an_introduction_can_be_answered"
            ),
        ]

    def __str__(self):
        return f"Introduction {self.referral_id}"

    @property
    def names_danger(self) -> bool:
        """Whether it tells of a sign that can't wait."""
        return names_danger(self.times, self.name)

import re
import unicodedata
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from clinic_site.append_only import Rule, WrittenOnce
from clinic_site.calendar_days import start_of
from clinic_site.text.folding import fold
from referrals import emails
from referrals.codes import new_code, read_code
from referrals.errors import ReferralError, require
from referrals.models.account import Account
from referrals.models.terms import MEDICINES, Switch, Terms

STAFF = settings.AUTH_USER_MODEL
# what a link must not say of anybody, and what reads like an advertisement; beside the medicines above
NOT_IN_A_NAME = re.compile(
    r"\b(?:dr|doctor|nurse|clinics?|patients?|medic\w*|migraines?|headaches?|sweat\w*|hyperhidrosis|tmj|spasms?|wrinkles?|acne|"
    r"fillers?|cosmetics?|aesthetics?|free|discounts?|offers?|credits?|rewards?)\b",
    re.I,
)


def check_link_name(name: str) -> None:
    """Raises ValidationError unless this reads as a name, in any script: no address, no link, no health."""
    of_letters = all(unicodedata.category(c)[0] in "LM" or c in " -'’." for c in name)
    plain = fold(name).text
    if not (of_letters and name[:1].isalpha() and plain[:1].isalpha()) or re.search(r"\.\w{2}", plain):
        raise ValidationError("Write a name and nothing else: no number, no address, no link.")
    if found := MEDICINES.search(plain) or NOT_IN_A_NAME.search(plain):
        raise ValidationError(
            f"Leave out “{found[0]}”: a link says nothing about anybody’s health, and advertises nothing."
        )


class MemberQuerySet(models.QuerySet):
    def active(self):
        """Those whose link works."""
        return self.filter(left_at=None, forgotten_at=None)

    def by_code(self, typed: str):
        return self.filter(code=read_code(typed) or "")


class Member(models.Model):
    """Somebody who takes part: a user without staff rights, who holds their name and address."""

    database_rules = tuple(
        Rule(
            f"no_staff_{event.lower()}",
            event,
            f"EXISTS (SELECT 1 FROM {STAFF.lower().replace('.', '_')} u WHERE u.id = NEW.user_id AND "
            "u.is_staff)",
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
        return accepted.terms if accepted else None

    def terms_on(self, day: date) -> "Terms | None":
        """The version that this member had accepted last by the end of that day."""
        accepted = self.acceptances.select_related("terms").filter(at__lt=start_of(day + timedelta(days=1)))
        last = accepted.order_by("-pk").first()
        return last.terms if last else None

    @classmethod
    @transaction.atomic
    def join(cls, user, *, terms: "Terms", now=None) -> "Member":
        """Take part: whoever joins says that they are 18 or over and have read `terms`. Somebody who left
        comes back.

        Raises ReferralError while the programme is closed, and for staff.
        """
        now = now or timezone.now()
        if user.is_staff:
            raise ReferralError("Staff do not take part.")
        if not Terms.objects.filter(Switch.is_on(), pk=terms.pk).exists():
            raise ReferralError("The programme takes no new members at the moment.")
        member, is_new = cls.objects.get_or_create(user=user, defaults={"adult_at": now, "joined_at": now})
        came_back = member.left_at is not None
        if is_new:
            Account.objects.create(member=member, opened_at=now)
        elif came_back:
            member.left_at = None
            member.save(update_fields=["left_at"])
        member.accept(terms, now=now)
        if is_new or came_back:
            emails.joined(member, terms, at=now)
        return member

    def accept(self, terms: "Terms", *, now=None) -> None:
        """Agree to a version of the terms; a second time changes nothing."""
        Acceptance.objects.get_or_create(member=self, terms=terms, defaults={"at": now or timezone.now()})

    def confirm(self, *, by, now=None) -> None:
        """The desk has seen who this is. Raises ReferralError for one's own membership."""
        require(by, "handle_referral", "The front desk or a manager confirms who a member is.")
        if by.pk == self.user_id:
            raise ReferralError("Nobody confirms themselves.")
        if not self.confirmed_at:
            self.confirmed_at, self.confirmed_by = now or timezone.now(), by
            self.save(update_fields=["confirmed_at", "confirmed_by"])

    def be_named(self, name: str) -> None:
        """Friends read that name; empty: nobody's. Raises ValidationError for what isn't one."""
        self.named_as = name
        self.save(update_fields=["named_as"])

    def leave(self, *, now=None) -> None:
        """The link stops working. Credit stays, and so does what was promised for friends who came before."""
        if not self.left_at:
            self.left_at = now or timezone.now()
            self.save(update_fields=["left_at"])

    def erase(self, *, now=None) -> None:
        """Nothing says any more who this was; their mails go too. Referrals and credit stay, by the code."""
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
        """What a link with that code stands on: its member, and the terms that they accepted last. None where
        the link is not in use: it is nobody's, its member left, or the programme is closed. One query in any
        case.
        """
        active = cls.objects.filter(Switch.is_on(), member__in=Member.objects.active().by_code(code))
        return active.select_related("member", "terms").order_by("-pk").first()

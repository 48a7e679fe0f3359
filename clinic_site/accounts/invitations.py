"""How somebody comes to work here: a manager invites them, and they choose their own password.

The link is known to its receiver alone: of its token the row keeps the digest, and loses it when the link was
used or taken back. Name and address stay no longer than they are needed.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.roles import CLINICIAN, MANAGER, ROLE_DESCRIPTIONS
from clinic_site.append_only import Rule
from clinic_site.calendar_days import in_days
from clinic_site.notifications.mail import MailContent, queue
from clinic_site.registry import PersonalRow, branding
from clinic_site.text.normalise import normal_email
from clinic_site.text.search_keys import SearchKeyField, SearchKeyQuerySet

OPEN_FOR = timedelta(days=7)
KEPT_FOR = 30  # days: name and address, when it's all over


class InvitationError(Exception):
    """An invitation that can't be made or taken up, in words for whoever tried."""


class UnknownInvitation(Exception):
    """The link was used, has ended, was taken back, or never was one."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _not_over() -> Q:
    return Q(accepted_at=None, taken_back_at=None, forgotten_at=None)


class InvitationQuerySet(SearchKeyQuerySet):
    def by_token(self, token: str):
        """The one whose link this is, if it's open still."""
        return self.filter(_not_over(), token_digest=_digest(token), ends_at__gt=timezone.now())


class Invitation(models.Model):
    """Somebody is asked to work here, in one role."""

    database_rules = (
        Rule(
            "inviter",
            "INSERT",
            "NEW.accepted_at IS NOT NULL OR NEW.taken_back_at IS NOT NULL OR NOT EXISTS ("
            "SELECT 1 FROM accounts_user u JOIN accounts_user_groups ug ON ug.user_id = u.id JOIN auth_group "
            "g ON g.id = ug.group_id "
            f"WHERE u.id = NEW.invited_by_id AND u.is_active AND g.name = '{MANAGER}')",
            "a manager invites",
        ),
        Rule(
            "role_stays",
            "UPDATE",
            "OLD.role <> NEW.role OR OLD.invited_by_id <> NEW.invited_by_id OR (NEW.email <> OLD.email AND "
            "NEW.email <> '')",
            "an invitation stays what it was",
        ),
        Rule(
            "once",
            "UPDATE",
            "(OLD.accepted_at IS NOT NULL OR OLD.taken_back_at IS NOT NULL) "
            "AND (NEW.accepted_at IS DISTINCT FROM OLD.accepted_at OR NEW.accepted_by_id IS DISTINCT FROM "
            "OLD.accepted_by_id OR NEW.taken_back_at IS DISTINCT FROM OLD.taken_back_at)",
            "an invitation is used or taken back once",
        ),
        Rule(
            "while_open",
            "UPDATE",
            "OLD.accepted_at IS NULL AND NEW.accepted_at IS NOT NULL "
            "AND (OLD.token_digest IS NULL OR NEW.accepted_at > OLD.ends_at)",
            "an invitation is used while it is open",
        ),
    )

    email = models.EmailField("e-mail address", blank=True)
    same_email = SearchKeyField(of="email", make=normal_email)
    name = models.CharField(max_length=120, blank=True, help_text="First and last name, as pages show it.")
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLE_DESCRIPTIONS])
    title = models.CharField(max_length=30, blank=True, help_text="Dr, RN, NP …")
    registration_body = models.CharField(
        max_length=120,
        blank=True,
        help_text="Of a clinician: the college or council that licenses them. Left empty, they write it "
        "themselves.",
    )
    registration_number = models.CharField(max_length=40, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    token_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 : none when it's over
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    taken_back_at = models.DateTimeField(null=True, editable=False)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    forgotten_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["same_email"], condition=_not_over(), name="one_open_invitation_an_address"
            ),
            models.CheckConstraint(
                condition=Q(registration_body="", registration_number="")
                | ~Q(registration_body="") & ~Q(registration_number=""),
                name="invited_registration_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="an_acceptance_has_a_person",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False, accepted_at=None),
                name="a_taking_back_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(token_digest=None) | _not_over(), name="an_invitation_that_is_over_has_no_link"
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at=None) & ~Q(email="")
                | Q(
                    forgotten_at__isnull=False,
                    email="",
                    name="",
                    title="",
                    registration_body="",
                    registration_number="",
                ),
                name="a_forgotten_invitation_names_nobody",
            ),
        ]

    def __str__(self):
        return f"Invitation {self.pk}: {self.role}"  # stands in the log: no name

    def save(self, *args, **kwargs):
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def status(self) -> str:
        if self.accepted_at:
            return "accepted"
        if self.taken_back_at or self.forgotten_at:
            return "taken back"
        return "open" if self.ends_at > timezone.now() else "ended"

    @property
    def is_over(self) -> bool:
        return bool(self.accepted_at or self.taken_back_at or self.forgotten_at)

    # --- verbs, of a manager --------------------------------------------------------------------------------

    @classmethod
    def why_not(cls, email: str) -> str:
        """Why nobody can be invited to this address, in a sentence for a manager; empty where they can."""
        same = normal_email(email)
        known = get_user_model().objects.filter(same_email=same).order_by("-is_staff").first()
        if known and known.is_staff:
            return f"{known} has an account with this address already: see the list of people."
        if known:
            return (
                "This address belongs to a member of refer-a-friend, whose sign-in can't open the admin. "
                "Ask for another address."
            )
        if cls.objects.filter(_not_over(), same_email=same).exists():
            return (
                "Somebody with this address is invited already: open that invitation to send it again or "
                "take it back."
            )
        return ""

    @classmethod
    @transaction.atomic
    def invite(cls, invitation: "Invitation", *, by) -> "Invitation":
        """Store what a manager wrote of somebody, and mail them a link. Raises InvitationError."""
        if not by.has_role_permission("accounts.add_invitation"):
            raise InvitationError("A manager invites people.")
        if reason := cls.why_not(invitation.email):
            raise InvitationError(reason)
        invitation.invited_by, invitation.invited_at = by, timezone.now()
        token = invitation._new_link()
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError as error:  # two managers at once
            raise InvitationError(
                cls.why_not(invitation.email) or "The invitation couldn't be saved. Check what you entered."
            ) from error
        invitation._mail(token)
        return invitation

    @transaction.atomic
    def send_again(self, *, by) -> None:
        """Mail a new link, open for as long as the first; that one opens nothing any more.

        Raises InvitationError.
        """
        invitation = self._locked(by)
        same = get_user_model().objects.filter(same_email=invitation.same_email)
        if same.exists():
            raise InvitationError("This address has a sign-in of its own by now. Take the invitation back.")
        token = invitation._new_link()
        invitation.save(update_fields=["token_digest", "ends_at"])
        invitation._mail(token)
        self.refresh_from_db()

    @transaction.atomic
    def take_back(self, *, by) -> None:
        """Its link opens nothing any more.

        Raises InvitationError.
        """
        invitation = self._locked(by)
        invitation.token_digest, invitation.taken_back_at, invitation.taken_back_by = None, timezone.now(), by
        invitation.save(update_fields=["token_digest", "taken_back_at", "taken_back_by"])
        self.refresh_from_db()

    def _locked(self, by) -> "Invitation":
        if not by.has_role_permission("accounts.add_invitation"):
            raise InvitationError("A manager looks after invitations.")
        invitation = Invitation.objects.select_for_update().get(pk=self.pk)
        if invitation.is_over:
            raise InvitationError(f"This invitation was {invitation.status} meanwhile.")
        return invitation

    def _new_link(self) -> str:
        token = secrets.token_urlsafe(32)
        self.token_digest, self.ends_at = _digest(token), timezone.now() + OPEN_FOR
        return token

    def _mail(self, token: str) -> None:
        mail = MailContent(
            "An invitation to work on the clinic’s website",
            opening=(
                f"You are invited to work on the website of {branding().name}. The link below opens a page "
                "where you choose "
                "your own password.",
                f"It works once, until {timezone.localtime(self.ends_at):%-d %B %Y, %H:%M}.",
            ),
            rows=(
                ("Invited by", self.invited_by.name),
                ("Role", self.role),
                ("What it does", ROLE_DESCRIPTIONS[self.role]),
            ),
            links=(("Accept the invitation", settings.SITE_URL + reverse("invitation", args=[token])),),
            closing=("If you didn’t expect this, ignore this mail: nothing changes.",),
        )
        queue(mail, self.email, at_once=True, until=self.ends_at)

    # --- verbs, of whoever is invited -----------------------------------------------------------------------

    @staticmethod
    @transaction.atomic
    def accept(
        token: str, *, password: str, name: str, title: str, registration_body: str, registration_number: str
    ):
        """Make the account, in the role that they are invited to.

        Raises UnknownInvitation where the link opens nothing, InvitationError where it can't be done.
        """
        invitation = Invitation.objects.by_token(token).select_for_update().first()
        if invitation is None:
            raise UnknownInvitation
        if invitation.role == CLINICIAN and not (registration_body and registration_number):
            raise InvitationError(
                "Give the college or council that licenses you, and your number: they stand under what you "
                "sign."
            )
        people = get_user_model().objects
        if people.filter(same_email=invitation.same_email).exists():
            # whoever reads this received the link at that very address
            raise InvitationError(
                "Your address has a sign-in here by now. Ask whoever invited you to use another address."
            )
        user = people.create_user(
            invitation.email,
            password,
            name=name,
            title=title,
            registration_body=registration_body,
            registration_number=registration_number,
            is_staff=True,
        )
        user.groups.add(Group.objects.get(name=invitation.role))
        invitation.accepted_at, invitation.accepted_by, invitation.token_digest = timezone.now(), user, None
        invitation.save(update_fields=["accepted_at", "accepted_by", "token_digest"])
        return user


def _erase_all(invitations, now: datetime) -> int:
    nothing = dict.fromkeys(("email", "name", "title", "registration_body", "registration_number"), "")
    return invitations.filter(forgotten_at=None).update(forgotten_at=now, token_digest=None, **nothing)


def forget_the_old(now: datetime) -> int:
    """Take name and address from those that have been over, or ended, for a while. Returns how many."""
    long_ago = in_days(now, -KEPT_FOR)
    over = (
        Q(accepted_at__lt=long_ago)
        | Q(taken_back_at__lt=long_ago)
        | Q(accepted_at=None, taken_back_at=None, ends_at__lt=long_ago)
    )
    return _erase_all(Invitation.objects.filter(over), now)


def find(person) -> Iterator[PersonalRow]:
    for row in Invitation.objects.filter(same_email=person.same_email) if person.same_email else ():
        told = {
            "Invited": str(timezone.localtime(row.invited_at)),
            "Name": f"{row.title} {row.name}".strip(),
            "E-mail address": row.email,
            "Role": row.role,
            "Registration": f"{row.registration_body} {row.registration_number}".strip(),
            "Now": row.status,
        }
        yield PersonalRow(str(row.pk), (told,), row.name, (row.email,))


def erase(keys: list[str]) -> int:
    return _erase_all(Invitation.objects.filter(pk__in=keys), timezone.now())

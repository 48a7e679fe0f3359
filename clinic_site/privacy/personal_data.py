"""Export and erasure of personal data: each room registers its kinds of rows, here they are one action.

A person is whom an address, or a telephone number, reaches. Money that has moved stays, under a number that
leads to nobody.
"""

import json
import re
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts import invitations
from clinic_site.accounts.models import User
from clinic_site.audit_log import log
from clinic_site.registry import PersonalData, personal_data
from clinic_site.text.normalise import normal_email, normal_phone

_ADDRESS = re.compile(r'[^\s"<>,;\\]+@[^\s"<>,;\\]+')
FORGOTTEN = "forgotten.invalid"  # a domain that never reaches anybody


@dataclass(frozen=True)
class Person:
    """Whom a request is about: an e-mail address, a telephone number, or both.

    Two spellings of one are the same.
    """

    email: str = ""
    phone: str = ""

    @property
    def same_email(self) -> str:
        return normal_email(self.email)

    @property
    def same_phone(self) -> str:
        return normal_phone(self.phone)

    def is_meant_by(self, email: str = "", phone: str = "") -> bool:
        return bool(
            (self.same_email and normal_email(email) == self.same_email)
            or (self.same_phone and normal_phone(phone) == self.same_phone)
        )


def export_personal_data(person: Person) -> dict[str, list[dict[str, str]]]:
    """Everything held about a person, by kind, as they may have it in a file; kinds without rows left out."""
    return {kind.name: rows for kind in personal_data if (rows := kind.export(person))}


@transaction.atomic
def erase_personal_data(person: Person, *, by: User | None = None) -> dict[str, int]:
    """Erase a person's name and contact details everywhere, all or nothing.

    Returns the number of rows changed, by kind. The audit log keeps that it was done and by whom, not whose
    data it was.
    """
    # from the upper rooms down: they find their rows by the account that goes last
    touched = {kind.name: count for kind in reversed(personal_data) if (count := kind.erase(person))}
    if touched:
        counted = ", ".join(f"{name} ({count})" for name, count in touched.items())
        log.write(
            "forgot a person",
            User,
            by=by,
            said=f"{'Erased' if by else 'Erased, at their own request'}: {counted}.",
        )
    return touched


# --- mails, whoever they were about: to their address -------------------------------------------------------


def _mails_to(person: Person):
    if not person.same_email:
        return Email.objects.none()
    domains = {normal_email(person.email).rpartition("@")[2], person.email.strip().rpartition("@")[2]}
    if "gmail.com" in domains:
        domains.add("googlemail.com")
    near = Q()
    for domain in domains:
        near |= Q(to__icontains=f"@{domain}")
    candidates = Email.objects.filter(near).values_list("pk", "to")
    meant = [pk for pk, to in candidates if any(person.is_meant_by(address) for address in to)]
    return Email.objects.filter(pk__in=meant)


def _export_mails(person: Person) -> list[dict[str, str]]:
    rows = []
    for mail in _mails_to(person).order_by("pk"):
        says = mail.context or {}
        rows.append(
            {
                "Written": str(timezone.localtime(mail.created)),
                "To": ", ".join(mail.to),
                "Subject": says.get("subject", mail.subject),
                "Words": says.get("text", mail.message),
            }
        )
    return rows


def _erase_mails(person: Person) -> int:
    # the mail server's answers, which may hold the address, go along with each mail
    mails = _mails_to(person)
    count = mails.count()
    mails.delete()
    return count


# --- accounts of people who are not staff -------------------------------------------------------------------


def accounts_of(person: Person):
    """Their sign-in, if they have one. Staff are not forgotten here: pages carry their names."""
    if not person.same_email:
        return User.objects.none()
    return User.objects.filter(is_staff=False, same_email=person.same_email)


def _export_accounts(person: Person) -> list[dict[str, str]]:
    return [
        {
            "Name": user.name,
            "E-mail address": user.email,
            "Since": str(timezone.localtime(user.joined_at)),
            "Last signed in": str(timezone.localtime(user.last_login)) if user.last_login else "never",
        }
        for user in accounts_of(person)
    ]


def _erase_accounts(person: Person) -> int:
    users = list(accounts_of(person))
    for user in users:
        EmailAddress.objects.filter(user=user).delete()
        user.email, user.name, user.title, user.position, user.about = (
            f"{user.pk}@{FORGOTTEN}",
            "",
            "",
            "",
            "",
        )
        user.is_active, user.last_login = False, None
        user.set_unusable_password()
        user.save()
    return len(users)


# --- sessions: of somebody signed in, or on the way there ---------------------------------------------------


def _sessions_of(person: Person) -> list[Session]:
    keys = {str(pk) for pk in accounts_of(person).values_list("pk", flat=True)}
    return [
        session
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if (kept := session.get_decoded()).get("_auth_user_id") in keys
        or any(
            person.is_meant_by(address) for address in _ADDRESS.findall(json.dumps(kept, ensure_ascii=False))
        )
    ]


def _export_sessions(person: Person) -> list[dict[str, str]]:
    return [{"Until": str(timezone.localtime(session.expire_date))} for session in _sessions_of(person)]


def _erase_sessions(person: Person) -> int:
    sessions = _sessions_of(person)
    for session in sessions:
        session.delete()
    return len(sessions)


personal_data += [
    PersonalData("Mails", _export_mails, _erase_mails),
    PersonalData("Sign-in", _export_accounts, _erase_accounts),
    PersonalData("Sessions", _export_sessions, _erase_sessions),
    PersonalData("Invitations", invitations.export, invitations.erase),
]

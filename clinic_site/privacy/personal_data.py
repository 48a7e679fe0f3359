"""Export and erasure of personal data: each room registers its kinds of rows, here they are one search.

A person is whom an address, or a telephone number, reaches, and whom the addresses and numbers reach that
stand in the rows found. People share numbers, so staff look at what was followed before it's given away or
erased; a member, of whom the site knows an address alone, reaches less (`own_data`). Money that has moved
stays, under a number that leads to nobody.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts import invitations
from clinic_site.accounts.models import User
from clinic_site.accounts.phone_numbers import phone_key
from clinic_site.audit_log import log
from clinic_site.audit_log.models import AuditEntry
from clinic_site.registry import PersonalData, PersonalRow, branding, personal_data
from clinic_site.text.normalise import normal_email, plain_words

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
        return phone_key(self.phone)

    def is_meant_by(self, email: str = "", phone: str = "") -> bool:
        return bool(
            (self.same_email and normal_email(email) == self.same_email)
            or (self.same_phone and phone_key(phone) == self.same_phone)
        )


@dataclass(frozen=True)
class FoundRow:
    """A row that a search for a person came upon.

    `led_by`: the address or number that led to it, where nobody typed that; `led_from`: the row it stands in.
    """

    kind: PersonalData = field(repr=False)
    row: PersonalRow
    led_by: str = ""
    led_from: "FoundRow | None" = None

    @property
    def token(self) -> str:
        """What stands for it in a form: its key may be a secret."""
        return hashlib.sha256(f"{self.kind.name}:{self.row.key}".encode()).hexdigest()[:20]


def find_personal_data(person: Person) -> list[FoundRow]:
    """Everything that may be held about a person, by kind. Each address and number found is followed."""
    found: dict[tuple[str, str], FoundRow] = {}
    clinic = branding()  # its own reaches nobody in particular
    seen = {person.same_email, person.same_phone, normal_email(clinic.email), phone_key(clinic.phone), ""}
    asked: deque[tuple[Person, str, FoundRow | None]] = deque([(person, "", None)])
    while asked:
        whom, led_by, led_from = asked.popleft()
        for kind in personal_data:
            for row in kind.find(whom):
                if (kind.name, row.key) in found:
                    continue
                one = found[kind.name, row.key] = FoundRow(kind, row, led_by, led_from)
                for other in _contacts(row):
                    if (same := other.same_email or other.same_phone) not in seen:
                        seen.add(same)
                        asked.append((other, other.email or other.phone, one))
    order = [kind.name for kind in personal_data]
    return sorted(found.values(), key=lambda row: order.index(row.kind.name))


def _contacts(row: PersonalRow) -> Iterator[Person]:
    yield from (Person(email=email) for email in row.emails)
    yield from (Person(phone=phone) for phone in row.phones)


def own_data(email: str) -> list[FoundRow]:
    """What somebody reaches who has shown that an address is theirs, and nothing else."""
    return [FoundRow(kind, row) for kind in personal_data for row in kind.find(Person(email))]


@transaction.atomic
def erase_own_data(email: str) -> dict[str, int]:
    """Erase what somebody asks for whose address that is, as `erase_rows` does.

    With it goes what was left with a telephone number of theirs and their name. A number that was typed is no
    proof of whose it is: so that is never shown to them, and where another name stands with it, the log says
    which rows staff have to look at.
    """
    own = own_data(email)
    others = _with_a_number_of(own)
    theirs = [one for one in others if has_known_name(one.row, own)]
    left = [one.row.entries[0].get("Reference", one.kind.name) for one in others if one not in theirs]
    said = f" In another name with their number, for staff to look at: {', '.join(left)}." if left else ""
    return erase_rows([*own, *theirs], said=said)


def _with_a_number_of(own: list[FoundRow]) -> list[FoundRow]:
    """The rows beside those, with a telephone number that stands in them."""
    phones = {phone for one in own for phone in one.row.phones}
    near = [
        FoundRow(kind, row) for kind in personal_data for p in phones for row in kind.find(Person(phone=p))
    ]
    known = {one.token for one in own}
    return list({one.token: one for one in near if one.token not in known}.values())


def has_known_name(row: PersonalRow, among: Iterable[FoundRow]) -> bool:
    """Whether the name in that row may be one of those among rows: "Q. Umbra" may be "Quill Umbra"."""
    return any(_may_be_one(row.name, one.row.name) for one in among if one.row.name)


def _may_be_one(name: str, other: str) -> bool:
    def is_one(word: str, another: str) -> bool:
        return word == another or (word[0] == another[0] and 1 in (len(word), len(another)))

    shorter, longer = sorted((plain_words(name).split(), plain_words(other).split()), key=len)
    return bool(shorter) and all(any(is_one(word, another) for another in longer) for word in shorter)


def as_file(found: Iterable[FoundRow]) -> dict[str, list[dict[str, str]]]:
    """What was found, by kind, as somebody may have it in a file."""
    file: dict[str, list[dict[str, str]]] = {}
    for one in found:
        file.setdefault(one.kind.name, []).extend(one.row.entries)
    return file


def export_personal_data(person: Person) -> dict[str, list[dict[str, str]]]:
    """Everything held about a person, by kind, as they may have it in a file; kinds without rows left out."""
    return as_file(find_personal_data(person))


def erase_personal_data(person: Person, *, by: User | None = None) -> dict[str, int]:
    """Erase everything that is found of a person; see `erase_rows`."""
    return erase_rows(find_personal_data(person), by=by)


@transaction.atomic
def erase_rows(found: Iterable[FoundRow], *, by: User | None = None, said: str = "") -> dict[str, int]:
    """Erase name and contact details in these rows, all or nothing.

    Returns the number of rows changed, by kind. The audit log keeps that it was done and by whom, not whose
    data it was.
    """
    keys: dict[str, list[str]] = {}
    for one in found:
        keys.setdefault(one.kind.name, []).append(one.row.key)
    # from the upper rooms down
    kinds = [kind for kind in reversed(personal_data) if kind.name in keys]
    touched = {kind.name: count for kind in kinds if (count := kind.erase(keys[kind.name]))}
    if touched:
        counted = ", ".join(f"{name} ({count})" for name, count in touched.items())
        log.write(
            "forgot a person",
            User,
            by=by,
            said=f"{'Erased' if by else 'Erased, at their own request'}: {counted}.{said}",
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


def _find_mails(person: Person) -> Iterator[PersonalRow]:
    for mail in _mails_to(person).order_by("pk"):
        says = mail.context or {}
        told = {
            "Written": str(timezone.localtime(mail.created)),
            "To": ", ".join(mail.to),
            "Subject": says.get("subject", mail.subject),
            "Words": says.get("text", mail.message),
        }
        yield PersonalRow(str(mail.pk), (told,))


def _erase_mails(keys: list[str]) -> int:
    # the mail server's answers, which may hold the address, go along with each mail
    mails = Email.objects.filter(pk__in=keys)
    count = mails.count()
    mails.delete()
    return count


# --- accounts of people who are not staff -------------------------------------------------------------------


def accounts_of(person: Person):
    """Their sign-in, if they have one. Staff are not forgotten here: pages carry their names."""
    if not person.same_email:
        return User.objects.none()
    return User.objects.filter(is_staff=False, same_email=person.same_email)


def _find_accounts(person: Person) -> Iterator[PersonalRow]:
    for user in accounts_of(person):
        told = {
            "Name": user.name,
            "E-mail address": user.email,
            "Since": str(timezone.localtime(user.joined_at)),
            "Last signed in": str(timezone.localtime(user.last_login)) if user.last_login else "never",
        }
        yield PersonalRow(str(user.pk), (told,), user.name, (user.email,))


def _erase_accounts(keys: list[str]) -> int:
    users = list(User.objects.filter(pk__in=keys, is_staff=False))
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


def _find_sessions(person: Person) -> Iterator[PersonalRow]:
    for session in _sessions_of(person):
        yield PersonalRow(session.session_key, ({"Until": str(timezone.localtime(session.expire_date))},))


def _erase_sessions(keys: list[str]) -> int:
    return Session.objects.filter(pk__in=keys).delete()[0]


# --- the log: what was done to them, under an account that has no name any more once it's erased ------------


def _find_log(person: Person) -> Iterator[PersonalRow]:
    for entry in AuditEntry.objects.filter(person__in=accounts_of(person)).order_by("pk"):
        yield PersonalRow(str(entry.pk), ({"When": str(timezone.localtime(entry.at)), "Done": entry.verb},))


def _erase_nothing(keys: list[str]) -> int:
    return 0


personal_data += [
    PersonalData("Mails", _find_mails, _erase_mails),
    PersonalData("Sign-in", _find_accounts, _erase_accounts),
    PersonalData("Sessions", _find_sessions, _erase_sessions),
    PersonalData("Invitations", invitations.find, invitations.erase),
    PersonalData("Log", _find_log, _erase_nothing),
]

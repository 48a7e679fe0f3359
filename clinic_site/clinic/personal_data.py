"""What the clinic's own rows hold about a person: messages from the contact form, theirs and those that name
their address or number.
"""

import re
from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from clinic_site.clinic.models import Message
from clinic_site.privacy.personal_data import Person
from clinic_site.registry import PersonalData, PersonalRow, personal_data


def _find(person: Person) -> Iterator[PersonalRow]:
    same = Q(pk__in=[])
    if person.same_email:
        same |= Q(same_email=person.same_email)
    if person.same_phone:
        same |= Q(same_phone=person.same_phone)
    theirs = Message.objects.filter(same).order_by("pk")
    for message in theirs.iterator():
        yield _row(message, is_theirs=True)
    named = Message.objects.exclude(pk__in=theirs.values("pk")).order_by("pk")
    for message in named.filter(_may_name(person)).iterator():
        if _names(message.words, person):
            yield _row(message, is_theirs=False)


_DIGITS = 7  # of a number's end: told without the code of its country, or of its town


def _end_of_number(person: Person) -> str:
    digits = re.sub(r"\D", "", person.same_phone)
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""


def _may_name(person: Person) -> Q:
    """A condition that every message fulfils whose words hold the person's address or number."""
    found = Q(pk__in=[])
    if person.email:
        found |= Q(words__icontains=person.email.strip())
    if end := _end_of_number(person):
        found |= Q(words__contains=end[-2:])
    return found


def _names(words: str, person: Person) -> bool:
    end = _end_of_number(person)
    return bool(
        (person.email and person.email.strip().casefold() in words.casefold())
        or (end and any(end in re.sub(r"\D", "", run) for run in re.findall(r"[\d\s()+./-]{7,}", words)))
    )


def _row(message: Message, *, is_theirs: bool) -> PersonalRow:
    """Who wrote a message that only names the person is somebody else: nothing of them is followed."""
    told = {
        "Reference": message.reference,
        "Written": str(timezone.localtime(message.at)),
        "Name": message.name,
        "E-mail address": message.email,
        "Telephone": message.phone,
        "Message": message.words,
    }
    own = (message.name, (message.email,), (message.phone,)) if is_theirs else ("", (), ())
    return PersonalRow(str(message.pk), (told,), *own)


def _erase(keys: list[str]) -> int:
    return Message.objects.filter(pk__in=keys).delete()[0]


personal_data.append(PersonalData("Messages", _find, _erase))

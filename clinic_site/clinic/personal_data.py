"""What the clinic's own rows hold about a person: messages from the contact form."""

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
    for message in Message.objects.filter(same).order_by("pk").iterator():
        told = {
            "Reference": message.reference,
            "Written": str(timezone.localtime(message.at)),
            "Name": message.name,
            "E-mail address": message.email,
            "Telephone": message.phone,
            "Message": message.words,
        }
        yield PersonalRow(str(message.pk), (told,), message.name, (message.email,), (message.phone,))


def _erase(keys: list[str]) -> int:
    return Message.objects.filter(pk__in=keys).delete()[0]


personal_data.append(PersonalData("Messages", _find, _erase))

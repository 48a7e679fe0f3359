"""What the clinic's own rows hold about a person: messages from the contact form."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from clinic_site.clinic.models import Message
from clinic_site.privacy.personal_data import Person
from clinic_site.registry import PersonalData, PersonalRow, personal_data


def _find(person: Person) -> Iterator[PersonalRow]:
    # read one by one: they are few, are deleted when they are old news, and were typed in as many spellings
    # as there are people
    for message in Message.objects.filter(~Q(email="") | ~Q(phone="")).order_by("pk").iterator():
        if person.is_meant_by(message.email, message.phone):
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

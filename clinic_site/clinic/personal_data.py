"""What the clinic's own rows hold about a person: messages from the contact form."""

from django.db.models import Q
from django.utils import timezone

from clinic_site.clinic.models import Message
from clinic_site.privacy.personal_data import Person
from clinic_site.registry import PersonalData, personal_data


def _messages_of(person: Person):
    # read one by one: they are few, are deleted when they are old news, and were typed in as many spellings
    # as there are people
    rows = Message.objects.filter(~Q(email="") | ~Q(phone="")).values_list("pk", "email", "phone").iterator()
    return Message.objects.filter(
        pk__in=[pk for pk, email, phone in rows if person.is_meant_by(email, phone)]
    )


def _export(person: Person) -> list[dict[str, str]]:
    return [
        {
            "Reference": message.reference,
            "Written": str(timezone.localtime(message.at)),
            "Name": message.name,
            "E-mail address": message.email,
            "Telephone": message.phone,
            "Message": message.words,
        }
        for message in _messages_of(person).order_by("pk")
    ]


def _erase(person: Person) -> int:
    return _messages_of(person).delete()[0]


personal_data.append(PersonalData("Messages", _export, _erase))

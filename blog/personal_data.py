"""What the answers hold about a person: questions whose asker waits for the answer."""

from collections.abc import Iterator

from django.utils import timezone

from blog.models import Question
from clinic_site.privacy.personal_data import Person
from clinic_site.registry import PersonalData, PersonalRow, personal_data


def _find(person: Person) -> Iterator[PersonalRow]:
    if not person.same_email:
        return
    for question in Question.objects.filter(same_email=person.same_email).order_by("pk"):
        told = {
            "Reference": question.reference,
            "Asked": str(timezone.localtime(question.at)),
            "E-mail address": question.email,
            "Question": question.words,
        }
        yield PersonalRow(str(question.pk), (told,), "", (question.email,))


def _erase(keys: list[str]) -> int:
    return Question.objects.filter(pk__in=keys).delete()[0]


personal_data.append(PersonalData("Questions", _find, _erase))

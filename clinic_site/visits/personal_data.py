"""What requests for a visit hold about a person."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from clinic_site.privacy.personal_data import Person
from clinic_site.registry import PersonalData, PersonalRow, personal_data
from clinic_site.visits.models import STEPS, VisitRequest


def _find(person: Person) -> Iterator[PersonalRow]:
    same = Q(pk=None)
    if person.same_email:
        same |= Q(same_email=person.same_email)
    if person.same_phone:
        same |= Q(same_phone=person.same_phone)
    for request in VisitRequest.objects.filter(same).order_by("pk").iterator():
        told = {
            "Reference": request.reference,
            "Written": str(timezone.localtime(request.at)),
            "Name": request.name,
            "E-mail address": request.email,
            "Telephone": request.phone,
            "About": request.about_title,
            "When to be reached": request.times,
        }
        for step in STEPS:
            if at := getattr(request, f"{step}_at"):
                told[step.capitalize()] = str(timezone.localdate(at))
        if request.closed_because:
            told["Because"] = request.get_closed_because_display()
        yield PersonalRow(str(request.pk), (told,), request.name, (request.email,), (request.phone,))


def _erase(keys: list[str]) -> int:
    requests = list(VisitRequest.objects.filter(pk__in=keys))
    for request in requests:
        request.take_back()
    return len(requests)


personal_data.append(PersonalData("Requests for a visit", _find, _erase))

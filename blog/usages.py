"""Where drafts of answers refer to claims outside their texts."""

from collections.abc import Iterable

from blog.models import Answer
from clinic_site.publishing.usages import draft_usages
from treatments.models import TreatmentClaim


def places(claims: set[str], sources: set[str]) -> Iterable[tuple[int, str]]:
    named = TreatmentClaim.objects.filter(role=TreatmentClaim.Role.EMERGENCY, claim__key__in=claims)
    for pk in Answer.objects.filter(treatments__roles__in=named).values_list("pk", flat=True).distinct():
        yield pk, str(TreatmentClaim.Role.EMERGENCY.label)


draft_usages.append(places)

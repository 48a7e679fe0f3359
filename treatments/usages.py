"""Where drafts of treatments refer to evidence outside their texts."""

from collections.abc import Iterable

from clinic_site.pages.compose import keys_in
from clinic_site.publishing.usages import draft_usages
from treatments.models import Choice, Treatment, TreatmentClaim


def places(claims: set[str], sources: set[str]) -> Iterable[tuple[int, str]]:
    for row in TreatmentClaim.objects.filter(claim__key__in=claims):
        yield row.treatment_id, str(row.get_role_display())
    for choice in Choice.objects.all() if claims else ():
        if claims.intersection(keys_in(*choice.texts())):
            yield choice.treatment_id, choice.place
    for pk in (
        Treatment.objects.filter(uses__licences__source__key__in=sources)
        .values_list("pk", flat=True)
        .distinct()
    ):
        yield pk, "Licence"


draft_usages.append(places)

"""Where drafts of answers refer to claims outside their parts."""

from collections.abc import Iterable

from blog.models import Answer
from clinic_site.publishing.touching import Concerned, draft_places
from clinic_site.publishing.urgent import UrgentHelp


def places(claims: set[str], sources: set[str]) -> Iterable[tuple[int, str]]:
    if not claims:
        return
    for pk in Answer.objects.filter(correction__regex=Concerned(frozenset(claims)).marks()).values_list(
        "pk", flat=True
    ):
        yield pk, "Correction"
    urgent = UrgentHelp.current()
    if urgent and claims.intersection(urgent.keys):
        for pk in Answer.objects.filter(treatments__isnull=False).values_list("pk", flat=True).distinct():
            yield pk, "When to get help now"


draft_places.append(places)

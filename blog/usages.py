"""Where drafts of answers refer to claims outside their texts."""

from collections.abc import Iterable

from blog.models import Answer
from clinic_site.publishing.models import UrgentHelp
from clinic_site.publishing.usages import draft_usages


def places(claims: set[str], sources: set[str]) -> Iterable[tuple[int, str]]:
    urgent = UrgentHelp.current() if claims else None
    if urgent and claims.intersection(urgent.keys):
        for pk in Answer.objects.filter(treatments__isnull=False).values_list("pk", flat=True).distinct():
            yield pk, "When to get help now"


draft_usages.append(places)

from typing import NamedTuple

from django import template
from django.db.models import Case, Value, When

from blog.models import AFTERCARE, Answer
from clinic_site.publishing.models import Edition, Mark
from clinic_site.publishing.prepared import Prepared
from clinic_site.publishing.reading import Card, cards

register = template.Library()


class AnswersAbout(NamedTuple):
    """Live answers about a treatment: what to do after it, if that is live, and the five newest others."""

    aftercare: Card | None
    newest: list[Card]


_found = Prepared(
    lambda subject: (
        Edition.objects.for_cards()
        .filter(live__kind=Answer.KIND, marks__kind=Mark.Kind.SUBJECT, marks__key=subject)
        .order_by(
            Case(When(live__slug=AFTERCARE, then=Value(0)), default=Value(1)),
            "-live__posted_on",
            "-live__pk",
        )[:6]
    ),
    str,
)


@register.simple_tag
def answers_about(treatment: str) -> AnswersAbout:
    """Those about the treatment with this slug. One query."""
    found = cards(_found(f"treatment:{treatment}"))
    is_there = bool(found) and found[0].edition.slug == AFTERCARE
    return AnswersAbout(found[0] if is_there else None, found[1:] if is_there else found[:5])

from django import template

from blog.models import Answer
from clinic_site.publishing.models import Edition, Mark
from clinic_site.publishing.prepared import Prepared
from clinic_site.publishing.reading import Card, cards

register = template.Library()


_newest = Prepared(
    lambda subject: (
        Edition.objects.for_cards()
        .filter(live__kind=Answer.KIND, marks__kind=Mark.Kind.SUBJECT, marks__key=subject)
        .order_by("-live__posted_on", "-live__pk")[:5]
    ),
    str,
)


@register.simple_tag
def answers_about(treatment: str) -> list[Card]:
    """The five newest live answers about the treatment with this slug. One query."""
    return cards(_newest(f"treatment:{treatment}"))

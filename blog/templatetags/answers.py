from django import template

from blog.views import live_answers
from clinic_site.publishing.reading import Card, cards

register = template.Library()


@register.simple_tag
def answers_about(treatment: str, most: int = 5) -> list[Card]:
    """The newest live answers about the treatment with this slug. One query."""
    return cards(live_answers().about(f"treatment:{treatment}").order_by("-posted_on", "-pk")[:most])

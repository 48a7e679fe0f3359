from django import template

register = template.Library()


@register.filter
def money(cents: int, sign: str) -> str:
    """An amount as it's written: "$50", "$12.50"."""
    return f"{sign}{cents // 100}" + (f".{cents % 100:02}" if cents % 100 else "")

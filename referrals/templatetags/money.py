from django import template

register = template.Library()


@register.filter
def money(cents: int, sign: str) -> str:
    """An amount as it's written: "$50", "$12.50"."""
    return exactly(cents, sign).removesuffix(".00")


@register.filter
def exactly(cents: int, sign: str) -> str:
    """An amount as it stands in a column: "$50.00", "$1,012.50"."""
    minus = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{minus}{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


@register.filter
def moved(cents: int, sign: str) -> str:
    """What came in or went out: "+$50.00", "−$12.50"."""
    return ("\N{MINUS SIGN}" if cents < 0 else "+") + exactly(abs(cents), sign)

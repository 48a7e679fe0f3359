"""Sealed words, fitted to the place where they are shown. What they say stays as it was signed."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from clinic_site.publishing.compose import plain

register = template.Library()
register.filter("plain", plain)


@register.filter
def emergency(lead: str, number: str) -> SafeString:
    """The sealed `lead` with `{emergency}` put in as a number that a phone can ring."""
    return mark_safe(lead.replace("{emergency}", format_html('<a href="tel:{0}">{0}</a>', number)))


@register.filter
def unbroken(number: str) -> str:
    """A telephone number that no line break parts."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def sources_at(html: str, address: str) -> SafeString:
    """Sealed words shown on another page: the numbers of their sources lead to the list at `address`."""
    return mark_safe(html.replace('href="#source-', format_html('href="{}#source-', address)))

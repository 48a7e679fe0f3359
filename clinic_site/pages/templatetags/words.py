"""Sealed words, fitted to the place where they are shown. What they say stays as it was signed."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from clinic_site.pages.compose import plain
from clinic_site.text.phones import dialled

register = template.Library()
register.filter("plain", plain)


register.filter(dialled)


@register.filter
def without_registration(signer: str) -> str:
    """Who signed, without what stands in brackets behind the name: "Dr Ann Lee"."""
    return signer.partition(" (")[0]


@register.filter
def phone_link(number: str) -> SafeString:
    """A number that a phone can ring."""
    return format_html('<a href="tel:{}">{}</a>', dialled(number), unbroken(number))


@register.filter
def with_numbers_of(text: str, clinic: Any) -> SafeString:
    """Sealed words with numbers put in: its country's for `{emergency}`, its own for `{clinic}`, and for
    `{report}` where side effects are reported to.
    """
    phone = format_html("the clinic on {}", phone_link(clinic.phone)) if clinic.phone else "the clinic"
    put_in = {
        "{emergency}": phone_link(clinic.emergency_number),
        "{clinic}": phone,
        "{report}": _report_place(*clinic.side_effect_report),
    }
    for mark, words in put_in.items():
        text = text.replace(mark, words)
    return mark_safe(text)


def _report_place(name: str, address: str, number: str) -> str:
    place = format_html('<a href="{}">{}</a>', address, name) if address else name
    return format_html("{}, or call {}", place, phone_link(number)) if number else place


@register.filter
def unbroken(number: str) -> str:
    """A telephone number that no line break parts."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def sources_at(html: str, address: str) -> SafeString:
    """Sealed words shown on another page: the numbers of their sources lead to the list at `address`."""
    return mark_safe(html.replace('href="#source-', format_html('href="{}#source-', address)))

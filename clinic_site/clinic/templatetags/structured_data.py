"""Structured data, printed where its page is.

A data block isn't run, so the content policy needs no exception for it.
"""

import json
import re

from django import template
from django.utils.safestring import SafeString, mark_safe

from clinic_site.clinic import structured_data as schema_org

register = template.Library()

# as JSON escapes: in HTML a data block ends at the first "</script"
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
# pages that search engines are asked not to list: drafts, old editions, what one visitor asked for
_UNLISTED = re.compile(r"^admin:|(?:history|edition)$|^search:search$|^clinic:contact-sent$|^blog:asked$")
_CLINIC_PAGES = {"clinic:home", "clinic:contact", "clinic:about", "clinic:people"}


def _view_name(context) -> str:
    """The name of the view whose page this is, or nothing where the page isn't one to be listed."""
    request = getattr(context, "request", None)
    match = getattr(request, "resolver_match", None)
    if (
        request is None
        or match is None
        or request.method not in ("GET", "HEAD")
        or _UNLISTED.search(match.view_name)
    ):
        return ""
    return match.view_name


def _block(data: dict) -> SafeString:
    text = json.dumps({"@context": "https://schema.org"} | data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.simple_tag(takes_context=True)
def structured_data(context) -> SafeString:
    """What a reviewed page says, for machines.

    It follows from the reading alone, so it may stand in `{% sealed %}`.
    """
    reading = context.get("reading")
    if not reading or reading.edition.live_from is None or context.get("is_old"):
        return SafeString("")
    data = reading.edition.document_type.structured_data(reading)
    return _block(data) if data else SafeString("")


@register.simple_tag(takes_context=True)
def clinic_data(context) -> SafeString:
    """What the clinic is, on the pages that tell it."""
    return (
        _block(schema_org.clinic_data(context["clinic"]))
        if _view_name(context) in _CLINIC_PAGES
        else SafeString("")
    )


@register.simple_tag(takes_context=True)
def person_data(context, profile) -> SafeString:
    """Who somebody is, on the page about them."""
    return _block(schema_org.person_data(profile)) if _view_name(context) else SafeString("")


@register.simple_tag(takes_context=True)
def trail_data(context, *steps) -> SafeString:
    """The trail of a page, from the words that it shows: a name and its address in turn, then the name of the
    page itself.
    """
    if not _view_name(context):
        return SafeString("")
    addresses = [*steps[1::2], ""]
    return _block(
        schema_org.trail_data(
            [(str(name), address) for name, address in zip(steps[::2], addresses, strict=True)]
        )
    )

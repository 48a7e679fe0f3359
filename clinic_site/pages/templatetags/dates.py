"""Dates as patients read them."""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

AGED_YEARS = 3  # after so long a reader is told that an answer is old, whoever reviewed it since


@register.filter
def is_aged(posted_on: date) -> bool:
    """Whether something was posted more than three years ago."""
    today = timezone.localdate()
    return (today.year - posted_on.year, (today.month, today.day) > (posted_on.month, posted_on.day)) >= (
        AGED_YEARS,
        True,
    )


@register.filter
def as_exact_as_known(since: str) -> str:
    """ "2001", "2001-08" or "2001-08-31" in words, as exactly as it's given and no more."""
    parts = [int(number) for number in since.split("-")]
    return date_format(date(*(parts + [1, 1])[:3]), ("Y", "F Y", "j F Y")[len(parts) - 1])


@register.filter(expects_localtime=True)
def time_tag(day: date) -> SafeString:
    """A day as patients read it, for machines too: `<time datetime="2001-08-31">31 August 2001</time>`."""
    return format_html('<time datetime="{}">{}</time>', day.strftime("%Y-%m-%d"), date_format(day, "j F Y"))

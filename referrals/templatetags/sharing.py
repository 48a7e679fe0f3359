from django import template
from django.utils.html import format_html

from referrals.codes import spoken
from referrals.models import Terms
from referrals.qr import qr
from referrals.templatetags.money import money

register = template.Library()
register.filter("spoken", spoken)


@register.simple_tag
def qr_code(address: str, label: str):
    """The address as a picture in the page, with its name for those who don't see it."""
    side, path = qr(address)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<path class="qr__ground" d="M0 0h{0}v{0}H0z"/><path class="qr__dark" d="{2}"/></svg>',
        side,
        label,
        path,
    )


@register.filter
def as_typed(address: str) -> str:
    """An address as it's written on paper: without its scheme."""
    return address.partition("://")[2]


@register.simple_tag(takes_context=True)
def share_words(context, terms: Terms) -> str:
    """What a member may send with their link: what they get, and nothing about anybody's health."""
    return (
        f"Here is a link to {context['clinic'].name}. If you come to a first visit, "
        f"{_get('I get', terms, context)}."
    )


@register.simple_tag(takes_context=True)
def share_offer(context, terms: Terms) -> str:
    """The same on paper, which may be passed on by others."""
    return f"If you come to a first visit, {_get('whoever gave you this gets', terms, context)}."


def _get(gets: str, terms: Terms, context) -> str:
    sign = context["clinic"].currency_sign
    theirs = f", and you get {money(terms.friend_cents, sign)}" if terms.friend_cents else ""
    return f"{gets} {money(terms.member_cents, sign)} credit{theirs}"

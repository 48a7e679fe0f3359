"""Pictures of claims. Each is drawn once and kept for as long as its page says the same."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from clinic_site.charts.effect import effect_chart
from clinic_site.charts.overview import Timeline, overview_chart, timeline
from clinic_site.charts.panels import measured
from clinic_site.charts.people import out_of_100 as people_chart
from clinic_site.charts.visit import visit
from clinic_site.pages.shapes import ClaimNote

register = template.Library()


@lru_cache(maxsize=128)
def _effect(slug: str, facts: tuple, claims: tuple[ClaimNote, ...], copies: frozenset[int]) -> SafeString:
    return render_to_string(
        "components/effect_chart.html", {"chart": effect_chart(slug, facts, claims, copies)}
    )


@lru_cache(maxsize=128)
def _overview(lines: tuple[Timeline, ...]) -> SafeString:
    return render_to_string("components/effect_overview.html", {"chart": overview_chart(lines)})


@lru_cache(maxsize=512)
def _people(note: ClaimNote, copies: frozenset[int]) -> SafeString:
    chart = people_chart(note, copies)
    return render_to_string("components/icon_array.html", {"chart": chart}) if chart else SafeString()


@lru_cache(maxsize=128)
def _visit(slug: str, facts: tuple, anchors: tuple[str, ...]) -> SafeString:
    return render_to_string("components/visit_timeline.html", {"visit": visit(slug, facts, anchors)})


@register.simple_tag
def effect_over_time(page) -> SafeString:
    """When the effect starts, is strongest, fades and is repeated, and what trials measured; or why that
    can't be drawn.
    """
    return _effect(page.slug, page.facts, measured(page.claims), page.copies)


@register.simple_tag
def effect_overview(pages_or_cards: Iterable) -> SafeString:
    """The effect over time of several treatments, on one axis. Empty if there are none."""
    lines = []
    for one in pages_or_cards:
        fields = one.fields if hasattr(one, "fields") else one.card()
        lines.append(timeline(fields, getattr(one, "address", "")))
    return _overview(tuple(lines)) if lines else SafeString()


@register.simple_tag
def out_of_100(note: ClaimNote, copies: frozenset[int] = frozenset()) -> SafeString:
    """A benefit or side effect as people out of 100, in both arms.

    Empty where the claim doesn't count people in both.
    """
    return _people(note, copies)


@register.simple_tag
def visit_timeline(page) -> SafeString:
    """The steps from booking to the second visit, with the page's own figures."""
    return _visit(page.slug, page.facts, tuple(part.anchor for part in page.parts))

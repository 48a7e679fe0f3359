"""What crawlers read: the sitemap and robots.txt."""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clinic_site.clinic.models import Profile
from clinic_site.clinic.structured_data import A_DAY
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Live
from clinic_site.publishing.review_dates import UNLISTED_AFTER, days_overdue
from clinic_site.text.characters import storable

MOST_IN_A_SITEMAP = 50_000  # sitemaps.org


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request):
    """Every page that patients can read, but for those whose review is long overdue.

    `lastmod` is the day its words went live, so pages without an edition have none.
    """
    rows = Live.objects.readable().order_by("kind", "-posted_on", "-pk")
    rows = rows.values_list("kind", "slug", "edition__live_from", "document", "edition__signed_at")[
        :MOST_IN_A_SITEMAP
    ]
    pages = [
        (address, live_from)
        for kind, slug, live_from, document, signed_at in rows
        if days_overdue(kind, document, signed_at) <= UNLISTED_AFTER and (address := _address(kind, slug))
    ]
    people = list(Profile.objects.shown().values_list("slug", flat=True))
    xml = storable(render_to_string("clinic/sitemap.xml", {"pages": pages, "people": people}, request))
    return HttpResponse(xml, content_type="application/xml")


def _address(kind: str, slug: str) -> str:
    """Empty where no page can have that slug: one row leaves all others in the sitemap."""
    try:
        return DOCUMENT_TYPES[kind].address_of(slug)
    except NoReverseMatch:
        return ""


@require_safe
@cache_control(public=True, max_age=A_DAY)
def robots(request):
    closed = "".join(f"Disallow: {reverse(name)}\n" for name in ("admin:index", "search:search"))
    text = f"User-agent: *\n{closed}\nSitemap: {settings.SITE_URL}{reverse('clinic:sitemap')}\n"
    return HttpResponse(text, content_type="text/plain")

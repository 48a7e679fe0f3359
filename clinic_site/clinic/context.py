"""What every page may ask of the clinic."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from clinic_site.clinic.models import Details


def site(request):
    """`clinic`: the clinic's row, fetched when a template first asks; `canonical`: this page's own address,
    without a query.
    """
    return {
        "clinic": SimpleLazyObject(Details.current),
        "canonical": settings.SITE_URL + request.path,
        "site_url": settings.SITE_URL,
    }

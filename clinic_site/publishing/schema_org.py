"""Structured data of a reviewed page (schema.org).

It says nothing that a patient can't see there: it's made of the same page.
"""

from typing import Any

from django.conf import settings

from clinic_site.pages.compose import plain
from clinic_site.pages.shapes import Page


def person(name: str) -> dict:
    return {"@type": "Person", "name": name}


def citations(page: Page) -> list[dict]:
    return [
        {"@type": "CreativeWork", "name": s.title, **({"url": s.href} if s.href and not s.front_page else {})}
        for s in page.sources
    ]


def reviewed_page(reading: Any) -> dict:
    """The page of a `reading.Reading` as something a clinician reviewed."""
    page, address = reading.page, settings.SITE_URL + reading.address
    data = {name: plain(html) for name, html in page.structured_data().items()} | {
        "@type": "MedicalWebPage",
        "@id": address,
        "url": address,
        "datePublished": reading.posted_on.isoformat(),
        "dateModified": (reading.updated_on or reading.posted_on).isoformat(),
        "lastReviewed": reading.reviewed_on.isoformat(),
        # of one doctor's own words machines learn what patients read: whoever reviewed them wrote them
        "author": person(reading.reviewed_by) if reading.edition.self_review_because else None,
        "reviewedBy": person(reading.reviewed_by),
        "citation": citations(page),
    }
    return {name: value for name, value in data.items() if value}

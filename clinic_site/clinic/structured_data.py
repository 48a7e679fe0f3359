"""Structured data (schema.org).

Structured data says nothing that a patient can't see on the page: it is made of the same dataclass, and the
words are the same.
"""

from django.conf import settings
from django.urls import reverse

from clinic_site.clinic.models import Details
from clinic_site.pages.compose import plain
from clinic_site.pages.shapes import Page
from clinic_site.publishing.reading import Reading

A_DAY = 24 * 3600


def person(name: str) -> dict:
    return {"@type": "Person", "name": name}


def citations(page: Page) -> list[dict]:
    return [
        {"@type": "CreativeWork", "name": s.title, **({"url": s.href} if s.href and not s.front_page else {})}
        for s in page.sources
    ]


def reviewed_page(reading: Reading) -> dict:
    """The page as something a clinician reviewed."""
    page, address = reading.page, settings.SITE_URL + reading.address
    data = {
        "@type": "MedicalWebPage",
        "@id": address,
        "url": address,
        "name": page.title,
        "datePublished": reading.posted_on.isoformat(),
        "dateModified": (reading.updated_on or reading.posted_on).isoformat(),
        "lastReviewed": reading.reviewed_on.isoformat(),
        # of one doctor's own words machines learn what patients read: whoever reviewed them wrote them
        "author": person(reading.reviewed_by) if reading.edition.own_work_because else None,
        "reviewedBy": person(reading.reviewed_by),
        "citation": citations(page),
    }
    return {name: value for name, value in data.items() if value}


def treatment_data(reading: Reading) -> dict:
    page = reading.page
    subject = "MedicalCondition" if getattr(page, "group", "") == "medical" else "MedicalTherapy"
    return reviewed_page(reading) | {
        "description": plain(page.summary),
        "about": {"@type": subject, "name": page.title},
    }


def answer_data(reading: Reading) -> dict:
    """An Article on a reviewed page: who reviewed it, and when, are facts about the page."""
    page = reading.page
    about = [{"@type": "MedicalTherapy", "name": name} for _, name in page.treatments]
    about = about or [{"@type": "Thing", "name": title} for _, title in page.topics]
    data = {
        "@type": "Article",
        "headline": page.title,
        "author": person(page.answered_by),
        "datePublished": reading.posted_on.isoformat(),
        "dateModified": (reading.updated_on or reading.posted_on).isoformat(),
        "mainEntityOfPage": reviewed_page(reading) | ({"about": about} if about else {}),
    }
    return {name: value for name, value in data.items() if value}


def clinic_data(clinic: Details) -> dict:
    address = {
        "streetAddress": clinic.street,
        "addressLocality": clinic.town,
        "addressRegion": clinic.region,
        "postalCode": clinic.postcode,
        "addressCountry": clinic.get_country_display(),
    }
    data = {
        "@type": "MedicalClinic",
        "@id": settings.SITE_URL + reverse("clinic:home"),
        "url": settings.SITE_URL + reverse("clinic:home"),
        "name": clinic.name,
        "telephone": clinic.phone,
        "email": clinic.email,
        "address": {"@type": "PostalAddress"} | {name: value for name, value in address.items() if value},
    }
    return {name: value for name, value in data.items() if value}


def trail_data(crumbs: list[tuple[str, str]]) -> dict:
    """Where a page stands: (name, address) from the first page down; the page itself needs no address."""
    steps = [
        {"@type": "ListItem", "position": n, "name": name}
        | ({"item": settings.SITE_URL + address} if address else {})
        for n, (name, address) in enumerate(crumbs, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


PAGE_DATA = {"treatment": treatment_data, "overview": treatment_data, "answer": answer_data}

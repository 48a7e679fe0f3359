"""Structured data (schema.org).

Structured data says nothing that a patient can't see on the page: it is made of the same dataclass, and the
words are the same.
"""

from django.conf import settings
from django.urls import reverse

from clinic_site.clinic.models import Details, Profile, Weekday

A_DAY = 24 * 3600


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
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [day.label for day in Weekday if days.first <= day <= days.last],
                "opens": opens,
                "closes": closes,
            }
            for days in clinic.week
            for opens, closes, *_ in days.spans
        ],
        "specialOpeningHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": closure.first_day.isoformat(),
                "validThrough": closure.last_day.isoformat(),
                "opens": "00:00",  # so written, it's closed all day
                "closes": "00:00",
            }
            for closure in clinic.next_closures
        ],
        "address": {"@type": "PostalAddress"} | {name: value for name, value in address.items() if value},
    }
    return {name: value for name, value in data.items() if value}


def person_data(profile: Profile) -> dict:
    """Somebody who works here, as the page about them tells it."""
    person, address = profile.person, settings.SITE_URL + reverse("clinic:person", args=[profile.slug])
    data = {
        "@type": "Person",
        "@id": address,
        "url": address,
        "name": person.name,
        "honorificPrefix": person.title,
        "jobTitle": person.position,
        "description": " ".join(person.about.split()),
        "knowsLanguage": profile.languages,
        "worksFor": {"@id": settings.SITE_URL + reverse("clinic:home")},
        "identifier": person.registration_number
        and {
            "@type": "PropertyValue",
            "propertyID": person.registration_body,
            "value": person.registration_number,
        },
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

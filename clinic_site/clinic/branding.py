"""The clinic's row, as mails need it."""

from django.conf import settings

from clinic_site.clinic.models import Details
from clinic_site.registry import Branding, branding_providers


def of_the_clinic() -> Branding:
    clinic = Details.current()
    return Branding(
        clinic.name,
        clinic.phone,
        clinic.email,
        tuple(clinic.address_lines),
        clinic.currency_sign,
        clinic.country,
        settings.SITE_URL,
    )


branding_providers.append(of_the_clinic)

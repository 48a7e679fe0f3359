"""The clinic's row, as mails need it."""

from django.conf import settings

from clinic_site.clinic.models import Details
from clinic_site.staff.lists import Letterhead, letterheads


def of_the_clinic() -> Letterhead:
    clinic = Details.current()
    return Letterhead(
        clinic.name, clinic.phone, clinic.email, tuple(clinic.address_lines), clinic.currency_sign, settings.SITE_URL
    )


letterheads.append(of_the_clinic)

"""What is true of the whole clinic: details, testimonials, accreditations, policy pages, messages."""

from clinic_site.clinic.models.accreditation import Accreditation
from clinic_site.clinic.models.details import COUNTRY_WORDS, Accent, Details, check_words
from clinic_site.clinic.models.message import Message, new_reference
from clinic_site.clinic.models.policy import Policy
from clinic_site.clinic.models.testimonial import Testimonial

__all__ = [
    "COUNTRY_WORDS",
    "Accent",
    "Accreditation",
    "Details",
    "Message",
    "Policy",
    "Testimonial",
    "check_words",
    "new_reference",
]

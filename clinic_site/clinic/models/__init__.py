"""What is true of the whole clinic: details, profiles of people, fees, testimonials, accreditations, policy
pages, messages.
"""

from clinic_site.clinic.models.accreditation import Accreditation
from clinic_site.clinic.models.details import COUNTRY_WORDS, Accent, Details, check_words
from clinic_site.clinic.models.fee import PRICE_RULES, Fee
from clinic_site.clinic.models.message import Message, new_reference
from clinic_site.clinic.models.opening_hours import Closure, OpeningHours, Weekday
from clinic_site.clinic.models.policy import Policy
from clinic_site.clinic.models.profile import Profile
from clinic_site.clinic.models.testimonial import Testimonial

__all__ = [
    "COUNTRY_WORDS",
    "PRICE_RULES",
    "Accent",
    "Accreditation",
    "Closure",
    "Details",
    "Fee",
    "Message",
    "OpeningHours",
    "Policy",
    "Profile",
    "Testimonial",
    "Weekday",
    "check_words",
    "new_reference",
]

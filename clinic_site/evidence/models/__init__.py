"""What is known, and where from.

A claim is one medical fact, worded once. Pages, answers and charts refer to it by its key and never type its
figure, so the clinic can't contradict itself. Whether a claim stands checked is derived: the stamp holds the
digest of the words that were checked, so a change by any route leaves the claim unchecked.
"""

from clinic_site.evidence.models.claim import DAYS_IN, GRADE_TOO_HIGH, READ_SECOND_HAND, Claim, why_too_high
from clinic_site.evidence.models.country import Country
from clinic_site.evidence.models.licence import Licence, Use
from clinic_site.evidence.models.source import Source

__all__ = [
    "DAYS_IN",
    "GRADE_TOO_HIGH",
    "READ_SECOND_HAND",
    "Claim",
    "Country",
    "Licence",
    "Source",
    "Use",
    "why_too_high",
]

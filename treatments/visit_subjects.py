"""Treatments that somebody may ask for a visit about: those that patients can read of, but for those that the
clinic explains only.
"""

from clinic_site.registry import visit_subjects
from treatments.offerings import Offering
from treatments.views import treatment_cards


def offered_treatments() -> list[tuple[str, str]]:
    explained = set(Offering.objects.filter(is_offered=False).values_list("treatment", flat=True))
    cards = treatment_cards()
    return [(card.edition.slug, card.title) for card in cards if card.edition.document_id not in explained]


visit_subjects.append(offered_treatments)

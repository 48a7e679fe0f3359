"""Treatments that somebody may ask for a visit about: those that patients can read of."""

from clinic_site.registry import visit_subjects
from treatments.views import treatment_cards


def live_treatments() -> list[tuple[str, str]]:
    return [(card.edition.slug, card.title) for card in treatment_cards()]


visit_subjects.append(live_treatments)

"""Which matching page comes first: one that speaks of every idea before one that speaks of some."""

from math import log

from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.search.index import Match
from clinic_site.search.query import Idea, stems_of

# Title, summary, headings, running text: the weight of a word there, and how often it's counted at most.
FIELD_WEIGHTS = ((10, 1), (3, 2), (2, 2), (0.5, 6))
HALF_SCORE = 4  # a word of this weight has half of the score that it could have


def ranked(ideas: list[Idea], found: list[Match]) -> list[int]:
    """Keys of the candidates, best first."""
    rarity = {
        s: log(1 + len(found) / (1 + sum(bool(c.count(0, s) or c.count(1, s)) for c in found)))
        for s in stems_of(ideas)
    }
    return [c.pk for c in sorted(found, key=lambda c: (-score(c, ideas, rarity), c.default_order))]


def score(candidate: Match, ideas: list[Idea], rarity: dict[str, float]) -> float:
    """How well the page answers: what its words weigh, less for each idea that it doesn't speak of."""
    scores = [max(phrase_score(candidate, stems, rarity) for stems in idea.phrasings) for idea in ideas]
    best = sum(max(sum(rarity[s] for s in stems) / len(stems) for stems in idea.phrasings) for idea in ideas)
    share_of_ideas = sum(1 for s in scores if s) / len(ideas)
    return round(sum(scores) / best * share_of_ideas * DOCUMENT_TYPES[candidate.kind].SEARCH_WEIGHT, 9)


def phrase_score(candidate: Match, stems: tuple[str, ...], rarity: dict[str, float]) -> float:
    """0 where one of the stems isn't on the page."""
    total = 0.0
    for s in stems:
        weight = sum(
            weight * min(candidate.count(field, s), most)
            for field, (weight, most) in enumerate(FIELD_WEIGHTS)
        )
        if not weight:
            return 0.0
        total += rarity[s] * weight / (weight + HALF_SCORE)
    return total / len(stems)

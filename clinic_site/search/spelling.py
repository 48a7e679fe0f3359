"""What was meant by a word that is on no page: it's corrected where there is no doubt, else others are
suggested.
"""

from difflib import get_close_matches
from itertools import chain

from clinic_site.editorial.unsigned_words import complaints
from clinic_site.pages.search_text import readable
from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import cards
from clinic_site.search.index import MAX_CANDIDATES, Match, kind_rank
from clinic_site.search.models import Synonym
from clinic_site.search.query import STOP_WORDS, Idea
from clinic_site.search.ranking import FIELD_WEIGHTS
from clinic_site.text.emergency_words import DANGER_WORDS
from clinic_site.text.stemming import stem, words_of


def unknown_stems(ideas: list[Idea], found: list[Match]) -> frozenset[str]:
    """The stems of single words that no page speaks of."""
    single = {s[0] for idea in ideas if len(idea.phrasings) == 1 and len(s := idea.phrasings[0]) == 1}
    fields = range(len(FIELD_WEIGHTS))
    return frozenset(s for s in single if not any(c.count(field, s) for c in found for field in fields))


def vocabulary() -> dict[str, str]:
    """The words of our titles and summaries, and those that staff taught it, each with the words around it.

    What people type and we would not say ("safe") is never offered. Two queries.
    """
    known: dict[str, str] = {}
    rows = Live.objects.cards().annotate(rank=kind_rank()).order_by("rank", "-posted_on", "-pk")
    titles = [(card.title, readable(card.summary)) for card in cards(rows[:MAX_CANDIDATES])]
    taught = Synonym.objects.order_by("words").values_list("words", flat=True)
    phrases = [title for title, _ in titles] + [words for words in taught if not complaints(words)]
    for phrase in [*phrases, *(summary for _, summary in titles), *DANGER_WORDS]:
        for word in words_of(phrase):
            if word not in STOP_WORDS and len(word) > 2:
                known.setdefault(word, phrase)
    return known


def correct(words: list[str], unknown: frozenset[str], known: dict[str, str]) -> list[str]:
    """The words, each of the unknown corrected where the nearest known words are one word in its forms.

    `unknown`: stems; `known`: a `vocabulary`.
    """
    corrected = []
    for word in words:
        near = nearest(word, known) if stem(word) in unknown else []
        corrected.append(near[0] if len({stem(other) for other in near}) == 1 else word)
    return corrected


def nearest(word: str, known: dict[str, str]) -> list[str]:
    """The known words at the least distance: at most 1 from a word of four letters, 2 from one of eight.

    Of those equally near, the ones with the same letters: "pian" means "pain" before "plan".
    """
    close = get_close_matches(word, known, n=20, cutoff=0.6)
    ranked = {other: (edit_distance(word, other), sorted(word) != sorted(other)) for other in close}
    least = min(ranked.values(), default=(0, False))
    return [other for other, rank in ranked.items() if rank == least and rank[0] <= len(word) // 4]


def edit_distance(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour.

    Optimal string alignment, a restricted Damerau-Levenshtein distance.
    """
    before: list[int] = []
    line = list(range(len(other) + 1))
    for i, a in enumerate(one):
        older, before, line = before, line, [i + 1]
        for j, b in enumerate(other):
            line.append(min(line[j] + 1, before[j + 1] + 1, before[j] + (a != b)))
            if i and j and (a, one[i - 1]) == (other[j - 1], b):
                line[-1] = min(line[-1], older[j - 1] + 1)
    return line[-1]


def suggestions(words: list[str], known: dict[str, str], most: int = 4) -> tuple[str, ...]:
    """Queries that do find something, near in spelling to what was typed."""
    near = chain.from_iterable(
        get_close_matches(word, known, n=2, cutoff=0.75) for word in words if word not in STOP_WORDS
    )
    return tuple(dict.fromkeys(known[word] for word in near))[:most]

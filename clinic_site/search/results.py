"""What a search finds among the live editions, and the pages that aren't documents."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.safestring import SafeString

from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import Broken, reading_of
from clinic_site.search.extracts import extract, highlighted
from clinic_site.search.index import candidates
from clinic_site.search.query import MAX_LETTERS, MAX_WORDS, Idea, ideas_in, stems_of
from clinic_site.search.ranking import ranked
from clinic_site.search.spelling import correct, suggestions, unknown_stems, vocabulary
from clinic_site.search.static_pages import static_pages_for
from clinic_site.text.emergency_words import names_danger
from clinic_site.text.stemming import words_of

MAX_RESULTS = 10
STATIC_LABEL = "About the clinic"  # what the clinic's own pages are called that aren't documents


@dataclass(frozen=True)
class Result:
    """A page that was found.

    `extract` is HTML, with the words that match in <mark>. What nobody signs has no day of review.
    """

    title: str
    address: str
    extract: SafeString
    kind_label: str
    reviewed_on: date | None = None
    is_sample: bool = False


@dataclass(frozen=True)
class SearchResults:
    """What a search found.

    `note`: a sentence for whoever typed something that can't be looked for as it stands; `suggestions`:
    queries to try instead; `more`: there are more pages than those shown; `typed`: what was typed, where
    `query` is that corrected; `is_danger`: one of them names a sign of danger.
    """

    query: str
    results: tuple[Result, ...] = ()
    more: bool = False
    note: str = ""
    is_danger: bool = False
    suggestions: tuple[str, ...] = ()
    typed: str = ""


def find(query: str, *, as_typed: bool = False) -> SearchResults:
    """The live pages that speak of what `query` asks for, best first.

    A word that stands nowhere is corrected where there is no doubt about what it should be, unless
    `as_typed`.
    """
    found = _find(query, as_typed)
    return replace(found, is_danger=names_danger(query, found.query))


def _find(query: str, as_typed: bool) -> SearchResults:
    typed = " ".join(query.replace("\x00", " ").split())
    shown = typed[:MAX_LETTERS]
    words = words_of(shown)[:MAX_WORDS]
    note = ""
    if len(typed) > MAX_LETTERS or len(words_of(shown)) > MAX_WORDS:
        note = f"Only the first {MAX_WORDS} words were looked for."
    if not words:
        note = "Write a word or two, such as “jaw pain” or “sweating”." if typed else ""
        return SearchResults(shown, note=note)
    ideas = ideas_in(words)
    if not ideas:
        note = "These words stand on almost every page. Add one that says what it is about."
        return SearchResults(shown, note=note)
    found = candidates(ideas)
    static = static_results(ideas)
    unknown = frozenset() if static else unknown_stems(ideas, found)
    known = vocabulary() if unknown else {}
    corrected = words if as_typed else correct(words, unknown, known)
    if corrected != words and (again := _find(" ".join(corrected), as_typed=True)).results:
        return replace(again, typed=shown)
    keys = ranked(ideas, found)
    results = static + results_for(keys[:MAX_RESULTS], ideas)
    if not results:
        return SearchResults(shown, note=note, suggestions=suggestions(words, known))
    return SearchResults(shown, results[:MAX_RESULTS], more=len(keys) + len(static) > MAX_RESULTS, note=note)


def static_results(ideas: list[Idea]) -> tuple[Result, ...]:
    stems = frozenset(stems_of(ideas))
    return tuple(
        Result(page.title, page.address, highlighted(page.summary, stems), STATIC_LABEL)
        for page in static_pages_for(ideas)
    )


def results_for(keys: list[int], ideas: list[Idea]) -> tuple[Result, ...]:
    """The pages as they stand now, in the order of `keys`. One query."""
    lives = {live.pk: live for live in Live.objects.readable().select_related("edition").filter(pk__in=keys)}
    results = []
    for live in (lives[pk] for pk in keys if pk in lives):
        try:
            reading = reading_of(live.edition, live.stopped)
        except Broken:
            continue
        label = DOCUMENT_TYPES[live.kind].LABEL
        page, words = reading.page, extract(reading.page, ideas)
        results.append(
            Result(page.title, reading.address, words, label, reading.reviewed_on, reading.is_sample)
        )
    return tuple(results)

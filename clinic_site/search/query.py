"""Search over live editions.

The engine only says which pages match; which comes first is worked out here, from the words of a capped set
of them. So SQLite and PostgreSQL, whose own rankings differ, give a patient the same answer, and a word that
stands on every page costs no more than a rare one.

What a patient types is read as ideas: a word, or a phrase that staff know by other words (`Synonym`). A page
that speaks of every idea comes before one that speaks of some. A word that stands nowhere is put right where
there is no doubt about what it should be, and the reader is told.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from itertools import accumulate, chain
from math import log

from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from modelsearch.backends import get_search_backend
from modelsearch.query import And, Or, PlainText, SearchQuery

from clinic_site.editorial.emergency_words import DANGER_WORDS, names_danger
from clinic_site.editorial.words import complaints
from clinic_site.pages.fields import SearchLine
from clinic_site.pages.search_text import in_title, readable
from clinic_site.pages.shapes import Page
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Live
from clinic_site.publishing.reading import Broken, cards, reading_of
from clinic_site.search.models import Synonym
from clinic_site.search.static_pages import places_for
from clinic_site.text.stemming import folded, stem, words_of

MOST_LETTERS = 200  # of what was typed, the rest isn't read
MOST_WORDS = 12
SHOWN = 10
HANDFUL = 5  # with fewer pages that speak of every idea, pages that speak of one are looked at too
CANDIDATES = 200  # pages whose words are weighed
EXTRACT = 220  # letters

ABOUT = "About the clinic"  # what the clinic's own pages are called that aren't documents

# words that say nothing about what is looked for
SILENT = frozenset(
    "a about after all also am an and any are as at be because been before being both but by can can't "
    "cannot could did didn't do does doesn't doing don't during each else ever every for from get gets "
    "getting had has have haven't having he her here him his how i i'm i've if in into is isn't it it's its "
    "just like many may me might more most much must my need no nor not of off on once one only or other our "
    "out over own per please really said she should since so some someone such tell than that that's the "
    "their them then there these they this those through to too under until up us very want was we well were "
    "what what's when where which while who whom why will with without won't would you your yours".split()
)
_SILENT_STEMS = frozenset(map(stem, SILENT))

_SENTENCE_ENDS = re.compile(r"(?<=[.?!…])\s+|\n+")

# How much a word counts by where it stands, and how often it counts there at most.
WORTH = ((10, 1), (3, 2), (2, 2), (0.5, 6))  # title, summary, headings, running text
ENOUGH = 4  # a word of this weight has half of what it could have


@dataclass(frozen=True)
class Idea:
    """Something looked for, in one or several ways to say it; each way is the stems that belong together."""

    ways: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Candidate:
    """A page that matches, with the stems of its title, summary, headings and running text."""

    pk: int
    kind: str
    slug: str
    posted_on: date
    fields: tuple[str, ...]

    @property
    def place(self) -> tuple:
        """Its place among equals: by the type of document, then the newest."""
        return DOCUMENT_TYPES[self.kind].SEARCH_RANK, -self.posted_on.toordinal(), self.slug

    def count(self, field: int, stem: str) -> int:
        return self.fields[field].count(f" {stem} ")


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
class Found:
    """What a search found.

    `note`: a sentence for whoever typed something that can't be looked for as it stands; `suggestions`:
    queries to try instead; `more`: there are more pages than those shown; `typed`: what was typed, where
    `query` is that put right.
    """

    query: str
    results: tuple[Result, ...] = ()
    more: bool = False
    note: str = ""
    is_danger: bool = False
    suggestions: tuple[str, ...] = ()
    typed: str = ""


def find(query: str, *, as_typed: bool = False) -> Found:
    """The live pages that speak of what `query` asks for, best first; whether it names a sign of danger is
    told with them.

    `as_typed`: nothing is put right.
    """
    found = _find(query, as_typed)
    return replace(found, is_danger=names_danger(found.query) or names_danger(found.typed))


def _find(query: str, as_typed: bool) -> Found:
    typed = " ".join(query.replace("\x00", " ").split())
    words = words_of(typed[:MOST_LETTERS])[:MOST_WORDS]
    shown = typed[:MOST_LETTERS]
    note = ""
    if len(typed) > MOST_LETTERS or len(words_of(shown)) > MOST_WORDS:
        note = f"Only the first {MOST_WORDS} words were looked for."
    if not words:
        return Found(shown, note="Write a word or two, such as “jaw pain” or “sweating”." if typed else "")
    ideas = ideas_in(words)
    if not ideas:
        return Found(
            shown, note="These words stand on almost every page. Add one that says what it is about."
        )
    found = candidates(ideas)
    places = tuple(
        Result(p.title, p.address, marked(p.says, frozenset(stems_of(ideas))), ABOUT)
        for p in places_for([i.ways for i in ideas])
    )
    lost = frozenset() if places else nowhere(ideas, found)
    known = vocabulary() if lost else {}
    right = words if as_typed else put_right(words, lost, known)
    if right != words and (again := _find(" ".join(right), as_typed=True)).results:
        return replace(again, typed=shown)
    ranked = rank(ideas, found)
    results = places + results_for(ranked[:SHOWN], ideas)
    if not results:
        return Found(shown, note=note, suggestions=suggestions(words, known))
    return Found(shown, results[:SHOWN], more=len(ranked) + len(places) > SHOWN, note=note)


# --- what is asked for --------------------------------------------------------------------------------------


def telling(words: Iterable[str]) -> tuple[str, ...]:
    """The stems of words that tell what is looked for, each once."""
    return tuple(dict.fromkeys(stem(word) for word in words if word not in SILENT))


def ideas_in(words: list[str]) -> list[Idea]:
    """The ideas of a query.

    A synonym is one idea, found by its words in any order; the longest is taken first.

    `Synonym.means` holds other ways to say it, with commas between them.
    """
    left = telling(words)
    ideas = []
    rows = Synonym.objects.order_by().values_list("stems", "means")
    phrases = {
        phrase: means
        for stems, means in rows
        if (phrase := tuple(s for s in stems.split() if s not in _SILENT_STEMS))
    }
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        if set(phrase) <= set(left):
            ways = [phrase, *(telling(words_of(way)) for way in phrases[phrase].split(","))]
            ideas.append(Idea(tuple(dict.fromkeys(filter(None, ways)))))
            left = tuple(s for s in left if s not in phrase)
    return ideas + [Idea(((s,),)) for s in left]


def stems_of(ideas: list[Idea]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(chain.from_iterable(idea.ways for idea in ideas))))


# --- which pages match --------------------------------------------------------------------------------------


def candidates(ideas: list[Idea]) -> list[Candidate]:
    """At most CANDIDATES pages that speak of every idea; where they are fewer than a handful, of any."""
    every = [Or([PlainText(" ".join(way), operator="and") for way in idea.ways]) for idea in ideas]
    titled = Or([PlainText(in_title(s)) for s in stems_of(ideas)])
    found = first_matches(And(every), titled)
    if len(found) < HANDFUL and len(every) > 1:
        found |= first_matches(Or(every), titled)
    return list(found.values())


def first_matches(query: SearchQuery, titled: SearchQuery) -> dict[int, Candidate]:
    """The pages that match, by key; of too many, those with a word of it in their title, then treatments,
    then the newest.
    """
    found = matches(And([query, titled]))
    for candidate in matches(query).values() if len(found) < CANDIDATES else ():
        if len(found) < CANDIDATES:
            found.setdefault(candidate.pk, candidate)
    return found


def matches(query: SearchQuery) -> dict[int, Candidate]:
    """The first CANDIDATES matches: treatments, then the newest. One query."""
    first = (
        matching(query).order_by(_ranks(), F("posted_on").desc(), F("slug").asc()).values("pk")[:CANDIDATES]
    )
    # PostgreSQL keeps the text that was indexed beside the vector that was made of it
    text = "index_entries__body_text" if connection.vendor == "postgresql" else "index_entries__body"
    rows = Live.objects.filter(pk__in=first).values_list("pk", "kind", "slug", "posted_on", text)
    found = [Candidate(*key, tuple(f" {line} " for line in words.split("\n"))) for *key, words in rows]
    return {c.pk: c for c in sorted(found, key=lambda c: c.place)}


def _ranks() -> Case:
    return Case(*(When(kind=kind, then=Value(one.SEARCH_RANK)) for kind, one in DOCUMENT_TYPES.items()))


def matching(query: SearchQuery) -> QuerySet[Live]:
    """The live pages that match, in no order."""
    search = get_search_backend().search(query, Live.objects.all(), order_by_relevance=False)
    if connection.vendor == "postgresql":
        # modelsearch 1.3.2 would look into `title || body`, for which it makes no index; here all words stand
        # in `body`
        compiler = search.query_compiler
        return Live.objects.filter(
            index_entries__body=compiler.build_tsquery(query, compiler.get_config(search.backend))
        )
    return search.get_queryset()


# --- which comes first --------------------------------------------------------------------------------------


def rank(ideas: list[Idea], found: list[Candidate]) -> list[int]:
    """Keys of the candidates, best first."""
    rare = {
        s: log(1 + len(found) / (1 + sum(bool(c.count(0, s) or c.count(1, s)) for c in found)))
        for s in stems_of(ideas)
    }
    return [c.pk for c in sorted(found, key=lambda c: (-score(c, ideas, rare), c.place))]


def score(candidate: Candidate, ideas: list[Idea], rare: dict[str, float]) -> float:
    """How well the page answers: what its words weigh, less for each idea that it doesn't speak of."""
    weights = [max(weight(candidate, way, rare) for way in idea.ways) for idea in ideas]
    possible = sum(max(sum(rare[s] for s in way) / len(way) for way in idea.ways) for idea in ideas)
    spoken_of = sum(1 for w in weights if w) / len(ideas)
    return round(sum(weights) / possible * spoken_of * DOCUMENT_TYPES[candidate.kind].SEARCH_WEIGHT, 9)


def weight(candidate: Candidate, way: tuple[str, ...], rare: dict[str, float]) -> float:
    total = 0.0
    for s in way:
        here = sum(worth * min(candidate.count(field, s), most) for field, (worth, most) in enumerate(WORTH))
        if not here:
            return 0.0
        total += rare[s] * here / (here + ENOUGH)
    return total / len(way)


# --- what is shown of them ----------------------------------------------------------------------------------


def results_for(keys: list[int], ideas: list[Idea]) -> tuple[Result, ...]:
    """The pages as they stand now, in the order of `keys`. One query."""
    lives = {live.pk: live for live in Live.objects.readable().select_related("edition").filter(pk__in=keys)}
    results = []
    for pk in keys:
        if live := lives.get(pk):
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


def extract(page: Page, ideas: list[Idea]) -> SafeString:
    """About EXTRACT letters of the page, whole sentences where they fit, from where most of the words stand.

    It starts where a sentence starts, so that a "not" isn't cut off. A word that was typed counts more than
    one that means the same.
    """
    stems = frozenset(stems_of(ideas))
    typed = frozenset(chain.from_iterable(idea.ways[0] for idea in ideas))
    sentences = sentences_of(readable(page.searched(SearchLine.SUMMARY) + page.searched()))
    if not sentences:
        return SafeString("")
    text = " ".join(sentences)
    ends = list(accumulate(len(s) + 1 for s in sentences))  # where the next sentence starts
    starts = [0, *ends[:-1]]
    found = hits(text, stems)
    best, window = (0, 0), (0, ends[0])
    for first in sorted({bisect_right(starts, at) - 1 for at, _, _ in found}):
        last = max(first, bisect_right(ends, starts[first] + EXTRACT + 1) - 1)
        words = [s for at, _, s in found if starts[first] <= at < ends[last]]
        if (density := (len({*words}) + 2 * len(typed & {*words}), len(words))) > best:
            best, window = density, (starts[first], ends[last])
    return marked(shortened(text[slice(*window)].rstrip(), stems), stems)


def sentences_of(text: str) -> list[str]:
    """Its sentences; a heading or an entry of a list ends with a dot in the middle, so that it doesn't run
    into the next.
    """
    found = [" ".join(s.split()) for s in _SENTENCE_ENDS.split(text) if s.strip()]
    return [s if s.endswith((".", "?", "!", "…", ":")) else f"{s} ·" for s in found]


def hits(text: str, stems: frozenset[str]) -> list[tuple[int, int, str]]:
    """(start, end, stem) of each word of the text whose stem is one of `stems`."""
    starts = "|".join(
        sorted({s[:2] for s in stems})
    )  # a word begins as its stem does: far fewer words to stem
    words = re.finditer(rf"(?<![a-z0-9'])(?:{starts})[a-z0-9]*(?:'[a-z]+)?", folded(text))
    return [(m.start(), m.end(), s) for m in words if (s := stem(m[0])) in stems]


def shortened(text: str, stems: frozenset[str]) -> str:
    """A sentence that is too long is cut between words, so that its first match stays."""
    if len(text) <= EXTRACT:
        return text
    first = next((start for start, _, _ in hits(text, stems)), 0)
    start = 0 if first < EXTRACT * 3 // 4 else text.rfind(" ", 0, first - EXTRACT // 3) + 1
    end = len(text)
    if end - start > EXTRACT:
        end = max(text.rfind(" ", start, start + EXTRACT), start + EXTRACT // 2)
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def marked(text: str, stems: frozenset[str]) -> SafeString:
    """The text as HTML, its matching words in <mark>."""
    made, at = [], 0
    for start, end, _ in hits(text, stems):
        made += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*made, escape(text[at:])]))


# --- what was meant -----------------------------------------------------------------------------------------


def nowhere(ideas: list[Idea], found: list[Candidate]) -> frozenset[str]:
    """The stems of single words that no page speaks of."""
    alone = {idea.ways[0][0] for idea in ideas if len(idea.ways) == 1 and len(idea.ways[0]) == 1}
    return frozenset(
        s for s in alone if not any(c.count(field, s) for c in found for field in range(len(WORTH)))
    )


def vocabulary() -> dict[str, str]:
    """The words of our titles and summaries, and those that staff taught it, each with the words around it.

    Two queries.

    What people type and we would not say ("safe") is never offered.
    """
    known: dict[str, str] = {}
    rows = Live.objects.cards().annotate(rank=_ranks()).order_by("rank", "-posted_on", "-pk")[:CANDIDATES]
    titles = [(card.title, readable(card.summary)) for card in cards(rows)]
    taught = Synonym.objects.order_by("words").values_list("words", flat=True)
    phrases = [title for title, _ in titles] + [words for words in taught if not complaints(words)]
    for phrase in [*phrases, *(summary for _, summary in titles), *DANGER_WORDS]:
        for word in words_of(phrase):
            if word not in SILENT and len(word) > 2:
                known.setdefault(word, phrase)
    return known


def put_right(words: list[str], lost: frozenset[str], known: dict[str, str]) -> list[str]:
    """The words, with each that is lost put right where the known words that are nearest are one word in its
    forms.
    """
    right = []
    for word in words:
        near = nearest(word, known) if stem(word) in lost else []
        right.append(near[0] if len({stem(other) for other in near}) == 1 else word)
    return right


def nearest(word: str, known: dict[str, str]) -> list[str]:
    """The known words that are fewest slips away: one slip in a word of four letters, two in one of eight."""
    alike = {other: slips(word, other) for other in get_close_matches(word, known, n=20, cutoff=0.6)}
    fewest = min(alike.values(), default=0)
    return (
        [other for other, count in alike.items() if count == fewest]
        if alike and fewest <= len(word) // 4
        else []
    )


def slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour (optimal string
    alignment).
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
        get_close_matches(word, known, n=2, cutoff=0.75) for word in words if word not in SILENT
    )
    return tuple(dict.fromkeys(known[word] for word in near))[:most]

"""What changed between two pages: first what matters to whoever signs, then every word, marked where it came
or went.

Numbers of sources are left out of the words: one source more would renumber the rest. Sources are compared by
themselves.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from html import escape
from typing import Any, TypeVar

from clinic_site.evidence.models import Claim
from clinic_site.pages.compose import Composer, claim_span, plain
from clinic_site.pages.fields import compared
from clinic_site.pages.shapes import ADDRESSES, ClaimNote, Figure, Page, SourceNote, canonical, sha256
from clinic_site.text import diff
from clinic_site.text.diff import ADDED, REMOVED

Note = TypeVar("Note", ClaimNote, SourceNote)
_SPANS = re.compile(r'<span class="claim[^"]*" data-claim="([^"]*)">(.*?)</span>', re.S)
_PICTURES = re.compile(r"<img [^>]*>")
_REFERENCES = re.compile(r'<sup class="ref">.*?</sup>')


def figure_in_words(figure: Figure | None) -> tuple[str, str]:
    """A sealed claim's figure and its comparator's, as a signer reads them."""
    if figure is None:
        return "–", "–"

    def span(low: float | None, high: float | None) -> str:
        return f"{low:g}" if high is None else f"{low:g} to {high:g}"

    measured = f"{span(figure.low, figure.high)} {figure.unit}: {figure.measure}"
    people = [
        figure.population,
        f"n = {figure.n}" if figure.n else "",
        f"day {figure.at_days}" if figure.at_days else "",
    ]
    compared = str(Claim.Comparator(figure.comparator).label) if figure.comparator else "–"
    if figure.comparator_low is not None:
        compared = f"{compared}: {span(figure.comparator_low, figure.comparator_high)} {figure.unit}"
    return "; ".join([measured, *filter(None, people)]), compared


@dataclass(frozen=True)
class ClaimChange:
    """A claim as it stood and as it stands; None where it wasn't or isn't there."""

    before: ClaimNote | None
    after: ClaimNote | None
    sources: tuple[SourceNote, ...] = ()  # what it rests on now; of one that went, what it rested on

    @property
    def key(self) -> str:
        return next(note.key for note in (self.after, self.before) if note)

    @property
    def what(self) -> str:
        """As `Comparison.summary` counts it."""
        if self.before is None:
            return "claim added"
        if self.after is None:
            return "claim removed"
        return "figure changed" if self.is_new_figure else "claim worded otherwise"

    @property
    def is_new_figure(self) -> bool:
        """A number that patients read is another one, came or went."""
        return (self.before.figure if self.before else None) != (self.after.figure if self.after else None)

    @property
    def numbers(self) -> str:
        """Its figure with what that is compared with, marked, as HTML; empty where it has none."""
        told = [
            escape("; ".join(figure_in_words(n.figure)), quote=False) if n and n.figure else ""
            for n in (self.before, self.after)
        ]
        return marked(*told)[0]

    @property
    def words(self) -> str:
        """The claim's words, marked, as HTML."""
        return marked(*(note.html if note else "" for note in (self.before, self.after)))[0]


@dataclass(frozen=True)
class SourceChange:
    before: SourceNote | None
    after: SourceNote | None

    @property
    def key(self) -> str:
        return next(note.key for note in (self.after, self.before) if note)

    @property
    def what(self) -> str:
        if self.before is None:
            return ADDED
        if self.after is None:
            return REMOVED
        return (
            f"now {self.after.status}" if self.before.status != self.after.status else "described otherwise"
        )


@dataclass(frozen=True)
class Passage:
    """One place of the page: its words as HTML with what came in `<ins>` and what went in `<del>`; how many
    changes.
    """

    where: str
    html: str
    changes: int


# what a summary counts, in its order
_CLAIMS = ("figure changed", "claim worded otherwise", "claim added", "claim removed")
_SOURCES = ("source added", "source removed", "source changed")
_COUNTED = ("address changed", *_CLAIMS, *_SOURCES, "change of wording")


@dataclass(frozen=True)
class Comparison:
    address: tuple[str, str] | None = None  # where the page stood and where it stands, where that changed
    is_new: bool = False  # there is nothing before it
    claims: tuple[ClaimChange, ...] = ()
    sources: tuple[SourceChange, ...] = ()
    passages: tuple[Passage, ...] = field(default=())

    @property
    def figures(self) -> tuple[ClaimChange, ...]:
        return tuple(change for change in self.claims if change.is_new_figure)

    @property
    def removed(self) -> tuple[ClaimChange, ...]:
        return tuple(change for change in self.claims if change.after is None)

    @property
    def changed(self) -> tuple[Passage, ...]:
        return tuple(passage for passage in self.passages if passage.changes)

    @property
    def summary(self) -> str:
        """In one line what a clinician has to look at: "1 address changed, 2 figures changed, 14 changes of
        wording".
        """
        if self.is_new:
            return self._new_page
        counts = Counter(claim.what for claim in self.claims)
        counts.update(f"source {s.what if s.what in (ADDED, REMOVED) else 'changed'}" for s in self.sources)
        counts["address changed"] = int(self.address is not None)
        counts["change of wording"] = sum(passage.changes for passage in self.passages)
        found = [(counts[one], one) for one in _COUNTED if counts[one]]
        said = (f"{n} {one if n == 1 else one.replace(' ', 's ', 1)}" for n, one in found)
        return ", ".join(said) or "Nothing changed."

    @property
    def _new_page(self) -> str:
        found = [(len(self.claims), "claim"), (len(self.sources), "source")]
        holds = ", ".join(f"{count} {name}{'s' * (count > 1)}" for count, name in found if count)
        return f"A new page: {holds}" if holds else "A new page, without claims"


def compare(before: Page | None, after: Page) -> Comparison:
    """What a reader of `after` reads otherwise than in `before`; None before it means that everything is
    new.
    """
    pairs = _pairs(before.claims if before else (), after.claims)
    return Comparison(
        address=_address_change(before, after),
        is_new=before is None,
        claims=tuple(
            ClaimChange(old, new, _under(new, after.sources) or _under(old, before.sources if before else ()))
            for old, new in pairs
            if _claimed(old) != _claimed(new)
        ),
        sources=tuple(
            SourceChange(old, new)
            for old, new in _pairs(before.sources if before else (), after.sources)
            if compared(old) != compared(new)
        ),
        passages=tuple(_passages(before, after)),
    )


def _address_change(before: Page | None, after: Page) -> tuple[str, str] | None:
    if before is None or before.slug == after.slug:
        return None
    return ADDRESSES[before.kind](before.slug), ADDRESSES[after.kind](after.slug)


def _under(note: ClaimNote | None, sources: Iterable[SourceNote]) -> tuple[SourceNote, ...]:
    return tuple(source for source in sources if source.number in note.sources) if note else ()


def _pairs(before: Iterable[Note], after: Iterable[Note]) -> Iterator[tuple[Note | None, Note | None]]:
    old = {thing.key: thing for thing in before}
    new = {thing.key: thing for thing in after}
    for key in {**new, **old}:
        yield old.get(key), new.get(key)


def _claimed(note: ClaimNote | None) -> tuple[Any, ...] | None:
    return None if note is None else compared(replace(note, html=_without_references(note.html)))


def _passages(before: Page | None, after: Page) -> Iterator[Passage]:
    old, new = _by_place(before), _by_place(after)
    for where in dict.fromkeys([*new, *old]):
        html, changes = marked(old.get(where, ""), new.get(where, ""))
        yield Passage(where, html, changes)


def _by_place(page: Page | None) -> dict[str, str]:
    """The page's words by the place where they stand. Two places of one name are one."""
    places: dict[str, str] = {}
    for where, html in page.shown() if page else ():
        if html:
            places[where] = places.get(where, "") + html
    return places


def _without_references(html: str) -> str:
    return _REFERENCES.sub("", html)


def marked(before: str, after: str) -> tuple[str, int]:
    """`marking.marked`, the numbers of sources left out.

    Where only the paragraphs differ, nothing is marked.
    """
    before, after = _without_references(before), _without_references(after)
    if _words_and_pictures(before) == _words_and_pictures(after):
        return after, 0
    return diff.marked(before, after)


def _words_and_pictures(html: str) -> tuple[list[str], list[str]]:
    """Its words and its pictures."""
    return plain(html).split(), _PICTURES.findall(html)


# --- what was changed since a page was sealed ---------------------------------------------------------------


def reworded(page: Page, claims: Mapping[str, Claim] | None = None) -> tuple[ClaimChange, ...]:
    """The claims of a sealed page that say something else today, or rest on something else or on a source
    that was superseded or retracted since: each as it was sealed, and as it is. `claims`: those of the page
    by their keys, if at hand.
    """
    composer, said = Composer(() if claims else [note.key for note in page.claims]), _said(page)
    composer.known |= claims or {}
    changes = []
    for note in page.claims:
        now = composer.note(note.key)
        if now is None:
            continue  # no claim that an edition says is deleted
        claim, sources = composer.known[note.key], _under(now, composer.sources)
        known = {_folded(claim.sentence), _folded(claim.phrase)}
        others = [words for words in said.get(note.key, ()) if _folded(words) not in known]
        if _claimed(note) != _claimed(now) or _keys(_under(note, page.sources)) != _keys(sources):
            changes.append(ClaimChange(note, now, sources))
        elif others:  # its phrase alone
            before = replace(note, html=claim_span(note.key, others[0]))
            after = replace(now, html=claim_span(note.key, claim.phrase or claim.sentence))
            changes.append(ClaimChange(before, after, sources))
    return tuple(changes)


def _keys(sources: Iterable[SourceNote]) -> set[tuple[str, str]]:
    """What a claim rests on: its sources, and whether they are current."""
    return {(source.key, source.status) for source in sources}


def _said(page: Page) -> dict[str, list[str]]:
    """In which words a page says each of its claims, by the claims' keys."""
    said: dict[str, list[str]] = {}
    for _, html in page.shown():
        for key, words in _SPANS.findall(html):
            said.setdefault(key, []).append(plain(_without_references(words)))
    return said


def _folded(words: str) -> str:
    """A claim's words wherever in a sentence they stand."""
    return " ".join(words.split()).casefold()


def digest_of_changes(changes: Iterable[ClaimChange]) -> str:
    """Tells what somebody has read of changed claims from what those may become meanwhile; empty where
    nothing changed.
    """
    told = [
        asdict(change.after) | {"sources": sorted(_keys(change.sources))}  # type: ignore[arg-type]  # none went
        for change in changes
    ]
    return sha256(canonical(told)) if told else ""


# --- one change to several pages ----------------------------------------------------------------------------


@dataclass(frozen=True)
class PageChange:
    """One page of several: what it's called, what changed in one line, and the words that changed beside its
    claims'.
    """

    title: str
    summary: str
    passages: tuple[Passage, ...]
    address: tuple[str, str] | None = None


@dataclass
class Combined:
    """Several pages compared at once: each change of a claim or a source once, with the pages that it's on,
    then the rest.
    """

    claims: list[tuple[ClaimChange, list[str]]] = field(default_factory=list)
    sources: list[tuple[SourceChange, list[str]]] = field(default_factory=list)
    pages: list[PageChange] = field(default_factory=list)


def combine(pages: Iterable[tuple[str, Page | None, Page]]) -> Combined:
    """`pages`: each page's title, what it said before, and what it says now."""
    combined = Combined()
    claims: dict[Any, tuple[ClaimChange, list[str]]] = {}
    sources: dict[Any, tuple[SourceChange, list[str]]] = {}
    for title, before, after in pages:
        comparison = compare(before, after)
        for claim in comparison.claims:
            told = (claim.key, _claimed(claim.before), _claimed(claim.after))
            claims.setdefault(told, (claim, []))[1].append(title)
        for source in comparison.sources:
            both = compared(source.before), compared(source.after)
            sources.setdefault(both, (source, []))[1].append(title)
        # a place where nothing but those claims changed is told with them
        own = _by_place_without(before, comparison.claims), _by_place_without(after, comparison.claims)
        rest = tuple(p for p in comparison.changed if own[0].get(p.where, "") != own[1].get(p.where, ""))
        combined.pages.append(PageChange(title, comparison.summary, rest, comparison.address))
    combined.claims, combined.sources = list(claims.values()), list(sources.values())
    return combined


def _by_place_without(page: Page | None, claims: Iterable[ClaimChange]) -> dict[str, str]:
    places = {where: _without_references(html) for where, html in _by_place(page).items()}
    if keys := "|".join(re.escape(change.key) for change in claims):
        spans = re.compile(rf'<span class="claim[^"]*" data-claim="({keys})">.*?</span>', re.S)
        places = {where: spans.sub(r"[[\1]]", html) for where, html in places.items()}
    return places

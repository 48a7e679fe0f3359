"""How a draft becomes a page: claims are put in for their keys, sources get their numbers, HTML is cleaned.

`Composer` is the only place where running text is rendered. In running text `[[key]]` stands as the claim's
phrase, or as its whole sentence where it stands between sentences. `((24 hours))` marks a practical figure.
"""

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Any, TypeVar, cast

import nh3

from clinic_site.evidence.models import Claim, Country, Licence, Source
from clinic_site.pages.fields import LINE, PROSE, Declaration
from clinic_site.pages.shapes import ClaimNote, Figure, LicenceRow, SourceNote
from clinic_site.text.characters import storable

T = TypeVar("T")
MARK = re.compile(r"\[\[\s*([^\[\]\s]+)\s*\]\]")
PRACTICAL = re.compile(r"\(\(([^()<>\[\]]+)\)\)")
TAG = re.compile(r'<(?:"[^"]*"|[^>"])*>')
BLOCK_EDGES = re.compile(r"</?(?:p|ul|ol|li|h[1-6]|blockquote|tr|td|th)\b[^>]*>|<br\s*/?>", re.I)
# a tag is matched whole, so that nothing is ever put into an attribute
_MARKED = re.compile(rf"{TAG.pattern}|{MARK.pattern}|{PRACTICAL.pattern}")
ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|Prof|e\.g|i\.e|vs|approx|cf|al)\.\s*\Z", re.I)
ALLOWED_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "h3", "h4", "br", "blockquote"}
ALLOWED_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
# pasted marks that say something by their place: a power, a cell beside another
_RAISED = re.compile(r"<(sup|sub)\b[^>]*>\s*([0-9+-]+)\s*</\1>", re.I)
_AS_RAISED = {
    "sup": str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"),
    "sub": str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋"),
}
_PARTED = re.compile(
    r"(?=</?(?:td|th|tr|div|dt|dd|section|article|hr|h[1256]|figcaption|caption|pre|table)\b)", re.I
)


def clean_html(html: str) -> str:
    """Only the marks that a page may have: no style, no class, no script, no link but http(s), mail, phone
    and ours. What other marks told stays told: raised figures, words of cells and boxes apart, and no struck
    words.
    """
    told = _RAISED.sub(lambda m: m[2].translate(_AS_RAISED[m[1].lower()]), storable(html))
    cleaned = nh3.clean(
        _PARTED.sub(" ", told),
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        clean_content_tags={"script", "style", "title", "del", "s", "strike"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    return re.sub(r"<p>(?:\s|&nbsp;|<br\s*/?>)*</p>", "", cleaned).strip()


_NEAR = 1000  # characters: what stands farther off doesn't tell where a sentence begins or ends


def _words(html: str) -> str:
    """Text without its tags: a line break where a block begins or ends, and nowhere else."""
    return unescape(TAG.sub("", BLOCK_EDGES.sub("\n", re.sub(r"\s+", " ", html))))


def plain(html: str) -> str:
    """The words of some HTML, blocks parted by line breaks."""
    return re.sub(r"[^\S\n]*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", _words(html))).strip()


def begins_sentence(before: str) -> bool:
    """Whether a new sentence begins after `before`, the HTML that stands in front."""
    words = _words(before[-_NEAR:])
    if not words.strip() or re.search(r"\n\s*\Z", words):
        return True
    return bool(re.search(r"[.?!…][\"”’)]*\s+\Z", words)) and not ABBREVIATION.search(words)


def follows_colon(before: str) -> bool:
    return bool(re.search(r":\s+\Z", _words(before[-_NEAR:])))


def ends_sentence(after: str) -> bool:
    """Whether a sentence may end before `after`, the HTML that comes next."""
    return bool(re.match(r"\s*\Z|\s*\n|\s+[\"“‘(]*[A-ZÀ-Þ0-9]|\s*\[\[", _words(after[:_NEAR])))


def keys_in(*texts: str) -> list[str]:
    """The claim keys that texts refer to, in order, each once."""
    return list(dict.fromkeys(key for text in texts for key in MARK.findall(storable(text or ""))))


def claim_span(key: str, text: str, numbers: Iterable[int] = (), *, extra: str = "") -> str:
    refs = ", ".join(f'<a href="#source-{n}" aria-label="Source {n}">{n}</a>' for n in numbers)
    sup = f'<sup class="ref">{refs}</sup>' if refs else ""
    return f'<span class="claim{extra}" data-claim="{escape(key)}">{escape(text, quote=False)}{sup}</span>'


class Composer:
    """Renders the texts of one page and keeps account of the claims and sources that they use."""

    def __init__(self, keys: Iterable[str]):
        """`keys`: every claim key that the page refers to, so that one query fetches them all."""
        self.known: dict[str, Claim] = {
            c.key: c for c in Claim.objects.filter(key__in=set(keys)).with_sources()
        }
        self.used: dict[str, Claim] = {}
        self.unknown: list[str] = []
        self.practical: list[str] = []
        self._numbers: dict[str, int] = {}
        self._sources: list[SourceNote] = []
        self._fetched: dict[Callable[[], Any], Any] = {}

    def once(self, fetch: Callable[[], T]) -> T:
        """What several fields of the page are made from: fetched for the first of them."""
        if fetch not in self._fetched:
            self._fetched[fetch] = fetch()
        return cast(T, self._fetched[fetch])

    @property
    def sources(self) -> tuple[SourceNote, ...]:
        """Those that were numbered so far."""
        return tuple(self._sources)

    def number(self, source: Source) -> int:
        """The source's number on this page; it gets the next one at its first mention."""
        if source.key not in self._numbers:
            self._numbers[source.key] = number = len(self._numbers) + 1
            self._sources.append(
                SourceNote(
                    number=number,
                    key=source.key,
                    title=source.title,
                    publisher=source.publisher,
                    year=source.year,
                    href=source.href,
                    locator=source.locator,
                    kind=source.kind,
                    is_secondary=source.is_secondary,
                    note=source.note,
                    status=source.status,
                )
            )
        return self._numbers[source.key]

    def _claim(self, key: str) -> Claim | None:
        claim = self.known.get(key)
        if claim:
            self.used.setdefault(key, claim)
        elif key not in self.unknown:
            self.unknown.append(key)
        return claim

    def _numbers_of(self, claim: Claim) -> list[int]:
        return sorted(self.number(s) for s in claim.sources.all())

    def span(self, key: str, *, whole: bool = False, starts: bool = False, refs: bool = True) -> str:
        """The claim in its mark, as a phrase or as its `whole` sentence."""
        claim = self._claim(key)
        if claim is None:
            return claim_span(key, f"[[{key}]]", extra=" claim--unknown")
        text = claim.sentence if whole or not claim.phrase else claim.phrase
        if starts and text:
            text = text[0].upper() + text[1:]
        return claim_span(key, text, self._numbers_of(claim) if refs else ())

    def _put_in(self, html: str, *, refs: bool) -> str:
        """Puts claims in for their marks, and marks practical figures."""
        sentence_ended = 0  # where the last claim that stands as a sentence ended

        def put(match: re.Match[str]) -> str:
            nonlocal sentence_ended
            key, practical = match.groups()
            if practical:
                self.practical.append(plain(practical))
                return f'<span class="practical">{practical}</span>'
            if not key:
                return match.group()
            before, after = html[: match.start()], html[match.end() :]
            in_link = before.rfind("<a ") > before.rfind("</a>")  # a link can't hold the links to its sources
            follows_claim = sentence_ended and not _words(html[sentence_ended : match.start()]).strip()
            starts = bool(follows_claim) or begins_sentence(before)
            whole = (starts or follows_colon(before)) and ends_sentence(after)
            if whole:
                sentence_ended = match.end()
            return self.span(key, whole=whole, starts=starts or whole, refs=refs and not in_link)

        return _MARKED.sub(put, html)

    def prose(self, html: str) -> str:
        """Running text: cleaned, with its claims put in."""
        return self._put_in(clean_html(html or ""), refs=True)

    def line(self, text: str, *, refs: bool = False) -> str:
        """A line of plain text with its claims put in, as HTML."""
        return self._put_in(escape(storable(text or ""), quote=False), refs=refs)

    def words(self, declaration: Declaration, typed: Any) -> Any:
        """What a page's field says of what was typed in the draft's."""
        if declaration.format == PROSE:
            return self.prose(typed)
        return self.line(typed, refs=declaration.refs) if declaration.format == LINE else typed

    def note(self, key: str) -> ClaimNote | None:
        """The claim as a row of its own (a key fact, a benefit, a side effect)."""
        claim = self._claim(key)
        if claim is None:
            return None
        figure = None
        if claim.low is not None:
            figure = Figure(
                measure=claim.measure,
                low=claim.low,
                high=claim.high,
                unit=claim.unit,
                comparator=claim.comparator,
                comparator_low=claim.comparator_low,
                comparator_high=claim.comparator_high,
                population=claim.population,
                n=claim.n,
                at_days=claim.at_days,
                country=claim.country,
            )
        return ClaimNote(
            key=key,
            kind=claim.kind,
            html=self.span(key, whole=True),
            grade=claim.grade,
            sources=tuple(self._numbers_of(claim)),
            figure=figure,
            is_measured=any(source.kind not in Source.OPINIONS for source in claim.sources.all()),
        )

    def licences(self, uses: Iterable[int]) -> tuple[LicenceRow, ...]:
        """The status of each use in each country."""
        rows = (
            Licence.objects.filter(use__in=list(uses))
            .select_related("use", "source")
            .order_by("use__key", "country")
        )
        return tuple(
            LicenceRow(
                use=row.use.key,
                use_name=row.use.name,
                country=row.country,
                country_name=Country(row.country).label,
                status=row.status,
                status_name=row.get_status_display(),
                since=row.since,
                detail=row.detail,
                source=self.number(row.source),
            )
            for row in rows
        )

    def finish(self) -> dict[str, Any]:
        """The fields of a page that are known when all its texts are rendered."""
        return {
            "claims": tuple(self.note(key) for key in self.used),
            "sources": self.sources,
            "practical": tuple(dict.fromkeys(self.practical)),
        }

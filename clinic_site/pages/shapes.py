"""The shape of a page: what compose() makes, what an edition seals, what a template renders.

One shape serves preview, checks, archive and public page. A room adds its own page as a subclass of `Page`.
Every field that comes later gets a default, so that an edition from years ago still renders.

Text in fields named `html` or `summary` is rendered already: sanitised, each claim in a
`<span class="claim" data-claim="key">` with the numbers of its sources. Times in figures keep their own unit.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

import msgspec


@dataclass(frozen=True, kw_only=True)
class SourceNote:
    """A source as it stood when the edition was sealed, with its number on the page."""

    number: int
    key: str
    title: str
    publisher: str = ""
    year: int | None = None
    href: str = ""
    locator: str = ""
    kind: str = ""
    is_secondary: bool = False
    note: str = ""
    status: str = "current"

    @property
    def where(self) -> str:
        """Publisher, year and place in it, each said once."""
        year = "" if self.year is None else str(self.year)
        if self.publisher and self.locator.startswith(self.publisher):
            said = (self.locator, "" if year in self.locator else year)
        else:
            said = (self.publisher, year, self.locator)
        return ", ".join(filter(None, said))

    @property
    def front_page(self) -> str:
        """The site that the address names, where it leads to the site's first page only; else empty."""
        address = urlsplit(self.href)
        return "" if address.path.strip("/") or address.query else address.netloc.removeprefix("www.")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A claim's number: `low` to `high` in `unit`, of `measure`, beside the comparator's."""

    measure: str
    low: float
    high: float | None = None
    unit: str
    comparator: str = ""
    comparator_low: float | None = None
    comparator_high: float | None = None
    population: str = ""
    n: int | None = None
    at_days: int | None = None
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimNote:
    """A claim as it stood: its words, its grade and the numbers of its sources on this page.

    `is_measured`: it rests on more than opinion, so that its figure may be drawn whatever its grade.
    """

    key: str
    kind: str
    html: str
    grade: str
    sources: tuple[int, ...] = ()
    figure: Figure | None = None
    is_measured: bool = False

    def rests_on_copies(self, copies: frozenset[int]) -> bool:
        """Whether each of its sources is one of `copies`: then nobody here has read it where it was first
        said.
        """
        return bool(self.sources) and copies.issuperset(self.sources)


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture by the names of its files, which are digests of their content."""

    name: str
    width: int
    height: int
    alt: str = ""
    credit: str = ""
    webp: tuple[tuple[int, str], ...] = ()  # (width in pixels, name), widest first
    avif: tuple[tuple[int, str], ...] = ()
    focus: tuple[int, int] = (50, 50)  # percent from the left and from the top: what it's cut around
    card: tuple[tuple[int, str], ...] = ()  # cut to 16:9, for lists
    shared: str = ""  # cut for other sites that show a link to the page


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section of a page: its anchor, heading and running text."""

    anchor: str
    heading: str
    html: str
    image: Image | None = None


@dataclass(frozen=True, kw_only=True)
class Urgent:
    """When to get help now.

    `{emergency}` and `{clinic}` stand for the numbers of the clinic's country and of the clinic.

    They are put in when it's read.
    """

    title: str
    lead: str
    signs: tuple[str, ...] = ()
    closing: str = ""


@dataclass(frozen=True, kw_only=True)
class LicenceRow:
    use: str
    use_name: str
    country: str
    country_name: str
    status: str
    status_name: str
    since: str = ""
    detail: str = ""
    source: int = 0


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every kind of page has."""

    TITLE_IS_OURS = True  # or somebody else's words, which editorial checks leave alone

    kind: str
    slug: str
    title: str
    summary: str = ""
    parts: tuple[Part, ...] = ()
    claims: tuple[ClaimNote, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    urgent: Urgent | None = None
    written_by: str = ""  # put in when it's submitted
    practical: tuple[str, ...] = ()  # figures that an editor marked practical: shown to the signer
    subjects: tuple[str, ...] = ()  # "treatment:hyperhidrosis", "topic:side-effects": what lists find it by

    def card(self) -> dict:
        """What a list shows of this page, by field name."""
        return {"title": self.title, "summary": self.summary} | self.card_picture()

    def card_picture(self) -> dict:
        """The first picture that is cut for lists, as a card's field; no field where there is none."""
        first = next((part.image.card for part in self.parts if part.image and part.image.card), ())
        return {"picture": [list(size) for size in first]} if first else {}

    @property
    def shared_picture(self) -> Image | None:
        """The first picture that other sites may show beside a link to this page."""
        return next((part.image for part in self.parts if part.image and part.image.shared), None)

    @property
    def pictures(self) -> frozenset[str]:
        """The names of the pictures that it shows."""
        return frozenset(part.image.name for part in self.parts if part.image)

    @property
    def copies(self) -> frozenset[int]:
        """The numbers of the sources that were read second-hand."""
        return frozenset(s.number for s in self.sources if s.is_secondary)

    def part(self, anchor: str) -> Part | None:
        return next((p for p in self.parts if p.anchor == anchor), None)

    def shown(self) -> Iterable[tuple[str, str]]:
        """Everything that a reader reads but the sources, in order, as (where, HTML): a comparison reads
        it.
        """
        yield "Title", escape(self.title, quote=False)
        yield "Summary", self.summary
        yield from self.other_words()
        for part in self.parts:
            yield part.heading or part.anchor, part.html
            if part.image:
                image = part.image
                cut = (
                    f"In lists it is cut around {image.focus[0]} % from the left, {image.focus[1]} % from "
                    "the top."
                )
                words = f"{image.name} {image.alt} {image.credit} {cut if image.card else ''}"
                yield f"Picture in “{part.heading or part.anchor}”", escape(words.rstrip())
        if self.urgent:
            lines = [self.urgent.title, self.urgent.lead, *self.urgent.signs, self.urgent.closing]
            yield (
                "When to get help now",
                "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line),
            )

    def other_words(self) -> Iterable[tuple[str, str]]:
        """What this kind of page says beside its summary and parts, as (where, HTML): editorial checks read
        it.
        """
        return ()

    def drawn_from(self, keys: Iterable[str]) -> Iterable[str]:
        """What this kind of page draws or sets side by side from the figures of these claims, in words for
        staff.
        """
        return ()

    @property
    def search_words(self) -> str:
        """The running text that search reads, as HTML."""
        return " ".join(p.html for p in self.parts)


def canonical(value) -> str:
    """One JSON text for one value: sorted keys, tight, nothing escaped that need not be."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(text: str, card_digest: str) -> str:
    """The SHA-256 of a whole edition: its page as text, and its card by the card's own digest."""
    return sha256(f"{text}\n{card_digest}")


_CLAIMS = re.compile(r'<span class="claim[^"]*" data-claim="([^"]*)">.*?</span>', re.S)
_OTHERS = {"claims", "sources", "licences", "urgent", "written_by"}


def digest_of_own(page: Page) -> str:
    """SHA-256 over what a page says itself: its claims stand there by their keys, and what others word (the
    claims, their sources, the licences, the warning) doesn't.
    """

    def own(value):
        if isinstance(value, str):
            return _CLAIMS.sub(r"[[\1]]", value)
        if isinstance(value, list | tuple):
            return [own(item) for item in value]
        if isinstance(value, dict):
            return value["key"] if "figure" in value else {name: own(item) for name, item in value.items()}
        return value

    return sha256(
        canonical(own({name: value for name, value in asdict(page).items() if name not in _OTHERS}))
    )


def seal(page: Page) -> dict[str, str]:
    """The columns of an edition that hold its words: the page and its card as text, and their digests."""
    text, card = canonical(asdict(page)), canonical(page.card())
    return {
        "page_text": text,
        "card_text": card,
        "card_digest": sha256(card),
        "digest": digest_of(text, sha256(card)),
    }


@lru_cache(maxsize=128)
def unseal(text: str, shape: type[Page]) -> Page:
    """The page that was sealed as `text`. Raises msgspec.ValidationError where it is no such page.

    A page is frozen and follows from its text alone, so one that was read lately is not read again.
    """
    return msgspec.json.decode(text, type=shape)

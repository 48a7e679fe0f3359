"""The shape of a page: what compose() makes, what an edition seals, what a template renders.

One shape serves preview, checks, archive and public page. A room adds its own page as a subclass of `Page`,
and declares of each field what it is (`fields`). Every field that comes later gets a default, so that an
edition from years ago still renders.

Words with marks of claims are rendered already: sanitised, each claim in a span of the class "claim" with its
key and the numbers of its sources. Times in figures keep their own unit.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.urls import reverse

from clinic_site.pages.fields import (
    PLAIN,
    PROSE,
    QUOTED,
    SearchLine,
    cached,
    data,
    declared,
    nested,
    on_card,
    pieces,
    shape,
    unshown,
    words,
)

CORRECTION = "correction"  # the kind of change that the list of corrections tells

# The public address of a page, by its kind: each type of document enters its own.
ADDRESSES: dict[str, Callable[[str], str]] = {}


@shape
class SourceNote:
    """A source as it stood when the edition was sealed, with its number on the page."""

    number: int = unshown("One source more renumbers the rest.")
    key: str = data("Key")
    title: str = data("Title")
    publisher: str = data("Publisher", default="")
    year: int | None = data("Year", default=None)
    href: str = data("Link", default="")
    locator: str = data("Place in it", default="")
    kind: str = data("Kind", default="")
    is_secondary: bool = data("Read second-hand", default=False)
    note: str = data("Note", default="")
    status: str = data("Status", default="current")

    @property
    def where(self) -> str:
        """Publisher, year and place in it, each said once."""
        year = "" if self.year is None else str(self.year)
        if self.publisher and self.locator.startswith(self.publisher):
            said = [self.locator, "" if year in self.locator else year]
        else:
            said = [self.publisher, year, self.locator]
        return ", ".join(filter(None, said))

    @property
    def front_page(self) -> str:
        """The site that the address names, where it leads to the site's first page only; else empty."""
        address = urlsplit(self.href)
        return "" if address.path.strip("/") or address.query else address.netloc.removeprefix("www.")


@shape
class Figure:
    """A claim's number: `low` to `high` in `unit`, of `measure`, beside the comparator's."""

    measure: str = data("Measure")
    low: float = data("Lowest")
    high: float | None = data("Highest", default=None)
    unit: str = data("Unit")
    comparator: str = data("Compared with", default="")
    comparator_low: float | None = data("Lowest in the comparison", default=None)
    comparator_high: float | None = data("Highest in the comparison", default=None)
    population: str = data("People", default="")
    n: int | None = data("How many", default=None)
    at_days: int | None = data("Day", default=None)
    country: str = data("Country", default="")


@shape
class ClaimNote:
    """A claim as it stood: its words, its grade and the numbers of its sources on this page.

    `is_measured`: it rests on more than opinion, so that its figure may be drawn whatever its grade.
    """

    key: str = data("Key", apart=True)
    kind: str = data("Kind", apart=True)
    html: str = words("Words")
    grade: str = data("Grade", apart=True)
    sources: tuple[int, ...] = unshown("Numbers: the sources are compared by themselves.", default=())
    figure: Figure | None = nested("Figure", default=None, apart=True)
    is_measured: bool = unshown("Follows from the kinds of its sources.", default=False)

    def rests_on_copies(self, copies: frozenset[int]) -> bool:
        """Whether each of its sources is one of `copies`: then nobody here has read it where it was first
        said.
        """
        return bool(self.sources) and copies.issuperset(self.sources)


def _cut(image: "Image") -> str:
    left, top = image.focus
    return f"In lists it is cut around {left} % from the left, {top} % from the top." if image.card else ""


def _looks(image: "Image") -> str:
    return f'<img class="comparison__picture" src="{reverse("media", args=[image.name])}" alt="The picture">'


@shape
class Image:
    """A picture by the names of its files, which are digests of their content."""

    name: str = data("File", markup=_looks)
    width: int = unshown("The file's.")
    height: int = unshown("The file's.")
    alt: str = words("Description", PLAIN, default="", search=None)
    credit: str = words("Credit", QUOTED, default="", search=None)
    # (width in pixels, name), widest first
    webp: tuple[tuple[int, str], ...] = unshown("The file, smaller.", default=())
    avif: tuple[tuple[int, str], ...] = unshown("The file, smaller.", default=())
    # percent from the left and from the top: what it's cut around
    focus: tuple[int, int] = data("Cut", default=(50, 50), show=_cut)
    card: tuple[tuple[int, str], ...] = unshown(
        "The file, cut to 16:9 around the focus, for lists.", default=()
    )
    shared: str = unshown("The file, cut for other sites that show a link to the page.", default="")


@shape
class Part:
    """A section of a page: its anchor, heading and running text."""

    anchor: str = unshown("The end of a link to the part, whose heading is shown.")
    heading: str = words("Heading", PLAIN, search=SearchLine.HEADINGS, is_heading=True)
    html: str = words("Text", PROSE)
    image: Image | None = nested("Picture in “{where}”", default=None)

    @property
    def name(self) -> str:
        """What staff call it."""
        return self.heading or self.anchor


@shape
class Urgent:
    """When to get help now.

    `{emergency}` and `{clinic}` stand for the numbers of the clinic's country and of the clinic, `{report}`
    for the place that side effects are reported to there. They are put in when it's read.
    """

    title: str = words("Title", PLAIN, search=None)
    lead: str = words("First line", search=None)
    signs: tuple[str, ...] = words("Signs", default=(), search=None)
    closing: str = words("Last line", default="", search=None)


@shape
class Emergencies:
    """Signs of a treatment's own that can't wait: each a claim, as a phrase. `{emergency}`: see `Urgent`."""

    lead: str = words("First line", default="", search=None)
    signs: tuple[str, ...] = words("Signs", default=(), search=None)


@shape
class BeforeTreatment:
    """Who must not have the injections, and what to tell the clinician first.

    A page that is about this is found by it: a treatment's, which all say the same, is not.
    """

    title: str = words("Title", PLAIN)
    avoid_lead: str = words("Who must not have it", default="")
    avoid: tuple[str, ...] = words("Who must not have it", default=())
    tell_lead: str = words("What to tell the clinician", default="")
    tell: tuple[str, ...] = words("What to tell the clinician", default=())
    closing: str = words("Last line", default="")


@shape
class LicenceRow:
    """The status of one use in one country, as its own source words it."""

    use: str = unshown("The key of the use, whose name is shown.")
    use_name: str = data("Use", on_card=True)
    country: str = unshown("The code of the country, whose name is shown.", on_card=True)
    country_name: str = data("Country")
    status: str = unshown("The code of the status, whose name is shown.", on_card=True)
    status_name: str = data("Status", on_card=True)
    since: str = data("Since", default="", on_card=True)
    detail: str = data("Detail", default="")
    source: int = unshown("A number: the sources are compared by themselves.", default=0)


@shape
class Changed:
    """One thing that patients read and that an edition says otherwise, as HTML: what it said, and what it
    says now; empty where that is nothing.
    """

    what: str = data("What")  # a figure, a source, urgent words
    before: str = data("It said", default="", on_card=True)
    after: str = data("It says", default="", on_card=True)


@shape
class Change:
    """What an edition is beside the one that patients read before it, as whoever submitted it says.

    `was_wrong`: the answer to whether what patients read was wrong, asked where `changed` holds anything.
    """

    nature: str = data("Kind of change", on_card=True)
    was_wrong: bool | None = data("What patients read was wrong", default=None)
    note: str = data("What changed, and why", default="", on_card=True)
    changed: tuple[Changed, ...] = data("What was asked about", default=(), on_card=True)


@shape
class Page:
    """What every kind of page has."""

    kind: str = unshown("A document never changes its kind.", from_draft=False)
    slug: str = unshown("A comparison tells both addresses by themselves; a draft keeps its own.")
    title: str = words("Title", PLAIN, position=-3, on_card=True, search=SearchLine.TITLE, schema="name")
    summary: str = words(
        "Summary",
        default="",
        position=-2,
        refs=False,
        on_card=True,
        search=SearchLine.SUMMARY,
        schema="description",
    )
    parts: tuple[Part, ...] = nested("{item.name}", default=(), position=0)
    claims: tuple[ClaimNote, ...] = nested(
        "Claims", default=(), apart=True, search=None, is_own=False, from_draft=False
    )
    sources: tuple[SourceNote, ...] = nested(
        "Sources", default=(), apart=True, search=None, is_own=False, from_draft=False
    )
    urgent: Urgent | None = nested("When to get help now", default=None, position=2, is_own=False)
    emergencies: Emergencies | None = nested(
        "Emergencies of this treatment", default=None, position=2, is_own=False, search=None
    )
    before_treatment: BeforeTreatment | None = nested(
        "Before treatment", default=None, position=2, is_own=False, search=None
    )
    written_by: str = unshown("Put in when it's submitted.", default="", is_own=False, from_draft=False)
    change: Change | None = unshown(
        "Put in when it's submitted; the signer is shown it with the note.",
        default=None,
        is_own=False,
        from_draft=False,
    )
    # figures that an editor marked practical
    practical: tuple[str, ...] = unshown(
        "They stand in the words, and a check lists them.", default=(), from_draft=False
    )
    # "treatment:hyperhidrosis", "topic:side-effects": what lists find it by
    subjects: tuple[str, ...] = unshown(
        "`about()`, which follows from its other fields.", default=(), from_draft=False
    )

    def card(self) -> dict[str, Any]:
        """What a list shows of this page, by field name."""
        return {**on_card(self), **self.card_picture(), **self.card_corrects()}

    def card_corrects(self) -> dict[str, Any]:
        """What the list of corrections shows, as a card's field; no field where it corrects nothing."""
        is_told = self.change and self.change.nature == CORRECTION
        return {"corrects": on_card(self.change)} if is_told else {}

    def card_picture(self) -> dict[str, Any]:
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

    def shown(self) -> Iterator[tuple[str, str]]:
        """Everything that a reader reads but the sources, in order, as (where, HTML): a comparison reads it.
        What isn't words stands in one line for each shape.
        """
        shown = (piece for piece in pieces(self) if not piece.declaration.is_heading)
        for (where, _, format), group in groupby(
            shown, lambda p: (p.where, id(p.owner), p.declaration.format)
        ):
            run = list(group)
            line = f"<p>{', '.join(piece.html for piece in run)}</p>"
            yield where, line if format is None else "".join(piece.block for piece in run)

    def about(self) -> tuple[str, ...]:
        """Its subjects."""
        return ()

    def drawn_from(self, keys: Iterable[str]) -> Iterable[str]:
        """What this kind of page draws or sets side by side from the figures of these claims, in words for
        staff.
        """
        return ()

    def searched(self, line: SearchLine = SearchLine.TEXT) -> str:
        """What search reads of it in that line of its index, as HTML."""
        found = pieces(self, lambda declaration: declaration.search in (line, SearchLine.TEXT))
        return " ".join(piece.block for piece in found if piece.declaration.search == line)

    def structured_data(self) -> dict[str, str]:
        """The properties that the page's fields are declared to be, as HTML: what patients read there."""
        return {piece.declaration.schema: piece.html for piece in pieces(self) if piece.declaration.schema}


def canonical(value: Any) -> str:
    """One JSON text for one value: sorted keys, tight, nothing escaped that need not be."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(text: str, card_digest: str) -> str:
    """The SHA-256 of a whole edition: its page as text, and its card by the card's own digest."""
    return sha256(f"{text}\n{card_digest}")


_CLAIMS = re.compile(r'<span class="claim[^"]*" data-claim="([^"]*)">.*?</span>', re.S)


def digest_of_own(page: Page) -> str:
    """SHA-256 over what a page says itself: its claims, and the uses whose licences it shows, stand there by
    their keys, and what others word (the claims, their sources, the licences, the warning) doesn't.
    """

    def own(value: Any) -> Any:
        if isinstance(value, str):
            return _CLAIMS.sub(r"[[\1]]", value)
        if isinstance(value, list | tuple):
            return [own(item) for item in value]
        if isinstance(value, dict):
            return value["key"] if "figure" in value else {name: own(item) for name, item in value.items()}
        return value

    said = declared(type(page))
    mine = own({name: value for name, value in asdict(page).items() if said[name].is_own})
    return sha256(canonical([mine, *sorted({row.use for row in getattr(page, "licences", ())})]))


def seal(page: Page) -> dict[str, str]:
    """The columns of an edition that hold its words: the page and its card as text, and their digests."""
    text, card = canonical(asdict(page)), canonical(page.card())
    return {
        "page_text": text,
        "card_text": card,
        "card_digest": sha256(card),
        "digest": digest_of(text, sha256(card)),
    }


@cached
def unseal(text: str, shape: type[Page]) -> Page:
    """The page that was sealed as `text`. Raises msgspec.ValidationError where it is no such page.

    A page is frozen and follows from its text alone, so one that was read lately is not read again.
    """
    return msgspec.json.decode(text, type=shape)

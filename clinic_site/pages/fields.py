"""What each field of a page is, said once, where the field is defined.

    @shape
    class TreatmentPage(Page):
        aftercare: str = words("After your visit")
        order: int = data("Place in lists", default=0)

Composing a draft, the editorial checks, the comparison that a signer reads, restoring an edition, cards,
search and structured data follow from it. A field that isn't declared is a TypeError when its class is
defined, so nothing reaches patients unseen by a signer.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from functools import lru_cache
from html import escape
from typing import Any, TypeVar, cast, dataclass_transform

AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])


class TextFormat(StrEnum):
    """How words are typed in a draft, and whose they are."""

    LINE = "line"  # a line of text with marks of claims: HTML on the page
    PROSE = "prose"  # running text from the editor, with marks of claims: HTML on the page
    PLAIN = "plain"  # text without marks or markup
    QUOTED = "quoted"  # the same, of somebody else: a signer sees it, editorial checks leave it alone


class SearchLine(StrEnum):
    """The line of the search index that words stand in."""

    TITLE = "title"
    SUMMARY = "summary"
    HEADINGS = "headings"
    TEXT = "text"


LINE, PROSE, PLAIN, QUOTED = TextFormat


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a field is. See `words`, `data`, `nested` and `unshown`, which make one."""

    label: str = ""  # for staff; of a nested shape it may name {item.…}, and {where}: the place around it
    format: TextFormat | None = None  # of words; None where it holds none
    is_nested: bool = False  # another shape, or a tuple of one
    because: str = ""  # why no signer is shown it; empty where they are
    apart: bool = False  # compared and examined by itself, as a claim or a source, not among the words
    is_heading: bool = False  # the label of the place where the shape's other fields stand
    show: Callable[[Any], str] | None = None  # how staff read it, of the shape that it stands in
    markup: Callable[[Any], str] | None = None  # likewise, as HTML
    position: int = 1  # the parts of a page stand at 0: below that is read above them
    refs: bool = True  # whether its claims carry the numbers of their sources
    on_card: bool = False  # lists show it as it is
    search: SearchLine | None = None  # None: search doesn't read it
    schema: str = ""  # its property in structured data (schema.org)
    is_own: bool = True  # worded by whoever edits the draft
    from_draft: bool = True  # made by the draft: from its field of that name, or by its `compose_…`

    @property
    def has_marks(self) -> bool:
        """Whether it's typed with marks of claims."""
        return self.format in (LINE, PROSE)

    @property
    def is_examined(self) -> bool:
        """Whether it's words that the clinic answers for."""
        return self.format is not None and self.format != QUOTED

    @property
    def is_restored(self) -> bool:
        """Whether an edition that becomes the draft again brings it back."""
        return self.from_draft and not self.because


def _declared(default: Any, **said: Any) -> Any:
    return field(default=default, metadata={"declaration": Declaration(**said)})


def words(label: str, format: TextFormat = LINE, *, default: Any = MISSING, **said: Any) -> Any:
    """Words that patients read and search. `said`: see `Declaration`."""
    return _declared(default, **{"label": label, "format": format, "search": SearchLine.TEXT, **said})


def data(label: str, *, default: Any = MISSING, **said: Any) -> Any:
    """What isn't words, or is worded elsewhere: a signer is shown it, the checks don't examine it."""
    return _declared(default, label=label, **said)


def nested(label: str, *, default: Any = MISSING, **said: Any) -> Any:
    """A shape with declared fields of its own, or a tuple of one. `search` None: none of them is searched."""
    return _declared(default, **{"label": label, "is_nested": True, "search": SearchLine.TEXT, **said})


def unshown(because: str, *, default: Any = MISSING, **said: Any) -> Any:
    """What no signer has to see, and why."""
    return _declared(default, because=because, **said)


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(words, data, nested, unshown)
)
def shape(cls: type) -> type:
    """A frozen dataclass whose fields are all declared. Raises TypeError, naming it, for one that isn't."""
    made: type[Any] = dataclass(frozen=True, kw_only=True)(cls)
    for one in fields(made):
        if "declaration" not in one.metadata:
            ways = "words(), data(), nested() or unshown()"
            raise TypeError(f"{cls.__name__}.{one.name} isn't declared: say what it is with {ways}.")
    return made


def cached(function: AnyCallable) -> AnyCallable:
    """`lru_cache` under the function's own signature: that of `lru_cache` takes no class as an argument."""
    return cast(AnyCallable, lru_cache(maxsize=128)(function))


@cached
def declared(shape: type) -> dict[str, Declaration]:
    """The fields of a shape by name, in the order in which they are read."""
    found = {one.name: one.metadata["declaration"] for one in fields(shape)}
    return dict(sorted(found.items(), key=lambda item: item[1].position))


@dataclass(frozen=True)
class Piece:
    """One thing that a reader reads: where it stands, in words for staff, as HTML, and what it is."""

    where: str
    html: str
    declaration: Declaration
    owner: Any  # the shape that it's a field of
    anchor: str = ""  # of running text: the part or the field that it stands in

    @property
    def block(self) -> str:
        return self.html if self.declaration.format == PROSE else f"<p>{self.html}</p>"


def _is_shown(declaration: Declaration) -> bool:
    return not (declaration.because or declaration.apart)


def pieces(of: Any, wanted: Callable[[Declaration], bool] = _is_shown, where: str = "") -> Iterator[Piece]:
    """Every piece of a page that is `wanted`, in reading order; by itself, all that a signer is shown but
    claims and sources. `where`: the place in the page of a shape in it.
    """
    for name, one in declared(type(of)).items():
        if not wanted(one):
            continue
        if one.is_nested:
            for item in _items(getattr(of, name)):
                yield from pieces(item, wanted, one.label.format(item=item, where=where))
        else:
            yield from _pieces_of_field(of, name, one, where)


def _pieces_of_field(of: Any, name: str, one: Declaration, where: str) -> Iterator[Piece]:
    if one.markup:
        yield Piece(where or one.label, one.markup(of), one, of)
        return
    anchor = (getattr(of, "anchor", "") if where else name) if one.has_marks else ""
    for item in _items(one.show(of) if one.show else getattr(of, name)):
        html = str(item) if one.has_marks else escape(str(item), quote=False)
        yield Piece(one.label if one.is_heading or not where else where, html, one, of, anchor)


def _items(value: Any) -> list[Any]:
    return [item for item in (value if isinstance(value, tuple) else [value]) if item not in ("", None)]


def compared(of: Any) -> tuple[Any, ...] | None:
    """What tells a claim or a source from what it was: the values of its fields that a signer is shown."""
    return of and tuple(getattr(of, name) for name, one in declared(type(of)).items() if not one.because)


def on_card(value: Any) -> Any:
    """A page or a value in it as a list shows it: of a shape, the fields that are declared so."""
    if isinstance(value, tuple):
        return [on_card(item) for item in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    return {name: on_card(getattr(value, name)) for name, one in declared(type(value)).items() if one.on_card}

"""The one normalisation of text. Every rule on words, every search and every comparison reads a text through
it, so that nothing hides behind the way it is typed.

NFKC; one hyphen, one apostrophe, one kind of space and of digits; no character that can't be seen; no
accents; Latin letters for those that look like them or don't decompose. Letters of other scripts that look
like no Latin one stay as they are: both sides of a comparison are folded, so a name is found by its own
letters.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clinic_site.text.lookalikes import latin_letter

_TO_FOLD = re.compile(r"[^\t\n\r -_a-~]+")  # ` is an apostrophe
_SIGNS = {
    **dict.fromkeys("`´‘’‛′ʹʻʼʽˈˊˋꞌ＇", "'"),
    **dict.fromkeys("\u2043\u2212\u02d7\u06d4\u2796", "-"),  # beside all dashes
    **dict.fromkeys("\x0b\x0c\x85\u2800", " "),
    "…": "…",
}
_ALWAYS = {"Pd": "-", "Zs": " ", "Zl": " ", "Zp": " "}
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs"}
_MARKS = {"Mn", "Mc", "Me"}
_LAST_EUROPEAN = 0x052F  # the end of Cyrillic: above it, marks make other letters
# marks that choose a look, and show nothing themselves
_SELECTORS = r"\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# soft hyphens, zero-width spaces, marks of direction, letters without a shape, controls but for white space
UNSEEN_RANGES = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160\u180e"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000110bd\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e007f"
) + _SELECTORS
UNSEEN = re.compile(f"[{UNSEEN_RANGES}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")


@dataclass(frozen=True)
class Folded:
    """A text as rules read it, `text`, and where each of its characters stands in the `original`."""

    text: str
    original: str
    places: Sequence[int]  # one more than `text` has characters: where the original ends

    def shown(self, start: int, end: int) -> str:
        """What stands in the original from one place of `text` to another."""
        first, last = self.place(start, end)
        return self.original[first:last]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original that is. Of a ligature, the whole."""
        if end <= start:
            return self.places[start], self.places[start]
        return self.places[start], self.places[bisect_right(self.places, self.places[end - 1])]


def fold(text: str) -> Folded:
    """A text as rules read it, in the case that it's typed in, with the places of the original."""
    if not _TO_FOLD.search(text):
        return Folded(text, text, range(len(text) + 1))
    parts: list[str] = []
    places = array("L")
    at, before = 0, ""
    for match in _TO_FOLD.finditer(text):
        start = match.start()
        before = text[start - 1] if start > at else before
        parts.append(text[at:start])
        places.extend(range(at, start))
        for offset, letters in _folded_run(match[0], before):
            parts.append(letters)
            places.extend([start + offset] * len(letters))
            before = letters[-1]
        at = match.end()
    parts.append(text[at:])
    places.extend(range(at, len(text) + 1))
    return Folded("".join(parts), text, places)


def folded(text: str) -> str:
    """A text in small letters as searches and comparisons read it."""
    return fold(_lower(text)).text.lower()


def fold_lower(text: str) -> Folded:
    """As `folded`, with the places of the original."""
    found = fold(_lower(text))
    return Folded(found.text.lower(), text, found.places)


def seen(text: str) -> str:
    """What can be seen of a text, in NFKC, its letters as they are: for what names one thing exactly (an
    address, a number).
    """
    return without_unseen(unicodedata.normalize("NFKC", without_unseen(text)))


def without_unseen(text: str) -> str:
    """A text without the characters that can't be seen; the others stay as they are."""
    return UNSEEN.sub("", text)


def is_visible(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return bool(fold(text).text.strip())


def _lower(text: str) -> str:
    # before folding too: of a Greek capital and its small letter one may look Latin and the other not.
    # A letter that would become two stays: places must not shift
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := c.lower()) == 1 else c for c in text)


@lru_cache(maxsize=4096)
def _folded_run(run: str, before: str) -> tuple[tuple[int, str], ...]:
    """(place in the run, folded letters) of each character of it that shows; `before` stands in front."""
    found, at = [], 0
    while at < len(run):
        end = at + 1
        while end < len(run) and _joins(run[end]):
            end += 1
        if letters := _cluster(run[at:end], before):
            found.append((at, letters))
            before = letters[-1]
        at = end
    return tuple(found)


def _joins(character: str) -> bool:
    """Whether it belongs to the character before: an accent, a vowel sign, a part of a Korean syllable."""
    return unicodedata.category(character) in _MARKS or "\u1161" <= character <= "\u11ff"


def _cluster(cluster: str, before: str) -> str:
    cluster = _SELECTOR.sub("", cluster)
    if not cluster:
        return ""
    first = cluster[0]
    if first in "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉" and before.isalpha():
        return " "  # the number of a note isn't part of the word
    if unicodedata.category(first) in _MARKS:
        return "" if before and before.isascii() else cluster
    letters = _character(first)
    if len(cluster) == 1 or not letters:
        return letters
    if ord(letters[-1]) <= _LAST_EUROPEAN:
        return letters
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", first) + cluster[1:])


@lru_cache(maxsize=4096)
def _character(c: str) -> str:
    if c in _SIGNS:
        return _SIGNS[c]
    category = unicodedata.category(c)
    if category in _UNSEEN or UNSEEN.match(c):
        return ""
    if category in _ALWAYS:
        return _ALWAYS[category]
    decomposed = unicodedata.decomposition(c)
    if decomposed.startswith("<fraction>"):
        return c
    if decomposed.startswith("<super>") and len(decomposed.split()) > 2:
        return " "  # a trade mark's sign
    return latin_letter(c) or _decomposed(c)


def _decomposed(c: str) -> str:
    """What it's made of, without accents where they don't make another letter."""
    if (plain := unicodedata.normalize("NFKC", c)) != c:
        made = ""
        for part in plain:
            is_accent = made.isascii() and unicodedata.category(part) in _MARKS
            made += "" if made and is_accent else _character(part)
        return made
    base = unicodedata.normalize("NFD", c)[0]
    if base != c and ord(base) <= _LAST_EUROPEAN:
        return _character(base) if not base.isascii() else base
    digit = unicodedata.decimal(c, None)
    return c if digit is None else str(digit)

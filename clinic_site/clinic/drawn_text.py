"""Text drawn on a picture: in a font that has its letters, and no wider than its place.

The font is DejaVu Sans 2.37 (`fonts/LICENSE`), whole: European alphabets, Vietnamese, Greek, Cyrillic,
Hebrew, Arabic, Canadian syllabics and more. What it can't write isn't drawn: a reader can do nothing with a
row of boxes.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
SPACING = 1.25  # from line to line, of the size of its letters
UNASSIGNED = "\U000effff"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


@cache
def has(character: str) -> bool:
    """Whether the font draws anything but its box for a missing character."""
    drawn, missing = (font(24).getmask(one) for one in (character, UNASSIGNED))
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def drawable(text: str) -> str:
    """The text as it can be drawn, without signs that the font lacks (an emoji, say). Empty where it lacks a
    letter or a figure.
    """
    kept = []
    for character in " ".join(unicodedata.normalize("NFC", text).split()):
        if unicodedata.category(character) in ("Cc", "Cf"):
            continue
        if character == " " or has(character):
            kept.append(character)
        elif unicodedata.category(character)[0] in "LMN":
            return ""
    return " ".join("".join(kept).split())


def _pieces(word: str, letters: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """The word, parted where it's wider than a line."""
    piece = ""
    for letter in word:
        if piece and letters.getlength(piece + letter) > width and not unicodedata.combining(letter):
            yield piece
            piece = ""
        piece += letter
    yield piece


def wrapped(text: str, letters: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The text in lines of at most `width` pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and letters.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, letters, width)
    return lines


@dataclass(frozen=True)
class Block:
    """Lines that fit their place, with the size of their letters in pixels."""

    lines: tuple[str, ...]
    size: int

    def draw(self, on: ImageDraw.ImageDraw, at: tuple[int, int], fill: str) -> None:
        for n, line in enumerate(self.lines):
            on.text((at[0], at[1] + n * self.size * SPACING), line, font=font(self.size), fill=fill)


def fitted(text: str, sizes: Iterable[int], width: int, height: int) -> Block:
    """The text in the largest of `sizes` in which it fits; in the smallest, and shortened, where it's too
    long for all.
    """
    text, block = drawable(text), Block((), 0)
    for size in sizes:
        block = Block(tuple(wrapped(text, font(size), width)), size)
        most = max(1, int(height / (size * SPACING)))
        # a word is parted only where the smallest letters are too wide as well
        if len(block.lines) <= most and " ".join(block.lines) == text:
            return block
    if len(block.lines) <= most:
        return block
    *lines, last = block.lines[:most]
    while last and font(block.size).getlength(f"{last}…") > width:
        last = last[:-1]
    return Block((*lines, f"{last.rstrip()}…"), block.size)

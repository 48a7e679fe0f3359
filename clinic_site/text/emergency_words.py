"""Words of somebody who may need help at once, wherever they are typed: the emergency number comes before all
else.

Which words: `emergency_signs.toml`. They are found by meaning, words close to each other in any order, and
not as phrases.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from clinic_site.text.folding import fold
from clinic_site.text.stemming import WORD, stem

WINDOW = 5  # words that stand between the first and the last of a sign, at most
MOST_LETTERS = 20_000  # of a text, the rest isn't read
_LIST = tomllib.loads(Path(__file__).with_name("emergency_signs.toml").read_text(encoding="utf-8"))
# a slip in a word as long as this is forgiven
_LONG = 6
# words that a slip away from a sign's mean something else
_OTHER_WORDS = frozenset(
    "ached attach bother breadth charge cheeky chests chance closely closer closet cornea fixed flattering "
    "horse horses lifted pricey property selling sever shallow shallower shopped shopping sided smelling "
    "smiled spelling stepped stepping strike sudsy table taken takes taking threat threats tighter toughen "
    "treated treats weaken weakens".split()
)
# what says nothing about what is wrong: "swallowing after botox" asks about swallowing
_NEUTRAL = frozenset(
    "a about after am and any are at been botox botulinum can did do does dysport feel for from had has have "
    "having help i i'm im in injected injection injections is issue issues it jabs just me my neck now of on "
    "our please problem problems since some the this to today toxin treatment week what when why with xeomin "
    "you your yesterday".split()
)


@dataclass(frozen=True)
class Near:
    """One word of each of the `sets`, close together, and none of the others anywhere. All are stems."""

    sets: tuple[frozenset[str], ...]
    unless: frozenset[str]

    def is_in(self, places: dict[str, list[int]]) -> bool:
        if self.unless & places.keys():
            return False
        found = [[at for s in group & places.keys() for at in places[s]] for group in self.sets]
        if not all(found):
            return False
        return any(max(ats) - min(ats) <= WINDOW and len({*ats}) == len(ats) for ats in product(*found))


@dataclass(frozen=True)
class Sign:
    """A sign that can't wait, as people put it; see `emergency_signs.toml`."""

    name: str
    alone: tuple[tuple[str, ...], ...]
    near: tuple[Near, ...]
    bare: frozenset[str]
    unless: frozenset[str]

    def is_in(self, stems: Sequence[str], places: dict[str, list[int]], content: frozenset[str]) -> bool:
        if self.unless & places.keys():
            return False
        return (
            any(_stand_side_by_side(words, stems, places) for words in self.alone)
            or any(near.is_in(places) for near in self.near)
            or bool(content)
            and content <= self.bare
        )


def _stand_side_by_side(words: tuple[str, ...], stems: Sequence[str], places: dict[str, list[int]]) -> bool:
    return any(tuple(stems[at : at + len(words)]) == words for at in places.get(words[0], ()))


def _stems(words: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(words.lower()))


def _group(words: str) -> frozenset[str]:
    """The stems of some words; a name in capitals stands for the words of its group."""
    spread = (_LIST["groups"].get(word, word) for word in words.split())
    return frozenset(s for part in spread for s in _stems(part))


def _near(row: str) -> Near:
    told, _, harmless = row.partition(" - ")
    return Near(tuple(_group(part) for part in told.split(" + ")), _group(harmless))


def _sign(row: dict[str, Any]) -> Sign:
    return Sign(
        row["name"],
        tuple(_stems(words) for words in row["alone"]) if "alone" in row else (),
        tuple(_near(one) for one in row.get("near", ())),
        frozenset(s for word in row.get("bare", ()) for s in _stems(word)),
        frozenset(s for word in row.get("unless", ()) for s in _stems(word)),
    )


SIGNS = tuple(map(_sign, _LIST["sign"]))
_SAME = [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), f" {name} ") for name, pattern in _LIST["same"].items()]
_HARMLESS = re.compile(
    "|".join(
        rf"(?<!\w)(?:{_LIST['same'][name]})(?!\w)"
        for name in ("badbreath", "dyingto", "faintline", "notrouble", "swallowbird", "choker")
    )
)
_KNOWN = frozenset(
    word
    for words in (
        *_LIST["groups"].values(),
        *(words for row in _LIST["sign"] for words in (*row.get("alone", ()), *row.get("near", ()))),
    )
    for word in WORD.findall(words)
    if word.islower()
)
_KNOWN_STEMS = frozenset(map(stem, _KNOWN))
_LONG_KNOWN: dict[str, tuple[str, ...]] = {}
for _word in sorted(_KNOWN):
    if len(_word) >= _LONG:
        _LONG_KNOWN[_word[0]] = (*_LONG_KNOWN.get(_word[0], ()), _word)
# words that a spelling may be corrected to
DANGER_WORDS = tuple(
    "breathe breathing breath breathless choke choking swallow swallowing faint fainted collapse wheeze "
    "lockjaw slurred".split()
)


def names_danger(*texts: str) -> bool:
    """Whether one of `texts` names a sign that can't wait: trouble with breathing, swallowing or speaking, a
    severe allergy, the signs of a stroke.
    """
    return any(_names_danger(text) for text in texts if text)


def signs_in(text: str) -> list[str]:
    """The names of the signs that a text speaks of."""
    plain = _HARMLESS.sub(" harmless ", fold(text[:MOST_LETTERS]).text.lower())
    for pattern, name in _SAME:
        plain = pattern.sub(name, plain)
    words = [_meant(word) for word in WORD.findall(plain)]
    stems = [stem(word) for word in words]
    places: dict[str, list[int]] = {}
    for at, s in enumerate(stems):
        places.setdefault(s, []).append(at)
    content = frozenset(s for word, s in zip(words, stems, strict=True) if word not in _NEUTRAL)
    return [sign.name for sign in SIGNS if sign.is_in(stems, places, content)]


def _names_danger(text: str) -> bool:
    return bool(signs_in(text))


@lru_cache(maxsize=20_000)
def _meant(word: str) -> str:
    """The word of a sign that a misspelled one is, else the word itself."""
    if len(word) < _LONG - 1 or stem(word) in _KNOWN_STEMS or word in _OTHER_WORDS:
        return word
    near = (known for known in _LONG_KNOWN.get(word[0], ()) if _is_a_slip(word, known))
    return next(near, word)


def _is_a_slip(one: str, other: str) -> bool:
    """Whether a letter was left out, put in, mistaken or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    both = enumerate(zip(one, other, strict=False))
    first = next((at for at, (a, b) in both if a != b), min(len(one), len(other)))
    rest, others = one[first:], other[first:]
    return (
        rest[1:] in (others[1:], others)
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )

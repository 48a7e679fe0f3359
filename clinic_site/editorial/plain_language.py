"""What makes a sentence hard to read, and plainer words for some of it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from clinic_site.text.folding import fold

MOST_WORDS, LONG = 25, 13
_LIST = Path(__file__).with_name("plain_language.toml")
_WORD = re.compile(r"[\w'’-]+")
# Participles of verbs that don't end in “ed”, as a clinic's pages have them.
_IRREGULAR = (
    "given|taken|seen|done|made|known|shown|found|felt|held|put|kept|drawn|chosen|written|told|brought|spread|cut"
    "|sent|thought|understood|built|caught|lost|left|begun|broken|worn"
)
# They end in “ed” and say how something is: no verb in the passive.
_STATES = (
    "tired|worried|interested|pleased|scared|frightened|supposed|used|based|related|allowed|married|experienced"
    "|advanced|limited|bored|blessed|needed|swollen|red|indeed|wicked|naked|sacred"
)
_PASSIVE = re.compile(
    rf"\b(?:is|are|was|were|been|being|be)\s+(?:not\s+|also\s+|often\s+|usually\s+|\w+ly\s+)?"
    rf"(?:{_IRREGULAR}|(?!(?:{_STATES})\b)\w{{2,}}ed)\b",
    re.I,
)


@dataclass(frozen=True)
class Swap:
    """A word as it is written, and what can stand in its place."""

    word: str
    plainer: str


def _plainer_words() -> dict[str, str]:
    groups = tomllib.loads(_LIST.read_text(encoding="utf-8"))
    return {word: plainer for words in groups.values() for word, plainer in words.items()}


PLAINER = _plainer_words()
# the longest first: “subsequent to” before “subsequent”
_HEAVY_WORDS = "|".join(map(re.escape, sorted(PLAINER, key=len, reverse=True)))
# an article before it may have to change with the word
_HEAVY = re.compile(rf"\b(?:(?P<article>an?)\s+)?(?P<word>{_HEAVY_WORDS})(?![\w-])", re.I)


def _article_before(word: str) -> str:
    return "an" if word[0].lower() in "aeiou" and not re.match(r"us|uni|eu|one\b", word, re.I) else "a"


def plainer_in(sentence: str) -> list[Swap]:
    """Each word of the list that stands in a sentence, with the plainer one as it has to be written there."""
    found = []
    folded = fold(sentence)
    for match in _HEAVY.finditer(folded.text):
        article, word = match["article"] or "", match["word"]
        plainer = PLAINER[word.lower()]
        written = match[0] if article and article.lower() != _article_before(plainer) else word
        if written != word:
            plainer = f"{_article_before(plainer)} {plainer}"
        if written[0].isupper():
            plainer = plainer[0].upper() + plainer[1:]
        start = match.start() if written == match[0] else match.start("word")
        found.append(Swap(folded.shown(start, match.end()), plainer))
    return list(dict.fromkeys(found))


def long_words(sentence: str) -> list[str]:
    """Words of thirteen letters and more, each once. Two words that a hyphen joins are two."""
    words = re.findall(rf"[^\W\d_]{{{LONG},}}", sentence)
    return list(dict.fromkeys(word.lower() for word in words))


def hard_because(sentence: str) -> list[str]:
    """What makes a sentence hard, a reason each.

    None where it has 25 words at most and fewer than three long ones.
    """
    sentence = fold(sentence).text
    length, long = len(_WORD.findall(sentence)), long_words(sentence)
    if length <= MOST_WORDS and len(long) < 3:
        return []
    reasons = []
    if length > MOST_WORDS:
        reasons.append(f"It has {length} words: most people keep up to {MOST_WORDS} in mind.")
    if long:
        reasons.append(f"Long words: {', '.join(f'“{word}”' for word in long)}.")
    if passive := _PASSIVE.search(sentence):
        reasons.append(f"“{passive[0]}” doesn't say who does it: name them, or “we”.")
    return reasons

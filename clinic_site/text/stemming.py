import re
import unicodedata
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


class _Folding(dict[int, str]):
    """For `str.translate`: one character for one character."""

    def __missing__(self, code: int) -> str:
        made = unicodedata.normalize("NFKD", chr(code))[0].lower()[0]
        if code < 0x3000:  # what a European text may hold; whatever else is typed isn't remembered
            self[code] = made
        return made


_FOLDING = _Folding({ord("’"): "'", ord("‘"): "'", 0: " "})


def folded(text: str) -> str:
    """A text in lower case without accents, and of the same length: a place in one is the same place in the
    other.
    """
    return text.translate(_FOLDING)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    return WORD.findall(folded(text))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    # a stemmer keeps the word it works on, so each thread needs its own
    return str(snowballstemmer.stemmer("english").stemWord(word.split("'")[0]))


def stemmed(text: str) -> str:
    """A text as its stems, joined by spaces: "Migraines injected" is "migrain inject"."""
    return " ".join(stem(word) for word in words_of(text))

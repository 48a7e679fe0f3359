import re
from functools import lru_cache

import snowballstemmer

from clinic_site.text.folding import folded

WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?")


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

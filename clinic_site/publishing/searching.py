"""Words as search sees them: lower case, without accents, cut to their stems, so that both engines agree."""

import re
import unicodedata

import snowballstemmer

_stemmer = snowballstemmer.stemmer("english")
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    folded = unicodedata.normalize("NFKD", text.replace("\x00", " ")).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(folded)


def stem(word: str) -> str:
    return _stemmer.stemWord(word.split("'")[0])


def stemmed(text: str) -> str:
    """A text as its stems, joined by spaces: "Migraines injected" is "migrain inject"."""
    return " ".join(stem(word) for word in words_of(text))

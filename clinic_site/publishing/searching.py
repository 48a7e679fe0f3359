"""Words as search sees them: lower case, without accents, cut to their stems, so that both engines agree.

What is indexed of a page is one text of four lines (title, summary, headings, running text), each in stems, and a fifth in which
each stem of the title stands once more with a mark: so that any engine can be asked for pages that have a word in their title.
"""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from clinic_site.publishing.compose import plain
from clinic_site.publishing.pages import Page

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
# what stands in the text for the eye alone: the numbers of sources, and the notice in place of a stopped claim
_NUMBERS = re.compile(r'<sup class="ref">.*?</sup>', re.S)
_NOTICES = re.compile(r'<span class="stopped">.*?</span>', re.S)


class _Folding(dict):
    """For `str.translate`: one character for one character."""

    def __missing__(self, code: int) -> str:
        made = unicodedata.normalize("NFKD", chr(code))[0].lower()[0]
        if code < 0x3000:  # what a European text may hold; whatever else is typed isn't remembered
            self[code] = made
        return made


_FOLDING = _Folding({ord("’"): "'", ord("‘"): "'", 0: " "})


def folded(text: str) -> str:
    """A text in lower case without accents, and of the same length: a place in one is the same place in the other."""
    return text.translate(_FOLDING)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    return WORD.findall(folded(text))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    # a stemmer keeps the word it works on, so each thread needs its own
    return snowballstemmer.stemmer("english").stemWord(word.split("'")[0])


def stemmed(text: str) -> str:
    """A text as its stems, joined by spaces: "Migraines injected" is "migrain inject"."""
    return " ".join(stem(word) for word in words_of(text))


def in_title(stem: str) -> str:
    """The stem as it stands in the index a second time when it is in a page's title. No word ends so."""
    return f"{stem}0title"


def readable(html: str) -> str:
    """The words of some HTML as a patient reads them aloud: without source numbers and notices of stopped claims."""
    return plain(_NOTICES.sub(" ", _NUMBERS.sub("", html)))


def index_text(page: Page) -> str:
    """What search reads of a page, as five lines of stems."""
    title = stemmed(page.title)
    return "\n".join(
        (
            title,
            stemmed(readable(page.summary)),
            " ".join(stemmed(part.heading) for part in page.parts),
            stemmed(readable(page.search_words)),
            " ".join(in_title(s) for s in title.split()),
        )
    )

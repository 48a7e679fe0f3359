"""The lines of a page that are shown with a result, their matching words marked."""

import re
from bisect import bisect_right
from itertools import accumulate, chain

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic_site.pages.fields import SearchLine
from clinic_site.pages.search_text import readable
from clinic_site.pages.shapes import Page
from clinic_site.search.query import Idea, stems_of
from clinic_site.text.folding import fold_lower
from clinic_site.text.stemming import WORD, stem

EXTRACT_LETTERS = 220

SENTENCE_END = re.compile(r"(?<=[.?!…])\s+|\n+")


def extract(page: Page, ideas: list[Idea]) -> SafeString:
    """About EXTRACT_LETTERS letters of the page, whole sentences where they fit, from where most of the words
    stand.

    It starts where a sentence starts, so that a "not" isn't cut off. A word that was typed counts more than
    one that means the same.
    """
    stems = frozenset(stems_of(ideas))
    typed = frozenset(chain.from_iterable(idea.phrasings[0] for idea in ideas))
    sentences = sentences_of(readable(page.searched(SearchLine.SUMMARY) + page.searched()))
    if not sentences:
        return SafeString("")
    text = " ".join(sentences)
    ends = list(accumulate(len(s) + 1 for s in sentences))  # where the next sentence starts
    starts = [0, *ends[:-1]]
    found = matching_words(text, stems)
    best, window = (0, 0), (0, ends[0])
    for first in sorted({bisect_right(starts, at) - 1 for at, _, _ in found}):
        last = max(first, bisect_right(ends, starts[first] + EXTRACT_LETTERS + 1) - 1)
        words = [s for at, _, s in found if starts[first] <= at < ends[last]]
        if (density := (len({*words}) + 2 * len(typed & {*words}), len(words))) > best:
            best, window = density, (starts[first], ends[last])
    return highlighted(shortened(text[slice(*window)].rstrip(), stems), stems)


def sentences_of(text: str) -> list[str]:
    """Its sentences.

    A heading or an entry of a list ends with a dot in the middle, so that it doesn't run into the next.
    """
    found = [" ".join(s.split()) for s in SENTENCE_END.split(text) if s.strip()]
    return [s if s.endswith((".", "?", "!", "…", ":")) else f"{s} ·" for s in found]


def matching_words(text: str, stems: frozenset[str]) -> list[tuple[int, int, str]]:
    """(start, end, stem) of each word of the text whose stem is one of `stems`."""
    # a word begins as its stem does: far fewer words to stem
    starts = "|".join(sorted(re.escape(s[:2]) for s in stems))
    folded = fold_lower(text)
    words = re.finditer(rf"(?<![^\W_])(?<!')(?={starts}){WORD.pattern}", folded.text)
    return [(*folded.place(*m.span()), s) for m in words if (s := stem(m[0])) in stems]


def shortened(text: str, stems: frozenset[str]) -> str:
    """A sentence that is too long is cut between words, so that its first match stays."""
    if len(text) <= EXTRACT_LETTERS:
        return text
    first = next((start for start, _, _ in matching_words(text, stems)), 0)
    start = 0
    if first >= EXTRACT_LETTERS * 3 // 4:
        start = text.rfind(" ", 0, first - EXTRACT_LETTERS // 3) + 1
    end = len(text)
    if end - start > EXTRACT_LETTERS:
        end = max(text.rfind(" ", start, start + EXTRACT_LETTERS), start + EXTRACT_LETTERS // 2)
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def highlighted(text: str, stems: frozenset[str]) -> SafeString:
    """The text as HTML, its matching words in <mark>."""
    html, at = [], 0
    for start, end, _ in matching_words(text, stems):
        html += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*html, escape(text[at:])]))

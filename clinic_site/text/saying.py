"""Whether a text says something: one rule for every reason and note, in the models and in the database."""

import unicodedata

from clinic_site.text.folding import UNSEEN_RANGES, fold

_SPACES = "\t\n\r\x0b\x0c \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000"
_SIGNS = "!-&(-@[-`{-~\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2010-\u2027\u2030-\u205e\u3001-\u3003"


def has_visible_letters(text: str | None) -> bool:
    """Whether a text says something: it has a letter that can be seen, of any script."""
    return any(unicodedata.category(c)[0] == "L" for c in fold(text or "").text)


def _characters(ranges: str) -> str:
    """The characters of ranges as a regular expression writes them, but for NUL."""
    told = ranges.encode().decode("unicode_escape") if "\\" in ranges else ranges
    found: list[str] = []
    at = 0
    while at < len(told):
        last = told[at + 2] if told[at + 1 : at + 2] == "-" and at + 2 < len(told) else told[at]
        found += map(chr, range(ord(told[at]), ord(last) + 1))
        at += 3 if last != told[at] or told[at + 1 : at + 2] == "-" else 1
    return "".join(c for c in found if c != "\x00")


# an apostrophe ends a text in SQL: it's doubled
_NO_LETTERS = "".join(map(_characters, (UNSEEN_RANGES, _SPACES, _SIGNS))).replace("'", "''") + "''"


def says_nothing(column: str) -> str:
    """SQL, for both engines: nothing is left of a text without white space, signs, figures and what can't be
    seen. NULL says neither.
    """
    return f"TRIM({column}, '{_NO_LETTERS}') = ''"

"""Codes that people read out to each other."""

import re
import secrets

from clinic_site.text.folding import fold, seen

# Crockford's 32: no I, L, O, U. What is mistaken for another letter is read as that one.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
MOST_PASTED = 300  # letters
LENGTH = 7  # six letters by chance, one that checks them
_IN_A_TEXT = re.compile(
    r"(?<![^\W_])(?P<told>/r/|code(?: is)?\W{1,3})?(?<![^\W_])"
    r"(?=(?P<code>[0-9A-Za-z]{3}[ -]?[0-9A-Za-z]{4})(?![^\W_]))",
    re.I,
)


def _check_letter(letters: str) -> str:
    """A weighted sum in the field of 32 elements: one wrong letter, or two neighbours swapped, show."""
    total = 0
    for letter in letters:
        # times x, modulo x^5 + x^2 + 1
        total = (total ^ ALPHABET.index(letter)) << 1
        if total & 32:
            total ^= 0b100101
    return ALPHABET[total]


def new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return letters + _check_letter(letters)


def read_code(typed: str) -> str | None:
    """The code that was meant, or None: any case, spaces and hyphens; O is read as 0, I and L as 1.

    It may stand in what was pasted: a link, "my code: K7M-4QX2.".
    """
    text = fold(seen(typed)).text[:MOST_PASTED]
    return _read(text) or _found_in(text)


def _read(text: str) -> str | None:
    code = re.sub(r"[\s\-.]+", "", text).upper().translate(_READ_AS)
    if len(code) != LENGTH or set(code) - set(ALPHABET) or _check_letter(code[:-1]) != code[-1]:
        return None
    return code


def _found_in(text: str) -> str | None:
    """The one code that stands in a text; a word that only happens to read like one is none."""
    found = set()
    for match in _IN_A_TEXT.finditer(text):
        typed = match["code"]
        is_code = match["told"] or typed.isupper() or any(c.isdigit() for c in typed)
        if is_code and (match["told"] or not typed.replace(" ", "").replace("-", "").isdigit()):
            found.add(_read(typed))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def spoken(code: str) -> str:
    """A code as it's printed, in groups that are easy to read out: "K7M-4QX2"."""
    return f"{code[:3]}-{code[3:]}"

"""Codes that people read out to each other."""

import re
import secrets
import unicodedata

# Crockford's 32: no I, L, O, U. What is mistaken for another letter is read as that one.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
LENGTH = 7  # six letters by chance, one that checks them


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
    """The code that was meant, or None: any case, spaces and hyphens; O is read as 0, I and L as 1."""
    code = re.sub(r"[\s\-‐-―.]+", "", unicodedata.normalize("NFKC", typed)[:40]).upper().translate(_READ_AS)
    if len(code) != LENGTH or set(code) - set(ALPHABET) or _check_letter(code[:-1]) != code[-1]:
        return None
    return code


def spoken(code: str) -> str:
    """A code as it's printed, in groups that are easy to read out: "K7M-4QX2"."""
    return f"{code[:3]}-{code[3:]}"

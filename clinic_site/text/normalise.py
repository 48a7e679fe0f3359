import unicodedata
from contextlib import suppress

from clinic_site.text.folding import fold, folded, seen


def plain_words(words: str) -> str:
    """Words without case, accents and apostrophes, one space between them: "Zoë  O'Neil" as "zoe oneil"."""
    letters = folded(words).replace("'", "")
    return " ".join("".join(c if _is_in_a_word(c) else " " for c in letters).split())


def _is_in_a_word(c: str) -> bool:
    return c.isalnum() or c == "-" or unicodedata.category(c)[0] == "M"


def plain_number(typed: str) -> str:
    """What an invoice, a visit or an amount is known by, in the letters, figures and signs of a keyboard."""
    return " ".join(fold(seen(typed)).text.split())


def surname_first(name: str) -> str:
    """A name folded, its last word first: "Zoë Ann O'Neil" as "oneil zoe ann"."""
    *given, last = plain_words(name).split() or [""]
    return " ".join([last, *given])


def normal_email(email: str) -> str:
    """Two addresses with one normal form reach one person: case, "+tag", and the dots that Gmail leaves out
    of account.
    """
    local, _, domain = seen(email).strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    with suppress(UnicodeError):  # not a domain: compared as it was typed
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}" if domain else ""

import unicodedata
from contextlib import suppress


def folded(words: str) -> str:
    """Words without case, accents and apostrophes, one space between them: "Zoë  O'Neil" as "zoe oneil"."""
    letters = unicodedata.normalize("NFKD", words.replace("'", "").replace("’", "")).casefold()
    plain = "".join(c if c.isalnum() or c == "-" else " " for c in letters if not unicodedata.combining(c))
    return " ".join(plain.split())


def surname_first(name: str) -> str:
    """A name folded, its last word first: "Zoë Ann O'Neil" as "oneil zoe ann"."""
    *given, last = folded(name).split() or [""]
    return " ".join([last, *given])


def normal_email(email: str) -> str:
    """Two addresses with one normal form reach one person: case, "+tag", and the dots that Gmail leaves out
    of account.
    """
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    with suppress(UnicodeError):  # not a domain: compared as it was typed
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}" if domain else ""


def normal_phone(phone: str) -> str:
    """The last ten digits: with or without the country's code, spaces, brackets.

    Empty where there are fewer than seven.
    """
    digits = "".join(
        str(unicodedata.digit(c)) for c in phone.partition("x")[0] if unicodedata.digit(c, None) is not None
    )
    return digits[-10:] if len(digits) >= 7 else ""

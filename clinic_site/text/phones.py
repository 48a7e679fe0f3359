"""Telephone numbers as people type them, read by Google's library (phonenumbers).

`region` is the country whose numbers need no code of their own ("CA"), as ISO 3166 writes it; where it's no
country ("EU"), only numbers with a code are told apart for sure.
"""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from clinic_site.text.folding import fold, seen

MOST_LETTERS = 60  # of what is typed as a number
_POSSIBLE = (ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY)
_EXTENSION = re.compile(
    r"[\s,;]*(?:;?ext(?:ension|n)?\.?=?|poste|x|#|~)[\s.:]*(\d{1,7})\W*\Z|[\s]*[,;]+\s*(\d{1,7})\W*\Z", re.I
)
# "home: 416 555 0100 (evenings)", as address books write it
_LABEL = re.compile(r"\A(?:[^\d+(:]{1,15}:\s*|[^\w+(]+)|\s*\([^\d()]*\)")
_FEWEST, _MOST = 7, 15  # digits of a number whose country isn't known


def tidy(typed: str) -> str:
    """A number as it's kept: without what can't be seen, one hyphen, no "tel:"."""
    plain = " ".join(fold(seen(typed)).text.split())
    return re.sub(r"\Atel:\s*", "", plain, flags=re.I)


def _split(typed: str) -> tuple[str, str]:
    """(the number, its extension), the number without anything but its digits and what parts them."""
    text = _LABEL.sub("", tidy(typed)[:MOST_LETTERS]).strip()
    extension = _EXTENSION.search(text)
    number = text[: extension.start()] if extension else text
    return number.partition(";")[0], (extension[1] or extension[2]) if extension else ""


def _parsed(number: str, region: str) -> PhoneNumber | None:
    for text in (number, "+" + number[2:] if number.startswith("00") else ""):
        try:
            parsed = phonenumbers.parse(text, region if region in phonenumbers.SUPPORTED_REGIONS else None)
        except NumberParseException:
            continue
        if phonenumbers.is_possible_number_with_reason(parsed) in _POSSIBLE:
            return parsed
    return None


def phone_key(typed: str, region: str) -> str:
    """What every spelling of one number has in common: its digits, with the code of its country. Empty where
    it's no telephone number.
    """
    number, _ = _split(typed)
    if re.search(r"[^\d\s()+./*-]", number):
        return ""
    digits = re.sub(r"\D", "", number)
    if parsed := _parsed(number, region):
        whole = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)[1:] if whole else digits
    is_elsewhere = region not in phonenumbers.SUPPORTED_REGIONS and not number.lstrip("( ").startswith("+")
    return digits if is_elsewhere and _FEWEST <= len(digits) <= _MOST else ""


def dialled(number: str) -> str:
    """A number as the address of a link has it (RFC 3966): "+14165550100;ext=22"."""
    plain, extension = _split(number)
    plus = "+" if plain.lstrip(" (").startswith("+") else ""
    without_trunk = re.sub(r"\(0\)", "", plain) if plus else plain
    digits = re.sub(r"[^\d*#]", "", without_trunk)
    return f"{plus}{digits}" + (f";ext={extension}" if extension else "")

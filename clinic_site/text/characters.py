"""Characters that no text may have, because XML doesn't allow them: a feed that holds one is no feed
(https://www.w3.org/TR/xml/#charsets).
"""

import re
from typing import Any

from clinic_site.text.folding import without_unseen

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_XML_IN_JSON = re.compile(
    r"(?<!\\)(?:\\\\)*\\(?:[bf]|u(?:00(?:0[0-8bcef]|1[0-9a-f])|d[89a-f][0-9a-f]{2}|fff[ef]))", re.I
)
_SHORT = {"b": "U+0008", "f": "U+000C"}
_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", re.I)  # one character, in two halves
# what other programs end a line with
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def not_storable(value: Any) -> str:
    """The first character of a text, or of any text within a list or mapping, that isn't stored: as
    "U+000B". Empty where there is none.
    """
    if isinstance(value, str):
        found = _NOT_XML.search(value)
        return f"U+{ord(found[0]):04X}" if found else ""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        return next(filter(None, map(not_storable, value)), "")
    return ""


def not_storable_in_json(text: str) -> str:
    """Likewise of JSON, where such a character may stand as an escape."""
    if found := not_storable(text):
        return found
    escaped = _NOT_XML_IN_JSON.search(_PAIR.sub("", text)) if "\\" in text else None
    if not escaped:
        return ""
    return _SHORT.get(escaped[0][-2:].lstrip("\\").lower(), f"U+{escaped[0][-4:].upper()}")


def storable(text: str) -> str:
    """A text without characters that XML doesn't allow; another program's end of a line as a line break."""
    return _NOT_XML.sub("", _LINE_ENDS.sub("\n", text))


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return not without_unseen(text).strip("\u2800").strip()

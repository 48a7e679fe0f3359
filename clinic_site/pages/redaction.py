"""Redacting sealed words: wherever a stopped claim stands, a notice stands in its place.

A picture of somebody whose consent no longer holds goes likewise, and leaves nothing in its place.

Works on the sealed JSON text, so it reaches running text, cards, key facts, figures, charts and structured
data alike, of live and of old editions, and the seal itself stays as it was.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from clinic_site.pages.shapes import canonical

NOTICE = '<span class="stopped">[This statement is being checked and isn’t shown for now]</span>'


def is_picture(key: str) -> bool:
    """Whether a key of what is stopped is the name of a picture's file. Claims have no dot in theirs."""
    return "." in key


def redact(text: str, stopped: Iterable[str]) -> str:
    """The sealed `text` with the claims and the pictures of the keys `stopped` taken out.

    Most often there are none: then it's as it was.
    """
    keys = {key for key in stopped if f'"{key}"' in text or f'\\"{key}\\"' in text}
    if not keys:
        return text
    alternatives = "|".join(map(re.escape, sorted(keys)))
    marks = re.compile(rf'<span class="claim[^"]*" data-claim="(?:{alternatives})">.*?</span>', re.S)
    return canonical(_redacted(json.loads(text), keys, marks))


def _redacted(value: Any, keys: set[str], marks: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return marks.sub(NOTICE, value)
    if isinstance(value, list):
        return [_redacted(item, keys, marks) for item in value]
    if isinstance(value, dict):
        emptied = {name: _redacted(item, keys, marks) for name, item in value.items()}
        if value.get("key") in keys and "figure" in value:
            emptied["figure"] = None
        if isinstance(image := value.get("image"), dict) and image.get("name") in keys:
            emptied["image"] = None
        return emptied
    return value

"""Sealed words as whoever wrote them typed them: each claim as `[[key]]` again, each practical figure as
`((24 hours))`.

The other way round than `compose`: what is composed of the result says what the sealed words said, as far as
the claims still do.
"""

import re
from html import unescape
from typing import Any

from clinic_site.pages.fields import LINE, PROSE, Declaration

_CLAIM = re.compile(r'<span class="claim[^"]*" data-claim="([^"]*)">.*?</span>', re.S)
_PRACTICAL = re.compile(r'<span class="practical">(.*?)</span>', re.S)


def decompose_prose(html: str) -> str:
    """Running text with its marks."""
    return _PRACTICAL.sub(r"((\1))", _CLAIM.sub(lambda match: f"[[{unescape(match[1])}]]", html))


def decompose_line(html: str) -> str:
    """A line of plain text with its marks."""
    return unescape(decompose_prose(html))


def decompose(declaration: Declaration, sealed: Any) -> Any:
    """What a draft's field has to hold, so that the page's says what was sealed."""
    if declaration.format == PROSE:
        return decompose_prose(sealed)
    return decompose_line(sealed) if declaration.format == LINE else sealed

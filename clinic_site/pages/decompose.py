"""Sealed words as whoever wrote them typed them: each claim as `[[key]]` again, each practical figure as
`((24 hours))`.

The other way round than `compose`: what is composed of the result says what the sealed words said, as far as
the claims still do.
"""

import re
from html import unescape

_CLAIM = re.compile(r'<span class="claim[^"]*" data-claim="([^"]*)">.*?</span>', re.S)
_PRACTICAL = re.compile(r'<span class="practical">(.*?)</span>', re.S)


def typed(html: str) -> str:
    """Running text with its marks."""
    return _PRACTICAL.sub(r"((\1))", _CLAIM.sub(lambda match: f"[[{unescape(match[1])}]]", html))


def typed_line(html: str) -> str:
    """A line of plain text with its marks."""
    return unescape(typed(html))

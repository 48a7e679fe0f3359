"""Answers compressed as the browser asked for it, and no answer sent twice to a browser that has it."""

import re

import brotli
from django.http import FileResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence, compress_string

QUALITY = 5  # of brotli's eleven: it costs what gzip costs
MIN_LENGTH = 200  # bytes; what is shorter grows
MAX_PADDING = 100  # random bytes, so that the length of an answer gives no secret in it away (BREACH)
# pictures, fonts, archives and PDF are compressed already
COMPRESSIBLE = re.compile(
    r"text/|image/svg|image/x-icon|application/(?:[\w.+-]*\+)?(?:json|xml|javascript)\b"
)
_PREFERENCE = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q=(0(?:\.\d*)?|1(?:\.0*)?)\s*)?", re.I)


def accepted_encodings(header: str) -> list[str]:
    """Those of brotli and gzip that an Accept-Encoding header takes, the wanted one first; one with `q=0` is
    refused (RFC 9110, 12.5.3).
    """
    found = filter(None, map(_PREFERENCE.fullmatch, header.split(",")))
    weights = {one[1].lower(): float(one[2] or 1) for one in found}
    wanted = {name: weights.get(name, weights.get("*", 0)) for name in ("br", "gzip")}
    return sorted((name for name, weight in wanted.items() if weight), key=lambda name: -wanted[name])


def compression(get_response):
    """Middleware. What is inside it, the static files among it, reads of the request only what it accepts."""

    def compressed(request):
        encodings = accepted_encodings(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        request.META["HTTP_ACCEPT_ENCODING"] = ", ".join(encodings)
        response = get_response(request)
        is_packed = isinstance(response, FileResponse) or "Content-Encoding" in response
        if not is_packed and COMPRESSIBLE.match(response.get("Content-Type", "")):
            patch_vary_headers(response, ("Accept-Encoding",))
            if encodings:
                _compress(response, encodings[0])
        return response

    return compressed


def _compress(response, encoding: str) -> None:
    if response.streaming:  # brotli's module would need all of it at once
        response.streaming_content = compress_sequence(
            response.streaming_content, max_random_bytes=MAX_PADDING
        )
        response["Content-Encoding"] = "gzip"
        return
    if len(response.content) < MIN_LENGTH:
        return
    if encoding == "br":
        content = brotli.compress(response.content, brotli.MODE_TEXT, QUALITY)
    else:
        content = compress_string(response.content, max_random_bytes=MAX_PADDING)
    response.content = content
    response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(content))
    if response.get("ETag", "").startswith('"'):
        # the same page in other bytes: a weak tag, which If-None-Match takes for the one of before
        response["ETag"] = f"W/{response['ETag']}"

"""What travels when somebody opens a page for the first time: requests and bytes, headers and bodies as they
are sent.
"""

from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

# bytes and counts: everything before photographs; style and script by themselves. A treatment page brings its
# drawings.
LIMITS = {"requests": 8, "bytes": 30_000, "style": 13_000, "script": 3_000}
BYTES_OF_A_TREATMENT = 45_000
LOADED_LATER = {"avif", "webp", "jpg", "jpeg"}


class _Needs(HTMLParser):
    """The addresses that a browser fetches for a page, photographs left out."""

    def __init__(self):
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        rel = (at.get("rel") or "").split()
        if tag == "link" and {"stylesheet", "icon", "preload", "modulepreload", "manifest"} & set(rel):
            self.found[at["href"]] = "style" if "stylesheet" in rel else "other"
        elif tag == "script" and at.get("src"):
            self.found[at["src"]] = "script"
        elif tag == "img" and at.get("src") and at["src"].rpartition(".")[2] not in LOADED_LATER:
            self.found[at["src"]] = "other"


def fetched(url: str) -> tuple[int, bytes, str]:
    """(bytes that travelled, the body as sent, the encoding) of one GET, as a browser asks."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", parts.path, headers={"Accept-Encoding": "gzip, br"})
    answer = connection.getresponse()
    body = answer.read()
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len(
        "HTTP/1.1 200 OK\r\n\r\n"
    )
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{url} gave {answer.status}.")
    return head + len(body), body, answer.headers.get("Content-Encoding", "")


def _unpacked(body: bytes, encoding: str) -> str:
    if encoding == "gzip":
        import gzip

        return gzip.decompress(body).decode()
    if encoding == "br":
        import brotli

        return brotli.decompress(body).decode()
    return body.decode()


def measure(pages: dict[str, str], address: str, tell) -> bool:
    """Tell what each of `pages` (name: path) weighs. Returns whether each is within the limits."""
    met = True
    limits = ", ".join(f"{what} {most:,}" for what, most in LIMITS.items())
    tell(
        f"On the wire, first view, before photographs (at most: {limits}; a treatment page "
        f"{BYTES_OF_A_TREATMENT:,} bytes)."
    )
    for name, path in pages.items():
        sent, body, encoding = fetched(address + path)
        needs = _Needs()
        needs.feed(_unpacked(body, encoding))
        weights = {"requests": 1, "bytes": sent, "style": 0, "script": 0}
        for href, kind in needs.found.items():
            target = urljoin(address + path, href)
            if not target.startswith(address):
                tell(f"  {name} asks another host: {target}")
                met = False
                continue
            weight = fetched(target)[0]
            weights["requests"] += 1
            weights["bytes"] += weight
            if kind in weights:
                weights[kind] += weight
        most = LIMITS | ({"bytes": BYTES_OF_A_TREATMENT} if path.startswith("/treatments/") else {})
        over = [what for what in most if weights[what] > most[what]]
        met &= not over
        told = ", ".join(f"{what} {weight:,}" for what, weight in weights.items())
        tell(
            f"  {name:24} HTML {sent:,} ({encoding or 'not compressed'}); "
            f"{told}{'   over: ' + ', '.join(over) if over else ''}"
        )
    return met

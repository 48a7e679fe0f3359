"""Every public page in a real browser: three widths, both colour schemes.

    make audit [ARGS="--only /blog/ --only /contact/"]

Looks for what axe finds, errors in the console, requests to another host, cookies, and words that run off the side.
Runs against a site of its own with the starter content. Exit 1 on findings.
"""

import argparse
import signal
import sys
import urllib.request
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, sync_playwright

from tests.machine import CHROMIUM_FLAGS, chromium
from tests.running import site

WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")
# the search with and without results, the comparison with a choice, and a page that isn't there stand in no sitemap
BESIDE_THE_SITEMAP = (
    "/search/?q=sweaty+hands", "/search/?q=xylophone", "/treatments/compare/?with=hyperhidrosis&with=chronic-migraine",
    "/not-here/",
)  # fmt: skip
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
COLUMNS = ("axe", "console", "hosts", "cookies", "too wide")


@dataclass
class Page:
    """What was found on one page: by column, each finding with the places where it was seen."""

    path: str
    found: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {column: {} for column in COLUMNS})

    def add(self, column: str, finding: str, where: str) -> None:
        self.found[column].setdefault(finding, []).append(where)

    @property
    def is_clean(self) -> bool:
        return not any(self.found.values())


def paths_of(address: str) -> list[str]:
    """The paths in the sitemap, and the few that it leaves out."""
    with urllib.request.urlopen(f"{address}/sitemap.xml") as answer:
        found = [element.text for element in ET.parse(answer).iter() if element.tag.endswith("loc")]
    if not found:
        raise SystemExit("The sitemap is empty.")
    return [*(urlsplit(url).path for url in found), *BESIDE_THE_SITEMAP]


def look(browser: Browser, address: str, page: Page, width: int, scheme: str) -> None:
    """One visit with nothing kept from another: adds to what was found on `page`."""
    where, host = f"{width} {scheme}", urlsplit(address).netloc
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    expected = 404 if page.path == "/not-here/" else 200

    def console(message) -> None:
        if message.type in ("error", "warning") and not (expected == 404 and "404" in message.text):
            page.add("console", message.text, where)

    def request(asked) -> None:
        if asked.url.startswith(("http:", "https:", "ws:", "wss:")) and urlsplit(asked.url).netloc != host:
            page.add("hosts", asked.url, where)

    tab.on("console", console)
    tab.on("pageerror", lambda error: page.add("console", str(error), where))
    tab.on("request", request)
    try:
        answer = tab.goto(address + page.path, wait_until="load", timeout=30_000)
        if answer.status != expected:
            page.add("console", f"status {answer.status}", where)
        overhang = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overhang > 0:
            page.add("too wide", f"{overhang} px", where)
        for violation in Axe().run(tab, options=RULES).response["violations"]:
            for node in violation["nodes"]:
                page.add("axe", f"{violation['id']}: {' '.join(map(str, node['target']))}", where)
        # the cookie that protects a form may stand where there is a form to send
        has_form = tab.locator("form[method=post i]").count() > 0
        for cookie in context.cookies():
            if not (has_form and cookie["name"] == "csrftoken"):
                page.add("cookies", cookie["name"], where)
    except Error as error:
        page.add("console", error.message.splitlines()[0], where)
    finally:
        context.close()


def tell(pages: list[Page]) -> None:
    longest = max(len(page.path) for page in pages)
    print(f"{'page':{longest}}  " + "  ".join(f"{column:>8}" for column in COLUMNS))
    for page in pages:
        print(f"{page.path:{longest}}  " + "  ".join(f"{len(page.found[column]) or '·':>8}" for column in COLUMNS))
    for page in pages:
        for column in COLUMNS:
            for finding, where in page.found[column].items():
                print(f"\n{page.path} {column}: {finding}\n    at {', '.join(where)}")


def main() -> int:
    options = argparse.ArgumentParser(prog="make audit", description="Every public page in a browser.")
    options.add_argument("--only", action="append", metavar="PATH", help="a path; may be repeated")
    chosen = options.parse_args()
    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    with site() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        pages = [Page(path) for path in chosen.only or paths_of(address)]
        for page in pages:
            for width, scheme in product(WIDTHS, SCHEMES):
                look(browser, address, page, width, scheme)
        browser.close()
    tell(pages)
    dirty = [page for page in pages if not page.is_clean]
    print(f"\n{len(pages)} pages, {len(WIDTHS) * len(SCHEMES)} looks at each: ", end="")
    print(f"{len(dirty)} with findings." if dirty else "nothing found.")
    return 1 if dirty else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())

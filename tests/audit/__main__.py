"""Every public page in a real browser: three widths, both colour schemes.

    make audit [ARGS="--only /blog/ --only /contact/"]
    make audit ARGS="--screenshots /some/folder"

Looks for what axe finds, errors in the console, requests to another host, cookies, and words that run off the side: as
the page stands, with the text at twice its size, and with WCAG's text spacing. HTML is checked by the W3C's validator
where there is one: a `vnu` in the path, or VNU=/path/to/vnu.jar. With AUDIT_LIGHTHOUSE=/path/to/lighthouse, Lighthouse
looks at each page three times as a phone does, and must be content.

Runs against a site of its own with the starter content. Exit 1 on findings.
"""

import argparse
import re
import signal
import sys
import urllib.request
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, sync_playwright
from playwright.sync_api import Page as Tab

from tests.audit import lighthouse, validator
from tests.machine import CHROMIUM_FLAGS, chromium
from tests.running import site

WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")
# one of each kind that stands in no sitemap: found by a choice or a search, kept for the record, or not there at all
BESIDE_THE_SITEMAP = (
    "/search/?q=sweaty+hands", "/search/?q=xylophone", "/treatments/compare/?with=hyperhidrosis&with=chronic-migraine",
    "/blog/topics/getting-started/", "/blog/2017/", "/treatments/hyperhidrosis/history/", "/treatments/hyperhidrosis/history/1/",
    "/contact/sent/?reference=M2345678", "/not-here/",
)  # fmt: skip
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
COLUMNS = ("axe", "html", "console", "hosts", "cookies", "too wide", "shifts")
# what a reader may set: all text at 200 percent (WCAG 1.4.4), and more room between its lines and letters (1.4.12)
SETTINGS = {
    "text at 200%": "html { font-size: 200% }",
    "text spacing": "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } "
    "p { margin-block-end: 2em !important }",
}
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# boxes that cut off their own text, without a way to scroll to it
CUT_OFF = """[...document.querySelectorAll("main *, header *, footer *")].filter((e) => {
  const s = getComputedStyle(e);
  return (s.overflowX === "hidden" || s.overflowX === "clip") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1;
}).map((e) => e.tagName.toLowerCase() + "." + e.className)"""
SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted = (window.shifted || 0) + entry.value;
}).observe({ type: "layout-shift", buffered: true })"""


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


def picture_name(path: str, width: int, scheme: str) -> str:
    """ "/blog/?after=x" at 320 in the dark: "blog_after-x-320-dark.png"."""
    return f"{re.sub(r'[^a-z0-9]+', '_', path.lower()).strip('_') or 'home'}-{width}-{scheme}.png"


def look(browser: Browser, address: str, page: Page, width: int, scheme: str, folder: Path | None) -> None:
    """One visit with nothing kept from another: adds to what was found on `page`, and puts a picture into `folder`."""
    where, host = f"{width} {scheme}", urlsplit(address).netloc
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_init_script(SHIFTS)
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
        if folder:
            tab.screenshot(path=folder / picture_name(page.path, width, scheme), full_page=True)
        overhang = tab.evaluate(OVERHANG)
        if overhang > 0:
            page.add("too wide", f"{overhang} px", where)
        if shifted := tab.evaluate("window.shifted || 0"):
            page.add("shifts", f"{shifted:.3f}", where)
        for violation in Axe().run(tab, options=RULES).response["violations"]:
            for node in violation["nodes"]:
                page.add("axe", f"{violation['id']}: {' '.join(map(str, node['target']))}", where)
        # the cookie that protects a form may stand where there is a form to send
        has_form = tab.locator("form[method=post i]").count() > 0
        for cookie in context.cookies():
            if not (has_form and cookie["name"] == "csrftoken"):
                page.add("cookies", cookie["name"], where)
        if scheme == SCHEMES[0]:
            change_settings(tab, page, where)
    except Error as error:
        page.add("console", error.message.splitlines()[0], where)
    finally:
        context.close()


def change_settings(tab: Tab, page: Page, where: str) -> None:
    """What a reader may set must cost no words: nothing runs off the side, nothing is cut off."""
    for name, css in SETTINGS.items():
        # a style sheet of the reader's own stands outside the page's policy
        tab.evaluate("css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }", css)
        if (overhang := tab.evaluate(OVERHANG)) > 0:
            page.add("too wide", f"{overhang} px, {name}", where)
        for element in tab.evaluate(CUT_OFF):
            if "visually-hidden" not in element:
                page.add("too wide", f"{element} is cut off, {name}", where)


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
    options.add_argument("--screenshots", type=Path, metavar="DIR", help="put a picture of every look into this folder")
    chosen = options.parse_args()
    if chosen.screenshots:
        chosen.screenshots.mkdir(parents=True, exist_ok=True)
    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    with site() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        pages = [Page(path) for path in chosen.only or paths_of(address)]
        for page in pages:
            for width, scheme in product(WIDTHS, SCHEMES):
                look(browser, address, page, width, scheme, chosen.screenshots)
        browser.close()
        for page, complaint in validator.complaints(address, pages):
            page.add("html", complaint, "the page as served")
        scores = lighthouse.scores(address, [page.path for page in pages])
    tell(pages)
    for line in validator.missing(), *lighthouse.table(scores):
        print(line)
    dirty = [page for page in pages if not page.is_clean]
    print(f"\n{len(pages)} pages, {len(WIDTHS) * len(SCHEMES)} looks at each: ", end="")
    print(f"{len(dirty)} with findings." if dirty else "nothing found.")
    return 1 if dirty or lighthouse.falls_short(scores) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())

"""What a reader meets first, and how long each kind of page is: make folds

For one page of each kind, served as patients get it: where on the first screen of a phone (390 x 844) what
counts begins, how many words can be seen, how many screens it fills, and what travels; of a treatment, with
all its parts opened. Exit 1 where something is beyond the limits below.

    make folds [ARGS="--address http://127.0.0.1:8000"]

With an address it looks at a site that runs there, which then has to have the starter content.
"""

import argparse
import re
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import brotli
from playwright.sync_api import Browser, sync_playwright

from tests.machine import CHROMIUM_FLAGS, chromium
from tests.running import filled, serving

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
HEADER = ".site-header"
OPEN = "for (const fold of document.querySelectorAll('main details:not(.contents__fold)')) fold.open = true"
WORDS = (
    """document.querySelector("main").innerText.split(/\\s+/).filter((w) => /[\\p{L}\\d]/u.test(w)).length"""
)
LOADED = """[...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
  .map((e) => [e.name, e.transferSize])"""


@dataclass(frozen=True)
class Kind:
    """A kind of page by one that stands for it, and what it may not go beyond: where something begins on a
    phone and on a laptop (pixels, by its selector), its words, its screens on a phone, and its HTML (bytes
    before and after compression).
    """

    name: str
    path: str
    begins: dict[str, int] = field(default_factory=dict)
    begins_on_laptop: dict[str, int] = field(default_factory=dict)
    words: int | None = None
    screens: float | None = None
    html: int | None = None
    packed: int | None = None
    is_opened: bool = False  # its folds count as read


A_TREATMENT = {
    "begins": {".key-facts": 560},
    "words": 2600,
    "screens": 18,
    "html": 80_000,
    "packed": 16_000,
    "is_opened": True,
}
AN_ANSWER = {"begins": {".answer__body > .part .prose > :first-child": 480}, "screens": 5}
KINDS = (
    Kind(
        "home", "/", screens=6, begins={"#treatments": 560}, begins_on_laptop={".body-map__spot--jowls": 800}
    ),
    Kind("overview", "/treatments/", screens=7),
    Kind("sweating", "/treatments/hyperhidrosis/", **A_TREATMENT),
    Kind("migraine", "/treatments/chronic-migraine/", **A_TREATMENT),
    Kind("answer", "/blog/aftercare/", **AN_ANSWER),
    Kind("old answer", "/blog/medical-uses-of-botox/", **AN_ANSWER),
    Kind("answers", "/blog/"),
    Kind("compare", "/treatments/compare/?with=hyperhidrosis&with=chronic-migraine&with=jowls", screens=6),
    Kind("about", "/about/"),
    Kind("contact", "/contact/"),
    Kind("search", "/search/?q=sweaty+hands"),
)
MOST_HEADER, MOST_FIRST_VIEW, MOST_WITH_FONTS, MOST_REQUESTS = 64, 32_000, 90_000, 12


@dataclass
class Measured:
    """One page: what was measured, and what is beyond its limits."""

    figures: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    def add(self, what: str, value: float | None, most: float | None = None) -> None:
        """Keep a figure; None where it wasn't found."""
        if value is None:
            self.beyond.append(f"{what}: not found")
            return
        said = f"{what} {value:,.1f}" if value % 1 else f"{what} {value:,.0f}"
        self.figures.append(said if most is None else f"{said}/{most:,}")
        if most is not None and value > most:
            self.beyond.append(f"{what}: {value:,.1f} is beyond {most:,}")


def _begins(tab, selector: str) -> float | None:
    box = tab.locator(selector).first
    return box.bounding_box()["y"] if box.count() else None


def measure(browser: Browser, address: str, kind: Kind) -> Measured:
    """One page of a kind, on a phone and, for what begins there, on a laptop."""
    found = Measured()
    tab = browser.new_context(viewport=PHONE).new_page()
    tab.goto(address + kind.path, wait_until="load", timeout=120_000)
    found.add("header", tab.locator(HEADER).bounding_box()["height"], MOST_HEADER)
    for selector, most in kind.begins.items():
        found.add(f"{selector} from", _begins(tab, selector), most)
    loaded = tab.evaluate(LOADED)
    fonts = sum(size for name, size in loaded if ".woff2" in name)
    whole = sum(size for _, size in loaded)
    found.add("requests", len(loaded), MOST_REQUESTS)
    found.add("first view", whole - fonts, MOST_FIRST_VIEW)
    found.add("with fonts", whole, MOST_WITH_FONTS)
    if kind.is_opened:
        tab.evaluate(OPEN)
    found.add("words", tab.evaluate(WORDS), kind.words)
    height = tab.evaluate("document.documentElement.scrollHeight")
    found.add("screens", round(height / PHONE["height"], 1), kind.screens)
    tab.context.close()
    for selector, most in kind.begins_on_laptop.items():
        tab = browser.new_context(viewport=LAPTOP).new_page()
        tab.goto(address + kind.path, wait_until="load", timeout=120_000)
        found.add(f"{selector} from, on a laptop", _begins(tab, selector), most)
        tab.context.close()
    with urllib.request.urlopen(address + kind.path) as answer:
        html = answer.read()
    found.add("HTML", len(html), kind.html)
    found.add("packed", len(brotli.compress(html, quality=5)), kind.packed)
    found.add("source marks", len(re.findall(rb'href="[^"]*#source-\d+"', html)))
    return found


@contextmanager
def site(address: str | None) -> Iterator[str]:
    """The address of a site: the one given, or one of its own with the starter content."""
    if address:
        yield address.rstrip("/")
        return
    with filled() as (env, port):
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with serving(command, env, f"{env['SITE_URL']}/healthz", patience=120):
            yield env["SITE_URL"]


def main() -> int:
    options = argparse.ArgumentParser(prog="make folds", description="First screens, lengths and weights.")
    options.add_argument("--address", help="of a site that runs; without it, one of its own is filled")
    chosen = options.parse_args()
    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    beyond = []
    with site(chosen.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for kind in KINDS:
            found = measure(browser, address, kind)
            print(f"{kind.name}: {', '.join(found.figures)}", flush=True)
            beyond += [f"{kind.name}: {fault}" for fault in found.beyond]
        browser.close()
    print(
        *(f"\n{len(beyond)} beyond the limits:", *beyond) if beyond else ("\nAll within the limits.",),
        sep="\n",
    )
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())

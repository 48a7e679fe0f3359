"""Every public page in a real browser, in every state: three widths, both colour schemes, forced colours.

    make audit [ARGS="--only /blog/ --only /contact/"]
    make audit ARGS="--screenshots /some/folder"
    make audit ARGS="--staff"

Looks for what axe finds, errors in the console, requests to another host, cookies, pushed layouts, and words
that run off the side or are cut off: as the page stands, with all that is folded open, with the text at twice
its size, and with WCAG's text spacing. Walks through each page with the Tab key. Weighs the first view. HTML
is checked by the W3C's validator where there is one: a `vnu` in the path, or VNU=/path/to/vnu.jar. With
AUDIT_LIGHTHOUSE=/path/to/lighthouse, Lighthouse looks three times, as a phone does, at each page that may be
indexed, and must be content.

With --staff it's the admin instead: every page that a role can reach by links, in a site where something
waits in each state, at two widths in light and dark. A page that no link leads to stops it.

Runs against sites of its own with the starter content. Exit 1 on findings.
"""

import argparse
import signal
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.audit import lighthouse, validator
from tests.audit.looking import LOOKS, LOOKS_OF_STAFF, look
from tests.audit.pages import COLUMNS, Page, at_work, every_state
from tests.machine import CHROMIUM_FLAGS, chromium


def tell(pages: list[Page]) -> None:
    longest = max(len(page.name) for page in pages)
    print(f"{'page':{longest}}  " + "  ".join(f"{column:>8}" for column in COLUMNS) + "  requests    bytes")
    for page in pages:
        found = "  ".join(f"{len(page.found[column]) or '·':>8}" for column in COLUMNS)
        print(f"{page.name:{longest}}  {found}  {page.requests:8}  {page.bytes:7,}")
    for page in pages:
        for column in COLUMNS:
            for finding, where in page.found[column].items():
                print(f"\n{page.name} {column}: {finding}\n    at {', '.join(where)}")


def main() -> int:
    options = argparse.ArgumentParser(prog="make audit", description="Every public page in a browser.")
    options.add_argument("--only", action="append", metavar="PATH", help="a path; may be repeated")
    options.add_argument("--only-lighthouse", action="store_true", help="no other look: Lighthouse alone")
    options.add_argument(
        "--screenshots", type=Path, metavar="DIR", help="put a picture of every look into this folder"
    )
    options.add_argument(
        "--staff",
        action="store_true",
        help="the admin, as each role sees it; --only: what a path begins with",
    )
    chosen = options.parse_args()
    states, looks = (at_work, LOOKS_OF_STAFF) if chosen.staff else (every_state, LOOKS)
    if chosen.screenshots:
        chosen.screenshots.mkdir(parents=True, exist_ok=True)
    if chromium() is None:
        sys.exit("There is no Chromium on this machine.")
    pages, scores, broken_off = [], {}, False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        try:
            for address, shown in states(chosen.only):
                for page in shown:
                    if chosen.only_lighthouse:
                        page.fetch(address)
                        continue
                    print(f"{page.name} ...", file=sys.stderr, flush=True)
                    for width, scheme in looks:
                        look(browser, address, page, width, scheme, chosen.screenshots)
                    pages.append(page)
                scores |= (
                    {}
                    if chosen.staff
                    else lighthouse.scores(address, [page.path for page in shown if page.may_be_indexed])
                )
        except KeyboardInterrupt:
            broken_off = True
            print("Broken off. What was found until then:")
        browser.close()
    if chosen.only_lighthouse:
        print(*lighthouse.table(scores), sep="\n")
        return 1 if broken_off or not scores or lighthouse.falls_short(scores) else 0
    if not pages:
        sys.exit("No page was looked at.")
    for page, complaint in validator.complaints(pages):
        page.add("html", complaint, "the page as served")
    tell(pages)
    for line in validator.missing(), *lighthouse.table(scores):
        print(line)
    dirty = [page for page in pages if not page.is_clean]
    print(f"\n{len(pages)} pages, {len(looks)} looks at each: ", end="")
    print(f"{len(dirty)} with findings." if dirty else "nothing found.")
    return 1 if broken_off or dirty or lighthouse.falls_short(scores) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())

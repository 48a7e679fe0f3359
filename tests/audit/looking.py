"""One visit to a page: what axe and the browser find, and what becomes of the page in the reader's own
settings.
"""

import re
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Error
from playwright.sync_api import Page as Tab

from tests.audit import keyboard
from tests.audit.pages import DESIGN, Page, open_it

WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")
WIDTHS_OF_STAFF = (360, 1280)
BETWEEN = (390, 1920)  # the layout alone is looked at here
WALKED = (320, 360, 1280)  # with the Tab key
FORCED = "forced colours"
LOOKS = (*product(WIDTHS, SCHEMES), (1280, FORCED))
LOOKS_OF_STAFF = tuple(product(WIDTHS_OF_STAFF, SCHEMES))
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
# Django's own sheets import one another, which axe would fetch again and the page's policy refuse: it reads
# what the browser has
RULES_OF_STAFF = {**RULES, "preload": False}
# what a reader may set: all text at 200 percent (WCAG 1.4.4), and more room between its lines and letters
# (1.4.12)
SETTINGS = {
    "text at 200%": "html { font-size: 200% }",
    "text spacing": "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; "
    "word-spacing: 0.16em !important } p { margin-block-end: 2em !important }",
}
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# boxes that cut off their own text, without a way to scroll to it; a scaled frame's window cuts off nothing
# that is seen
CUT_OFF = """[...document.querySelectorAll("main *, header *, footer *")].filter((e) => {
  const s = getComputedStyle(e);
  const cuts = (overflow, whole, shown) =>
    (overflow === "hidden" || overflow === "clip") && whole > shown + 1 && shown > 1;
  const counts =
    !e.closest("svg, [aria-hidden=true], .preview-frame__window") && !e.matches("input, textarea, select");
  return counts && e.checkVisibility() &&
    (cuts(s.overflowX, e.scrollWidth, e.clientWidth) || cuts(s.overflowY, e.scrollHeight, e.clientHeight));
}).map((e) => e.tagName.toLowerCase() + "." + e.className)"""
SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput) window.shifted = (window.shifted || 0) + entry.value;
}).observe({ type: "layout-shift", buffered: true })"""
# down to the end and up again: what is loaded late may push what is read
SCROLL = """async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: "instant" });
    await frame();
  }
  scrollTo({ top: 0, behavior: "instant" });
  await frame();
}"""
# what lies over the page when it's open closes by itself when one turns elsewhere
OPEN_WHAT_IS_FOLDED = """
const folds = document.querySelectorAll('details:not(.contents__fold, .account, .list-filter)');
for (const fold of folds) fold.open = true"""
# in forced colours a ground is the page's own: only an outline tells a button or a field from words
WITHOUT_AN_EDGE = """
[...document.querySelectorAll("button, .button, input, select, textarea")].filter((e) => {
  const s = getComputedStyle(e), native = ["checkbox", "radio", "hidden", "file", "range"].includes(e.type);
  const edge = s.borderBlockEndStyle === "none" ? 0 : parseFloat(s.borderBlockEndWidth);
  return e.checkVisibility() && !native && edge < 1;
}).map((e) => e.outerHTML.slice(0, 90))"""
PHOTOGRAPHS = ("image/avif", "image/webp", "image/jpeg")
A_TREATMENT = re.compile(r"/treatments/(?!compare/|history/)[\w-]+/(history/\d+/)?$")
MOST_REQUESTS, MOST_BYTES, MOST_BYTES_OF_A_TREATMENT = 12, 90_000, 90_000  # with the typefaces


def picture_name(page: Page, width: int, scheme: str) -> str:
    """ "/blog/?after=x" at 320 in the dark: "blog_after_x-320-dark.png"."""
    name = re.sub(r"[^a-z0-9]+", "_", page.name.lower()).strip("_") or "home"
    return f"{name}-{width}-{scheme.replace(' ', '_')}.png"


class Wire:
    """What travels to a tab from now on."""

    def __init__(self, session: CDPSession):
        self.asked: set[str] = set()
        self.kinds: dict[str, str] = {}
        self.travelled: dict[str, int] = {}
        session.on("Network.requestWillBeSent", lambda e: self.asked.add(e["requestId"]))
        session.on(
            "Network.responseReceived",
            lambda e: self.kinds.__setitem__(e["requestId"], e["response"]["mimeType"]),
        )
        session.on(
            "Network.loadingFinished",
            lambda e: self.travelled.__setitem__(e["requestId"], e["encodedDataLength"]),
        )
        session.send("Network.enable")

    def weight(self) -> tuple[int, int]:
        """Requests, and bytes with their headers, photographs left out."""
        counted = [one for one in self.asked if self.kinds.get(one) not in PHOTOGRAPHS]
        return len(counted), sum(self.travelled.get(one, 0) for one in counted)


def look(browser: Browser, address: str, page: Page, width: int, scheme: str, folder: Path | None) -> None:
    """One visit with nothing kept from another: adds to what was found on `page`, and puts a picture into
    `folder`.
    """
    where, host = f"{width} {scheme}", urlsplit(address).netloc
    colours = {"forced_colors": "active"} if scheme == FORCED else {"color_scheme": scheme}
    context = browser.new_context(
        viewport={"width": width, "height": 900}, reduced_motion="reduce", **colours
    )
    context.add_init_script(SHIFTS)
    if page.session:
        context.add_cookies([{"name": "sessionid", "value": page.session, "url": address}])
    tab = context.new_page()
    wire = Wire(context.new_cdp_session(tab))

    def console(message) -> None:
        # a browser also complains of each status that says no
        if message.type in ("error", "warning") and f"status of {page.status}" not in message.text:
            page.add("console", message.text, where)

    def request(asked) -> None:
        if asked.url.startswith(("http:", "https:", "ws:", "wss:")) and urlsplit(asked.url).netloc != host:
            page.add("hosts", asked.url, where)

    tab.on("console", console)
    tab.on("pageerror", lambda error: page.add("console", str(error), where))
    tab.on("request", request)
    try:
        answer = page.go(tab, address + page.path)
        if answer.status != page.status:
            page.add("console", f"status {answer.status}", where)
        page.html = page.html or answer.text()
        tab.evaluate(SCROLL)
        # in a form, scripts put larger widgets in the place of plain fields
        if (shifted := tab.evaluate("window.shifted || 0")) and not page.for_staff:
            page.add("shifts", f"{shifted:.3f}", where)
        if folder:
            photograph(tab, folder / picture_name(page, width, scheme))
        if not page.requests:
            weigh(page, wire)
        look_at_the_layout(tab, page, where)
        tab.evaluate(OPEN_WHAT_IS_FOLDED)
        if scheme == FORCED:  # the browser takes its own colours, which axe can't see
            for control in tab.evaluate(WITHOUT_AN_EDGE):
                page.add("axe", f"nothing shows where it ends: {control}", where)
        else:
            for violation in (
                Axe().run(tab, options=RULES_OF_STAFF if page.for_staff else RULES).response["violations"]
            ):
                for node in violation["nodes"]:
                    page.add("axe", f"{violation['id']}: {' '.join(map(str, node['target']))}", where)
        # the cookie that protects a form may stand where there is a form to send
        has_form = tab.locator("form[method=post i]").count() > 0 or page.go is not open_it
        for cookie in context.cookies():
            if not (has_form and cookie["name"] == "csrftoken") and not (
                page.session and cookie["name"] == "sessionid"
            ):
                page.add("cookies", cookie["name"], where)
        if scheme == SCHEMES[0]:
            if width in WALKED:
                keyboard.walk(tab, page, where)
            change_settings(tab, page, width)
    except Error as error:
        page.add("console", error.message.splitlines()[0], where)
    finally:
        context.close()


def photograph(tab: Tab, path: Path) -> None:
    """The whole page on a screen as high as itself, so that what sticks to an edge stands in its own
    place.
    """
    screen = tab.viewport_size
    tab.set_viewport_size(
        {**screen, "height": max(screen["height"], tab.evaluate("document.documentElement.scrollHeight"))}
    )
    tab.screenshot(path=path)
    tab.set_viewport_size(screen)


def weigh(page: Page, wire: Wire) -> None:
    page.requests, page.bytes = wire.weight()
    if page.go is not open_it or page.path == DESIGN or page.for_staff:
        return  # not a first view; not for visitors
    if page.bytes > (most := MOST_BYTES_OF_A_TREATMENT if A_TREATMENT.match(page.path) else MOST_BYTES):
        page.add("weight", f"{page.bytes:,} bytes, {page.bytes - most:,} too many", "the first view")
    if page.requests > MOST_REQUESTS:
        page.add("weight", f"{page.requests} requests", "the first view")


def look_at_the_layout(tab: Tab, page: Page, where: str) -> None:
    """Nothing runs off the side, and no words are cut off."""
    if (overhang := tab.evaluate(OVERHANG)) > 0:
        page.add("too wide", f"{overhang} px", where)
    for element in tab.evaluate(CUT_OFF):
        if "visually-hidden" not in element:
            page.add("too wide", f"{element} is cut off", where)


def change_settings(tab: Tab, page: Page, width: int) -> None:
    """All that is folded stands open.

    What a reader may set must cost no words, and neither may the widths between.
    """
    look_at_the_layout(tab, page, f"{width} unfolded")
    for name, css in SETTINGS.items():
        # a style sheet of the reader's own stands outside the page's policy
        tab.evaluate(
            "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; "
            "}",
            css,
        )
        look_at_the_layout(tab, page, f"{width} {name}")
    tab.evaluate("document.adoptedStyleSheets = []")
    for between in BETWEEN if width == WIDTHS[-1] else ():
        tab.set_viewport_size({"width": between, "height": 900})
        look_at_the_layout(tab, page, f"{between}")

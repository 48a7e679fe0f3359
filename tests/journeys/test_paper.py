"""What comes out of a printer: few sheets, the right ones, and nothing that only a screen needs."""

import re

import pytest

pytestmark = pytest.mark.browser

TREATMENT, ANSWER = "/treatments/hyperhidrosis/", "/blog/medical-uses-of-botox/"
COMPARISON = "/treatments/compare/?with=hyperhidrosis&with=tmj-pain&with=jowls"


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def sheets(page) -> list[tuple[float, float]]:
    """(width, height) in points of each sheet that the page as it stands would take, on Letter paper."""
    pdf = page.pdf(format="Letter", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == len(
        boxes := re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    )
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize(
    ("path", "most"), [(TREATMENT, 13), ("/treatments/jowls/", 8), (ANSWER, 5), ("/privacy/", 3), ("/", 3)]
)
def test_a_page_takes_few_sheets(site, page, path, most):
    page.goto(site + path)
    found = sheets(page)
    assert len(found) <= most
    assert set(found) == {(612, 792)}


def test_a_comparison_lies_on_its_side(site, page):
    page.goto(site + COMPARISON)
    found = sheets(page)
    assert len(found) <= 6
    assert set(found) == {(792, 612)}
    page.emulate_media(media="print")
    table = page.locator(".comparison__table")
    # the form is gone, and the names stand above the columns, once
    assert not page.locator(".compare-form").is_visible()
    assert not page.locator(".comparison__whose").first.is_visible()
    assert table.locator("thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"
    # and its words and the sources below can be read: nine points at the least
    for words in (
        table.locator("tbody li > span").first,
        page.locator(".comparison__sources .sources__source").first,
    ):
        assert words.is_visible()
        assert float(words.evaluate("e => getComputedStyle(e).fontSize").removesuffix("px")) * 0.75 >= 9


def paper(page, label: str) -> None:
    """Press a button, in a browser whose printer takes no paper: the page stays as it would be printed."""
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    page.get_by_role("button", name=label).click()
    assert page.evaluate("window.printed") == 1


def test_somebody_takes_one_minute_with_them(site, page):
    # given somebody who reads a treatment page
    page.goto(site + TREATMENT)
    # when they print one minute of it
    paper(page, "Print one minute only")
    page.emulate_media(media="print")
    # then the rest stays out, but not what to do in an emergency, the edition, or the sources of that minute
    for shown in (".part--in-brief", ".key-facts", "#urgent", ".site-footer__print"):
        assert page.locator(shown).first.is_visible(), shown
    assert not page.locator("#whole-page").is_visible()
    named = page.eval_on_selector_all(
        ".key-facts .ref a, .part--in-brief .ref a, .urgent .ref a",
        "links => [...new Set(links.map((link) => link.hash.slice(1)))]",
    )
    printed = page.eval_on_selector_all(
        ".sources__source",
        "sources => sources.filter((source) => source.checkVisibility()).map((source) => source.id)",
    )
    assert sorted(printed) == sorted(named) != []
    assert len(sheets(page)) <= 2
    # and afterwards the page prints whole again
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#whole-page").is_visible()
    assert page.locator(".sources__source").last.is_visible()


@pytest.mark.parametrize("path", [TREATMENT, ANSWER, COMPARISON])
def test_the_button_prints_the_page_whole(site, page, path):
    page.goto(site + path)
    paper(page, "Print this page")
    page.emulate_media(media="print")
    if path == TREATMENT:
        assert page.locator("#whole-page").is_visible()
    assert not page.locator(".print-buttons").is_visible()


def test_the_first_sheet_is_the_page_in_one_minute(site, browser):
    """Also for whoever has no script, and no buttons: they print sheet 1 from the browser's menu."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + TREATMENT)
    assert page.locator(".print-buttons button:visible").count() == 0
    assert page.get_by_text("On paper, the first sheet is the page in one minute.").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#whole-page").evaluate("e => getComputedStyle(e).breakBefore") == "page"
    # on Letter, less its margins, at 96 pixels to the inch
    page.set_viewport_size({"width": round((215.9 - 28) / 25.4 * 96), "height": 900})
    ends = page.locator("section.urgent").evaluate("e => e.getBoundingClientRect().bottom + scrollY")
    assert ends <= (279.4 - 26) / 25.4 * 96
    context.close()

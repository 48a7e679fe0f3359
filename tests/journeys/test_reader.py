"""A reader with a phone, with a keyboard, without JavaScript, in the dark: one page of each template."""

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "overview": "/treatments/",
    "treatment": "/treatments/hyperhidrosis/",
    "compare": "/treatments/compare/?with=hyperhidrosis&with=jowls",
    "answers": "/blog/",
    "answer": "/blog/medical-uses-of-botox/",
    "policy": "/privacy/",
    "about": "/about/",
    "rules": "/how-we-write/",
    "contact": "/contact/",
    "testimonials": "/testimonials/",
    "accreditations": "/accreditations/",
    "search": "/search/?q=sweaty+hands",
    "nothing found": "/search/?q=xylophone",
    "refer": "/refer-a-friend/",
    "history": "/treatments/hyperhidrosis/history/",
    "old edition": "/treatments/hyperhidrosis/history/1/",
    "not found": "/nothing-here/",
}
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def violations(page) -> list[str]:
    """What axe finds, as "rule: element"."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_its_promises_to_every_reader(site, browser, name, width):
    # given a reader with this screen
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light")
    page, complaints, hosts = context.new_page(), [], set()
    page.on(
        "console",
        lambda m: (
            complaints.append(m.text) if m.type in ("error", "warning") and "404" not in m.text else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    # when they open the page, in either theme
    page.goto(site + PAGES[name])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # then nothing stands in their way
        assert violations(page) == []
    # and nothing was asked elsewhere, and nothing was left on their machine
    assert complaints == []
    assert hosts == {urlsplit(site).netloc}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {cookie["name"] for cookie in context.cookies()} <= ({"csrftoken"} if name == "contact" else set())
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_javascript(site, browser, name):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site + PAGES[name])
    assert page.locator("h1").count() == 1
    assert len(page.locator("main").inner_text()) > 100
    context.close()


def test_a_worried_person_finds_how_long_it_lasts(site, browser):
    # given somebody with a phone, without JavaScript, who knows no medical word
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site)
    # when they type what they have
    page.locator("main input[name=q]").fill("sweaty hands")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    # then the first result is the page for it, and the page says how long, with its source
    with page.expect_navigation():
        page.locator(".results__title a").first.click()
    assert "sweating" in page.locator("h1").inner_text().lower()
    page.goto(f"{site}/treatments/hyperhidrosis/")
    fact = page.locator(".key-facts__fact--lasts")
    assert "months" in fact.inner_text()
    number = fact.locator("sup a").first
    number.click()
    assert page.locator(number.get_attribute("href")).is_visible()
    context.close()


def test_a_message_goes_out_by_keyboard_alone(site, browser):
    # given somebody who uses no mouse
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/contact/")
    # when they send the form with a fault in it
    page.get_by_label("Your name").focus()
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    page.keyboard.type("not an address")
    page.get_by_label("Your message").focus()
    page.keyboard.type("Do you have a lift?")
    page.get_by_role("button", name="Send the message").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    # then the list of faults has the focus, leads to the field, and nothing typed is lost
    assert page.evaluate("document.activeElement.classList.contains('error-summary')")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "email"
    assert page.get_by_label("Your message").input_value() == "Do you have a lift?"
    # and mended, it goes, with a reference
    page.get_by_label("Your e-mail address").fill("ann@example.com")
    page.get_by_role("button", name="Send the message").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact/sent/**")
    reference = parse_qs(urlsplit(page.url).query)["reference"][0]
    assert reference in page.locator("main").inner_text()
    context.close()


def test_the_first_key_skips_to_the_text(site, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/treatments/hyperhidrosis/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()


@pytest.mark.parametrize(
    ("path", "kilobytes"),
    [
        ("/treatments/chronic-migraine/", 100),
        ("/", 90),
        ("/treatments/", 90),
        ("/blog/medical-uses-of-botox/", 90),
    ],
)
def test_the_first_view_of_a_page_is_light_and_stands_still(site, browser, path, kilobytes):
    """Bytes as they travel: the page, its style, its script, its typefaces, its icon.

    Nothing that has been shown moves by itself.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => {
            for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    travelled, asked = [], []
    client.on("Network.loadingFinished", lambda event: travelled.append(event["encodedDataLength"]))
    client.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    page.goto(site + path, wait_until="networkidle")
    assert len(asked) <= 12
    assert sum(travelled) <= kilobytes * 1024, f"{sum(travelled)} bytes: {asked}"
    assert page.evaluate("window.moved") == 0
    context.close()

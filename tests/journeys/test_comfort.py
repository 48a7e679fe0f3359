"""What the script adds, and what paper gets: comfort on top of pages that are whole without it."""

import pytest

pytestmark = pytest.mark.browser

TREATMENT, ANSWER = "/treatments/hyperhidrosis/", "/blog/medical-uses-of-botox/"


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def is_shown(page, anchor: str) -> bool:
    return page.locator(f"#{anchor}").evaluate("e => e.checkVisibility({ contentVisibilityAuto: true })")


def test_a_treatment_is_read_in_one_minute_or_whole(site, phone):
    # given a reader with one minute
    phone.goto(site + TREATMENT)
    button = phone.get_by_role("button", name="The rest of the page")
    assert button.get_attribute("aria-expanded") == "true"
    # when they choose it
    phone.get_by_role("link", name="In one minute").first.click()
    # then the rest is folded away, but never what to do in an emergency, the sources or the name that stands behind it
    assert button.get_attribute("aria-expanded") == "false"
    assert not is_shown(phone, "side-effects")
    for anchor in ("in-brief", "urgent", "sources", "review"):
        assert is_shown(phone, anchor)
    # and the button, a link of the contents list, and a search in the page open it again
    button.press("Enter")
    assert is_shown(phone, "side-effects")
    button.press("Enter")
    phone.locator(".contents__title").click()
    phone.locator(".contents a[href='#side-effects']").click()
    assert is_shown(phone, "side-effects")
    assert button.get_attribute("aria-expanded") == "true"
    # and nothing of it is remembered
    assert phone.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_the_contents_list_is_folded_on_a_phone_and_follows_the_reader_beside_the_text(site, browser, phone):
    phone.goto(site + TREATMENT)
    assert not phone.locator(".contents__list").is_visible()
    phone.locator(".contents__title").press("Enter")
    assert phone.locator(".contents__list").is_visible()
    for scripts in (True, False):
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, java_script_enabled=scripts, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(site + TREATMENT)
        assert page.locator(".contents__list").is_visible()
        if scripts:
            page.locator("#side-effects").evaluate("e => e.scrollIntoView()")
            page.wait_for_selector(".contents a[href='#side-effects'][aria-current]")
            assert page.locator(".contents [aria-current]").count() == 1
        context.close()


def test_without_a_script_no_button_stands_there_that_would_do_nothing(site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for path in (TREATMENT, ANSWER, "/treatments/compare/"):
        page.goto(site + path)
        for name in ("The rest of the page", "Copy the link", "Share…"):
            assert not page.get_by_role("button", name=name).is_visible()
    page.goto(site + TREATMENT)
    page.get_by_role("link", name="The whole page").click()
    assert page.url.endswith("#what-it-is")
    context.close()


@pytest.mark.parametrize("path", [TREATMENT, ANSWER])
def test_the_link_is_copied_and_shared(site, phone, path):
    # given a device that can share
    phone.add_init_script("navigator.share = async (what) => { window.shared = what; }")
    phone.goto(site + path)
    # when they copy and share
    phone.get_by_role("button", name="Copy the link").click()
    phone.get_by_text("The link is copied.").wait_for()
    phone.get_by_role("button", name="Share…").click()
    # then it's the page's own address, both times
    assert phone.evaluate("navigator.clipboard.readText()") == site + path
    shared = phone.evaluate("window.shared")
    assert shared["url"] == site + path
    assert shared["title"] == phone.locator("h1").inner_text()


def test_a_device_that_cannot_share_has_no_button_for_it(site, phone):
    phone.add_init_script("delete Navigator.prototype.share")
    phone.goto(site + ANSWER)
    assert phone.get_by_role("button", name="Copy the link").is_visible()
    assert not phone.get_by_role("button", name="Share…").is_visible()


def test_the_picker_says_when_no_more_fit(site, phone):
    phone.goto(site + "/treatments/compare/")
    boxes = phone.locator(".choose input[type=checkbox]")
    for n in range(3):
        boxes.nth(n).check()
    assert "3 of 4 chosen" in phone.locator(".choose [role=status]").inner_text()
    assert phone.locator(".choose input:disabled").count() == 0
    boxes.nth(3).check()
    assert "as many as fit" in phone.locator(".choose [role=status]").inner_text()
    assert phone.locator(".choose input:disabled").count() == boxes.count() - 4
    boxes.nth(0).uncheck()
    assert phone.locator(".choose input:disabled").count() == 0


@pytest.mark.parametrize(("path", "edition"), [(TREATMENT, "edition 1"), (ANSWER, "edition 1")])
def test_on_paper(site, browser, path, edition):
    # given a page as a printer gets it, from a reader who reads in the dark
    context = browser.new_context(viewport={"width": 720, "height": 960}, color_scheme="dark")
    page = context.new_page()
    page.goto(site + path)
    page.emulate_media(media="print")
    # then what is for the screen is gone
    for gone in (".site-header__nav", ".crumbs", ".share", ".skip-link", ".site-footer__links"):
        assert not page.locator(gone).first.is_visible(), gone
    # and what paper needs is there: sources with their addresses, the edition, where it was printed from
    assert page.locator("#sources").is_visible()
    line = page.locator(".site-footer__print")
    assert site + path in line.inner_text()
    assert edition in line.inner_text()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # and every table that is folded on the screen lies open
    for table in page.locator("main details table").all():
        assert table.evaluate("e => e.checkVisibility({ contentVisibilityAuto: true }) && e.getBoundingClientRect().height > 20")
    context.close()

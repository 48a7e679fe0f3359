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
    # given a reader with a phone, who meets the page in one minute
    phone.goto(site + TREATMENT)
    button = phone.locator(".expand-all__button")
    assert button.get_attribute("aria-expanded") == "false"
    assert phone.locator(".length-switch [aria-current]").inner_text() == "In one minute"
    # then the rest is folded away, but never what to do in an emergency, or the name that stands behind it
    assert phone.evaluate("document.documentElement.scrollHeight") < 12 * 844
    for anchor in ("side-effects", "who-should-not", "sources"):
        assert not is_shown(phone, anchor)
        assert is_shown(phone, f"{anchor}-title")
    for anchor in ("in-brief", "urgent", "review-title"):
        assert is_shown(phone, anchor)
    # and a heading, the contents list and the address of a part open that part and no other
    phone.locator("#side-effects-title").click()
    assert is_shown(phone, "side-effects")
    phone.locator(".contents__title").click()
    phone.locator(".contents a[href='#timing']").click()
    assert is_shown(phone, "timing")
    phone.goto(site + TREATMENT + "?#who-should-not")
    assert is_shown(phone, "who-should-not")
    assert not is_shown(phone, "side-effects")
    # and one press opens all of them, another folds them
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert phone.locator(".length-switch [aria-current]").inner_text() == "The whole page"
    assert is_shown(phone, "licence")
    phone.get_by_role("link", name="In one minute").first.click()
    assert not is_shown(phone, "licence")
    phone.get_by_role("link", name="The whole page").click()
    assert is_shown(phone, "licence")
    # and nothing of it is remembered
    assert phone.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_where_there_is_room_the_whole_page_lies_open(site, browser, scripts):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(site + TREATMENT)
    for anchor in ("what-it-is", "side-effects", "licence", "sources"):
        assert is_shown(page, anchor)
    context.close()


def test_without_a_script_a_part_opens_by_its_heading_and_by_its_address(site, browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(site + TREATMENT)
    assert not is_shown(page, "benefits")
    page.locator("#benefits-title").click()
    assert is_shown(page, "benefits")
    page.goto(site + TREATMENT + "?#side-effects")
    assert is_shown(page, "side-effects")
    assert page.locator("#side-effects-title").bounding_box()["y"] < 844 / 2
    context.close()


def test_without_a_script_a_treatment_is_read_in_one_minute_or_whole(site, browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(8000)
    page.goto(site + TREATMENT)
    # the whole page: each part, the licences and the sources
    page.get_by_role("link", name="The whole page").click()
    parts = page.locator("main .part__body:not(#review)")
    assert parts.count() > 10
    assert all(
        part.evaluate("e => e.checkVisibility({ contentVisibilityAuto: true })") for part in parts.all()
    )
    assert page.locator(".length-switch [aria-current]").inner_text() == "The whole page"
    # it stays whole where the reader goes on in it, and a part can be folded
    page.locator("#in-brief ~ .prose .ref a").first.click()
    assert is_shown(page, "side-effects")
    page.locator("#timing-title").click()
    assert not is_shown(page, "timing")
    # and back to one minute
    page.goto(site + TREATMENT + "?whole")
    page.get_by_role("link", name="In one minute").first.click()
    assert page.url == site + TREATMENT + "#in-brief"
    assert not is_shown(page, "side-effects")
    assert is_shown(page, "in-brief")
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
@pytest.mark.parametrize("path", [TREATMENT, ANSWER])
def test_a_source_comes_to_the_reader_and_goes_again(site, browser, path, scripts):
    # given somebody who reads on
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=scripts, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(site + path)
    number = page.locator(".part .ref a:visible").nth(2)
    number.scroll_into_view_if_needed()
    place = number.bounding_box()
    # when they touch the number of a source
    number.click()
    # then the source lies before them, and the text stands where it stood
    source = page.locator(number.get_attribute("href"))
    assert source.is_visible()
    assert source.bounding_box()["y"] + source.bounding_box()["height"] <= 844
    assert number.bounding_box() == place
    # and when they close it, it is gone, and the text still stands there
    source.get_by_role("link", name="Close, and read on").click()
    assert page.locator(".sources__source:target").count() == 0
    assert number.bounding_box() == place
    if scripts:
        assert number.evaluate("e => e === document.activeElement")
        number.press("Enter")
        assert page.locator(".sources__source:target").count() == 1
        page.keyboard.press("Escape")
        assert page.locator(".sources__source:target").count() == 0
        assert number.evaluate("e => e === document.activeElement")
    context.close()


def test_every_number_of_a_source_is_easy_to_touch(site, phone):
    phone.goto(site + TREATMENT)
    phone.locator(".expand-all__button").click()
    # what is touched is the number with the field around it
    fields = phone.evaluate(
        """[...document.querySelectorAll(".ref a")].filter((link) => link.checkVisibility()).map((link) => {
            const box = link.getBoundingClientRect(), field = getComputedStyle(link, "::after");
            return [parseFloat(field.width), parseFloat(field.height), box.x, box.y, box.width];
        })"""
    )
    assert len(fields) > 50
    assert min(width for width, *_ in fields) >= 28
    assert min(height for _, height, *_ in fields) >= 32
    # and two numbers never run into one
    for (*_, x, y, width), (*_, next_x, next_y, _) in zip(fields, fields[1:], strict=False):
        assert next_y != y or next_x < x or next_x - (x + width) >= 4


def test_the_way_to_help_stands_under_the_title(site, phone):
    for path in (TREATMENT, "/treatments/"):
        phone.goto(site + path)
        link = phone.locator("a.urgent-link__to")
        assert link.bounding_box()["y"] + link.bounding_box()["height"] < 844
        link.click()
        heading = phone.locator("#urgent").bounding_box()
        assert 0 <= heading["y"] < 844 / 2
    # the emergency number, the clinic's, and where side effects are reported
    assert phone.locator(".urgent a[href^='tel:']").count() == 3


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
        for name in ("Open every part", "Copy the link", "Share…"):
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
    boxes = phone.locator(".compare-form input[type=checkbox]")
    for n in range(3):
        boxes.nth(n).check()
    assert "3 of 4 chosen" in phone.locator(".compare-form [role=status]").inner_text()
    assert phone.locator(".compare-form input:disabled").count() == 0
    boxes.nth(3).check()
    assert "as many as fit" in phone.locator(".compare-form [role=status]").inner_text()
    assert phone.locator(".compare-form input:disabled").count() == boxes.count() - 4
    boxes.nth(0).uncheck()
    assert phone.locator(".compare-form input:disabled").count() == 0


@pytest.mark.parametrize(("path", "edition"), [(TREATMENT, "edition 1"), (ANSWER, "edition 1")])
def test_on_paper(site, browser, path, edition):
    # given a page as a printer gets it, from a reader who reads in the dark
    context = browser.new_context(viewport={"width": 720, "height": 960}, color_scheme="dark")
    page = context.new_page()
    page.goto(site + path)
    page.emulate_media(media="print")
    # then what is for the screen is gone
    for gone in (".site-header__nav", ".breadcrumbs", ".share", ".skip-link", ".site-footer__links"):
        assert not page.locator(gone).first.is_visible(), gone
    # and what paper needs is there: sources with their addresses, the edition, where it was printed from
    assert page.locator("#sources").is_visible()
    line = page.locator(".site-footer__print")
    assert site + path in line.inner_text()
    assert edition in line.inner_text()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # and every part and every table that is folded on the screen lies open
    for part in page.locator("main .part__fold > :not(summary)").all():
        assert part.evaluate(
            "e => e.checkVisibility({ contentVisibilityAuto: true }) && e.getBoundingClientRect().height > 20"
        )
    for table in page.locator("main details table").all():
        assert table.evaluate(
            "e => e.checkVisibility({ contentVisibilityAuto: true }) && e.getBoundingClientRect().height > 20"
        )
    context.close()

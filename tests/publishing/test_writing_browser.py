"""Writing in a real browser, under the site's security policy: claims as chips, words that a closed tab would have lost."""

import re
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import running

pytestmark = pytest.mark.browser
PASSWORD = "a passphrase for trying"
EDITOR = "#sections-group .ProseMirror:visible"


@pytest.fixture(scope="module")
def site():
    with running.filled(STARTER_PASSWORD=PASSWORD) as (env, port):
        address = env["SITE_URL"]
        with running.serving([sys.executable, "manage.py", "serve", "--port", str(port)], env, f"{address}/healthz"):
            yield address


@pytest.fixture
def page(browser, site):
    page = browser.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{site}/admin/login/?next=/admin/treatments/treatment/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.click("#result_list tbody th a >> nth=0")
    page.locator(EDITOR).first.wait_for()
    yield page
    page.close()


def text_of(page) -> str:
    return re.sub(r"</?span[^>]*>", "", page.locator("#sections-group textarea[name='sections-0-body']").input_value())


def test_a_claim_is_found_and_put_in_by_keyboard_alone(page):
    before = text_of(page)
    page.locator(".chip--checked").first.wait_for(state="attached")  # claims that stand in the text are chips already
    page.locator(EDITOR).first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" It is said that [[sweat")
    rows = page.locator(".claim-list:not([hidden]) [role=option]")
    rows.first.wait_for()
    key = rows.nth(1).locator(".claim-list__source").inner_text().split(" · ")[0]
    page.keyboard.press("ArrowDown")
    assert rows.nth(1).get_attribute("aria-selected") == "true"
    assert page.locator(EDITOR).first.get_attribute("aria-activedescendant") == rows.nth(1).get_attribute("id")
    page.keyboard.press("Enter")
    page.keyboard.type(" and [[no-such-claim]] and ((24 hours)).")
    page.locator(".chip--unknown", has_text="no claim has this key").wait_for()
    assert text_of(page) != before
    assert f"It is said that [[{key}]] and [[no-such-claim]] and ((24 hours))." in text_of(page)
    assert page.locator(".practical").count()
    assert page.complaints == []


def test_the_editor_has_no_fault_that_axe_finds(page):
    page.locator(".chip--checked").first.wait_for(state="attached")
    found = (
        Axe()
        .run(page, context="#sections-group .prose-editor", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        .response["violations"]
    )
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []


def test_words_of_a_closed_tab_are_offered_back_and_the_checks_follow_what_is_typed(page, site):
    address = page.url
    page.locator(EDITOR).first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" It lasts for three months.")
    page.locator(".checks__of", has_text="what you have typed").wait_for()
    page.locator(".checks", has_text="It lasts for three months.").wait_for(state="attached")
    # the session lapses and the page is left: nothing was sent
    page.context.clear_cookies(name=re.compile("session"))
    page.goto(f"{site}/admin/login/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.goto(address)
    page.locator(".unsaved", has_text="never saved").wait_for()
    page.locator(EDITOR).first.wait_for()
    page.click("text=Put them back")
    assert "It lasts for three months." in text_of(page)
    # preview saves them first
    page.click("[name=_then_preview]")
    page.wait_for_url("**/preview/")
    page.goto(address)
    assert "It lasts for three months." in text_of(page)
    assert not page.locator(".unsaved").count()

"""The editor of the admin in a real browser, under the security policy of the site as it is served."""

import pytest
from django.conf import settings

from clinic_site.publishing.admin.actions import MomentForm
from tests.running import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def test_an_editor_writes_and_the_browser_has_nothing_to_say_against_it(site, page):
    # given an editor in front of a draft
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/admin/login/?next=/admin/treatments/treatment/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.click("#result_list tbody th a >> nth=0")
    # when they type into the first part, in bold too, choose a claim and add a part
    page.wait_for_selector(".ProseMirror:visible")
    page.locator(".ProseMirror:visible").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Plain and ")
    page.keyboard.press("Control+b")
    page.keyboard.type("bold words.")
    page.click("#roles-group summary")
    page.click("#roles-group .add-row a")
    rows = page.locator("#roles-group tr.dynamic-roles")
    rows.last.locator("select").first.select_option("benefit")
    rows.last.locator(".select2-selection").click()
    page.keyboard.type("sweat")
    page.locator(".select2-results__option--highlighted").wait_for()
    page.keyboard.press("Enter")
    page.click("#sections-group .add-row a")
    part = page.locator("#sections-group .dynamic-sections").last
    part.locator("input[name$=heading]").fill("One more thing")
    part.locator(".ProseMirror:visible").click()
    page.keyboard.type("Said here.")
    page.click(".draft-bar button[name=_continue]")
    # then it is saved, and the page broke no rule of its security policy
    page.wait_for_selector(".messagelist .success")
    page.wait_for_selector(".ProseMirror:visible")
    assert "Plain and <strong>bold words.</strong>" in page.locator(".ProseMirror:visible").first.inner_html()
    assert page.locator("input[value='One more thing']").count() == 1
    page.click("[name=_then_preview]")
    for look in ("On a phone", "On paper", "On a desktop"):
        framed = page.frame_locator(f"iframe[title='{look}']")
        framed.locator(".preview").wait_for(state="attached")
        assert framed.locator(".preview").inner_text().startswith("Preview: not signed")
        assert framed.get_by_role("heading", name="One more thing").count() == 1
    assert complaints == []


def test_a_time_that_nobody_wants_is_not_in_the_keyboards_way(page):
    # given the form that asks when, and its button
    script = (settings.BASE_DIR / "static/js/admin.js").read_text()
    page.set_content(f"<form>{MomentForm(row=None, by=None).as_div()}<button>Sign</button></form>")
    moment = page.get_by_label("From", exact=True)
    assert moment.is_enabled()  # without a script
    page.add_script_tag(content=script, type="module")
    # when "at once" is chosen, then one key leads from there to the button
    page.get_by_label("At once").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Sign"
    assert moment.is_disabled()
    # and a time is asked for once it's wanted
    page.get_by_label("From a time that I choose").check()
    assert moment.is_enabled()
    page.get_by_label("At once").check()
    assert moment.is_disabled()

"""The first page of the admin in a real browser: on a phone, by keyboard, and without its script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.running import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(browser, site):
    """The first page as somebody sees it who has just signed in."""
    contexts = []

    def sign_in(role: str, width: int, **choices):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **choices))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on(
            "console",
            lambda message: page.complaints.append(message.text) if message.type == "error" else None,
        )
        page.goto(f"{site}/admin/")
        page.fill("#id_username", f"{role}@clinic.example")
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.get_by_role("heading", name="To do").wait_for()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def test_on_a_phone_it_is_cards_with_the_rooms_folded_below(opened):
    page = opened("editor", 360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    button = page.locator(".task__button").first
    assert button.bounding_box()["height"] >= 44
    assert button.bounding_box()["width"] > 250
    rooms = page.locator(".all-sections")
    assert not rooms.get_by_role("link", name="Claims", exact=True).is_visible()
    # by keyboard: the first button leads to the form where it's done
    rooms.locator("summary").focus()
    page.keyboard.press("Enter")
    assert rooms.get_by_role("link", name="Claims", exact=True).is_visible()
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    assert page.complaints == []


def test_without_its_script_nothing_is_folded_away(opened):
    page = opened("manager", 360, java_script_enabled=False)
    assert page.locator(".all-sections").get_by_role("link", name="Claims", exact=True).is_visible()
    queues = page.locator(".work-queue").all()
    assert queues
    assert all(queue.locator(".task__button").first.is_visible() for queue in queues)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing(opened, width, scheme):
    page = opened("manager", width, color_scheme=scheme)
    for address in ("", "mail-and-calendar/"):
        page.goto(page.url.partition("/admin/")[0] + f"/admin/{address}")
        found = Axe().run(page).response["violations"]
        assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []


def test_a_calendar_address_is_made_and_copied(opened):
    page = opened("desk", 390)
    page.locator("summary", has_text="Sample Front Desk").click()
    page.get_by_role("link", name="Mail and calendar").click()
    page.get_by_role("button", name="Make an address").click()
    field = page.get_by_label("Your calendar’s address")
    address = field.input_value()
    assert page.context.request.get(address).text().startswith("BEGIN:VCALENDAR")
    page.get_by_role("button", name="Copy").click()
    assert field.evaluate("field => field.selectionEnd - field.selectionStart") == len(address)
    page.get_by_role("button", name="Replace the address").click()
    page.locator(".messagelist .success").wait_for()
    assert field.input_value() != address
    assert page.context.request.get(address).status == 404
    assert page.evaluate("document.documentElement.scrollWidth") == 390

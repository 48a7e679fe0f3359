"""The form of a picture in a real browser, under the site's security policy: what is wrong is said before
anything is sent.
"""

from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as Pixels

from tests.running import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, site):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{site}/admin/login/?next=/admin/publishing/picture/add/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#id_file")
    yield page
    page.close()


def chosen(page, data: bytes, name="wall.jpg") -> str:
    page.set_input_files("#id_file", {"name": name, "mimeType": "image/jpeg", "buffer": data})
    page.locator(".cuts__point, #id_file:invalid").first.wait_for()
    return page.eval_on_selector("#id_file", "file => file.validationMessage")


def photograph() -> bytes:
    out = BytesIO()
    whole = Pixels.new("RGB", (1600, 800), "#2a7")
    whole.paste("#c33", (0, 0, 400, 800))
    whole.save(out, "JPEG")
    return out.getvalue()


def colour_in_the_middle(page, place: str) -> list[int]:
    canvas = page.locator(f"{place} canvas")
    return canvas.evaluate(
        "c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data].slice(0, 3)"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"<svg/>", "isn’t a picture"), (b"x" * (26 * 1024**2), "26 MB")],
    ids=["empty", "svg", "big"],
)
def test_a_file_that_cannot_be_taken_is_said_as_soon_as_it_is_chosen(page, data, said):
    assert said in chosen(page, data)


def test_a_point_is_pressed_and_the_file_is_sent_once(page):
    assert chosen(page, photograph()) == ""
    red, green, _ = colour_in_the_middle(page, "[data-name='The piece for lists']")
    assert green > red
    whole = page.locator("[data-whole] canvas")
    box = whole.bounding_box()
    whole.click(position={"x": box["width"] * 0.05, "y": box["height"] * 0.5})
    assert page.input_value("#id_focus_x") == "5"
    assert abs(int(page.input_value("#id_focus_y")) - 50) <= 1
    left = page.locator(".cuts__point").evaluate("point => point.style.insetInlineStart")
    assert left == "5%"
    # what is missing keeps the form, and the file in it, in the browser
    page.click("[name=_continue]")
    assert page.url.endswith("/add/")
    page.fill("#id_alt", "A wall")
    page.check("[name=shows_person][value=True]")
    page.click("[name=_continue]")
    assert "written consent" in page.eval_on_selector("#id_consent", "field => field.validationMessage")
    page.fill("#id_consent", "Sample Person, in writing")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/add/"))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.complaints == []


def test_the_form_has_no_fault_that_axe_finds(page):
    chosen(page, photograph())
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, context="#content", options=options).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []


def test_what_is_too_much_stays_in_the_form(page, site):
    page.goto(f"{site}/admin/publishing/urgenthelp/")
    page.evaluate("document.querySelector('#id_signs').value = 'é'.repeat(3 * 1024 ** 2)")
    address = page.url
    page.click("[name=_save]")
    page.locator(".form-too-large", has_text="Nothing was sent").wait_for()
    assert page.url == address
    assert page.eval_on_selector("#id_signs", "field => field.value.length") == 3 * 1024**2
    page.fill("#id_signs", "Trouble breathing")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist")

"""Somebody compares treatments: on a phone, at a desk, with too many, with none, with no script."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

THREE = "/treatments/compare/?with=hyperhidrosis&with=tmj-pain&with=jowls"


@pytest.fixture
def opened(site, browser):
    made = []

    def open_at(path: str, width: int, scripts: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=scripts, reduced_motion="reduce"
        )
        made.append(context)
        page = context.new_page()
        page.goto(site + path)
        return page

    yield open_at
    for context in made:
        context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_from_the_choice_to_the_answer(opened, scripts):
    # given somebody with a phone
    page = opened("/treatments/compare/", 390, scripts)
    # when they choose two and send
    for name in ("Heavy sweating", "Jowls"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**with=jowls**")
    # then the answer lies before them, and the choice is kept
    assert page.url.endswith("#side-by-side")
    heading = page.locator("#side-by-side")
    heading.wait_for()
    assert 0 <= heading.bounding_box()["y"] < 844 / 2
    assert page.locator(".compare-form input:checked").count() == 2


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_nothing_chosen(opened, scripts):
    page = opened("/treatments/compare/", 390, scripts)
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Nothing is chosen yet.").wait_for()


def test_too_many_without_a_script_and_then_with_one(opened):
    # given somebody without a script, who ticks five
    page = opened("/treatments/compare/", 390, False)
    boxes = page.locator(".compare-form input")
    for n in range(5):
        boxes.nth(n).check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**with=**")
    # then four are shown, it says so, and all five ticks are still there
    assert page.get_by_text("You chose 5, and 4 fit.").is_visible()
    assert page.locator(".comparison__table thead th").count() == 4
    assert page.locator(".compare-form input:checked").count() == 5
    # and the script, where there is one, says how many to let go
    other = opened("/treatments/compare/?" + urlsplit(page.url).query, 390)
    assert "5 chosen, and 4 fit. Let 1 go." in other.locator(".compare-form [role=status]").inner_text()
    other.locator(".compare-form input:checked").first.uncheck()
    assert "as many as fit" in other.locator(".compare-form [role=status]").inner_text()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_on_a_narrow_screen_nothing_scrolls_sideways_and_each_answer_says_whose_it_is(opened, width):
    page = opened(THREE, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.querySelectorAll('main *')].every((e) => e.scrollWidth <= innerWidth)")
    names = page.locator(".comparison__whose")
    assert names.count() == 3 * 12
    assert all(name.is_visible() for name in names.all())
    # half way down a long answer, its question and its name are in sight
    cell = page.locator("tbody tr", has_text="Side effects").first.locator("td").nth(1)
    cell.evaluate(
        "e => scrollTo(0, e.getBoundingClientRect().top + scrollY + e.getBoundingClientRect().height / 2 - "
        "60)"
    )
    question = page.locator("tbody tr", has_text="Side effects").first.locator("th").bounding_box()
    name = cell.locator(".comparison__whose").bounding_box()
    assert question["y"] == pytest.approx(0, abs=1)
    assert question["y"] + question["height"] - 8 <= name["y"] < 120


def test_with_room_the_names_stay_above_their_columns(opened):
    page = opened(THREE, 1280)
    assert page.locator(".comparison__whose:visible").count() == 0
    page.locator("tbody tr", has_text="Rare but serious").first.evaluate(
        "e => e.scrollIntoView({ block: 'center' })"
    )
    heads = page.locator(".comparison__table thead th")
    assert all(head.bounding_box()["y"] == pytest.approx(0, abs=2) for head in heads.all())
    # and a cell stands under its name
    for n, cell in enumerate(page.locator("tbody tr", has_text="Rare but serious").first.locator("td").all()):
        assert cell.bounding_box()["x"] == pytest.approx(heads.nth(n).bounding_box()["x"], abs=1)

"""The form of a draft in a real browser: the checks beside it, plainer words by one press, and no fault that
axe finds.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import running
from tests.running import PASSWORD

pytestmark = pytest.mark.browser
EDITOR = "#sections-group .ProseMirror:visible"
TEXT = "#sections-group textarea[name='sections-0-body']"
# Django's own sheets import one another, which axe would fetch again and the page's policy refuse
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
}
OPEN_ALL = "for (const fold of document.querySelectorAll('#content details')) fold.open = true"
# one claim that changed after it was checked, and one that is stopped
STATES = """
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Stop
from clinic_site.accounts.models import User
changed, stopped = Claim.objects.order_by("key")[:2]
changed.sentence += " So it is."
changed.save()
Stop.say(stopped, by=User.objects.get(email="clinician@clinic.example"), because="Wrong.")
"""


@pytest.fixture(scope="module")
def site():
    with running.site(STATES) as address:
        yield address


@pytest.fixture(scope="module")
def session(browser, site):
    """An editor who signed in, and where their first treatment and answer are."""
    page = browser.new_page()
    page.goto(f"{site}/admin/login/?next=/admin/treatments/treatment/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    first = [page.locator("#result_list tbody th a").first.get_attribute("href")]
    page.goto(f"{site}/admin/blog/answer/")
    first.append(page.locator("#result_list tbody th a").first.get_attribute("href"))
    state = page.context.storage_state()
    page.context.close()
    return state, first


def faults(page) -> list[str]:
    page.evaluate(OPEN_ALL)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "dark"), (360, "light"), (1280, "dark"), (1280, "light")]
)
def test_the_forms_of_drafts_have_no_fault_that_axe_finds(browser, site, session, width, scheme):
    state, first = session
    context = browser.new_context(
        storage_state=state, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    for address in (*first, "/admin/treatments/treatment/add/", "/admin/blog/answer/add/"):
        page.goto(f"{site}{address}")
        if address in first:
            page.locator(".chip--checked").first.wait_for(state="attached")
        assert (address, faults(page)) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    context.close()


@pytest.fixture
def page(browser, site, session):
    state, first = session
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{site}{first[0]}")
    page.locator(EDITOR).first.wait_for()
    yield page
    assert page.complaints == []
    context.close()


def write(page, words: str) -> None:
    """Type at the end of the first part, and wait for the checks."""
    page.locator(EDITOR).first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    page.locator("#checks", has_text=words.strip().split(". ")[0]).wait_for(state="attached")


def test_the_checks_stay_in_view_and_a_plainer_word_is_put_in_by_one_press(page):
    write(page, " We administer it. It lasts for three months.")
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    box = page.locator("#checks").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 800
    assert "to fix" in page.locator("[data-marks='sections-0']").inner_text()
    said = page.locator("[data-checks-said]")
    assert "to fix" in said.text_content()
    page.click("details[data-rule='plainer-word'] summary")
    page.click("[data-swap='administer']")
    assert "We give it. It lasts" in page.locator(TEXT).input_value()
    assert "“administer” is “give” now" in said.text_content()
    page.locator("details[data-rule='plainer-word']").wait_for(state="detached")
    # a finding leads to its field, and to the sentence in it
    page.click(".finding--stops a >> nth=0")
    assert (
        page.evaluate("document.activeElement.closest('.prose-editor').querySelector('textarea').name")
        == "sections-0-body"
    )
    assert "three months" in page.evaluate("getSelection().toString()")


def test_on_a_phone_the_checks_are_a_bar_that_opens_and_leads_into_a_folded_part(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    page.locator(EDITOR).first.wait_for()
    write(page, " It lasts for three months.")
    assert page.locator(".checks__body").is_hidden()
    page.click(".part__summary >> nth=0")
    assert page.locator(EDITOR).count() == 0
    page.click("#checks > summary")
    page.click(".finding--stops a >> nth=0")
    assert page.locator(".checks__body").is_hidden()
    assert page.locator(EDITOR).first.is_visible()
    for name in ("_continue", "_then_preview", "_then_submit"):
        assert page.locator(f"button[name={name}]:visible").count() == 1
        box = page.locator(f".draft-bar button[name={name}]").bounding_box()
        assert box["y"] > 600
        assert box["height"] >= 44


def test_chips_of_claims_that_may_not_be_read_look_different_and_say_so(page, site):
    claims = page.request.get(f"{site}/admin/publishing/claim-search/?q=").json()["claims"]
    keys = {claim["state"]: claim["key"] for claim in claims}
    page.locator(EDITOR).first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(f" [[{keys['unchecked']}]] [[{keys['stopped']}]]")
    page.locator(".chip--unchecked", has_text="not checked yet").wait_for()
    page.locator(".chip--stopped", has_text="stopped: patients don’t read it").wait_for()
    look = "(e) => [getComputedStyle(e).borderStyle, getComputedStyle(e).backgroundColor].join()"
    states = ("checked", "unchecked", "stopped")
    assert len({page.locator(f".chip--{state}").first.evaluate(look) for state in states}) == 3

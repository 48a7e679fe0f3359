"""Nothing typed is lost: second tabs, closed tabs, failed checks, lapsed sessions and two people, in a real
browser.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import running

pytestmark = pytest.mark.browser
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


@pytest.fixture
def contexts(browser):
    made = []

    def make(**how):
        made.append(browser.new_context(**how))
        return made[-1]

    yield make
    for context in made:
        context.close()


def sign_in(context, site, who="editor"):
    page = context.new_page()
    page.goto(f"{site}/admin/login/")
    fill_in(page, who)
    page.locator("#content-main").wait_for()
    return page


def fill_in(page, who="editor"):
    page.fill("#id_username", f"{who}@clinic.example")
    page.fill("#id_password", running.PASSWORD)
    page.click("input[type=submit]")
    page.get_by_text("Log out").wait_for(state="attached")


def first(page, site, model="treatments/treatment"):
    """The address of the first row of a list."""
    page.goto(f"{site}/admin/{model}/")
    page.click("#result_list tbody th a >> nth=0")
    page.wait_for_url("**/change/**")
    return page.url.partition("?")[0]


def summary(page):
    return page.locator("#id_summary")


def typed(page, words):
    summary(page).fill(words)
    page.wait_for_function(f"() => JSON.stringify(Object.values(localStorage)).includes({words!r})")


def keeps(page, count):
    """Wait until the browser keeps so many forms: its script runs a moment after its page shows."""
    page.wait_for_function(f"count => {KEPT}.length === count", arg=count)


def test_two_tabs_each_keep_their_own_and_each_is_offered_with_its_time(contexts, site):
    context = contexts()
    one = sign_in(context, site)
    address = first(one, site)
    two = context.new_page()
    two.goto(address)
    typed(one, "Typed in the first tab.")
    typed(two, "Typed in the second tab.")
    one.close()
    two.close()
    three = context.new_page()
    three.goto(address)
    three.locator(".form-recovery").nth(1).wait_for()
    dated = re.compile(r"You have unsaved changes from \d\d? [A-Z][a-z]+ 20\d\d, \d\d:\d\d\.")
    assert three.locator(".form-recovery", has_text=dated).count() == 2
    kept = three.evaluate(f"{KEPT}.map((key) => Object.fromEntries(JSON.parse(localStorage[key]).fields))")
    texts = [fields["summary"] for fields in kept]
    assert not any(re.search("password|code|csrf", name) for fields in kept for name in fields)
    assert sorted(texts) == ["Typed in the first tab.", "Typed in the second tab."]
    # thrown away only when asked twice, with the words in view
    box = three.locator(".form-recovery").nth(0)
    box.get_by_text("Discard them…").click()
    assert box.get_by_label("Your unsaved changes").input_value() in texts
    box.get_by_text("Discard them…").click()
    keeps(three, 2)
    box.get_by_text("Discard them…").click()
    box.get_by_role("button", name="Discard them").click()
    three.locator(".form-recovery").nth(1).wait_for(state="detached")
    keeps(three, 1)
    three.click("text=Restore them")
    three.locator(".messagelist", has_text="not saved yet").wait_for()
    assert summary(three).input_value() in texts
    assert not three.locator(".form-recovery").count()
    # restored and left: still there
    three.goto(f"{site}/admin/")
    three.goto(address)
    three.click("text=Restore them")
    three.locator(".messagelist", has_text="not saved yet").wait_for()
    # saved: nothing of it stays
    three.click("[name=_continue]:visible")
    three.locator(".messagelist .success").wait_for()
    keeps(three, 0)
    # signed out: nothing stays either
    typed(three, "Typed before signing out.")
    three.click(".account summary")
    three.click("text=Log out")
    three.wait_for_url("**/logout/")
    keeps(three, 0)


def test_words_go_when_somebody_else_signs_in_and_a_failed_check_keeps_them(contexts, site):
    context = contexts()
    page = sign_in(context, site)
    address = first(page, site, "evidence/claim")
    page.locator("#id_sentence").fill("A sentence of a claim that is too new to be saved.")
    keeps(page, 1)
    page.goto(address)
    page.locator(".form-recovery").wait_for()
    # a failed check: they are in the form, and still in the browser
    page.goto(first(page, site))
    page.locator("#id_title").evaluate("box => box.form.noValidate = true")
    typed(page, "Typed beside an empty title.")
    page.locator("#id_title").fill("")
    page.click("[name=_continue]:visible")
    page.locator(".errornote").first.wait_for()
    assert summary(page).input_value() == "Typed beside an empty title."
    again = page.url
    page.close()
    page = context.new_page()
    page.goto(again)
    page.locator(".form-recovery").wait_for()
    assert page.evaluate(KEPT)
    context.clear_cookies()
    page.goto(f"{site}/admin/login/")
    fill_in(page, "manager")
    page.goto(f"{site}/admin/")
    keeps(page, 0)


def test_forms_about_people_keep_nothing(contexts, site):
    page = sign_in(contexts(), site, "manager")
    page.goto(f"{site}/admin/clinic/testimonial/add/")
    page.locator("#id_words").fill("Words of praise.")
    page.locator("#id_said_by").fill("Somebody Real")
    page.wait_for_timeout(1200)
    [kept] = page.evaluate(f"{KEPT}.map((key) => localStorage[key])")
    assert "Words of praise." in kept
    assert "Somebody Real" not in kept
    first(page, site, "accounts/user")
    page.locator("#content-main input[type=text]").first.fill("Somebody Else")
    page.wait_for_timeout(1200)
    page.goto(f"{site}/admin/")
    assert all("/clinic/testimonial/" in key for key in page.evaluate(KEPT))


def test_without_a_script_a_long_draft_sent_after_the_session_ended_is_sent_again(contexts, site):
    context = contexts(java_script_enabled=False)
    page = sign_in(context, site)
    page.goto(first(page, site))
    summary(page).fill("Typed while the session ran out.")
    context.clear_cookies(name="sessionid")
    page.click("[name=_continue]:visible")
    page.locator("text=Your sign-in had run out").wait_for()
    with context.expect_page() as opened:
        page.click("text=Sign in, in another tab")
    fill_in(opened.value)
    page.bring_to_front()
    page.click("input[value=Continue]")
    page.click("input[value='Send it now']")
    page.locator(".messagelist .success").wait_for()
    assert summary(page).input_value() == "Typed while the session ran out."


def test_without_a_script_the_buttons_that_lead_on_save_first(contexts, site):
    page = sign_in(contexts(java_script_enabled=False), site)
    address = first(page, site)
    for then in ("preview", "submit"):
        page.goto(address)
        summary(page).fill(f"Typed before {then}.")
        page.click(f"[name=_then_{then}]")
        page.wait_for_url(f"**/{then}/")
        page.goto(address)
        assert summary(page).input_value() == f"Typed before {then}."
    # Enter saves: it presses neither of them
    summary(page).fill("Saved by Enter.")
    page.locator("#id_title").press("Enter")
    page.locator(".messagelist .success").wait_for()


@pytest.mark.parametrize("second", ["editor", "manager"])
def test_whoever_saves_second_chooses_between_both_versions(contexts, site, second):
    """One person with two tabs, and two people."""
    context = contexts()
    one = sign_in(context, site)
    address = first(one, site)
    two = context.new_page() if second == "editor" else sign_in(contexts(), site, second)
    two.goto(address)
    for page, words in ((one, f"Saved first, {second}."), (two, f"Saved second, {second}.")):
        summary(page).fill(words)
        page.click("[name=_continue]:visible")
    two.locator(".versions").wait_for()
    for width in (360, 390, 1280):
        for scheme in ("light", "dark"):
            two.set_viewport_size({"width": width, "height": 900})
            two.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            two.wait_for_timeout(300)
            assert two.evaluate("document.documentElement.scrollWidth") <= width
            if width != 390:
                found = (
                    Axe()
                    .run(two, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
                    .response["violations"]
                )
                assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == []
    two.locator(".versions__place", has_text="both changed").get_by_label("What you typed").focus()
    two.keyboard.press("Space")
    two.keyboard.press("Enter")
    two.locator(".messagelist .success").wait_for()
    assert summary(two).input_value() == f"Saved second, {second}."
    keeps(two, 0)


def test_what_is_restored_meets_what_a_colleague_saved_meanwhile(contexts, site):
    context = contexts()
    one = sign_in(context, site)
    address = first(one, site, "blog/answer")
    typed(one, "Typed before the tab was closed.")
    one.close()
    two = sign_in(contexts(), site, "manager")
    two.goto(address)
    summary(two).fill("Saved by a colleague meanwhile.")
    two.click("[name=_continue]:visible")
    two.locator(".messagelist .success").wait_for()
    one = context.new_page()
    one.goto(address)
    one.get_by_text("Somebody has saved this since").wait_for()
    one.click("text=Restore them")
    place = one.locator(".versions__place", has_text="both changed")
    assert "Typed before the tab was closed." in place.inner_text()
    assert "colleague" in place.inner_text()


def test_a_part_that_a_colleague_deleted_is_restored_as_a_part(contexts, site):
    one, two = sign_in(contexts(), site), sign_in(contexts(), site, "manager")
    address = first(two, site, "blog/answer")
    two.click("#sections-group .add-row a")
    part = two.locator("#sections-group .part:not(.empty-form)").last
    part.locator("input[name$=-heading]").fill("A part that goes")
    part.locator(".tiptap").fill("Its words.")
    two.click("[name=_continue]:visible")
    two.locator(".messagelist .success").wait_for()
    one.goto(address)
    mine = one.locator(".part", has_text="A part that goes").last
    mine.locator("summary").first.click()
    mine.locator(".tiptap").fill("My words for it.")
    one.wait_for_function("() => JSON.stringify(Object.values(localStorage)).includes('My words for it.')")
    two.locator(".part", has_text="A part that goes").last.locator("summary").first.click()
    two.get_by_label("Delete this part when the draft is saved").locator("visible=true").last.check()
    two.click("[name=_continue]:visible")
    two.locator(".messagelist .success").wait_for()
    one.goto(address)
    assert "My words for it." in one.get_by_label("Your unsaved changes").input_value()
    one.click("text=Restore them")
    place = one.locator(".versions__place", has_text="A part that goes: a colleague deleted it")
    assert "My words for it." in place.inner_text()
    place.get_by_label("Put it back, with what you typed").check()
    one.click("text=Save what is marked")
    one.locator(".messagelist .success").wait_for()
    back = one.locator(".part", has_text="A part that goes").last
    assert back.locator("textarea[name$=-body]").input_value() == "<p>My words for it.</p>"
    keeps(one, 0)


def test_a_reader_leaves_nothing_and_a_page_that_comes_again_goes_on_with_its_copy(contexts, site):
    page = sign_in(contexts(), site)
    address = first(page, site)
    page.locator(".tiptap").first.wait_for()
    page.goto(f"{site}/admin/")
    assert page.evaluate(KEPT) == [], "nothing was typed"
    page.goto(address)
    page.locator("#id_title").evaluate("box => box.form.noValidate = true")
    typed(page, "Typed, reloaded and typed on.")
    page.reload()
    page.locator(".form-recovery, #id_summary").first.wait_for()
    if page.locator(".form-recovery").count():  # the browser didn't put the words back by itself
        page.click("text=Restore them")
        page.locator(".messagelist", has_text="not saved yet").wait_for()
    assert summary(page).input_value() == "Typed, reloaded and typed on."
    page.click("[name=_continue]:visible")
    page.locator(".messagelist .success").wait_for()
    keeps(page, 0)

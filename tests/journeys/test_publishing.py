"""A page on its way: written, sent back, mended, signed on a phone, shown to somebody outside, and brought
back as it was.
"""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import running

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
ANSWER = "medical-uses-of-botox"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="module")
def site():
    with running.site() as address:
        yield address


@pytest.fixture
def sit_down(site, browser):
    """Somebody of the staff in front of a browser of their own, in the admin."""

    @contextmanager
    def sitting(who: str, viewport: dict):
        context = browser.new_context(viewport=viewport, has_touch=viewport is PHONE)
        page = context.new_page()
        page.goto(f"{site}/admin/login/?next=/admin/blog/answer/%3Fq%3D{ANSWER}")
        page.fill("#id_username", f"{who}@clinic.example")
        page.fill("#id_password", running.PASSWORD)
        page.click("input[type=submit]")
        page.wait_for_selector("#result_list")
        yield page
        context.close()

    return sitting


def fits(page) -> bool:
    """Nothing pushes the page wider than its screen."""
    page.wait_for_load_state()
    return bool(page.wait_for_function("document.documentElement?.scrollWidth <= innerWidth", timeout=10_000))


def violations(page) -> list[str]:
    found = Axe().run(page, context="#content-main", options=RULES).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def write(page, words: str) -> None:
    """Add words to the end of the answer, and submit them."""
    page.click("#result_list tbody th a")
    page.wait_for_selector(".ProseMirror:visible")
    page.locator(".ProseMirror:visible").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    page.click("button[name=_then_submit]")
    submit(page, "Said more kindly.")


def submit(page, note: str) -> None:
    page.fill("textarea[name=change_note]", note)
    page.click("#content-main form input[type=submit]")
    page.wait_for_selector(".messagelist .success")


def newest_edition(page, site) -> None:
    page.goto(f"{site}/admin/publishing/edition/?q={ANSWER}")
    page.click("#result_list tbody th a >> nth=0")
    assert fits(page)


def sign(page, site) -> None:
    newest_edition(page, site)
    page.click("a.action-link:has-text('Sign')")
    assert fits(page)
    form = page.locator("form:has(input[name=when])")
    form.locator("input[name=password]").fill(running.PASSWORD)
    form.locator("input[type=submit]").click()
    page.wait_for_selector(".messagelist .success:has-text('signed')")


def test_a_page_is_written_sent_back_mended_signed_and_brought_back(site, sit_down, browser):
    patient = browser.new_context().new_page()

    def patient_reads() -> str:
        patient.goto(f"{site}/blog/{ANSWER}/")
        return patient.locator("main").inner_text()

    patient_reads()
    answer = patient.locator(".prose").all_inner_texts()
    assert answer
    # an editor writes, and submits
    with sit_down("editor", DESKTOP) as editor:
        write(editor, " Take your time with that.")
    # a clinician on the telephone sends it back
    with sit_down("clinician", PHONE) as clinician:
        newest_edition(clinician, site)
        clinician.click("a.action-link:has-text('Sign')")
        returning = clinician.locator("form:has(textarea[name=because])")
        returning.locator("textarea").fill("Kinder still, please.")
        returning.locator("input[type=submit]").click()
        clinician.wait_for_selector(".messagelist .success")
    # the editor finds the reason above the draft, and mends it
    with sit_down("editor", DESKTOP) as editor:
        editor.click("#result_list tbody th a")
        editor.wait_for_selector(".edition-status")
        assert "Kinder still, please." in editor.locator("#content-main").inner_text()
        editor.goto(f"{site}/admin/blog/answer/?q={ANSWER}")
        write(editor, " Ask us whatever you like.")
        # and lets somebody outside read it before it's signed
        newest_edition(editor, site)
        editor.click("a.action-link:has-text('Preview link')")
        editor.fill("input[name=reader]", "our insurer")
        editor.click("#content-main form input[type=submit]")
        link = editor.locator(".preview-links input").input_value()
        editor.get_by_role("button", name="Copy").wait_for()
        assert violations(editor) == []
    patient.goto(link)
    assert "A preview for our insurer, not yet signed." in patient.locator(".preview").inner_text()
    assert "Ask us whatever you like." in patient.locator("main").inner_text()
    assert patient.context.cookies() == []
    assert "Ask us whatever you like." not in patient_reads()
    # the clinician looks at it as patients will, signs it on the telephone, and the page changes
    with sit_down("clinician", PHONE) as clinician:
        newest_edition(clinician, site)
        clinician.click("a:has-text('Open as patients see it')")
        clinician.wait_for_selector(".previews")
        assert fits(clinician)
        assert clinician.locator(".preview-frame:visible").count() == 1
        assert violations(clinician) == []
        clinician.click("a:has-text('On paper')")
        framed = clinician.frame_locator("iframe[title='On paper']")
        framed.locator(".preview").wait_for(state="attached")
        assert framed.locator(".site-header__nav").is_hidden(), "what is there to be pressed isn't printed"
        sign(clinician, site)
    assert "Ask us whatever you like." in patient_reads()
    # a manager brings the first edition back, after reading what goes; the clinician signs that too
    with sit_down("manager", DESKTOP) as manager:
        manager.goto(f"{site}/admin/publishing/edition/?q={ANSWER}")
        manager.click("#result_list tr:has(.field-number:text-is('1')) th a")
        manager.click("a.action-link:has-text('Restore to draft')")
        manager.wait_for_selector(".comparison")
        assert "Ask us whatever you like." in manager.locator("#content-main").inner_text()
        assert violations(manager) == []
        manager.click("#content-main form input[type=submit]")
        manager.wait_for_selector(".messagelist .success:has-text('what edition 1 said')")
        manager.click("button:has-text('Save and submit')")
        submit(manager, "Back to the first words.")
    with sit_down("clinician", PHONE) as clinician:
        sign(clinician, site)
    assert "Ask us whatever you like." not in patient_reads()
    assert patient.locator(".prose").all_inner_texts() == answer
    patient.goto(f"{site}/blog/{ANSWER}/history/")
    assert "Back to the first words." in patient.locator("main").inner_text()

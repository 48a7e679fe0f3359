"""Writing in a real browser, under the site's security policy: claims as chips, words that a closed tab would
have lost.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import running
from tests.pages.test_compose import STANDING

pytestmark = pytest.mark.browser
EDITOR = "#sections-group .ProseMirror:visible"
# the claims of test_compose.STANDING, and one whose words say its figure already
CLAIMS = """
from clinic_site.evidence.models import Claim
for key, sentence, phrase in (
    ("lasts", "It lasts about three months.", "about three months"),
    ("helps", "It helps some people.", "some help"),
    ("alone", "Some facts stand alone.", ""),
):
    Claim.objects.create(key=key, sentence=sentence, phrase=phrase)
other = Claim.objects.filter(low__isnull=False).first()
says = {"sentence": "It helped 94% of people.", "phrase": "in 94% of people"}
Claim.objects.create(key="says-it", **says, measure=other.measure, low=94, unit="percent")
"""


@pytest.fixture(scope="module")
def site():
    with running.site(CLAIMS) as address:
        yield address


@pytest.fixture
def page(browser, site):
    page = browser.new_page()
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{site}/admin/login/?next=/admin/treatments/treatment/")
    page.fill("#id_username", "editor@clinic.example")
    page.fill("#id_password", running.PASSWORD)
    page.click("input[type=submit]")
    page.click("#result_list tbody th a >> nth=0")
    page.locator(EDITOR).first.wait_for()
    yield page
    page.close()


def text_of(page) -> str:
    return re.sub(
        r"</?span[^>]*>", "", page.locator("#sections-group textarea[name='sections-0-body']").input_value()
    )


def test_a_claim_is_found_and_put_in_by_keyboard_alone(page):
    before = text_of(page)
    page.locator(".chip--checked").first.wait_for(
        state="attached"
    )  # claims that stand in the text are chips already
    page.locator(EDITOR).first.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" It is said that [[sweat")
    rows = page.locator(".claim-list:not([hidden]) [role=option]")
    rows.first.wait_for()
    key = rows.nth(1).locator(".claim-list__source").inner_text().split(" · ")[0]
    page.keyboard.press("ArrowDown")
    assert rows.nth(1).get_attribute("aria-selected") == "true"
    assert page.locator(EDITOR).first.get_attribute("aria-activedescendant") == rows.nth(1).get_attribute(
        "id"
    )
    page.keyboard.press("Enter")
    page.keyboard.type(" and [[no-such-claim]] and ((24 hours)).")
    page.locator(".chip--unknown", has_text="no claim has this key").wait_for()
    assert text_of(page) != before
    assert f"It is said that [[{key}]] and [[no-such-claim]] and ((24 hours))." in text_of(page)
    assert page.locator(".practical").count()
    assert page.complaints == []


def put(page, html: str) -> None:
    """Set the first editor's text. The editor is the one that its page announces."""
    page.evaluate("(html) => window.editor.commands.setContent(html, { emitUpdate: true })", html)


@pytest.fixture
def editor(page):
    announced = (
        "document.addEventListener('prose-editor:ready', ({ detail }) => (window.editor ??= detail.editor))"
    )
    page.add_init_script(announced)
    page.reload()
    page.locator(EDITOR).first.wait_for()
    return page


def test_a_chip_says_what_the_page_will_say_there(editor):
    for body, expected in STANDING:
        put(editor, re.sub(r"\[\[(.*?)\]\]", r'<span data-claim="\1"></span>', body))
        editor.wait_for_function("() => !document.querySelector('.chip:not([class*=chip--])')")
        shown = re.sub("not checked yet · no source", "", editor.locator(EDITOR).first.text_content())
        assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", expected), body
    # and it's drawn anew when the words around it change
    put(editor, '<p><span data-claim="lasts"></span></p>')
    editor.locator(".chip__words", has_text="It lasts about three months.").wait_for()
    editor.locator(EDITOR).first.focus()
    editor.keyboard.press("Control+Home")
    editor.keyboard.type("It lasts ")
    editor.locator(".chip__words", has_text=re.compile("^about three months$")).wait_for()
    put(editor, '<p>It helped <span data-claim="says-it"></span>.</p>')
    editor.locator(".chip__words", has_text="in 94% of people").wait_for()
    assert not editor.locator(".chip__figure:visible").count()


def reads(page, words: str) -> None:
    """Wait until the first part's text holds these words: the editor takes in what is typed a moment
    later.
    """
    field = "document.querySelector(\"textarea[name='sections-0-body']\")"
    page.wait_for_function(
        f"(words) => {field}.value.replace(/<.?span[^>]*>/g, '').includes(words)", arg=words, timeout=8000
    )


def test_typing_never_takes_a_claim_out(editor):
    text = '<p>It lasts <span data-claim="lasts"></span> and more.</p>'
    chip = editor.locator(EDITOR).first.locator(".chip")
    for clicks, key, expected in (
        (1, None, "[[lasts]]ZZ and more."),
        (2, None, "[[lasts]]ZZ and more."),
        (3, None, "[[lasts]]ZZ and more."),
        (1, "Control+End", "[[lasts]] and more.ZZ"),
    ):
        put(editor, text)
        chip.click(click_count=clicks)
        if key:
            editor.keyboard.press(key)
        editor.keyboard.type("ZZ")
        reads(editor, expected)
    # where a finding leads to it, it is selected
    for typed, expected in (("ZZ", "[[lasts]]ZZ and"), ("\n", "[[lasts]]</p><p> and")):
        put(editor, text)
        editor.evaluate("window.editor.chain().focus().setTextSelection({ from: 10, to: 11 }).run()")
        editor.keyboard.type(typed)
        reads(editor, expected)
    # on purpose it goes, and comes back
    put(editor, text)
    editor.wait_for_timeout(600)  # what follows is undone by itself
    chip.click()
    editor.keyboard.press("Backspace")
    reads(editor, "<p>It lasts  and more.</p>")
    editor.keyboard.press("Control+z")
    reads(editor, "[[lasts]]")


PASTE = """(html) => {
    const brought = new DataTransfer();
    brought.setData("text/html", html);
    const how = { clipboardData: brought, bubbles: true, cancelable: true };
    window.editor.view.dom.dispatchEvent(new ClipboardEvent("paste", how));
}"""
WORD = (
    "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p.MsoNormal{margin:0}</style>"
    "</head><body>"
    "<!--StartFragment--><h1 style='color:red'>From Word</h1><p class=MsoNormal style='margin:0'>Some "
    "<b style='mso-bidi-font-weight:normal'>words</b><o:p></o:p></p>"
    "<table style='width:1cm'><tr><td>cell A</td><td><p>cell "
    "B</p></td></tr><tr><td>C</td><td>D</td></tr></table><p style='mso-list:l0 level1 lfo1'><![if "
    "!supportLists]><span style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>one</p>"
    "<p style='mso-list:l1 level1 lfo1'><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>first</p>"
)


def test_what_is_pasted_from_word_comes_in_as_ours_and_a_whole_document_is_refused(editor):
    put(editor, "")
    editor.evaluate(PASTE, f"{WORD}{'<img src=x style=a:b>' * 20_000}</body></html>")
    assert re.sub(r" data-type=\"\w+\"", "", text_of(editor)) == (
        "<h3>From Word</h3><p>Some <strong>words</strong></p><p>cell A cell B</p><p>C D</p>"
        "<ul><li><p>one</p></li></ul><ol><li><p>first</p></li></ol>"
    )
    editor.evaluate(PASTE, f"{WORD}{'<p style=a:b>Much too much. </p>' * 4_100}")
    editor.locator(
        ".pasting-note", has_text=re.compile(r"and 60,000 fit here. Nothing was put in")
    ).wait_for()
    assert "Much too much" not in text_of(editor)
    assert editor.complaints == []


def test_the_checks_wait_while_a_claim_is_chosen_and_a_part_says_at_once_whether_it_is_empty(editor):
    empty = editor.locator("[data-empty='sections-0']")
    assert empty.is_hidden()
    put(editor, "")
    empty.wait_for()
    sent = []
    editor.on("request", lambda request: sent.append(request.post_data) if "/check/" in request.url else None)
    editor.locator(EDITOR).first.focus()
    editor.keyboard.type("It lasts [[sweat")
    editor.locator(".claim-list:not([hidden]) [role=option]").first.wait_for()
    editor.wait_for_timeout(1500)
    assert empty.is_hidden()
    editor.keyboard.press("Enter")
    editor.locator(".checks__of", has_text="what you have typed").wait_for()
    assert sent
    assert not any("[[sweat<" in body for body in sent)


def test_the_editor_has_no_fault_that_axe_finds(page):
    page.locator(".chip--checked").first.wait_for(state="attached")
    found = (
        Axe()
        .run(
            page,
            context="#sections-group .prose-editor",
            options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
        )
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
    page.fill("#id_password", running.PASSWORD)
    page.click("input[type=submit]")
    page.goto(address)
    page.locator(".form-recovery", has_text="unsaved changes").wait_for()
    page.locator(EDITOR).first.wait_for()
    page.click("text=Restore them")
    page.locator(".messagelist", has_text="not saved yet").wait_for()
    page.locator(EDITOR).first.wait_for()
    assert "It lasts for three months." in text_of(page)
    # preview saves them first
    page.click("[name=_then_preview]")
    page.wait_for_url("**/preview/")
    page.goto(address)
    assert "It lasts for three months." in text_of(page)
    assert not page.locator(".form-recovery").count()

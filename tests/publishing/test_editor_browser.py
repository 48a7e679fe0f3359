"""The editor changes no words by itself: by no key, and whatever is typed, pasted, dropped or undone."""

import sqlite3
import sys
from pathlib import Path

import pytest

from tests import running
from tests.running import PASSWORD

pytestmark = pytest.mark.browser
# keys that lead somewhere, and change nothing
KEYS = (
    "Tab Shift+Tab Escape ArrowDown ArrowUp ArrowLeft ArrowRight Home End PageUp PageDown Control+Home "
    "Control+End Shift+ArrowRight Control+c Control+z Control+y Control+Shift+z Insert Control+a"
).split()
# what editors like to make something of
TYPED = (
    "12. March, * a star, - a dash, > a sign",
    "1. A number",
    "* A star",
    "- A dash",
    "> A sign",
    "### A hash",
    "**bold** and __more__ and *this* and _that_ and `code` and ~~gone~~",
    "(c) (r) (tm) -- --- ... 1/2 3/4 -> <- != +/- \"said\" 'so'",
    "https://example.com/a?b=c and www.example.com and ann@example.com, twice",
    "it is 5mg . and then  two spaces,and none",
    "[[not a claim and [ ] brackets ]",
)
READ_FIELDS = """() => {
  const fields = [...document.querySelectorAll(".prose-editor textarea")];
  return Object.fromEntries(fields.map((one) => [one.name, one.value]));
}"""
# into the middle of the first list where there is one: at its second item Tab would nest
INTO_A_LIST = """(editor) => {
  editor.focus();
  const item = editor.querySelector("li + li") ?? editor.querySelector("li") ?? editor.firstElementChild;
  const words = document.createTreeWalker(item ?? editor, NodeFilter.SHOW_TEXT).nextNode();
  if (words) getSelection().collapse(words, Math.min(1, words.length));
}"""
GIVE = """([editor, kind, data]) => {
  const given = new DataTransfer();
  for (const [type, words] of Object.entries(data)) given.setData(type, words);
  const box = editor.getBoundingClientRect();
  const at = { clientX: box.left + 20, clientY: box.top + 20, bubbles: true, cancelable: true };
  const event = kind === "drop"
    ? new DragEvent("drop", { dataTransfer: given, ...at })
    : new ClipboardEvent("paste", { clipboardData: given, ...at });
  editor.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def served():
    with running.filled() as (env, port):
        address = env["SITE_URL"]
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with running.serving(command, env, f"{address}/healthz"):
            yield address, Path(env["DATA_DIR"]) / "db.sqlite3"


@pytest.fixture(scope="module")
def page(browser, served):
    site, _ = served
    page = browser.new_page()
    keep = "({ detail }) => (window.editors ??= []).push(detail.editor)"
    page.add_init_script(f"document.addEventListener('prose-editor:ready', {keep})")
    page.goto(f"{site}/admin/login/?next=/admin/")
    page.fill("#id_username", "manager@clinic.example")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#content")
    yield page
    page.close()


WORDS = {
    "publishing_document": "id, slug, title, summary",
    "publishing_section": "id, document_id, anchor, heading, body, position, picture_id",
    "treatments_treatment": "*",
    "treatments_treatmentclaim": "*",
    "blog_answer": "*",
    "clinic_policy": "*",
    "publishing_urgenthelp": "*",
}


def rows(database) -> dict[str, list]:
    connection = sqlite3.connect(database)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = {
        table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
        for table, columns in WORDS.items()
        if table in tables
    }
    connection.close()
    return found


def drafts(database) -> list[str]:
    connection = sqlite3.connect(database)
    kinds = {"treatment": "treatments/treatment", "answer": "blog/answer", "policy": "clinic/policy"}
    found = connection.execute("SELECT kind, id FROM publishing_document ORDER BY kind, id").fetchall()
    connection.close()
    return [f"/admin/{kinds.get(kind, f'treatments/{kind}')}/{pk}/change/" for kind, pk in found]


def test_a_draft_that_was_opened_walked_through_and_saved_is_byte_for_byte_what_it_was(page, served):
    site, database = served
    before, changed, walked = rows(database), {}, set()
    for address in drafts(database):
        kind = address.rsplit("/", 3)[0]
        keys = ("Tab", "Shift+Tab") if kind in walked else KEYS
        walked.add(kind)
        assert page.goto(site + address).status == 200, address
        page.locator(".ProseMirror[contenteditable]").first.wait_for(state="attached")
        fields = page.evaluate(READ_FIELDS)
        for editor in page.locator("details:not([open])").element_handles():
            editor.evaluate("(folded) => (folded.open = true)")
        for editor in page.locator(".ProseMirror[contenteditable]:visible").element_handles():
            for key in keys:
                editor.evaluate(INTO_A_LIST)
                page.keyboard.press(key)
        if (now := page.evaluate(READ_FIELDS)) != fields:
            changed[address] = [name for name in fields if now.get(name) != fields[name]]
        page.locator("[name=_continue]:visible").first.click()
        page.locator(".messagelist li").first.wait_for()
    assert changed == {}
    assert rows(database) == before


def first_editor(page, served):
    site, database = served
    page.goto(site + next(one for one in drafts(database) if "/treatment/" in one))
    page.locator("#sections-group .ProseMirror:visible").first.wait_for()
    page.wait_for_function("() => window.editors?.length")
    return page.locator("#sections-group .ProseMirror:visible").first


def html_of(page) -> str:
    return page.locator("textarea[name='sections-0-body']").input_value()


def cleared(page, served):
    editor = first_editor(page, served)
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    return editor


def as_html(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_what_is_typed_stays_what_was_typed(page, served):
    cleared(page, served)
    for words in TYPED:
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    assert html_of(page) == "".join(f"<p>{as_html(words)}</p>" for words in TYPED)


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_what_is_pasted_or_dropped_as_plain_text_stays_what_it_was(page, served, kind):
    editor = cleared(page, served)
    for words in TYPED:
        editor.evaluate("(editor) => editor.focus()")
        page.evaluate(GIVE, [editor.element_handle(), kind, {"text/plain": words}])
        assert page.evaluate("() => window.editors[0].getText()") == words
        assert "<a" not in html_of(page)
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")


def test_what_is_pasted_with_marks_says_what_it_said(page, served):
    editor = cleared(page, served)
    hidden = "<span style='display: none'>, no risk</span>"
    html = f"<p>3<sup>2</sup> months, <del>4</del><ins>2</ins> visits{hidden}</p>"
    page.evaluate(GIVE, [editor.element_handle(), "paste", {"text/html": html, "text/plain": "x"}])
    assert page.evaluate("() => window.editors[0].getText()") == "3² months, 2 visits"


def test_undoing_everything_leads_to_what_was_there_and_no_further(page, served):
    editor = first_editor(page, served)
    before = html_of(page)
    shown = page.evaluate("() => window.editors[0].getHTML()")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" More words. 1. And ** more")
    page.keyboard.press("Enter")
    page.evaluate(GIVE, [editor.element_handle(), "paste", {"text/plain": "Pasted"}])
    assert html_of(page) != before
    for _ in range(30):
        page.keyboard.press("Control+z")
    assert page.evaluate("() => window.editors[0].getHTML()") == shown
    for _ in range(30):
        page.keyboard.press("Control+Shift+z")
    assert "Pasted" in html_of(page)


def test_a_list_is_nested_by_its_buttons_and_left_by_tab(page, served):
    cleared(page, served)
    page.keyboard.type("Swelling")
    page.locator("#sections-group button[title='unordered list']:visible").first.click()
    page.keyboard.press("Enter")
    page.keyboard.type("On the lips")
    flat = html_of(page)
    assert flat.count("<ul>") == 1
    for key in ("Tab", "Shift+Tab"):
        page.locator("#sections-group .ProseMirror:visible").first.focus()
        page.keyboard.press(key)
        assert not page.evaluate("() => document.activeElement.classList.contains('ProseMirror')")
        assert html_of(page) == flat
    page.locator("#sections-group .ProseMirror:visible").first.focus()
    page.keyboard.press("Control+End")
    page.locator("#sections-group button[title='Indent']:visible").first.click()
    assert html_of(page).count("<ul>") == 2
    page.locator("#sections-group button[title='Outdent']:visible").first.click()
    assert html_of(page) == flat


def test_tab_leaves_the_list_of_claims_without_putting_one_in(page, served):
    cleared(page, served)
    page.keyboard.type("It lasts [[sweat")
    page.locator(".claim-list:not([hidden]) [role=option]").first.wait_for()
    page.keyboard.press("Tab")
    assert html_of(page) == "<p>It lasts [[sweat</p>"


def test_browsers_and_their_helpers_are_asked_to_leave_the_words_alone(page, served):
    editor = first_editor(page, served)
    for name, value in {
        "autocorrect": "off",
        "autocapitalize": "off",
        "translate": "no",
        "data-gramm": "false",
    }.items():
        assert editor.get_attribute(name) == value

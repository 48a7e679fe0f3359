"""A long form of the admin that was sent after its session had ended, or with a stale token: nothing typed is
lost.
"""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic_site.backoffice import again
from clinic_site.publishing.models import Picture
from tests import factories
from tests.admin_forms import filled

pytestmark = pytest.mark.django_db
HERE = {
    "HTTP_ORIGIN": "http://testserver",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_SEC_FETCH_DEST": "document",
}
LONG = "<p>" + "".join(f"Sentence {n} of what took an afternoon to write. " for n in range(400)) + "</p>"


@pytest.fixture
def draft(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician)


@pytest.fixture
def address(draft):
    return reverse("admin:treatments_treatment_change", args=[draft.pk])


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def sign_in(browser, person):
    page = browser.get("/admin/login/")
    token = page.context["csrf_token"]
    sent = {"username": person.email, "password": factories.PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert browser.post("/admin/login/", sent).status_code == 302


def typed_in(browser, address, **changes) -> dict:
    page = browser.get(address)
    return {
        **filled(page),
        "_opened": page.context["opened"],
        "_save": "Save",
        "csrfmiddlewaretoken": str(page.context["csrf_token"]),
        **changes,
    }


def fields_of(answer) -> dict:
    """What the page's own form would send."""
    html = answer.content.decode().partition('id="content-main"')[2]
    found: dict = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


def signed_out(browser):
    del browser.cookies["sessionid"]


def test_a_long_draft_sent_after_the_session_ended_is_sent_again_in_one_press(
    browser, editor, address, draft
):
    sign_in(browser, editor)
    sent = typed_in(browser, address, **{"sections-0-body": LONG, "title": "Typed all afternoon"})
    signed_out(browser)
    answer = browser.post(address, sent, **HERE)
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "Your sign-in had run out" in html
    assert "Sentence 399 of what took" in html
    assert 'target="_blank"' in html
    again_sent = fields_of(answer)
    assert again_sent["sections-0-body"] == [LONG]
    assert again_sent["_opened"] == [sent["_opened"]]
    # sent too early, it is the same page
    early = browser.post(address, again_sent, **HERE)
    assert fields_of(early)["sections-0-body"] == [LONG]
    # in another tab: the token changes
    sign_in(browser, editor)
    assert browser.post(address, fields_of(early), **HERE).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Typed all afternoon"
    assert "Sentence 399" in draft.ordered_sections()[0].body


@pytest.mark.parametrize(
    "wrong",
    [{"HTTP_ORIGIN": "https://elsewhere.example"}, {"HTTP_ORIGIN": ""}, "cookie", "address", "ticket", "old"],
)
def test_the_ticket_opens_only_from_here_for_this_browser_and_this_address(
    browser, editor, address, draft, wrong, monkeypatch
):
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Forged")
    signed_out(browser)
    sent_again, headers, at = fields_of(browser.post(address, sent, **HERE)), dict(HERE), address
    sign_in(browser, editor)
    if isinstance(wrong, dict):
        headers |= wrong
    elif wrong == "cookie":
        del browser.cookies["again"]
    elif wrong == "address":
        at = f"{address}?_changelist_filters=q"
    elif wrong == "ticket":
        sent_again["_again"] = ["x"]
    else:
        monkeypatch.setattr(again, "FOR", -1)
    assert browser.post(at, sent_again, **headers).status_code == 403
    draft.refresh_from_db()
    assert draft.title != "Forged"


def test_words_from_another_site_are_never_shown_with_a_button(browser, editor, address):
    sign_in(browser, editor)
    answer = browser.post(
        address,
        {"title": "Words of another site"},
        HTTP_ORIGIN="https://elsewhere.example",
        HTTP_SEC_FETCH_SITE="cross-site",
    )
    assert answer.status_code == 403
    assert "Words of another site" not in answer.content.decode()
    assert "Open the page anew" in answer.content.decode()
    assert "again" not in browser.cookies


def test_a_stale_token_gives_staff_their_own_page_with_what_they_typed(browser, editor, address, draft):
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Typed before")
    signed_out(browser)
    sign_in(browser, editor)  # in another tab
    answer = browser.post(address, sent, **HERE)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "opened before you signed in" in html
    assert "staff-header" in html
    assert browser.post(address, fields_of(answer), **HERE).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Typed before"


def test_no_password_nor_code_is_ever_in_it(browser, editor):
    sign_in(browser, editor)
    for path in ("/admin/login/", "/admin/password_change/", reverse("admin:second_factor_code")):
        secrets = dict.fromkeys(
            ("password", "old_password", "new_password1", "one_time_code"), "secret words here"
        )
        sent = {"username": "a name", "csrfmiddlewaretoken": "stale", **secrets}
        answer = browser.post(path, sent, **HERE)
        assert answer.status_code == 403
        assert "secret words" not in answer.content.decode()


def test_files_have_to_be_chosen_again(browser, manager):
    sign_in(browser, manager)
    address = reverse("admin:publishing_picture_add")
    page = browser.get(address)
    sent = {
        **filled(page),
        "alt": "What it shows " * 20,
        "credit": "C " * 2000,
        "file": SimpleUploadedFile("face.jpg", b"x"),
    }
    sent["csrfmiddlewaretoken"] = str(page.context["csrf_token"])
    signed_out(browser)
    short = browser.post(
        address, {**sent, "credit": "C", "file": SimpleUploadedFile("face.jpg", b"x")}, **HERE
    )
    assert short.status_code == 302
    # what is long, and doesn't shrink
    noise = " ".join(str(n * 7919 % 10007) for n in range(3000))
    answer = browser.post(
        address, {**sent, "credit": noise, "file": SimpleUploadedFile("face.jpg", b"x")}, **HERE
    )
    assert "Choose the file once more: face.jpg" in answer.content.decode()
    assert '<input type="file"' in answer.content.decode()
    sign_in(browser, manager)
    assert "Choose the file once more: face.jpg" in browser.get(address).content.decode()
    assert not Picture.objects.exists()


def test_a_script_and_an_action_of_a_list_are_led_to_the_sign_in(browser, editor, address, draft):
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Typed")
    signed_out(browser)
    assert browser.post(address, sent, **HERE | {"HTTP_SEC_FETCH_DEST": "empty"}).status_code == 302
    action = {
        "action": "delete_selected",
        "_selected_action": "1",
        "csrfmiddlewaretoken": sent["csrfmiddlewaretoken"],
    }
    assert browser.post(reverse("admin:evidence_claim_changelist"), action, **HERE).status_code == 302


def test_the_browser_keeps_words_of_content_until_they_are_saved_and_none_of_people(
    client, manager, editor, clinician, address
):
    client.force_login(manager)
    for path, kept in (
        (address, "*"),
        (reverse("admin:evidence_claim_add"), "*"),
        (reverse("admin:clinic_testimonial_add"), "words"),
        (reverse("admin:accounts_user_change", args=[editor.pk]), None),
        (reverse("admin:publishing_picture_add"), None),
    ):
        found = re.search(r'data-keeps-words="([^"]*)"', client.get(path).content.decode())
        assert (found and found[1]) == kept
    sent = {**filled(client.get(address)), "_words": "mwquvlke-g0nsscnqfn"}
    client.post(address, {**sent, "title": ""})
    assert "saved" not in client.cookies
    client.post(address, {**sent, "_words": "<script>"})
    assert "saved" not in client.cookies
    client.post(address, sent)
    assert client.cookies["saved"].value == "mwquvlke-g0nsscnqfn"

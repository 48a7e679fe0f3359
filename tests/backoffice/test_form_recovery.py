"""A form of the admin that was sent after its session had ended, or with a stale token, or closed: nothing
typed is lost.
"""

import re

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic_site.audit_log.models import DraftSave
from clinic_site.backoffice.edit_conflict_pages import RecoverableForm
from clinic_site.publishing.models import Picture
from tests import factories
from tests.admin_forms import filled, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
HERE = {
    "HTTP_ORIGIN": "http://testserver",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_SEC_FETCH_DEST": "document",
}
LONG = "<p>" + "".join(f"Sentence {n} of what took an afternoon to write. " for n in range(400)) + "</p>"


@pytest.fixture
def address(draft):
    return reverse("admin:treatments_treatment_change", args=[draft.pk])


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def sign_in(browser, person):
    page = browser.get("/admin/account/login/")
    sent = {"username": person.email, "password": factories.PASSWORD}
    sent["csrfmiddlewaretoken"] = str(page.context["csrf_token"])
    assert browser.post("/admin/account/login/", sent).status_code == 302


def typed_in(browser, address, **changes) -> dict:
    page = browser.get(address)
    return {
        **filled(page),
        "_save": "Save",
        "csrfmiddlewaretoken": str(page.context["csrf_token"]),
        **changes,
    }


def sign_out(browser):
    del browser.cookies["sessionid"]


def test_a_long_draft_sent_after_the_session_ended_is_sent_again(browser, editor, address, draft):
    saves = DraftSave.objects.count()
    sign_in(browser, editor)
    sent = typed_in(browser, address, **{"sections-0-body": LONG, "title": "Typed all afternoon"})
    sign_out(browser)
    answer = browser.post(address, sent, **HERE)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    assert "Your sign-in had run out" in html
    assert "Sentence 399 of what took" in html
    assert 'target="_blank"' in html
    # sent too early, it is the same page
    early = browser.post(address, form_of(answer)[1], **HERE)
    assert form_of(early)[1]["sections-0-body"] == [LONG]
    assert form_of(early)[1]["_version"] == [sent["_version"]]
    # in another tab: the token changes. Nothing is done before it was looked at with a fresh one
    sign_in(browser, editor)
    fresh = browser.post(address, form_of(early)[1], **HERE)
    assert fresh.status_code == 403
    assert "Send it now" in fresh.content.decode()
    assert DraftSave.objects.count() == saves
    assert browser.post(address, form_of(fresh)[1], **HERE).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Typed all afternoon"
    assert "Sentence 399" in draft.ordered_sections()[0].body


def test_a_stale_token_gives_staff_their_own_page_with_what_they_typed(browser, editor, address, draft):
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Typed before")
    sign_out(browser)
    sign_in(browser, editor)  # in another tab
    answer = browser.post(address, sent, **HERE)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "opened before you signed in" in html
    assert "staff-header" in html
    assert browser.post(address, form_of(answer)[1], **HERE).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Typed before"


def test_words_from_another_site_are_never_shown_with_a_button(browser, editor, address):
    for is_signed_in in (False, True):
        if is_signed_in:
            sign_in(browser, editor)
        for headers in (
            {"HTTP_ORIGIN": "https://elsewhere.example", "HTTP_SEC_FETCH_SITE": "cross-site"},
            {},
        ):
            answer = browser.post(address, {"title": "Words of another site"}, **headers)
            assert answer.status_code == 403
            assert "Words of another site" not in answer.content.decode()
            assert "Open the page again" in answer.content.decode()


def test_no_form_is_taken_without_its_token(browser, editor, address, draft):
    """Neither from the page that shows it again."""
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Forged")
    sign_out(browser)
    again = form_of(browser.post(address, sent, **HERE))[1]
    sign_in(browser, editor)
    for token in ([], ["x" * 64], again["csrfmiddlewaretoken"]):
        assert browser.post(address, {**again, "csrfmiddlewaretoken": token}, **HERE).status_code == 403
    draft.refresh_from_db()
    assert draft.title != "Forged"


def test_no_password_nor_code_is_ever_in_it(browser, editor):
    sign_in(browser, editor)
    names = ("password", "old_password", "new_password1", "one_time_code", "code", "passkey", "credential")
    for path, status in (
        ("/admin/password_change/", 403),
        ("/admin/account/login/", 302),
        ("/admin/account/login/second-factor/", 302),
        ("/admin/account/again/", 302),
        ("/admin/account/again/code/", 302),
    ):
        sent = {
            "username": "a name",
            "csrfmiddlewaretoken": "stale",
            **dict.fromkeys(names, "secret words here"),
        }
        answer = browser.post(path, sent, **HERE)
        assert answer.status_code == status
        assert status == 403 or answer.url == path  # the form anew, with nothing in it
        assert "secret words" not in answer.content.decode()


def test_files_have_to_be_chosen_again_once(browser, manager):
    sign_in(browser, manager)
    address = reverse("admin:publishing_picture_add")

    def chosen():
        return {"file": SimpleUploadedFile("face.jpg", b"x")}

    sent = typed_in(browser, address, alt="What it shows")
    sign_out(browser)
    answer = browser.post(address, {**sent, **chosen()}, **HERE)
    assert 'type="file"' not in answer.content.decode(), "it would have to be chosen twice"
    sign_in(browser, manager)
    fresh = browser.post(address, form_of(answer)[1], **HERE)
    assert "Choose the file once more: face.jpg" in fresh.content.decode()
    assert '<input type="file" id="file-1" name="file">' in fresh.content.decode()
    assert "_file-file" not in form_of(fresh)[1]
    done = browser.post(address, {**form_of(fresh)[1], **chosen()}, **HERE)
    assert done.context["adminform"].form["alt"].value() == "What it shows"
    assert not Picture.objects.exists()


def test_a_script_and_an_action_of_a_list_are_led_to_the_sign_in(browser, editor, address):
    sign_in(browser, editor)
    sent = typed_in(browser, address, title="Typed")
    sign_out(browser)
    assert browser.post(address, sent, **HERE | {"HTTP_SEC_FETCH_DEST": "empty"}).status_code == 302
    action = {
        "action": "delete_selected",
        "_selected_action": "1",
        "csrfmiddlewaretoken": sent["csrfmiddlewaretoken"],
    }
    assert browser.post(reverse("admin:evidence_claim_changelist"), action, **HERE).status_code == 302


# --- the browser's copy -------------------------------------------------------------------------------------


def test_the_browser_keeps_forms_of_content_until_they_are_saved_and_none_of_people(
    client, manager, editor, address
):
    client.force_login(manager)
    for path, kept in (
        (address, "*"),
        (reverse("admin:evidence_claim_add"), "*"),
        (reverse("admin:clinic_testimonial_add"), "words"),
        (reverse("admin:accounts_user_change", args=[editor.pk]), None),
        (reverse("admin:publishing_picture_add"), None),
    ):
        found = re.search(r'data-recoverable="([^"]*)"', client.get(path).content.decode())
        assert (found and found[1]) == kept
    sent = {**filled(client.get(address)), "_draft_id": "mwquvlke-g0nsscnqfn"}
    failed = client.post(address, {**sent, "title": ""})
    assert "saved" not in client.cookies
    assert 'name="_draft_id" value="mwquvlke-g0nsscnqfn"' in failed.content.decode(), (
        "the page goes on with its copy"
    )
    client.post(address, {**sent, "_draft_id": "<script>"})
    assert "saved" not in client.cookies
    client.post(address, sent)
    assert client.cookies["saved"].value == "mwquvlke-g0nsscnqfn"


def test_what_is_restored_is_in_the_form_again_and_not_saved(client, editor, address, draft):
    client.force_login(editor)
    kept = filled(client.get(address), title="Never saved", _draft_id="mwquvlke-g0nsscnqfn", _restore="1")
    saves, part = DraftSave.objects.count(), draft.ordered_sections()[0]
    page = client.post(address, {**kept, "sections-0-body": "<p>Nor this.</p>"})
    assert page.status_code == 200
    assert "They are not saved yet" in page.content.decode()
    assert page.context["adminform"].form["title"].value() == "Never saved"
    assert not page.context["errors"]
    title, body = draft.title, part.body
    draft.refresh_from_db()
    part.refresh_from_db()
    assert (draft.title, part.body, DraftSave.objects.count()) == (title, body, saves)
    assert "saved" not in client.cookies
    client.post(address, filled(page))
    draft.refresh_from_db()
    part.refresh_from_db()
    assert (draft.title, part.body) == ("Never saved", "<p>Nor this.</p>")


def test_what_is_restored_meets_what_a_colleague_saved_or_added_since(client, editor, address, draft):
    client.force_login(editor)
    kept = filled(client.get(address), title="Never saved", _restore="1")
    part = draft.sections.create(anchor="more", heading="More", body="<p>One.</p>", position=90)
    answer = client.post(address, kept)
    assert answer.status_code == 409
    assert "Added since, and kept whatever you choose: More" in answer.content.decode()
    part.delete()
    type(draft).objects.filter(pk=draft.pk).update(title="Theirs")
    answer = client.post(address, kept)
    assert answer.status_code == 409
    assert "_restore" not in form_of_conflict(answer), "what is chosen there is saved"
    assert client.post(address, {**form_of_conflict(answer), "_choice-title": "mine"}).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Never saved"


def form_of_conflict(answer) -> dict:
    conflict = answer.context["conflict"]
    return {**dict(conflict.carried), "_shown": conflict.version}


def test_a_new_row_is_restored_too_and_every_form_that_is_kept_can_be(client, editor):
    client.force_login(editor)
    new = reverse("admin:evidence_source_add")
    page = client.post(new, filled(client.get(new), title="Typed before the tab was closed", _restore="1"))
    assert page.status_code == 200
    assert page.context["adminform"].form["title"].value() == "Typed before the tab was closed"
    rooms = admin.site._registry.values()
    kept = [
        one
        for one in rooms
        if vars(type(one)).get("logs_values") is True or getattr(one, "recoverable_fields", ())
    ]
    assert len(kept) > 8
    assert all(issubclass(one.form, RecoverableForm) for one in kept)

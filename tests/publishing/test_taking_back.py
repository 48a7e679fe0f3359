"""Whoever submitted an edition takes it back while it waits; and what an edition's page says to whom."""

import pytest
from django.test import Client

from clinic_site.audit_log.models import AuditEntry
from clinic_site.publishing.models import Edition, EditionStatus, PublishingError, Section
from tests import factories
from tests.admin_forms import address, as_

pytestmark = pytest.mark.django_db


def shown(person, row, view="change") -> str:
    return " ".join(as_(person).get(address(row, view)).content.decode().split())


@pytest.fixture
def draft(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    body = "<p>It lasts [[sweat-lasts]]. Most people are glad of it.</p>"
    Section.objects.filter(document=draft, anchor="on-the-day").update(body=body)
    return draft


@pytest.fixture
def edition(draft, editor):
    return draft.submit(by=editor, change_note="First edition.")


# --- taking it back -----------------------------------------------------------------------------------------


def test_who_submitted_it_takes_it_back_and_nobody_signs_it(edition, draft, editor, clinician):
    assert "Take back…" in shown(editor, edition)
    response = as_(editor).post(address(edition, "take-back"), {"because": ""}, follow=True)
    assert str(next(iter(response.context["messages"]))) == (
        "Edition 1 is taken back: nobody signs it. Taken back before it was signed."
    )
    assert AuditEntry.objects.filter(verb="take back", by=editor, row=str(edition.pk)).exists()
    edition = Edition.objects.get(pk=edition.pk)
    assert edition.status == Edition.objects.with_status().get().status == EditionStatus.TAKEN_BACK
    with pytest.raises(PublishingError, match="taken back meanwhile"):
        edition.sign(by=clinician)
    assert f"{editor} took it back:" in shown(editor, draft)
    # it's nobody's to mend, and it can be submitted again as it is
    assert "Sent back" not in as_(editor).get("/admin/").content.decode()
    assert "Sent back" not in as_(factories.person("editor")).get("/admin/").content.decode()
    draft.submit(by=editor, change_note="Now.").sign(by=clinician)


def test_a_colleague_takes_it_back_for_them_with_a_reason(edition, editor):
    colleague = factories.person("editor")
    as_(colleague).post(address(edition, "take-back"), {"because": "The dose is still open."})
    edition = Edition.objects.get(pk=edition.pk)
    assert edition.status == EditionStatus.SENT_BACK
    assert (edition.returned_by, edition.returned_because) == (colleague, "The dose is still open.")
    assert "Sent back to you" in as_(editor).get("/admin/").content.decode()


def test_whoever_signs_it_sends_it_back_instead(edition, clinician, desk):
    html = shown(clinician, edition)
    assert "Send back…" in html
    assert "Take back…" not in html
    with pytest.raises(PublishingError, match="Your role"):
        edition.take_back(by=desk)


def test_what_is_signed_is_not_taken_back(edition, editor, clinician):
    edition.sign(by=clinician)
    assert "Take back…" not in shown(editor, edition)
    assert as_(editor).post(address(edition, "take-back"), {"because": ""}).status_code == 422
    with pytest.raises(PublishingError, match="signed this edition already"):
        edition.take_back(by=editor)


# --- what its page says -------------------------------------------------------------------------------------


def test_the_signer_reads_every_name_that_patients_read(edition, draft, editor, clinician):
    edition.sign(by=clinician)
    manager = factories.person("manager")
    factories.edit(draft, by=manager)
    again = draft.submit(by=manager, change_note="Again.")
    names = f"{editor.signature} and {manager.signature}"
    for view in ("change", "sign"):
        assert f"{names}. Submitted by {manager}, who can’t sign it" in shown(clinician, again, view)
    again.sign(by=clinician)
    assert factories.written_by(Client().get("/treatments/sweat/")) == names


def test_for_you_to_judge_is_said_to_whoever_may_sign_it_now(edition, clinician, manager, editor):
    for person, is_theirs in ((clinician, True), (manager, False), (editor, False)):
        html = shown(person, edition)
        assert "Statements without a source (" in html or is_theirs
        assert ("For you to judge" in html) == ("Signing says" in html) == is_theirs
    edition.sign(by=clinician)
    assert "For you to judge" not in shown(clinician, edition)


def test_what_waits_was_not_posted_on_any_day(edition, editor, clinician):
    assert "Not yet. Patients would read" in shown(editor, edition)
    edition.sign(by=clinician)
    assert "Not yet." not in shown(editor, edition)

import pytest
from django.test import Client
from django.utils import timezone

from clinic_site.audit_log.models import AuditEntry
from clinic_site.clinic import models as clinic
from tests.admin_forms import address, errors_of, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def editing(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def at_the_desk(client, desk):
    client.force_login(desk)
    return client


def test_the_clinic_is_one_row_that_its_address_leads_to(editing):
    assert editing.get("/admin/clinic/details/").headers["Location"].endswith("/add/")
    typed = filled(editing.get("/admin/clinic/details/add/"), name="A clinic", country="CA", accent="lake")
    editing.post("/admin/clinic/details/add/", typed)
    row = clinic.Details.objects.get()
    assert editing.get("/admin/clinic/details/").headers["Location"] == address(row)
    assert "Ontario" in editing.get(address(row)).content.decode()
    assert editing.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    assert editing.get("/admin/clinic/details/add/").status_code == 403


def test_a_medical_figure_in_a_line_that_nobody_signs_is_refused_in_words(editing):
    row = clinic.Details.objects.create(name="A clinic")
    response = editing.post(address(row), filled(editing.get(address(row)), strapline="Lasts 6 months"))
    assert response.status_code == 200
    assert "6 months" in errors_of(response)
    fields = {
        "words": "It lasted 6 months.",
        "said_by": "A. P.",
        "consented_on": "2026-01-01",
        "consent_scope": "this website",
    }
    response = editing.post("/admin/clinic/testimonial/add/", fields)
    assert "6 months" in errors_of(response)
    assert "It lasted 6 months." in response.content.decode()


def test_consent_that_ends_before_it_began_is_refused_in_words(editing):
    fields = {
        "words": "Kind.",
        "said_by": "A. P.",
        "consented_on": "2026-01-02",
        "consent_scope": "this website",
        "consent_until": "2026-01-01",
    }
    assert "before it began" in errors_of(editing.post("/admin/clinic/testimonial/add/", fields))


def test_an_award_without_number_and_date_stays_a_draft(editing):
    response = editing.post(
        "/admin/clinic/accreditation/add/",
        {"name": "Award", "issuer": "Somebody", "published_on": "2026-01-01"},
    )
    assert "it needs its number" in errors_of(response)
    editing.post("/admin/clinic/accreditation/add/", {"name": "Award", "issuer": "Somebody"})
    assert not clinic.Accreditation.objects.shown().exists()
    assert clinic.Accreditation.objects.exists()


def test_messages_wait_first_and_their_words_stay(at_the_desk, desk):
    answered = clinic.Message.objects.create(
        name="Ann",
        email="ann@patients.test",
        words="An old one",
        answered_at=timezone.now(),
        answered_by=desk,
    )
    waits = clinic.Message.objects.create(
        name="Bo",
        email="bo@patients.test",
        words="<b>Hello</b>",
        at=timezone.now() - timezone.timedelta(days=9),
    )
    listed = at_the_desk.get("/admin/clinic/message/").content.decode()
    assert listed.index(waits.reference) < listed.index(answered.reference)
    assert "&lt;b&gt;Hello&lt;/b&gt;" in at_the_desk.get(address(waits)).content.decode()
    assert at_the_desk.post(address(waits), {"words": "Something else"}).status_code == 403
    at_the_desk.post(address(waits, "answered"))
    waits.refresh_from_db()
    assert waits.answered_by == desk
    assert waits.answered_at
    assert waits.words == "<b>Hello</b>"
    assert "Mark as answered" not in at_the_desk.get(address(waits)).content.decode()


def test_an_answer_that_was_none_is_taken_back(at_the_desk, desk):
    row = clinic.Message.objects.create(
        name="Bo", email="bo@patients.test", phone="416 555 0100", words="Hello"
    )
    at_the_desk.post(address(row, "answered"))
    assert "Answered on" in at_the_desk.get("/admin/clinic/message/").content.decode()
    assert "Mark as not answered…" in at_the_desk.get(address(row)).content.decode()
    at_the_desk.post(address(row, "not-answered"))
    row.refresh_from_db()
    assert (row.answered_at, row.answered_by) == (None, None)
    assert AuditEntry.objects.first().verb == "not answered"
    page = at_the_desk.get(address(row)).content.decode()
    assert "Mark as answered" in page
    assert '<a href="mailto:bo@patients.test">bo@patients.test</a>' in page
    assert '<a href="tel:4165550100">416 555 0100</a>' in page
    assert "Your name" not in page


def test_an_editor_answers_no_messages(editing):
    row = clinic.Message.objects.create(name="Bo", email="bo@patients.test", words="Hello")
    assert editing.post(address(row, "answered")).status_code == 403
    row.refresh_from_db()
    assert row.answered_at is None


def test_staff_see_the_colour_that_the_clinic_chose_for_patients(editing):
    row = clinic.Details.objects.create(name="A clinic")
    editing.post(address(row), filled(editing.get(address(row)), accent="plum"))
    for who, place in ((editing, "/admin/"), (Client(), "/admin/login/")):
        page = who.get(place, follow=True).content.decode()
        assert '<html lang="en-CA" dir="ltr" data-accent="plum">' in page
        assert "A clinic" in page

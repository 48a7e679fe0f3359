"""What the signer is shown."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic_site.pages.diff import compare
from clinic_site.publishing.models import Edition, PublishingError, Section
from tests import factories
from tests.publishing.test_pictures import picture, upload

pytestmark = pytest.mark.django_db


def test_the_signer_is_shown_what_no_rule_can_judge(client, draft, editor, clinician):
    body = "<p>It lasts [[sweat-lasts]]. Most people are glad of it. Ring ((24 hours)) before you come.</p>"
    Section.objects.filter(document=draft, anchor="on-the-day").update(body=body)
    edition = draft.submit(by=editor, change_note="First edition.")
    client.force_login(clinician)
    html = client.get(f"/admin/publishing/edition/{edition.pk}/change/").content.decode()
    assert "For you to judge" in html
    assert "Most people are glad of it." in html
    assert "24 hours" in html


def signing_page(client, signer, edition) -> str:
    client.force_login(signer)
    html = client.get(reverse("admin:publishing_edition_sign", args=[edition.pk])).content.decode()
    return " ".join(html.split())


# --- the day that an answer was posted ----------------------------------------------------------------------


@pytest.fixture
def answer(editor, clinician):
    made = factories.answer("sun", by=editor, checked_by=clinician, first_posted=date(2019, 5, 4))
    factories.live(made, by=editor, signer=clinician)
    return made


def test_a_date_alone_is_published_and_its_signer_sees_it(client, answer, editor, clinician):
    answer.first_posted = date(2018, 3, 31)
    answer.save()
    answer.note_save(by=editor)
    edition = answer.submit(by=editor, change_note="It was posted earlier.")
    html = signing_page(client, clinician, edition)
    assert "<dt>Posted on</dt> <dd> 31 March 2018 </dd>" in html
    [changed] = compare(answer.live.edition.page, edition.page).changed
    assert changed.where == "Posted on"
    assert "4 May 2019" in changed.html
    assert "31 March 2018" in changed.html
    edition.sign(by=clinician)
    public = client.get("/blog/sun/").content.decode()
    assert 'datetime="2018-03-31"' in public
    assert 'datetime="2019-05-04"' not in public


def test_a_day_to_come_is_no_day_that_something_was_posted(client, answer, editor):
    ahead = timezone.localdate() + timedelta(days=3)
    answer.first_posted = ahead
    answer.save()
    with pytest.raises(PublishingError) as refused:
        answer.submit(by=editor, change_note="x")
    assert any("still to come" in finding.sentence for finding in refused.value.findings)


def test_the_date_comes_back_with_its_edition(answer, editor, clinician):
    old = answer.live.edition
    answer.first_posted = None
    answer.save()
    answer.restore_from(old.page)
    assert type(answer).objects.get().first_posted == date(2019, 5, 4)


def test_an_edition_from_before_pages_said_the_date_is_read_as_it_was(answer):
    edition = Edition.objects.get()
    text = edition.page_text.replace(',"first_posted":"2019-05-04"', "")
    assert "first_posted" not in text
    from clinic_site.pages.shapes import unseal

    assert unseal(text, type(edition.page)).first_posted == ""


# --- the address, and pictures ------------------------------------------------------------------------------


def test_the_first_signer_of_a_page_reads_where_it_will_stand(client, editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=factories.person("clinician"))
    html = signing_page(client, clinician, draft.submit(by=editor, change_note="x"))
    assert "<dt>Address</dt> <dd> /treatments/sweat/ </dd>" in html
    assert f"<dt>Posted on</dt> <dd> {timezone.localdate():%-d %B %Y} </dd>" in html


def test_pictures_are_shown_as_pictures_with_their_description(client, editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=factories.person("clinician"))
    Section.objects.filter(document=draft, anchor="timing").update(picture=picture(alt="A grey wall"))
    draft.note_save(by=editor)
    edition = draft.submit(by=editor, change_note="x")
    first = edition.page.part("timing").image.name
    html = signing_page(client, clinician, edition)
    assert f'<img class="comparison__picture" src="/media/{first}"' in html
    assert "A grey wall" in html
    assert f">{first}<" not in html
    edition.sign(by=factories.person("clinician"))
    # another picture with the same description
    other = picture(upload((900, 500)), alt="A grey wall")
    Section.objects.filter(document=draft, anchor="timing").update(picture=other)
    draft.note_save(by=editor)
    again = draft.submit(by=editor, change_note="x")
    comparison = compare(edition.page, again.page)
    assert comparison.summary == "1 change of wording"
    html = signing_page(client, clinician, again)
    assert html.index(f"/media/{first}") < html.index(f"/media/{other.file.name}")
    compared = client.get(reverse("admin:publishing_edition_compare", args=[again.pk])).content.decode()
    assert f"/media/{other.file.name}" in compared


# --- a clinic with one doctor -------------------------------------------------------------------------------


@pytest.fixture
def sole(settings):
    settings.SOLE_CLINICIAN = True


def test_no_page_speaks_of_a_colleague_where_there_is_none(client, sole):
    doctor = factories.person("clinician")
    draft = factories.treatment("sweat", by=doctor, checked_by=doctor)
    client.force_login(doctor)
    submitting = client.get(reverse("admin:treatments_treatment_submit", args=[draft.pk])).content.decode()
    assert "Somebody who didn" not in submitting
    assert "can sign it a day later" in submitting
    edition = draft.submit(by=doctor, change_note="x")
    first_page = client.get("/admin/").content.decode()
    assert "waits for a colleague" not in first_page
    assert "Submitted by you: waits for a signature" in first_page
    shown = client.get(reverse("admin:publishing_edition_change", args=[edition.pk])).content.decode()
    assert "can’t sign it" not in shown
    assert "can sign it a day later" in shown


def test_patients_read_of_one_step_where_there_was_one(client, sole):
    doctor = factories.person("clinician")
    with factories.ago(hours=25):
        draft = factories.treatment("sweat", by=doctor, checked_by=doctor)
        edition = draft.submit(by=doctor, change_note="x")
    edition.sign(by=doctor, **factories.SELF_REVIEW)
    html = " ".join(client.get("/treatments/sweat/").content.decode().split())
    assert html.count("Written and reviewed by") == 2  # above the page and under it
    assert doctor.signature in html
    assert "Written by" not in html
    assert "Medically reviewed by" not in html
    assert factories.SELF_REVIEW["self_review_because"] in html


def test_patients_read_of_the_others_who_wrote_it(client, sole, editor):
    doctor = factories.person("clinician")
    with factories.ago(hours=25):
        draft = factories.treatment("sweat", by=editor, checked_by=doctor)
        factories.edit(draft, by=doctor)
        edition = draft.submit(by=doctor, change_note="x")
    edition.sign(by=doctor, **factories.SELF_REVIEW)
    response = client.get("/treatments/sweat/")
    assert factories.written_by(response) == f"{editor.signature} and {doctor.signature}"
    assert "Written and reviewed by the same clinician" in response.content.decode()

"""A picture of somebody is shown only while their consent holds, whatever went before."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site.publishing import reading
from clinic_site.publishing.models import (
    Batch,
    Edition,
    Live,
    Mark,
    Picture,
    PreviewLink,
    PublishingError,
    Section,
)
from clinic_site.publishing.scheduled_tasks import put_due_editions_live
from clinic_site.registry import work_for
from tests import factories
from tests.admin_forms import as_
from tests.publishing.test_pictures import picture, striped, upload
from treatments.models import Treatment

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
AGO = timedelta(days=3)  # further back than any two clocks differ


def end(person):
    Picture.objects.filter(pk=person.pk).update(consent_until=TODAY - AGO)


def withdraw(person):
    Picture.objects.filter(pk=person.pk).update(consent_withdrawn_on=TODAY)


GONE = pytest.mark.parametrize("gone", [end, withdraw])


@pytest.fixture
def person():
    return picture(striped(), alt="A nurse", shows_person=True, consent="A. P., in writing, 3 March")


@pytest.fixture
def draft(editor, clinician, person):
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    Section.objects.filter(document=made, anchor="on-the-day").update(picture=person)
    return made


def submitted(draft, editor) -> Edition:
    return Treatment.objects.get(pk=draft.pk).submit(by=editor, change_note="First.")


def said(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@GONE
def test_patients_see_it_nowhere_from_then_on_and_again_with_a_new_consent(
    gone, draft, person, editor, clinician
):
    factories.live(draft, by=editor, signer=clinician)
    edition = Live.objects.get(slug="sweat").edition
    link = PreviewLink.make(
        edition, by=editor, reader="our insurer", ends_at=timezone.now() + timedelta(days=3)
    ).token
    wide, card = person.file.name, person.as_image().card[0][1]
    addresses = ["/treatments/sweat/", "/treatments/sweat/history/1/", reverse("preview", args=[link])]
    assert all(wide in said(address) for address in addresses)
    assert card in str(next(iter(reading.cards(Live.objects.cards().filter(slug="sweat")))).fields)
    gone(person)
    lists = ["/", "/treatments/", "/search/?q=sweat", "/feed/"]
    for address in [*addresses, *lists]:
        html = Client().get(address).content.decode()
        assert not [name for name in person.file_names if name and name in html], address
    shown = reading.cards(Live.objects.cards().filter(slug="sweat")) + reading.cards(
        Edition.objects.for_cards()
    )
    assert not [one for one in shown if "picture" in one.fields]
    assert not Live.objects.get(slug="sweat").words().pictures
    told = as_(editor).get(reverse("admin:publishing_edition_change", args=[edition.pk])).content.decode()
    assert "no longer agrees to be shown" in told
    # the seal holds all the same
    assert Live.objects.get(slug="sweat").edition.is_intact
    person.refresh_from_db()
    person.consent_until, person.consent_withdrawn_on = TODAY, None
    person.save()
    assert all(wide in said(address) for address in addresses)


@GONE
def test_its_files_are_served_to_staff_alone(gone, person, editor, desk):
    address = f"/media/{person.file.name}"
    assert "immutable" in Client().get(address)["Cache-Control"]
    gone(person)
    assert {Client().get(f"/media/{name}").status_code for name in person.file_names} == {404}
    assert as_(desk).get(address).status_code == 404
    response = as_(editor).get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")


@GONE
def test_nobody_signs_publishes_or_submits_it(gone, draft, person, editor, clinician):
    edition = submitted(draft, editor)
    gone(person)
    with pytest.raises(PublishingError, match="no longer agrees"):
        edition.sign(by=clinician)
    with pytest.raises(PublishingError) as refused:
        submitted(draft, editor)
    assert [finding.rule for finding in refused.value.findings if finding.stops] == ["picture-of-a-person"]
    Picture.objects.update(consent_until=None, consent_withdrawn_on=None)
    edition.sign(by=clinician, hold=True)
    gone(person)
    with pytest.raises(PublishingError, match="no longer agrees"):
        edition.publish(by=clinician)
    assert not Live.objects.exists()


def test_nobody_signs_it_among_several(draft, person, editor, clinician):
    change = Batch.objects.create(about="claim:sweat-lasts", change_note="x", by=editor)
    Treatment.objects.get(pk=draft.pk).submit(by=editor, change_note="x", batch=change)
    assert change.ready_for(clinician).editions
    withdraw(person)
    ready = change.ready_for(clinician)
    assert not ready.editions
    assert ["no longer agrees" in reason for _, reason in ready.apart] == [True]


@GONE
def test_a_scheduled_edition_waits_for_a_new_consent(gone, draft, person, editor, clinician, monkeypatch):
    edition = submitted(draft, editor)
    edition.sign(by=clinician, live_from=timezone.now() + timedelta(days=1))
    gone(person)
    due = timezone.now() + timedelta(days=2)
    assert put_due_editions_live(due) == 0
    assert not Live.objects.exists()
    Picture.objects.update(consent_until=None, consent_withdrawn_on=None)
    assert put_due_editions_live(due) == 1


# --- going round the verbs ----------------------------------------------------------------------------------


@GONE
def test_the_database_lets_nobody_sign_it_or_put_it_live(gone, draft, person, editor, clinician):
    edition = submitted(draft, editor)
    gone(person)
    stamps = {
        "signed_at": timezone.now(),
        "signed_by": clinician,
        "signed_name": "Dr",
        "signed_as_sample": False,
    }
    with pytest.raises(IntegrityError, match="while their consent holds"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).stamp(**stamps, live_from=timezone.now())
    Picture.objects.update(consent_until=None, consent_withdrawn_on=None)
    Edition.objects.filter(pk=edition.pk).stamp(**stamps, live_from=timezone.now() + timedelta(seconds=5))
    gone(person)
    row = {
        "document_id": draft.pk,
        "edition": edition,
        "kind": edition.kind,
        "slug": "sweat",
        "posted_on": TODAY,
    }
    with pytest.raises(IntegrityError, match="while their consent holds"), transaction.atomic():
        Live.objects.create(**row)
    Picture.objects.update(consent_until=TODAY, consent_withdrawn_on=None)
    Live.objects.create(**row)


def test_a_sealed_picture_of_a_person_keeps_its_row_and_its_file(draft, person, editor, clinician):
    factories.live(draft, by=editor, signer=clinician)
    Section.objects.update(picture=None)
    with pytest.raises(IntegrityError, match="isn't deleted"), transaction.atomic():
        person.delete()
    with pytest.raises(IntegrityError, match="isn't replaced"), transaction.atomic():
        Picture.objects.update(file="other.webp")
    address = reverse("admin:publishing_picture_change", args=[person.pk])
    assert 'type="file"' not in as_(editor).get(address).content.decode()
    told = as_(editor).get(reverse("admin:publishing_picture_delete", args=[person.pk])).content.decode()
    assert "must be able to withdraw their consent" in told
    other = picture(upload(), alt="A wall")
    other.delete()
    assert Picture.objects.get() == person


def test_two_parts_with_one_picture_are_one_mark(draft, person, editor):
    Section.objects.filter(document=draft).update(picture=person)
    edition = submitted(draft, editor)
    assert list(edition.marks.filter(kind=Mark.Kind.PICTURE).values_list("key", flat=True)) == [
        person.file.name
    ]


@GONE
def test_the_first_page_says_so_until_no_page_has_it(gone, draft, person, editor, clinician):
    factories.live(draft, by=editor, signer=clinician)

    def notes() -> list[str]:
        client = as_(editor)
        queues = [
            queue
            for queue in work_for(type(editor).objects.get(pk=editor.pk))
            if queue.title.startswith("Consent to a picture")
        ]
        assert all(client.get(queue.address).context["cl"].result_count == queue.count for queue in queues)
        return [row.note for queue in queues for row in queue.items]

    assert notes() == []
    gone(person)
    assert len(notes()) == 1
    assert "Its pages are without a picture now" in notes()[0]
    Section.objects.update(picture=None)
    Edition.objects.get().withdraw(by=clinician, because="Anew.")
    assert notes() == [] if gone is withdraw else "No page that patients read has it" in notes()[0]


def test_the_first_page_asks_of_old_pictures_that_patients_see(draft, person, editor, clinician, desk):
    title = "Patients see pictures of which nobody has said whether they show a person"

    def asked(who) -> list[str]:
        queues = [queue for queue in work_for(type(who).objects.get(pk=who.pk)) if queue.title == title]
        assert all(as_(who).get(queue.address).context["cl"].result_count == queue.count for queue in queues)
        return [row.words for queue in queues for row in queue.items]

    picture(upload(), alt="In no page")
    Picture.objects.filter(alt="In no page").update(shows_person=None)
    factories.live(draft, by=editor, signer=clinician)
    assert asked(editor) == []
    Picture.objects.filter(pk=person.pk).update(shows_person=None, consent="")
    assert asked(editor) == ["A nurse"]
    assert asked(desk) == []
    Picture.objects.filter(pk=person.pk).update(shows_person=False)
    assert asked(editor) == []

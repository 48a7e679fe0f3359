"""A page's address: a change of it is told to the signer, and one that another page had is refused."""

import pytest
from django.test import Client

from clinic_site.pages.diff import compare
from clinic_site.publishing.models import Batch, Edition, PublishingError
from tests import factories
from tests.admin_forms import address, as_, errors_of, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(draft, editor, clinician):
    return factories.live(draft, by=editor, signer=clinician)


# --- another address ----------------------------------------------------------------------------------------


def test_another_address_is_a_change_that_the_signer_reads(draft, live, editor, clinician):
    draft.slug = "sweating"
    draft.save()
    comparing = as_(editor).get(address(draft, "compare"))
    edition = draft.submit(by=editor, change_note="A clearer address.")
    signing = as_(clinician).get(address(edition, "sign"))
    for response in (comparing, signing):
        html = " ".join(response.content.decode().split())
        assert response.context["comparison"].summary == "1 address changed"
        assert "<del>/treatments/sweat/</del> → <ins>/treatments/sweating/</ins>" in html
    assert compare(None, edition.page).address is None


def test_so_it_is_where_several_pages_are_signed_together(draft, live, editor, clinician):
    draft.slug = "sweating"
    draft.save()
    batch = Batch.objects.create(about="claim:sweat-lasts", change_note="Both.", by=editor)
    draft.submit(by=editor, change_note="Both.", batch=batch)
    html = as_(clinician).get(address(batch, "sign")).content.decode()
    assert "1 address changed" in html
    assert "<ins>/treatments/sweating/</ins>" in html


# --- an address that another page had -----------------------------------------------------------------------


@pytest.fixture
def moved(editor, clinician):
    """An answer that was read at `first`, and is read at `second`."""
    made = factories.answer("first", by=editor, checked_by=clinician)
    factories.live(made, by=editor, signer=clinician)
    made.slug = "second"
    made.save()
    factories.live(made, by=editor, signer=clinician, note="A clearer address.")
    return made


def test_it_is_refused_on_the_field_when_the_draft_is_made(moved, editor):
    client = as_(editor)
    form = client.get("/admin/blog/answer/add/")
    response = client.post("/admin/blog/answer/add/", filled(form, title="Another", slug="first"))
    assert response.status_code in (200, 422)
    assert "Another page had this address once" in str(response.context["adminform"].form.errors["slug"])


def test_it_is_refused_on_the_field_when_the_draft_is_saved(moved, editor, clinician):
    other = factories.answer("other", by=editor, checked_by=clinician)
    client = as_(editor)
    response = client.post(address(other), filled(client.get(address(other)), slug="first"))
    assert "Another page had this address once" in errors_of(response)


def test_going_round_the_form_the_verbs_refuse_it(moved, editor, clinician):
    other = factories.answer("other", by=editor, checked_by=clinician)
    other.slug = "first"
    other.save()
    with pytest.raises(PublishingError, match="belongs to another page"):
        other.submit(by=editor, change_note="x")


def test_taken_between_submission_and_signature_it_is_refused_by_the_signature(editor, clinician):
    first = factories.answer("first", by=editor, checked_by=clinician)
    waiting = first.submit(by=editor, change_note="x")
    first.slug = "second"
    first.save()
    other = factories.answer("other", by=editor, checked_by=clinician)
    other.slug = "first"
    other.save()
    factories.live(other, by=editor, signer=clinician)
    with pytest.raises(PublishingError, match="belongs to another page"):
        waiting.sign(by=clinician)
    assert not Edition.objects.get(pk=waiting.pk).is_signed


def test_an_address_that_is_taken_back_leads_nobody_in_a_circle(draft, live, editor, clinician):
    """A browser keeps a permanent redirect: to one that goes back the other way it adds its own."""
    for slug in ("sweating", "sweat"):
        draft.slug = slug
        draft.save()
        factories.live(draft, by=editor, signer=clinician, note="Another address.")
        away = "sweat" if slug == "sweating" else "sweating"
        response = Client().get(f"/treatments/{away}/?utm_source=leaflet&a=1")
        assert response.status_code == 302
        assert response["Location"] == f"/treatments/{slug}/?utm_source=leaflet&a=1"
        assert response["Cache-Control"] == "no-cache"
        assert Client().get(f"/treatments/{slug}/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("/Treatments/", "/treatments/"),
        ("/TREATMENTS/Sweat/", "/treatments/sweat/"),
        ("/treatments/SWEAT", "/treatments/sweat/"),
        ("/Treatments/Sweat/History/?a=B", "/treatments/sweat/history/?a=B"),
        ("/Contact", "/contact/"),
        ("/Blog/Topics/Safety/", "/blog/topics/safety/"),
        ("/Admin/", "/admin/"),
        ("/R/K7M4QX2/Introduce/", "/r/K7M4QX2/introduce/"),
    ],
)
def test_capitals_lead_to_the_page(live, typed, leads_to):
    response = Client().get(typed)
    assert (response.status_code, response["Location"]) == (302, leads_to)


@pytest.mark.parametrize(
    "path",
    ["/Nowhere/At/All/", "/r/ABCDEFG/", "/preview/AbC/", "/new-password/AbC/DeF/", "/treatments/nothing/"],
)
def test_a_code_in_capitals_and_what_is_no_address_is_not_led_about(live, path):
    assert Client().get(path).status_code in (404, 410)


def test_a_form_sent_to_capitals_is_not_led_on(live):
    assert Client().post("/Contact/").status_code == 404

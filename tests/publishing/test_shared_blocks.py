"""The warning, and what must be known before treatment: one row each, on every page that could need them."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from blog.models import Answer
from clinic_site import append_only
from clinic_site.evidence.models import Claim
from clinic_site.pages import shapes
from clinic_site.publishing.models import BeforeTreatment, Edition, PublishingError, UrgentHelp
from clinic_site.publishing.proofs import shared_blocks_stand
from clinic_site.publishing.usages import ChangedEvidence, usages_of
from tests import factories
from treatments.models import Overview, Treatment

pytestmark = pytest.mark.django_db
BLOCKS = {"urgent": UrgentHelp, "before_treatment": BeforeTreatment}


@pytest.fixture
def draft(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician)


@pytest.fixture
def emergency(draft, clinician):
    fact = factories.claim(
        "chest-pain",
        checked_by=clinician,
        kind="safety",
        sentence="Call the emergency number if you sweat with chest pain.",
        phrase="sweating with chest pain",
    )
    draft.roles.create(role="emergency", claim=fact)
    return fact


def text_of(page, name: str) -> str:
    return shapes.seal(replace(page, **{name: None}))["page_text"]


def lacking(kind: str, page, name: str):
    """A new edition below every check of Python: its page has no such block."""
    return {
        "kind": kind,
        "page_text": text_of(page, name),
        "card_text": "{}",
        "card_digest": shapes.sha256("{}"),
        "digest": shapes.digest_of(text_of(page, name), shapes.sha256("{}")),
    }


@pytest.mark.parametrize("name", BLOCKS)
def test_a_page_without_a_block_cannot_be_submitted(draft, editor, name):
    BLOCKS[name].objects.all().delete()
    with pytest.raises(PublishingError) as refused:
        draft.submit(by=editor, change_note="x")
    assert {f.rule for f in refused.value.findings if f.stops} == {"missing-shared-block"}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_database_refuses_an_edition_without_a_block(draft, editor, name):
    first = draft.submit(by=editor, change_note="x")
    with pytest.raises(IntegrityError, match="blocks that all like it share"), transaction.atomic():
        Edition.objects.create(
            document_id=draft.pk,
            slug="sweat",
            number=2,
            change_note="x",
            posted_on=first.posted_on,
            submitted_at=first.submitted_at,
            submitted_by=editor,
            **lacking("treatment", first.page, name),
        )


@pytest.mark.parametrize("name", BLOCKS)
def test_prove_finds_an_edition_that_was_robbed_of_a_block(draft, editor, name):
    edition = draft.submit(by=editor, change_note="x")
    assert shared_blocks_stand() == (1, [])
    append_only.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE publishing_edition SET page_text = %s", [text_of(edition.page, name)])
    append_only.install()
    assert shared_blocks_stand() == (1, [f"edition {edition.pk} lacks words that all pages like it have"])


def test_prove_asks_nothing_of_what_was_sealed_before_there_were_blocks(draft, editor):
    edition = draft.submit(by=editor, change_note="x")
    old = text_of(edition.page, "before_treatment").replace('"before_treatment":null,', "")
    assert "before_treatment" not in old
    append_only.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE publishing_edition SET page_text = %s", [old])
    append_only.install()
    assert shared_blocks_stand() == (0, [])
    assert shapes.unseal(old, Treatment.page_shape).before_treatment is None


def test_every_type_that_a_clinician_signs_has_the_warning():
    assert {"urgent", "before_treatment"} == set(Treatment.SHARED_BLOCKS) == set(Overview.SHARED_BLOCKS)
    assert "urgent" in Answer.SHARED_BLOCKS


def test_what_must_be_known_first_stands_on_the_page(draft, editor, clinician):
    factories.live(draft, by=editor, signer=clinician)
    html = Client().get("/treatments/sweat/").content.decode()
    assert html.index('id="who-should-not"') < html.index('id="before-treatment"')
    assert "An infection where the needle would go" in html
    assert "Every medicine that you take" in html


@pytest.mark.parametrize("path", ["/", "/treatments/compare/", "/blog/"])
def test_pages_that_sum_up_lead_to_the_warning(path):
    assert 'href="/treatments/#urgent"' in Client().get(path).content.decode()


def test_whoever_worded_a_block_cannot_sign_the_page(draft, editor, clinician):
    factories.before_treatment().note_save(by=clinician)
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        draft.submit(by=editor, change_note="x").sign(by=clinician)


def test_a_block_that_changes_changes_no_signed_page(draft, editor, clinician):
    edition = factories.live(draft, by=editor, signer=clinician)
    before = Client().get("/treatments/sweat/").content
    BeforeTreatment.objects.update(avoid="Nothing at all", closing="Never mind.")
    assert Client().get("/treatments/sweat/").content == before
    assert not edition.says(draft.compose())


def test_an_emergency_of_a_treatment_stands_on_its_page_and_on_answers_about_it(
    draft, emergency, editor, clinician
):
    factories.live(draft, by=editor, signer=clinician)
    about = factories.answer("about", by=editor, checked_by=clinician, about=[draft])
    other = factories.answer("other", by=editor, checked_by=clinician)
    for answer in (about, other):
        factories.live(answer, by=editor, signer=clinician)
    shown = {
        path: Client().get(path).content.decode()
        for path in ("/treatments/sweat/", "/blog/about/", "/blog/other/")
    }
    assert [path for path, html in shown.items() if "Sweating with chest pain" in html] == [
        "/treatments/sweat/",
        "/blog/about/",
    ]
    assert "Get help now" in shown["/blog/other/"]
    assert "with or without injections" not in shown["/blog/other/"]
    places = {u.document.slug: u.in_draft for u in usages_of(ChangedEvidence.by(emergency))}
    assert places == {"sweat": ("Emergency sign",), "about": ("Emergency sign",)}


def test_an_emergency_comes_back_with_an_older_edition(draft, emergency, editor, clinician):
    edition = factories.live(draft, by=editor, signer=clinician)
    draft.roles.filter(role="emergency").delete()
    assert draft.compose().emergencies is None
    assert Treatment.objects.get().restore_from(edition.page) == []
    assert Treatment.objects.get().compose() == replace(edition.page, written_by="")


def test_an_answer_shows_what_must_be_known_first_where_it_is_asked_to(editor, clinician):
    factories.before_treatment()
    answer = factories.answer("tell", by=editor, checked_by=clinician, shows_before_treatment=True)
    edition = factories.live(answer, by=editor, signer=clinician)
    assert 'id="before-treatment"' in Client().get("/blog/tell/").content.decode()
    Answer.objects.update(shows_before_treatment=False)
    assert Answer.objects.get().compose().before_treatment is None
    Answer.objects.get().restore_from(edition.page)
    assert Answer.objects.get().shows_before_treatment


@pytest.mark.parametrize("name", BLOCKS)
def test_a_claim_in_a_block_is_used_by_every_page_that_shows_it(draft, editor, clinician, name):
    fact = factories.claim("shared-fact", checked_by=clinician)
    factories.answer("other", by=editor, checked_by=clinician)
    BLOCKS[name].objects.update(closing="Know this: [[shared-fact]]")
    found = {usage.document.slug for usage in usages_of(ChangedEvidence.by(Claim.objects.get(pk=fact.pk)))}
    assert found == ({"sweat", "other"} if name == "urgent" else {"sweat"})

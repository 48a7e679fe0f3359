"""A field of a page is declared once: then it's examined, shown to whoever signs, restored and found."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.contrib import admin
from django.core import checks
from django.db import connection
from django.db.models import TextField
from django.test import RequestFactory

from clinic_site.clinic.models import Policy
from clinic_site.editorial.checks import Draft, examine
from clinic_site.pages.diff import compare
from clinic_site.pages.fields import declared, shape, words
from clinic_site.pages.search_text import index_text
from clinic_site.pages.shapes import canonical, digest_of, seal, sha256, unseal
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import SHARED_BLOCKS, Picture, Section
from tests import factories
from treatments.models import Overview, Treatment
from treatments.pages import TreatmentPage

pytestmark = pytest.mark.django_db
BOAST = "It erases wrinkles for eight months, guaranteed."
STOPPED_BY = {"banned-word", "unclaimed-figure"}


# --- a field that is added ----------------------------------------------------------------------------------


@shape
class LongerPage(TreatmentPage):
    aftercare: str = words("After your visit", default="")


@pytest.fixture
def with_aftercare(db, monkeypatch):
    """What a developer does: one field of the model, one of the page."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE treatments_treatment ADD COLUMN aftercare text NOT NULL DEFAULT ''")
    Treatment.add_to_class("aftercare", TextField(blank=True, default=""))
    monkeypatch.setattr(Treatment, "page_shape", LongerPage)
    yield
    Treatment._meta.local_fields.remove(Treatment._meta.get_field("aftercare"))
    Treatment._meta._expire_cache()
    del Treatment.aftercare


def test_a_field_that_is_added_is_examined_shown_restored_and_found(with_aftercare, draft, editor, clinician):
    # given a live page, and a draft with words in a new field
    edition = factories.live(draft, by=editor, signer=clinician)
    draft.aftercare = f"{BOAST} It lasts [[sweat-lasts]] or so."
    draft.save()
    page = draft.compose()
    # then it stands in the draft's form, the checks stop it, and it's told to whoever signs and found by
    # search
    request = RequestFactory().get("/")
    request.user = editor
    assert "aftercare" in admin.site.get_model_admin(Treatment).get_form(request, draft).base_fields
    assert {f.rule for f in draft.findings() if f.where == "After your visit"} >= STOPPED_BY
    assert [passage.where for passage in compare(edition.page, page).changed] == ["After your visit"]
    assert "wrinkl" in index_text(page)
    assert 'data-claim="sweat-lasts"' in page.aftercare
    # and an edition of it brings it back as it was typed
    Treatment.objects.update(aftercare="")
    assert Treatment.objects.get().restore_from(page) == []
    assert Treatment.objects.get().aftercare == draft.aftercare


def test_a_field_that_is_not_declared_is_an_error_when_its_class_is_defined():
    with pytest.raises(TypeError, match=r"Page\.aftercare isn't declared"):

        @shape
        class Page(TreatmentPage):
            aftercare: str = ""


def test_a_field_that_no_draft_says_is_an_error_of_the_system_check(monkeypatch):
    assert not [
        error for kind in DOCUMENT_TYPES.values() for error in kind.check() if error.id == "publishing.E001"
    ]
    monkeypatch.setattr(Treatment, "page_shape", LongerPage)
    [error] = [error for error in checks.run_checks() if error.id == "publishing.E001"]
    assert "LongerPage.aftercare" in error.msg


# --- every field of every kind ------------------------------------------------------------------------------

SEALED = {
    path.stem: json.loads(path.read_text()) for path in Path(__file__).with_name("sealed").glob("*.json")
}


def sealed_page(kind: str):
    return unseal(SEALED[kind]["page_text"], DOCUMENT_TYPES[kind].page_shape)


def another(value, declaration):
    if declaration.format:
        return (BOAST,) if isinstance(value, tuple) else BOAST
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):  # numbers, or what a page is about
        return (value[0] + 1, *value[1:]) if isinstance(value[0], int) else ()
    return f"{value}x" if isinstance(value, str) else (value or 0) + 1


def changed(of, where="", is_apart=False):
    """Of a shape, for each field that a signer is shown: its path, its declaration, where it's shown, whether
    it's compared apart, and the shape with that field changed.
    """
    for name, one in declared(type(of)).items():
        value, apart = getattr(of, name), is_apart or one.apart
        if one.is_nested:
            items = value if isinstance(value, tuple) else tuple(filter(None, [value]))
            for at, item in enumerate(items):
                for path, *rest, copy in changed(item, one.label.format(item=item, where=where), apart):
                    into = (*value[:at], copy, *value[at + 1 :]) if isinstance(value, tuple) else copy
                    yield f"{name}.{path}", *rest, replace(of, **{name: into})
        elif not one.because:
            new = another(value, one)
            yield (
                name,
                one,
                (new if one.is_heading else where) or one.label,
                apart,
                replace(of, **{name: new}),
            )


@pytest.fixture(scope="module")
def every_field():
    assert {
        kind for kind, one in DOCUMENT_TYPES.items() if not one.__module__.startswith("tests.")
    } == SEALED.keys()
    found = [(kind, *row) for kind in SEALED for row in changed(sealed_page(kind))]
    paths = {path for _, path, *_ in found}
    assert paths >= {
        "facts.gap",
        "benefits.html",
        "licences.since",
        "parts.image.alt",
        "urgent.signs",
        "claims.figure.low",
    }
    return found


def test_a_signer_is_shown_every_field_that_changed(every_field):
    for kind, path, _, where, is_apart, after in every_field:
        comparison, root = compare(sealed_page(kind), after), path.partition(".")[0]
        if root in ("claims", "sources"):
            assert getattr(comparison, root), path
        elif not is_apart:
            assert where in {passage.where for passage in comparison.changed}, path


def test_the_checks_examine_every_field_of_words(every_field):
    for _, path, one, where, is_apart, after in every_field:
        if one.format and not is_apart:
            findings = [
                found for found in examine(Draft(page=after)) if found.sentence.startswith(BOAST[:-1])
            ]
            told = {(found.rule, found.where) for found in findings}
            place = one.label if one.is_heading else where
            assert (told >= {(rule, place) for rule in STOPPED_BY}) is one.is_examined, path


def test_every_claim_of_a_page_is_compared_by_itself():
    for page in map(sealed_page, SEALED):
        notes = [*getattr(page, "benefits", ()), *getattr(page, "side_effects", ())]
        notes += [fact.claim for fact in getattr(page, "facts", ()) if fact.claim]
        assert set(notes) <= set(page.claims)


# --- sealed, and back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SEALED)
def test_an_edition_that_was_sealed_before_is_read_as_it_was_sealed(kind):
    stored, page = SEALED[kind], sealed_page(kind)
    assert sha256(stored["card_text"]) == stored["card_digest"]
    assert digest_of(stored["page_text"], stored["card_digest"]) == stored["digest"]
    for now, then in ((asdict(page), stored["page_text"]), (page.card(), stored["card_text"])):
        sealed = json.loads(then)
        assert canonical({name: now[name] for name in sealed}) == canonical(sealed) == then


@pytest.fixture
def drafts(editor, clinician):
    """A draft of each kind with something in every field."""
    picture = Picture.objects.create(
        file="0" * 40 + ".webp",
        alt="A hand",
        credit="A. Photographer",
        width=800,
        height=600,
        shows_person=False,
    )
    treatment = factories.treatment(
        "sweat", by=editor, checked_by=clinician, summary="It lasts [[sweat-lasts]] or so."
    )
    treatment.roles.filter(role="visit").update(claim=None, gap="Our sources do not say.")
    when = {"heading": "When", "body": "<p>Ring ((24 hours)) before.</p>"}
    treatment.sections.filter(anchor="timing").update(picture=picture, **when)
    overview = Overview.objects.create(slug="overview", title="Treatments", summary="All of them.")
    answer = factories.answer(
        "sun",
        by=editor,
        checked_by=clinician,
        about=[treatment],
        detail="I wonder about <the sun>.",
        correction="We said it was so. It happens to [[sun-fact]].",
    )
    policy = Policy.objects.create(slug="privacy", title="Privacy", summary="What is kept.")
    for document in (overview, policy):
        Section.objects.create(
            document=document, anchor="what-it-is", heading="What", body="<p>It lasts [[sweat-lasts]].</p>"
        )
    return {document.KIND: document for document in (treatment, overview, answer, policy)}


@pytest.mark.parametrize("kind", SEALED)
def test_every_field_of_a_draft_comes_back_from_its_edition(drafts, kind):
    model, pk = type(drafts[kind]), drafts[kind].pk
    page = drafts[kind].compose()
    for name, one in declared(model.page_shape).items():
        if one.is_restored:
            value = getattr(page, name)
            nothing = None if name in (*SHARED_BLOCKS, "emergencies") else ()
            other = nothing if one.is_nested else another(value, one)
            model.objects.get(pk=pk).restore_from(replace(page, **{name: other}))
            # words of the whole clinic, a person's name, which a draft keeps, and what is no day
            if name not in (*SHARED_BLOCKS, "answered_by", "first_posted"):
                assert getattr(model.objects.get(pk=pk).compose(), name) == other, name
            assert model.objects.get(pk=pk).restore_from(page) == []
            assert seal(model.objects.get(pk=pk).compose()) == seal(page), name

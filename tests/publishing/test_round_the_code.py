"""Promises 1, 3 and 6 where somebody goes round the verbs: by the ORM, by SQL, with a fixture, in the admin
and in several tabs; and what `prove` says where they went below the database's rules too. (Promise 2, and the
others' first cases: test_signature; who counts as a writer: test_writers.)
"""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site import append_only
from clinic_site.evidence.models import Claim
from clinic_site.pages.shapes import seal
from clinic_site.publishing.change_notes import Nature, change_of
from clinic_site.publishing.models import Edition, EditionWriter, Live, PublishingError, Section
from clinic_site.publishing.proofs import figures_are_claims, signed_by_another
from tests import factories
from tests.admin_forms import filled
from tests.publishing.test_signature import raw
from tests.publishing.test_writers import sign_below_the_verb
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
BARE = "<p>It lasts three months.</p>"
SIGNED = {"when": "now", "password": factories.PASSWORD}


@pytest.fixture
def draft(editor, clinician):
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(made, by=editor, signer=clinician)
    return made


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(row, view):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


def page() -> str:
    return Client().get("/treatments/sweat/").content.decode()


@contextmanager
def below_the_rules():
    """Without triggers and without checks of rows."""
    append_only.remove()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending on the table
            cursor.execute("ALTER TABLE publishing_edition DROP CONSTRAINT submitter_is_not_signer")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = 0")
    append_only.install()


# --- 3: a medical figure is a claim with a source -----------------------------------------------------------


def by_orm(section, editor, folder):
    section.body = BARE
    section.save()


def by_queryset(section, editor, folder):
    Section.objects.filter(pk=section.pk).update(body=BARE)


def by_sql(section, editor, folder):
    raw("UPDATE publishing_section SET body = %s WHERE id = %s", BARE, section.pk)


def by_fixture(section, editor, folder):
    fields = {"document": section.document_id, "anchor": section.anchor, "body": BARE}
    path = folder / "words.json"
    path.write_text(json.dumps([{"model": "publishing.section", "pk": section.pk, "fields": fields}]))
    call_command("loaddata", path, verbosity=0)


def by_admin(section, editor, folder):
    client, form = as_(editor), address(section.document.specific, "change")
    shown = client.get(form)
    rows = shown.context["inline_admin_formsets"][0].formset.forms
    name = next(row.prefix for row in rows if row.instance.pk == section.pk)
    assert client.post(form, filled(shown, **{f"{name}-body": BARE})).status_code == 302


ROUTES = [by_orm, by_queryset, by_sql, by_fixture, by_admin]


@pytest.mark.parametrize("route", ROUTES)
def test_a_bare_figure_reaches_nobody_by_any_route(draft, editor, tmp_path, route):
    before = page()
    route(draft.sections.get(anchor="timing"), editor, tmp_path)
    assert "three months" in Treatment.objects.get().sections.get(anchor="timing").body
    with pytest.raises(PublishingError) as refused:
        Treatment.objects.get().submit(by=editor, change_note="x")
    assert "unclaimed-figure" in {finding.rule for finding in refused.value.findings}
    sent = as_(editor).post(address(draft, "submit"), {"change_note": "x"})
    assert sent.status_code == 422
    assert page() == before


def sealed_by_hand(draft, by) -> Edition:
    """As another program would seal it: its digests right, its words never looked at."""
    section = draft.sections.get(anchor="timing")
    section.body = BARE
    section.save()
    last, page = draft.editions.order_by("-number").first(), draft.compose()
    change = change_of(last, page, nature=Nature.CORRECTION, was_wrong=True, note="x")
    values = {
        "document_id": draft.pk,
        "kind": draft.kind,
        "slug": draft.slug,
        "number": last.number + 1,
        "change_note": "x",
        "posted_on": last.posted_on,
        "submitted_at": timezone.now(),
        "submitted_by": by,
    }
    edition = Edition.objects.create(**values, **seal(replace(page, change=change)), nature=change.nature)
    EditionWriter.objects.create(edition=edition, user=by)
    for mark in last.marks.all():
        edition.marks.create(kind=mark.kind, key=mark.key)
    return edition


def test_nobody_signs_a_bare_figure_that_went_round_the_checks(draft, editor, clinician):
    edition = sealed_by_hand(draft, editor)
    with pytest.raises(PublishingError, match="without a source: It lasts three months"):
        edition.sign(by=clinician)
    told = as_(clinician).post(address(edition, "sign"), SIGNED).content.decode()
    assert "without a source" in told
    sign_below_the_verb(edition, clinician)
    Live.objects.update(edition=edition)
    assert figures_are_claims()[1] == [
        f"edition {edition.pk} says without a source: It lasts three months. [three months]"
    ]


@pytest.mark.parametrize("route", ["orm", "sql"])
def test_a_claim_that_lost_its_sources_reaches_nobody(draft, editor, route):
    claim = Claim.objects.get(key="sweat-lasts")
    if route == "orm":
        claim.sources.clear()
    else:
        raw("DELETE FROM evidence_claim_sources WHERE claim_id = %s", claim.pk)
    factories.edit(draft, by=editor)
    with pytest.raises(PublishingError) as refused:
        draft.submit(by=editor, change_note="x")
    assert "claim-without-source" in {finding.rule for finding in refused.value.findings}


# --- 6: putting words before patients takes two people ------------------------------------------------------


@pytest.fixture
def own(draft):
    """A clinician's own submission, and that clinician."""
    doctor = factories.person("clinician")
    factories.edit(draft, by=factories.person("editor"))
    return draft.submit(by=doctor, change_note="x"), doctor


def test_one_person_puts_nothing_before_patients(own):
    edition, doctor = own
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        edition.sign(by=doctor)
    told = as_(doctor).post(address(edition, "sign"), SIGNED).content.decode()
    assert "nobody signs what they wrote" in told
    with pytest.raises(IntegrityError):
        sign_below_the_verb(edition, doctor)
    with below_the_rules():
        sign_below_the_verb(edition, doctor)
    assert signed_by_another()[1] == [f"edition {edition.pk} isn't signed by somebody who didn't write it"]


def test_prove_finds_a_pointer_at_what_nobody_signed(draft, own):
    with below_the_rules():
        Live.objects.update(edition=own[0])
    [told] = signed_by_another()[1]
    assert "points at an edition that may not be live" in told


def test_a_fixture_points_at_nothing_unsigned(own, tmp_path):
    live = Live.objects.get()
    fields = {"document": live.document_id, "edition": own[0].pk, "kind": "treatment", "slug": "sweat"}
    path = tmp_path / "live.json"
    path.write_text(
        json.dumps(
            [{"model": "publishing.live", "pk": live.pk, "fields": fields | {"posted_on": "2026-01-01"}}]
        )
    )
    with pytest.raises(IntegrityError, match="only a signed edition"), transaction.atomic():
        call_command("loaddata", path, verbosity=0)


# --- several tabs -------------------------------------------------------------------------------------------


@pytest.fixture
def doctor():
    return factories.person("clinician")


def test_a_signing_page_that_lay_open_signs_nothing_else(draft, editor, doctor):
    factories.edit(draft, by=editor)
    first = draft.submit(by=editor, change_note="x")
    tab = as_(doctor)
    assert tab.get(address(first, "sign")).status_code == 200
    factories.edit(draft, by=doctor)  # in another tab
    again = draft.submit(by=editor, change_note="With the doctor's words.")
    assert "Replaced by a newer edition" in tab.post(address(first, "sign"), SIGNED).content.decode()
    assert "nobody signs what they wrote" in tab.post(address(again, "sign"), SIGNED).content.decode()
    assert not Edition.objects.waiting().filter(signed_at__isnull=False).exists()


def test_a_draft_that_lies_open_in_another_tab_makes_no_writer(draft, editor, doctor):
    tab, form = as_(doctor), address(draft, "change")
    lying_open = tab.get(form)
    factories.edit(draft, by=editor)
    edition = draft.submit(by=editor, change_note="x")
    tab.post(form, filled(tab.get(form)))  # saved as it stands
    assert tab.post(address(edition, "sign"), SIGNED).status_code == 302
    # and what lay open since before is compared first: nothing of it is saved unseen
    assert tab.post(form, filled(lying_open)).status_code in (302, 409)
    assert signed_by_another()[1] == []


def test_an_account_that_two_people_share_is_one_writer(draft, editor, doctor):
    """Whoever sits at the browser: what its account saved, its account doesn't sign."""
    one, other = as_(doctor), as_(doctor)
    form = address(draft, "change")
    assert one.post(form, filled(one.get(form), summary="In other words.")).status_code == 302
    edition = draft.submit(by=editor, change_note="x")
    assert "nobody signs what they wrote" in other.post(address(edition, "sign"), SIGNED).content.decode()

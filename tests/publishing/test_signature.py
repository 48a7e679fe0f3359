"""Promises 1, 2 and 6, tried by going round the code."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.serializers import deserialize
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from clinic_site import append_only
from clinic_site.accounts.models import User
from clinic_site.append_only import WrittenOnceError
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.models import (
    Address,
    Edition,
    EditionWriter,
    Live,
    Mark,
    PublishingError,
    Section,
    Stop,
)
from clinic_site.publishing.proofs import signed_by_another
from clinic_site.publishing.self_review import SELF_REVIEW_ASKED, SELF_REVIEW_CHECKLIST
from clinic_site.registry import ProofRun, proofs
from tests import factories
from treatments.models import Treatment

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(waiting, clinician):
    """A live edition."""
    waiting.sign(by=clinician)
    return waiting


def raw(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def page(slug="sweat"):
    response = Client().get(f"/treatments/{slug}/")
    return response.status_code, response.content.decode()


SIGNATURE = "signed_at = %s, signed_by_id = %s, signed_name = 'X', signed_as_sample = FALSE, live_from = %s"


def sign_by_sql(edition, user):
    now = timezone.now()
    raw(f"UPDATE publishing_edition SET {SIGNATURE} WHERE id = %s", now, user.pk, now, edition.pk)


# --- nobody signs what they wrote ---------------------------------------------------------------------------


def test_a_clinician_signs_and_patients_read(waiting, clinician):
    assert page()[0] == 404
    waiting.sign(by=clinician)
    status, html = page()
    assert status == 200
    assert clinician.signature in html


def test_nobody_signs_what_they_wrote(draft, clinician):
    factories.edit(draft, by=clinician)
    edition = draft.submit(by=factories.person("editor"), change_note="x")
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        edition.sign(by=clinician)


def test_a_writer_cannot_sign_by_queryset(draft, clinician, editor):
    factories.edit(draft, by=clinician)
    edition = draft.submit(by=editor, change_note="x")
    now = timezone.now()
    with pytest.raises(IntegrityError, match="nobody signs what they wrote"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).stamp(
            signed_at=now, signed_by=clinician, signed_name="X", signed_as_sample=False, live_from=now
        )


def test_a_writer_cannot_sign_by_sql(draft, clinician, editor):
    factories.edit(draft, by=clinician)
    edition = draft.submit(by=editor, change_note="x")
    with pytest.raises(IntegrityError, match="nobody signs what they wrote"):
        sign_by_sql(edition, clinician)


def test_whoever_worded_a_claim_of_the_page_wrote_it_too(draft, clinician, editor):
    Claim.objects.get(key="sweat-lasts").note_save(by=clinician)
    edition = draft.submit(by=editor, change_note="x")
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        edition.sign(by=clinician)
    with pytest.raises(IntegrityError, match="nobody signs what they wrote"):
        sign_by_sql(edition, clinician)


def test_whoever_worded_the_warning_wrote_it_too(draft, clinician, editor):
    factories.urgent_help().note_save(by=clinician)
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        draft.submit(by=editor, change_note="x").sign(by=clinician)


def test_the_submitter_cannot_sign_by_sql(draft):
    doctor = factories.person("clinician")
    edition = draft.submit(by=doctor, change_note="x")
    with pytest.raises(IntegrityError):
        sign_by_sql(edition, doctor)


def test_an_edition_without_writers_cannot_be_signed(draft, clinician, editor, waiting):
    bare = Edition.objects.create(
        document_id=draft.pk,
        kind="treatment",
        slug="sweat",
        number=2,
        page_text=waiting.page_text,
        card_text=waiting.card_text,
        card_digest=waiting.card_digest,
        digest=waiting.digest,
        change_note="x",
        posted_on=waiting.posted_on,
        submitted_at=timezone.now(),
        submitted_by=editor,
    )
    with pytest.raises(IntegrityError, match="nobody signs what they wrote"):
        sign_by_sql(bare, clinician)


def test_the_list_of_writers_is_written_once(waiting, editor):
    with pytest.raises(WrittenOnceError):
        EditionWriter.objects.filter(edition=waiting).delete()
    with pytest.raises(IntegrityError, match="never deleted"):
        raw("DELETE FROM publishing_editionwriter WHERE edition_id = %s", waiting.pk)
    with pytest.raises(IntegrityError, match="written once"):
        raw("UPDATE publishing_editionwriter SET user_id = %s", factories.person("desk").pk)
    with pytest.raises(IntegrityError, match="never deleted"):
        raw("DELETE FROM audit_log_draftsave")
    assert DraftSave.objects.exists()


@pytest.mark.parametrize("role", ["manager", "editor", "desk"])
def test_only_a_clinician_signs_a_medical_page(waiting, role):
    other = factories.person(role)
    with pytest.raises(PublishingError):
        waiting.sign(by=other)
    with pytest.raises(IntegrityError, match="signed by"):
        sign_by_sql(waiting, other)


def test_a_superuser_is_bound_too(waiting):
    root = User.objects.create_superuser("root@clinic.test", "a long password", name="Root")
    with pytest.raises(PublishingError):
        waiting.sign(by=root)
    with pytest.raises(IntegrityError, match="signed by"):
        sign_by_sql(waiting, root)


def test_a_closed_account_signs_nothing(waiting, clinician):
    clinician.is_active = False
    clinician.save()
    with pytest.raises(PublishingError):
        waiting.sign(by=clinician)
    with pytest.raises(IntegrityError, match="signed by"):
        sign_by_sql(waiting, clinician)


def test_a_clinician_without_a_registration_signs_no_medical_page(waiting, clinician):
    User.objects.filter(pk=clinician.pk).update(registration_body="", registration_number="")
    clinician.refresh_from_db()
    with pytest.raises(PublishingError, match="registration"):
        waiting.sign(by=clinician)
    with pytest.raises(IntegrityError, match="registration"):
        sign_by_sql(waiting, clinician)


def test_a_sample_cannot_sign_as_if_it_were_real(waiting):
    sample = factories.person("clinician", is_sample=True)
    with pytest.raises(IntegrityError, match="sample"):
        sign_by_sql(waiting, sample)
    waiting.sign(by=sample)
    assert "not yet reviewed by this clinic" in page()[1]


@pytest.fixture
def own(draft):
    """The only doctor's own edition, submitted more than a day ago, and that doctor."""
    doctor = factories.person("clinician")
    with factories.ago(hours=25):
        return draft.submit(by=doctor, change_note="x"), doctor


def test_signing_ones_own_work_needs_the_setting_and_shows(own, settings, client):
    edition, doctor = own
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        edition.sign(by=doctor, **factories.SELF_REVIEW)
    settings.SOLE_CLINICIAN = True
    edition.sign(by=doctor, **factories.SELF_REVIEW)
    html = page()[1]
    assert html.count("Written and reviewed by") == 2  # above the page and under it
    told = [
        json.loads(text)
        for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    ]
    [reviewed] = [thing for thing in told if thing["@type"] == "MedicalWebPage"]
    assert reviewed["author"] == reviewed["reviewedBy"]
    found = [finding.broken for proof in proofs for finding in proof(ProofRun()) if finding.promise == 1]
    assert found
    assert not any(found)


def test_self_review_without_its_checklist_is_found(own, settings):
    edition, doctor = own
    settings.SOLE_CLINICIAN = True
    edition.sign(by=doctor, **factories.SELF_REVIEW)
    append_only.remove()
    raw("UPDATE publishing_edition SET self_review_checklist = NULL WHERE id = %s", edition.pk)
    append_only.install()
    assert "without the checklist" in signed_by_another()[1][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"self_review_ticked": SELF_REVIEW_CHECKLIST[1:]}, "afresh"),
        ({"self_review_ticked": ()}, "checklist"),
        ({"self_review_asked": " "}, "who else"),
        ({"self_review_asked": " \u200e "}, "who else"),
        ({"self_review_because": "\u2060…"}, "why"),
        ({"self_review_because": " "}, "why"),
        ({"self_review_because": "It lasts 3 months."}, "nobody signs it"),
    ],
)
def test_self_review_needs_its_whole_checklist(own, settings, change, words):
    settings.SOLE_CLINICIAN = True
    edition, doctor = own
    with pytest.raises(PublishingError, match=words):
        edition.sign(by=doctor, **factories.SELF_REVIEW | change)


def test_nobody_signs_a_colleagues_words_as_their_own(own, settings, clinician):
    settings.SOLE_CLINICIAN = True
    with pytest.raises(PublishingError, match="You wrote nothing"):
        own[0].sign(by=clinician, **factories.SELF_REVIEW)


WHOLE = "\n".join([*SELF_REVIEW_CHECKLIST, SELF_REVIEW_ASKED + "nobody, I am alone"])


@pytest.mark.parametrize(
    ("hours", "stamps", "message"),
    [
        (25, {"self_review_because": "x"}, "whole checklist"),
        (
            25,
            {"self_review_because": "x", "self_review_checklist": WHOLE.rpartition("\n")[0]},
            "whole checklist|given in words",
        ),
        (
            25,
            {"self_review_because": "x", "self_review_checklist": WHOLE.partition("\n")[2]},
            "whole checklist",
        ),
        (
            25,
            {"self_review_because": "x", "self_review_checklist": WHOLE.partition("nobody")[0]},
            "whole checklist|given in words",
        ),
        (25, {"self_review_checklist": WHOLE}, "nobody signs what they wrote|whole checklist"),
        (23, {"self_review_because": "x", "self_review_checklist": WHOLE}, "a day after"),
        (23, {"self_review_because": "x", "self_review_checklist": WHOLE, "later": True}, "a day after"),
    ],
)
def test_the_database_holds_self_review_to_its_day_and_its_checklist(draft, hours, stamps, message):
    doctor = factories.person("clinician")
    with factories.ago(hours=hours):
        edition = draft.submit(by=doctor, change_note="x")
    now = timezone.now() + timedelta(hours=24 if stamps.pop("later", False) else 0)
    signed = {"signed_at": now, "signed_by": doctor, "signed_name": "X", "signed_as_sample": False}
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).stamp(**signed, **stamps)


def test_the_database_takes_self_review_from_its_writer_at_the_signature_alone(own, draft, editor, clinician):
    edition, doctor = own
    whole = {"self_review_because": "x", "self_review_checklist": WHOLE}
    signed = {"signed_at": timezone.now(), "signed_name": "X", "signed_as_sample": False}
    with pytest.raises(IntegrityError, match="whoever wrote it"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).stamp(signed_by=clinician, **signed, **whole)
    Edition.objects.filter(pk=edition.pk).stamp(signed_by=doctor, **signed, **whole)
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>So it lasts [[sweat-lasts]].</p>")
    other = draft.submit(by=editor, change_note="x")
    other.sign(by=clinician)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=other.pk).stamp(**whole)


# --- an edition is written once -----------------------------------------------------------------------------

BLOCKS = '{"before_treatment":{},"urgent":{}}'  # what every treatment's page has


def test_an_edition_cannot_be_born_signed(draft, waiting, clinician, editor):
    now = timezone.now()
    with pytest.raises(IntegrityError, match="without stamps"), transaction.atomic():
        Edition.objects.create(
            document_id=draft.pk,
            kind="treatment",
            slug="sweat",
            number=9,
            page_text=waiting.page_text,
            card_text="{}",
            card_digest="x",
            digest="x",
            change_note="x",
            posted_on=now.date(),
            submitted_at=now,
            submitted_by=editor,
            signed_at=now,
            signed_by=clinician,
            signed_name="X",
            signed_as_sample=False,
            live_from=now,
        )


def test_a_fixture_cannot_bring_a_signed_edition(draft, clinician, editor):
    now = timezone.now().isoformat()
    fixture = [
        {
            "model": "publishing.edition",
            "pk": 99,
            "fields": {
                "document": draft.pk,
                "kind": "treatment",
                "slug": "sweat",
                "number": 9,
                "page_text": BLOCKS,
                "card_text": "{}",
                "card_digest": "x",
                "digest": "x",
                "change_note": "x",
                "posted_on": "2026-01-01",
                "submitted_at": now,
                "submitted_by": editor.pk,
                "signed_at": now,
                "signed_by": clinician.pk,
                "signed_name": "X",
                "signed_as_sample": False,
                "live_from": now,
            },
        }
    ]
    [row] = deserialize("python", fixture)
    with pytest.raises(IntegrityError, match="without stamps"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    "change",
    [
        "page_text = '{}'",
        "card_text = '{}'",
        "card_digest = 'x'",
        "digest = 'x'",
        "number = 7",
        "change_note = 'x'",
        "slug = 'x'",
        "posted_on = '2020-01-01'",
    ],
)
def test_sealed_words_cannot_be_changed_by_sql(read, change):
    with pytest.raises(IntegrityError, match="written once"):
        raw(f"UPDATE publishing_edition SET {change} WHERE id = %s", read.pk)


def test_an_edition_refuses_the_orm(read):
    with pytest.raises(WrittenOnceError):
        Edition.objects.filter(pk=read.pk).update(change_note="x")
    with pytest.raises(WrittenOnceError):
        read.save()
    with pytest.raises(WrittenOnceError):
        read.delete()
    with pytest.raises(WrittenOnceError):
        Edition.objects.all().delete()
    with pytest.raises(IntegrityError, match="never deleted"):
        raw("DELETE FROM publishing_edition WHERE id = %s", read.pk)


def test_a_stamp_is_set_once(read, clinician):
    with pytest.raises(IntegrityError, match="written once"):
        raw("UPDATE publishing_edition SET signed_name = 'Somebody else' WHERE id = %s", read.pk)
    with pytest.raises(IntegrityError, match="written once"):
        raw("UPDATE publishing_edition SET signed_at = NULL, signed_by_id = NULL WHERE id = %s", read.pk)


def test_live_needs_who_signed_not_only_when(waiting):
    now = timezone.now()
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE publishing_edition SET signed_at = %s, live_from = %s WHERE id = %s", now, now, waiting.pk
        )


def test_only_a_signed_edition_can_be_live(draft, waiting):
    values = {
        "document_id": draft.pk,
        "edition": waiting,
        "kind": "treatment",
        "slug": "sweat",
        "posted_on": "2026-01-01",
    }
    with pytest.raises(IntegrityError, match="only a signed edition"), transaction.atomic():
        Live.objects.create(**values)


def test_the_pointer_cannot_be_turned_to_an_unsigned_edition(draft, read, editor):
    section = Section.objects.filter(document=draft).first()
    section.body += "<p>More words.</p>"
    section.save()
    second = draft.submit(by=editor, change_note="More.")
    with pytest.raises(IntegrityError, match="only a signed edition"), transaction.atomic():
        Live.objects.update(edition=second)
    with pytest.raises(IntegrityError, match="only a signed edition"):
        raw("UPDATE publishing_live SET edition_id = %s", second.pk)


def test_a_trigger_that_is_gone_is_told_and_put_back(read):
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON publishing_edition"
        cursor.execute(f"DROP TRIGGER keep_publishing_edition_update{on}")
    assert append_only.missing() == ["keep_publishing_edition_update"]
    assert any(e.id == "append_only.E001" for e in append_only.triggers_are_in_place(databases=["default"]))
    call_command(
        "migrate", verbosity=0, skip_checks=False
    )  # an upgrade brings triggers: it can't ask for them first
    assert append_only.missing() == []


# --- the signature covers the sealed words ------------------------------------------------------------------


def test_changing_a_draft_a_claim_or_a_source_changes_nothing_for_patients(draft, read):
    before = page()[1]
    Section.objects.filter(document=draft).update(body="<p>Something else altogether.</p>")
    draft.title = "Another title"
    draft.save()
    Claim.objects.filter(key="sweat-lasts").update(sentence="It lasts ten years.", phrase="ten years")
    Source.objects.update(title="Another source")
    raw("UPDATE publishing_urgenthelp SET lead = 'Do nothing'")
    assert page()[1] == before


def test_words_changed_behind_the_triggers_are_shown_to_nobody(read):
    append_only.remove()
    raw(
        "UPDATE publishing_edition SET page_text = REPLACE(page_text, 'three months', 'three years') WHERE "
        "id = %s",
        read.pk,
    )
    append_only.install()
    status, html = page()
    assert status == 503
    assert "three years" not in html
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("prove", stdout=out)
    assert f"edition {read.pk} doesn't match its digest" in out.getvalue()


def test_a_card_changed_behind_the_triggers_is_left_out_of_lists(read):
    append_only.remove()
    raw(
        "UPDATE publishing_edition SET card_text = REPLACE(card_text, 'three months', 'three years') WHERE "
        "id = %s",
        read.pk,
    )
    append_only.install()
    html = Client().get("/treatments/compare/?with=sweat").content.decode()
    assert "three years" not in html
    assert page()[0] == 503


def test_prove_holds_on_a_site_that_was_used_as_meant(read):
    out = StringIO()
    call_command("prove", stdout=out)
    assert "BROKEN" not in out.getvalue()


def test_a_checked_claim_that_changes_by_any_route_is_unchecked(draft, editor):
    Claim.objects.filter(key="sweat-lasts").update(sentence="It lasts about four months.")
    with pytest.raises(PublishingError) as refused:
        draft.submit(by=editor, change_note="x")
    assert "unchecked-claim" in {f.rule for f in refused.value.findings}


def test_a_claim_whose_sources_change_is_unchecked(draft):
    fact = Claim.objects.get(key="sweat-lasts")
    assert fact.is_checked
    fact.sources.add(factories.source())
    assert not Claim.objects.get(pk=fact.pk).is_checked


# --- taking away takes one ----------------------------------------------------------------------------------


def test_one_person_withdraws_and_patients_read_why(draft, read, editor):
    draft.withdraw(by=editor, because="The trial behind it was taken back.")
    status, html = page()
    assert status == 410
    assert "The trial behind it was taken back." in html
    assert not Live.objects.exists()


def test_what_patients_read_unsigned_holds_no_figure_and_no_promise(draft, read, editor):
    with pytest.raises(PublishingError, match="nobody signs it"):
        draft.withdraw(by=editor, because="Elsewhere 90% are cured.")
    assert page()[0] == 200
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>Newer words about [[sweat-lasts]].</p>"
    )
    with pytest.raises(PublishingError, match="nobody signs it"):
        draft.submit(by=editor, change_note="Now it is guaranteed in two weeks.")


def test_a_withdrawn_edition_stays_away_when_time_passes(draft, read, editor):
    draft.withdraw(by=editor, because="Wrong.")
    call_command("tick", verbosity=0)
    assert page()[0] == 410


def test_the_front_desk_withdraws_nothing(draft, read, desk):
    with pytest.raises(PublishingError):
        draft.withdraw(by=desk, because="x")


def test_withdrawn_by_sql_is_gone_as_well(read, editor):
    now = timezone.now()
    raw(
        "UPDATE publishing_edition SET withdrawn_at = %s, withdrawn_by_id = %s, withdrawn_because = 'x' "
        "WHERE id = %s",
        now,
        editor.pk,
        read.pk,
    )
    assert page()[0] == 410


def test_a_stopped_claim_is_gone_from_live_and_old_editions(draft, read, editor, clinician):
    fact = Claim.objects.get(key="sweat-lasts")
    assert "about three months" in page()[1].lower()
    stop = Stop.say(fact, by=editor, because="A newer trial says otherwise.")
    old = Client().get("/treatments/sweat/history/1/").content.decode()
    overview = Client().get("/treatments/compare/?with=sweat").content.decode()
    for html in (page()[1], old, overview):
        assert "three months" not in html.lower()
        assert "being checked" in html
    with pytest.raises(PublishingError):
        stop.lift(by=editor)
    stop.lift(by=clinician)
    assert "about three months" in page()[1].lower()


def test_a_page_with_a_claim_stopped_meanwhile_is_not_signed(waiting, clinician, editor):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="x")
    with pytest.raises(PublishingError, match="sweat-lasts"):
        waiting.sign(by=clinician)


def test_one_open_stop_a_claim(read, editor):
    fact = Claim.objects.get(key="sweat-lasts")
    Stop.say(fact, by=editor, because="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Stop.objects.create(claim=fact, by=editor, because="y")
    with pytest.raises(IntegrityError, match="never deleted"):
        raw("DELETE FROM publishing_stop")


# --- time ---------------------------------------------------------------------------------------------------


def test_an_edition_signed_for_tomorrow_waits_for_tick(waiting, clinician, monkeypatch):
    tomorrow = timezone.now() + timedelta(days=1)
    waiting.sign(by=clinician, live_from=tomorrow)
    call_command("tick", verbosity=0)
    assert page()[0] == 404
    monkeypatch.setattr(timezone, "now", lambda: tomorrow + timedelta(minutes=1))
    call_command("tick", verbosity=0)
    call_command("tick", verbosity=0)
    assert page()[0] == 200


def test_a_held_edition_waits_for_somebody_who_may_publish(waiting, clinician, editor, manager):
    waiting.sign(by=clinician, hold=True)
    call_command("tick", verbosity=0)
    assert page()[0] == 404
    with pytest.raises(PublishingError):
        waiting.publish(by=editor)
    waiting.publish(by=manager)
    assert page()[0] == 200
    with pytest.raises(PublishingError, match="date already"):
        waiting.publish(by=manager)


def test_an_unsigned_edition_is_not_published(waiting, manager):
    with pytest.raises(PublishingError, match="Nobody has signed"):
        waiting.publish(by=manager)


def test_a_manager_sends_no_medical_page_back(waiting, manager):
    with pytest.raises(PublishingError):
        waiting.send_back(by=manager, because="x")


def test_a_time_that_has_passed_is_refused(waiting, clinician):
    with pytest.raises(PublishingError, match="passed"):
        waiting.sign(by=clinician, live_from=timezone.now() - timedelta(hours=1))


def test_an_edition_that_was_overtaken_does_not_come_back(draft, waiting, clinician, editor, monkeypatch):
    waiting.sign(by=clinician, live_from=timezone.now() + timedelta(days=2))
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>Newer words about [[sweat-lasts]].</p>"
    )
    draft.submit(by=editor, change_note="Newer.").sign(by=clinician)
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    call_command("tick", verbosity=0)
    assert "Newer words" in page()[1]


# --- what the page said on any date -------------------------------------------------------------------------


def test_history_shows_each_edition_as_it_stood(draft, read, editor, clinician):
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>Mended words about [[sweat-lasts]].</p>"
    )
    draft.submit(by=editor, change_note="Mended the timing, because it was unclear.").sign(by=clinician)
    history = Client().get("/treatments/sweat/history/").content.decode()
    assert "Mended the timing, because it was unclear." in history
    first = Client().get("/treatments/sweat/history/1/")
    second = Client().get("/treatments/sweat/history/2/")
    assert "Mended words" not in first.content.decode()
    assert "Mended words" in second.content.decode()
    assert "noindex" in first.content.decode()


def test_an_edition_that_was_never_live_is_not_in_the_history(waiting, clinician):
    assert Client().get("/treatments/sweat/history/1/").status_code == 404
    waiting.send_back(by=clinician, because="Say more.")
    assert Client().get("/treatments/sweat/history/1/").status_code == 404


def test_a_changed_address_leaves_a_redirect(draft, read, editor, clinician):
    draft.slug = "sweating"
    draft.save()
    assert page("sweat")[0] == 200  # the draft's address isn't the page's
    draft.submit(by=editor, change_note="A clearer address.").sign(by=clinician)
    response = Client().get("/treatments/sweat/")
    assert (response.status_code, response["Location"]) == (302, "/treatments/sweating/")
    assert page("sweating")[0] == 200


def test_an_address_never_leads_to_another_page(draft, read, editor, clinician):
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(kind="treatment", slug="sweat", document_id=draft.pk)
    draft.slug = "sweating"
    draft.save()
    draft.submit(by=editor, change_note="x").sign(by=clinician)
    thief = factories.treatment("thief", by=editor, checked_by=clinician)
    thief.slug = "sweat"
    thief.save()
    with pytest.raises(PublishingError, match="belongs to another page"):
        thief.submit(by=editor, change_note="x").sign(by=clinician)


def test_reserved_addresses_are_refused(draft):
    from django.core.exceptions import ValidationError

    for slug in ("compare", "topics", "feed", "history", "ask", "2026"):
        draft.slug = slug
        with pytest.raises(ValidationError):
            draft.full_clean()


# --- submitting ---------------------------------------------------------------------------------------------


def test_an_edition_keeps_everybody_who_saved_since_the_last(draft, waiting, editor, clinician):
    helper = factories.person("editor")
    waiting.sign(by=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>Again about [[sweat-lasts]].</p>")
    draft.note_save(by=helper)
    manager = factories.person("manager")
    second = draft.submit(by=manager, change_note="x")
    assert {w.user for w in second.writers.all()} == {helper, manager}


def test_the_page_names_everybody_who_ever_saved_it_the_first_one_first(draft, waiting, editor, clinician):
    helper = factories.person("editor")
    assert waiting.page.written_by == editor.name
    waiting.sign(by=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>Again about [[sweat-lasts]].</p>")
    draft.note_save(by=helper)
    draft.note_save(by=editor)
    second = draft.submit(by=factories.person("manager"), change_note="x")
    assert second.page.written_by == f"{editor.name} and {helper.name}"
    second.sign(by=clinician)
    assert factories.written_by(page()[1]) == f"{editor.name} and {helper.name}"
    # a name that changes later leaves the sealed one as it was
    User.objects.filter(pk=editor.pk).update(name="Somebody Else")
    assert factories.written_by(page()[1]) == f"{editor.name} and {helper.name}"


def test_a_page_that_nobody_saved_names_who_submits_it(clinician):
    writer = factories.person("editor", title="Dr")
    assert Treatment(pk=1_000_000, slug="fresh").written_by(writer) == f"Dr {writer.name}"


def test_the_same_words_from_somebody_else_are_no_new_edition(draft, waiting):
    helper = factories.person("editor")
    draft.note_save(by=helper)
    with pytest.raises(PublishingError, match="Nothing changed"):
        draft.submit(by=helper, change_note="x")


def test_an_unchanged_draft_is_not_submitted_twice(draft, waiting, editor):
    with pytest.raises(PublishingError, match="Nothing changed"):
        draft.submit(by=editor, change_note="x")


def test_a_sent_back_edition_is_not_signed(waiting, clinician):
    waiting.send_back(by=clinician, because="Say how often.")
    with pytest.raises(PublishingError, match="sent back meanwhile: Say how often"):
        waiting.sign(by=clinician)


def test_marks_name_every_claim_source_and_subject(waiting):
    kinds = set(waiting.marks.values_list("kind", flat=True))
    assert kinds == {Mark.Kind.CLAIM, Mark.Kind.SOURCE, Mark.Kind.SUBJECT}
    assert waiting.marks.filter(kind="claim", key="sweat-lasts").exists()


def test_a_fixture_with_unsigned_words_reaches_no_patient(draft, read):
    """loaddata skips save(): the public page still reads the sealed edition."""
    from django.core import serializers

    section = Section.objects.filter(document=draft).first()
    section.body = "<p>Loaded behind the editor's back.</p>"
    text = serializers.serialize("json", [section])
    for row in serializers.deserialize("json", text):
        row.save()
    assert "behind the editor" not in page()[1]

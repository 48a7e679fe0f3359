"""A reason says something: the verbs refuse what shows no letter, the database does, and `prove` finds it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic_site import append_only
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Batch, Picture, PreviewLink, PublishingError, Stop
from clinic_site.publishing.proofs import reasons_say_something
from tests import factories

pytestmark = pytest.mark.django_db
SILENT = ("", " ", " \u200e ", "\u00a0\u3164", "...", "—!", "\u2060\u00ad", "1.", "\u3000\ufe0f")


@pytest.fixture
def draft(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician)


@pytest.fixture
def waiting(draft, editor):
    return draft.submit(by=editor, change_note="First edition.")


def raw(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize("silent", SILENT)
def test_every_verb_refuses_silence(draft, waiting, editor, clinician, settings, silent):
    claim = Claim.objects.get(key="sweat-lasts")
    later = timezone.now() + timedelta(days=1)
    settings.SOLE_CLINICIAN = True
    for verb in (
        lambda: waiting.send_back(by=clinician, because=silent),
        lambda: Stop.say(claim, by=editor, because=silent),
        lambda: PreviewLink.make(waiting, by=editor, reader=silent, ends_at=later),
        lambda: draft.submit(by=editor, change_note=silent),
        lambda: Batch.submit({draft.pk: "x"}, by=editor, about="claim:sweat-lasts", change_note=silent),
    ):
        with pytest.raises(PublishingError):
            verb()
    waiting.sign(by=clinician)
    with pytest.raises(PublishingError, match="Give the reason"):
        waiting.withdraw(by=editor, because=silent)


def test_taking_back_needs_no_reason_and_gets_one(waiting, editor):
    waiting.take_back(by=editor, because=" \u200e ")
    assert waiting.returned_because == "Taken back before it was signed."


@pytest.mark.parametrize("silent", SILENT)
def test_the_database_refuses_silence(draft, waiting, editor, clinician, silent):
    now = timezone.now()
    with pytest.raises(IntegrityError, match="a reason is given in words"):
        raw(
            "UPDATE publishing_edition SET returned_at = %s, returned_by_id = %s, returned_because = %s",
            now,
            clinician.pk,
            silent,
        )
    waiting.sign(by=clinician)
    with pytest.raises(IntegrityError, match="a reason is given in words"):
        raw(
            "UPDATE publishing_edition SET withdrawn_at = %s, withdrawn_by_id = %s, withdrawn_because = %s",
            now,
            clinician.pk,
            silent,
        )
    with pytest.raises(IntegrityError, match="a stop has a reason"), transaction.atomic():
        Stop.objects.create(claim=Claim.objects.get(key="sweat-lasts"), by=editor, because=silent)
    with pytest.raises(IntegrityError, match="says what"), transaction.atomic():
        Batch.objects.create(about="claim:x", change_note=silent, by=editor)
    with pytest.raises(IntegrityError), transaction.atomic():
        PreviewLink.objects.create(
            edition=waiting, reader=silent, made_by=editor, ends_at=now + timedelta(days=1)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Picture.objects.create(
            file="a.webp", width=1, height=1, alt="A nurse", shows_person=True, consent=silent
        )
    columns = [
        f.column for f in waiting._meta.concrete_fields if f.column not in ("id", "number", "change_note")
    ]
    listed = ", ".join(
        f'"{column}"' for column in columns if not column.startswith(("signed", "live", "went"))
    )
    with pytest.raises(IntegrityError, match="says what (changed|kind)"):
        raw(
            f"INSERT INTO publishing_edition (number, change_note, {listed}) "
            f"SELECT 99, %s, {listed} FROM publishing_edition",
            silent,
        )


@pytest.mark.parametrize("silent", [" \u200e ", "…"])
def test_a_sole_clinician_names_who_was_asked_in_letters(settings, silent):
    settings.SOLE_CLINICIAN = True
    doctor = factories.person("clinician")
    draft = factories.treatment("sweat", by=doctor, checked_by=factories.person("clinician"))
    with factories.ago(days=2):
        edition = draft.submit(by=doctor, change_note="First.")
    for asked in ("self_review_asked", "self_review_because"):
        with pytest.raises(PublishingError):
            edition.sign(by=doctor, **factories.SELF_REVIEW | {asked: silent})
    checklist = "\n".join([*factories.SELF_REVIEW["self_review_ticked"], f"Asked to read it: {silent}"])
    signature = (
        "UPDATE publishing_edition SET signed_at = %s, signed_by_id = %s, signed_name = 'X', "
        "signed_as_sample = FALSE, self_review_because = %s, self_review_checklist = %s"
    )
    with pytest.raises(IntegrityError, match="a reason is given in words"):
        raw(signature, timezone.now(), doctor.pk, "The only one here.", checklist)


@pytest.mark.parametrize("column", ["change_note", "returned_because"])
def test_prove_finds_a_silent_reason(waiting, clinician, column):
    waiting.send_back(by=clinician, because="Say more.")
    assert reasons_say_something()[1] == []
    append_only.remove()
    raw(f"UPDATE publishing_edition SET {column} = %s", " \u200e ")
    append_only.install()
    assert reasons_say_something()[1] == [f"edition {waiting.pk} has a {column} that says nothing"]


def test_prove_finds_a_silent_stop(waiting, editor):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A newer trial.")
    append_only.remove()
    raw("UPDATE publishing_stop SET because = %s", "\u3164")
    append_only.install()
    assert len(reasons_say_something()[1]) == 1

"""What staff send by mistake, and what somebody sends on purpose: a sentence, never a fault of ours, and
nothing lost.
"""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from clinic_site.evidence.models import Claim
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Edition, Live, PublishingError, Section, Stop
from tests import factories
from tests.admin_forms import address, as_
from treatments.models import Treatment

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def held(draft, editor, clinician):
    """Signed, and waiting for somebody who publishes it."""
    edition = draft.submit(by=editor, change_note="First edition.")
    edition.sign(by=clinician, hold=True)
    return edition


def refused(client, row, action, sent) -> str:
    response = client.post(address(row, action), sent)
    assert response.status_code == 422
    return response.content.decode().replace("&#x27;", "'")


# --- publishing at a time -----------------------------------------------------------------------------------


def test_an_edition_whose_claim_was_stopped_meanwhile_is_not_published(held, manager, editor):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A newer trial.")
    moment = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert "A claim on this page was stopped meanwhile: sweat-lasts." in refused(
        as_(manager), held, "publish", {"when": "now"}
    )
    later = refused(as_(manager), held, "publish", {"when": "later", "live_from": moment})
    assert "stopped meanwhile" in later
    assert moment in later
    assert Edition.objects.get(pk=held.pk).live_from is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2001-01-01T09:00", "That time has passed"),
        ("0001-01-01T00:00", "That time has passed"),
        ("9999-12-31T23:59", "more than two years ahead"),
        ("2027-03-14T02:30", "The clocks are put forward or back in that hour"),
        ("2027-11-07T01:30", "The clocks are put forward or back in that hour"),
        ("2027-02-30T09:00", "Enter a valid date/time"),
        ("tomorrow", "Enter a valid date/time"),
        ("\x00", "Enter a valid date/time"),
        ("", "Choose the day and the time."),
    ],
)
def test_a_time_that_cannot_be_is_said_and_stays(held, manager, settings, typed, said):
    assert settings.TIME_ZONE == "America/Toronto", "where clocks change on the days above"
    html = refused(as_(manager), held, "publish", {"when": "later", "live_from": typed})
    assert said in html
    assert f'value="{typed}"' in html or not typed.strip("\x00")
    assert Edition.objects.get(pk=held.pk).live_from is None


def test_a_time_out_of_reach_is_refused_by_the_verb_too(held, manager):
    with pytest.raises(PublishingError, match="two years"):
        held.publish(by=manager, live_from=timezone.now() + timedelta(days=800))


# --- addresses ----------------------------------------------------------------------------------------------


@pytest.fixture
def moved(draft, editor, clinician):
    """A page that was at “sweat” and is at “sweating” now."""
    factories.live(draft, by=editor, signer=clinician)
    draft.slug = "sweating"
    draft.save()
    factories.live(draft, by=editor, signer=clinician, note="A clearer address.")
    return draft


def test_an_address_that_another_page_had_is_refused_on_the_form(moved, editor):
    sent = {"title": "Thief", "slug": "sweat", "short": "Thief", "group": "medical", "order": 1}
    response = as_(editor).post("/admin/treatments/treatment/add/", sent)
    assert response.status_code == 200
    assert "Another page had this address once" in response.content.decode()
    assert 'value="Thief"' in response.content.decode()
    assert not Treatment.objects.filter(title="Thief").exists()


def test_an_address_that_another_page_had_is_refused_when_it_comes_round_the_form(moved, editor, clinician):
    thief = factories.treatment("thief", by=editor, checked_by=clinician)
    waiting = thief.submit(by=editor, change_note="First.")
    Treatment.objects.filter(pk=thief.pk).update(slug="sweat")
    html = refused(as_(editor), thief, "submit", {"change_note": "My note"})
    assert "The address “sweat” belongs to another page." in html
    assert "My note" in html
    assert thief.editions.count() == 1
    assert waiting.is_waiting


def test_a_page_that_lost_its_address_meanwhile_holds_up_no_other(draft, editor, clinician, monkeypatch):
    # given an edition that is scheduled, and another page that took its address before its time came
    soon = timezone.now() + timedelta(hours=1)
    draft.submit(by=editor, change_note="First.").sign(by=clinician, live_from=soon)
    Treatment.objects.filter(pk=draft.pk).update(slug="elsewhere")
    other = factories.treatment("sweat2", by=editor, checked_by=clinician)
    Treatment.objects.filter(pk=other.pk).update(slug="sweat")
    factories.live(Treatment.objects.get(pk=other.pk), by=editor, signer=clinician)
    third = factories.answer("sun", by=editor, checked_by=clinician)
    third.submit(by=editor, change_note="First.").sign(by=clinician, live_from=soon)
    # when their time has come
    later = soon + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    call_command("tick", verbosity=0)
    # then the third is live, and the address is still the other page's
    assert Client().get("/blog/sun/").status_code == 200
    assert Live.objects.get(kind="treatment", slug="sweat").document_id == other.pk
    assert not Live.objects.filter(document=draft.pk).exists()


# --- going round a rule by a list ---------------------------------------------------------------------------


def everything() -> dict[str, list]:
    """Every row of every table but those that any visit writes."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in {"django_session", "django_admin_log"}:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
                rows[table] = cursor.fetchall()
    return rows


FORGED_ACTIONS = (
    "delete_selected",
    "sign",
    "publish",
    "withdraw",
    "stop",
    "lift",
    "check",
    "submit",
    "restore",
    "make_live",
    "__class__",
    "",
)
FORGED_FIELDS = {
    "signed_at": "2026-01-01 09:00",
    "signed_by": "1",
    "live_from": "2026-01-01 09:00",
    "lifted_at": "2026-01-01",
    "title": "X",
    "checked_digest": "x",
    "is_superuser": "on",
    "is_staff": "on",
    "groups": "1",
    "slug": "x",
    "because": "x",
    "sentence": "X.",
    "words": "X",
    "reader": "X",
    "taken_back_at": "2026-01-01",
    "ends_at": "2090-01-01",
    "credit": "1000000",
}


@pytest.mark.parametrize("role", ["manager", "clinician", "desk"])
def test_no_list_goes_round_a_rule(role, draft, held, editor, clinician, monkeypatch):
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")  # what is kept is looked at, not the list
    answer = factories.answer("sun", by=editor, checked_by=clinician, about=[draft])
    factories.live(answer, by=editor, signer=clinician)
    Stop.say(Claim.objects.get(key="sun-fact"), by=editor, because="x")
    client, tried = as_(factories.person(role)), 0
    client.get("/admin/")
    before = everything()
    for model in admin.site._registry:
        try:
            where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        except NoReverseMatch:
            continue
        keys = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:3]]
        fields = {
            f"form-{n}-{name}": value for n in range(len(keys)) for name, value in FORGED_FIELDS.items()
        }
        ids = {f"form-{n}-id": key for n, key in enumerate(keys)}
        counts = {"form-TOTAL_FORMS": len(keys), "form-INITIAL_FORMS": len(keys), "_save": "Save"}
        posts = [{**fields, **ids, **counts}, {**fields, **ids, "form-TOTAL_FORMS": "x"}]
        # without its confirmation, which lists what would go, "delete" deletes nothing either
        posts += [{"action": action, "_selected_action": keys, "index": "0"} for action in FORGED_ACTIONS]
        posts += [
            {"action": action, "_selected_action": ["x", "9" * 30], "select_across": "1"}
            for action in FORGED_ACTIONS
        ]
        for sent in posts:
            assert client.post(where, sent).status_code < 500, (where, sent)
            tried += 1
    assert tried > 200
    after = everything()
    assert [table for table in before if before[table] != after[table]] == []


@pytest.mark.parametrize("model", [*DOCUMENT_TYPES.values(), Edition, Stop, Section, Claim])
def test_nothing_that_patients_read_is_deleted_from_a_list(model, draft, held, editor, clinician):
    answer = factories.answer("sun", by=editor, checked_by=clinician, about=[draft])
    factories.live(answer, by=editor, signer=clinician)
    Stop.say(Claim.objects.get(key="sun-fact"), by=editor, because="x")
    try:
        where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return
    keys = list(model.objects.values_list("pk", flat=True))
    response = as_(factories.person("manager")).post(
        where, {"action": "delete_selected", "_selected_action": keys, "post": "yes"}, follow=True
    )
    assert response.status_code < 500
    assert list(model.objects.values_list("pk", flat=True)) == keys


# --- words on the filters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("/admin/publishing/stop/", ("Open", "Lifted")),
        ("/admin/clinic/message/", ("Waiting", "Answered")),
        ("/admin/clinic/testimonial/", ("Given", "Withdrawn")),
    ],
)
def test_filters_speak_of_states_and_not_of_columns(where, words, manager, draft, editor):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="x")
    client = as_(manager)
    html = client.get(where).content.decode()
    assert "Not empty" not in html
    if where.startswith("/admin/publishing"):
        assert all(f">{word}</a>" in html for word in words)
    for chosen in ("0", "1"):
        field = {"stop": "lifted_at", "message": "answered_at", "testimonial": "withdrawn_on"}[
            where.split("/")[3]
        ]
        html = client.get(where, {f"{field}__isempty": chosen}).content.decode()
        assert all(f">{word}</a>" in html for word in words), where

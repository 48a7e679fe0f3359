"""Editions that were signed for a time to come: what holds them up is said, and none goes live half."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Edition, Section, Stop
from clinic_site.publishing.scheduled_tasks import put_due_editions_live
from clinic_site.registry import work_for
from tests import factories
from tests.admin_forms import as_
from treatments.models import Treatment

pytestmark = pytest.mark.django_db

AT = timedelta(hours=1)


@pytest.fixture
def clock(monkeypatch):
    """Moves the clock on, for whoever asks Django."""
    now, real = [timedelta(0)], timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + now[0])

    def on(by: timedelta):
        now[0] += by

    return on


def scheduled(draft, editor, clinician, words="First.") -> Edition:
    edition = Treatment.objects.get(pk=draft.pk).submit(by=editor, change_note=words)
    edition.sign(by=clinician, live_from=timezone.now() + AT)
    return edition


def rewrite(draft, words):
    section = Section.objects.get(document=draft, anchor="try-first")
    section.body += f"<p>{words}</p>"
    section.save()


def held_up(person) -> list[str]:
    client = as_(person)
    found = [
        queue
        for queue in work_for(User.objects.get(pk=person.pk))
        if queue.title.startswith("Signed, but can")
    ]
    assert all(client.get(queue.address).context["cl"].result_count == queue.count for queue in found)
    return [row.note for queue in found for row in queue.items]


def stands(edition) -> str:
    [row] = Edition.objects.with_status().filter(pk=edition.pk)
    assert row.status == Edition.objects.get(pk=edition.pk).status
    return row.status.label


def status(address: str) -> int:
    return Client().get(address).status_code


def test_a_stopped_claim_holds_it_up_until_the_stop_is_lifted(editor, clinician, manager, desk, clock):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    edition = scheduled(draft, editor, clinician)
    assert held_up(editor) == []
    stop = Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="In doubt.")
    # it's said before it is due
    assert stands(edition) == "scheduled"
    for person in (editor, clinician, manager):
        assert ["stopped meanwhile: sweat-lasts" in note for note in held_up(person)] == [True]
    assert held_up(desk) == []
    clock(2 * AT)
    assert put_due_editions_live(timezone.now()) == 0
    assert stands(edition) == "held up"
    assert len(held_up(editor)) == 1
    assert [status(f"/treatments/sweat/{part}") for part in ("", "history/", "history/1/")] == [404, 404, 404]
    clock(timedelta(days=2))
    stop.lift(by=clinician)
    assert held_up(editor) == []
    assert put_due_editions_live(timezone.now()) == 1
    assert stands(edition) == "live"
    edition.refresh_from_db()
    assert edition.went_live_at - edition.live_from > timedelta(days=1)
    assert (
        f"{timezone.localtime(edition.went_live_at):%H:%M}"
        in Client().get("/treatments/sweat/history/").content.decode()
    )


def test_a_taken_address_holds_it_up_until_another_one_is_signed(editor, clinician, clock):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    edition = scheduled(draft, editor, clinician)
    Treatment.objects.filter(pk=draft.pk).update(slug="sweating")
    other = factories.treatment("jaw", by=editor, checked_by=clinician)
    Treatment.objects.filter(pk=other.pk).update(slug="sweat")
    factories.live(Treatment.objects.get(pk=other.pk), by=editor, signer=clinician)
    clock(2 * AT)
    assert put_due_editions_live(timezone.now()) == 0
    assert stands(edition) == "held up"
    assert ["belongs to another page" in note for note in held_up(editor)] == [True]
    factories.live(Treatment.objects.get(pk=draft.pk), by=editor, signer=clinician)
    assert held_up(editor) == []
    assert stands(edition) == "overtaken"
    assert status("/treatments/sweating/history/2/") == 200
    assert status("/treatments/sweating/history/1/") == 404


def test_one_that_a_newer_edition_overtook_was_never_read(editor, clinician, clock):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(draft, by=editor, signer=clinician)
    rewrite(draft, "Cool water.")
    late = scheduled(draft, editor, clinician)
    rewrite(draft, "Cold water.")
    factories.live(Treatment.objects.get(pk=draft.pk), by=editor, signer=clinician)
    assert stands(late) == "overtaken"
    clock(2 * AT)
    assert put_due_editions_live(timezone.now()) == 0
    assert [stands(edition) for edition in Edition.objects.order_by("number")] == [
        "earlier",
        "overtaken",
        "live",
    ]
    assert [status(f"/treatments/sweat/history/{number}/") for number in (1, 2, 3)] == [200, 404, 200]
    assert held_up(editor) == []


def test_many_that_wait_take_no_more_queries(editor, clinician, django_assert_max_num_queries):
    for slug in ("sweat", "jaw", "frown", "eyes"):
        scheduled(factories.treatment(slug, by=editor, checked_by=clinician), editor, clinician)
        Stop.say(Claim.objects.get(key=f"{slug}-lasts"), by=editor, because="In doubt.")
    with django_assert_max_num_queries(2):
        assert len(Edition.objects.held_up()) == 4


def test_the_database_holds_when_it_went_live(editor, clinician):
    edition = scheduled(factories.treatment("sweat", by=editor, checked_by=clinician), editor, clinician)
    row = Edition.objects.filter(pk=edition.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.stamp(went_live_at=edition.live_from - timedelta(seconds=1))
    row.stamp(went_live_at=edition.live_from)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        row.stamp(went_live_at=edition.live_from + timedelta(days=1))

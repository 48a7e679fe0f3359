"""Two at once, with real threads and real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep

import pytest
from django.db import connections, transaction
from django.urls import reverse

from clinic_site.evidence.models import Claim
from clinic_site.pages.shapes import seal
from clinic_site.publishing.models import Batch, Edition, Live, PublishingError
from tests import factories
from tests.admin_forms import filled

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps):
    """What came of each step, all taken at the same moment, each with a connection of its own."""
    barrier = Barrier(len(steps))

    def one(step):
        try:
            barrier.wait(60)
            return step()
        except PublishingError as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(one, steps))


@pytest.fixture
def waiting(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician).submit(
        by=editor, change_note="First edition."
    )


def test_of_two_clinicians_who_sign_at_once_one_has_signed(client, waiting, clinician):
    colleague = factories.person("clinician")
    clients = [type(client)(), type(client)()]
    for one, person in zip(clients, (clinician, colleague), strict=True):
        one.force_login(person)
    address = reverse("admin:publishing_edition_sign", args=[waiting.pk])
    sent = {"when": "now", "password": factories.PASSWORD}
    answers = at_once(*(lambda one=one: one.post(address, sent) for one in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    [refused] = [answer for answer in answers if answer.status_code == 422]
    edition = Edition.objects.get()
    assert f"{edition.signed_name} signed this edition already." in refused.content.decode()
    assert Live.objects.get().edition == edition


def test_signing_and_sending_back_at_once_is_one_of_the_two(waiting, clinician):
    colleague = factories.person("clinician")
    outcomes = at_once(
        lambda: Edition.objects.get(pk=waiting.pk).sign(by=clinician),
        lambda: Edition.objects.get(pk=waiting.pk).send_back(by=colleague, because="No."),
    )
    assert [type(outcome) for outcome in sorted(outcomes, key=str)].count(PublishingError) == 1
    edition = Edition.objects.get()
    assert edition.is_signed != bool(edition.returned_at)


def test_of_two_who_sign_a_change_to_several_pages_at_once_one_has_signed_them_all(editor, clinician):
    drafts = [factories.treatment(slug, by=editor, checked_by=clinician) for slug in ("armpits", "brow")]
    digests = {draft.pk: seal(draft.compose())["digest"] for draft in drafts}
    made = Batch.submit(digests, by=editor, about="claim:armpits-lasts", change_note="First edition.")
    people, shown = (clinician, factories.person("clinician")), made.ready_for(clinician).keys
    outcomes = at_once(
        *(lambda by=by: Batch.objects.get(pk=made.pk).sign(by=by, shown=shown) for by in people)
    )
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, PublishingError)]
    assert "signed this edition already" in str(refused)
    assert [outcome for outcome in outcomes if outcome is not refused] == [2]
    assert len({edition.signed_by_id for edition in made.editions.all()}) == 1


def test_of_two_who_save_one_draft_at_once_the_second_is_shown_both_versions(client, editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    address = reverse("admin:treatments_treatment_change", args=[draft.pk])
    client.force_login(editor)
    page = client.get(address)
    clients = [type(client)(), type(client)()]
    for one in clients:
        one.force_login(editor)
    sent = {**filled(page), "_version": page.context["version"]}
    answers = at_once(
        *(
            lambda one=one, n=n: one.post(address, sent | {"title": f"Title {n}"})
            for n, one in enumerate(clients)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]


def test_saving_a_draft_while_an_older_edition_is_made_the_draft_loses_nothing_unseen(
    client, editor, clinician
):
    """Both hold the document's lock: whoever comes second is shown what the first one did, or is refused."""
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    edition = draft.submit(by=editor, change_note="First edition.")
    edition.sign(by=clinician)
    draft.title = "Changed since"
    draft.save()
    address = reverse("admin:treatments_treatment_change", args=[draft.pk])
    client.force_login(editor)
    page = client.get(address)
    sent = {**filled(page), "_version": page.context["version"], "title": "Typed meanwhile"}
    digest = seal(draft.compose())["digest"]
    saved, restored = at_once(
        lambda: client.post(address, sent).status_code,
        lambda: Edition.objects.get(pk=edition.pk).restore(by=clinician, instead_of=digest),
    )
    title = type(draft).objects.get(pk=draft.pk).title
    if isinstance(restored, PublishingError):  # the save came first
        assert (saved, title) == (302, "Typed meanwhile")
        assert "Somebody changed the draft while you read" in str(restored)
    else:
        assert (saved, title) == (409, edition.page.title)


def test_whoever_words_a_claim_while_its_page_is_submitted_wrote_what_it_says(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    colleague, is_worded = factories.person("clinician"), Event()

    def word():
        with transaction.atomic():
            claim = Claim.objects.select_for_update().get(key="sweat-lasts")
            claim.phrase = "three months or so"
            claim.save()
            claim.note_save(by=colleague)
            claim.mark_checked(by=clinician)
            is_worded.set()
            sleep(0.5)

    def submit():
        assert is_worded.wait(60)
        return type(draft).objects.get().submit(by=editor, change_note="First edition.")

    _, edition = at_once(word, submit)
    assert "three months or so" in edition.page_text
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        edition.sign(by=colleague)

"""A change of a claim or a source: what it touches is said before, and submitted and signed in one step
after.
"""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Batch, Edition, Live, PublishingError, Section, Stop
from clinic_site.publishing.usages import ChangedEvidence, candidates, usages_of
from tests import factories
from tests.admin_forms import address, as_, filled
from treatments.models import TreatmentClaim

pytestmark = pytest.mark.django_db
SIGNED = {"when": "now", "password": factories.PASSWORD}


@pytest.fixture
def claim(clinician):
    return factories.claim(
        "sore-arm",
        checked_by=clinician,
        kind="side-effect",
        sentence="About 5% had a sore arm.",
        phrase="about 5% of people",
        measure="sore arm",
        low=5,
        unit="percent",
        comparator="none",
        population="adults",
    )


def page(slug, claim, editor, clinician):
    """A live treatment page that says the claim in its text and lists it."""
    draft = factories.treatment(slug, by=editor, checked_by=clinician)
    Section.objects.filter(document=draft, anchor="side-effects").update(
        body=f"<p>It happens to [[{claim.key}]].</p>"
    )
    TreatmentClaim.objects.create(treatment=draft, role="side-effect", claim=claim, order=5)
    factories.live(draft, by=editor, signer=clinician)
    return draft


@pytest.fixture
def pages(claim, editor, clinician):
    return [page(slug, claim, editor, clinician) for slug in ("armpits", "brow", "chin")]


def reword(claim, editor, clinician=None):
    claim.sentence, claim.phrase, claim.low = "About 7% had a sore arm.", "about 7% of people", 7
    claim.save()
    claim.note_save(by=editor)
    if clinician:
        claim.mark_checked(by=clinician)


def all_of(claim) -> dict[int, str]:
    return {
        int(pk): digest
        for pk, _, digest in (c.shown.partition(":") for c in candidates(ChangedEvidence.by(claim)))
    }


@pytest.fixture
def batch(pages, claim, editor, clinician):
    reword(claim, editor, clinician)
    return Batch.submit(
        all_of(claim),
        by=editor,
        about="claim:sore-arm",
        change_note="The newer trial counted more.",
        was_wrong=False,
    )


def test_the_first_page_leads_to_one_signature_for_all_until_one_page_is_left(batch, clinician):
    html = as_(clinician).get("/admin/").content.decode()
    assert html.count(f'href="{address(batch, "sign")}"') == 1
    assert "3 pages: The newer trial counted more." in html
    first, *others = batch.editions.order_by("pk")
    assert address(first, "sign") not in html
    for edition in others:
        edition.send_back(by=clinician, because="Not like this.")
    html = as_(clinician).get("/admin/").content.decode()
    assert f'href="{address(first, "sign")}"' in html
    assert address(batch, "sign") not in html


# --- beforehand ---------------------------------------------------------------------------------------------


def test_a_claims_form_says_where_it_stands(pages, claim, editor, clinician):
    answer = factories.answer(by=editor, checked_by=clinician, correction="It was [[ sore-arm ]] all along.")
    html = as_(editor).get(address(claim)).content.decode()
    for draft in pages:
        assert address(draft) in html
    assert "live</a>: Side effects; Chart: how many out of 100; The comparison of treatments" in " ".join(
        html.split()
    )
    assert f"{answer.title}" in html
    assert "a draft that isn’t live: Correction" in html


def test_a_sources_form_says_where_it_stands(pages, claim, editor):
    html = " ".join(as_(editor).get(address(claim.sources.get())).content.decode().split())
    assert "Chart: how many out of 100; The comparison of treatments; Sources" in html


def test_a_change_is_asked_about_before_it_is_saved(pages, claim, editor):
    client = as_(editor)
    sent = filled(
        client.get(address(claim)),
        sentence="About 7% had a sore arm.",
        phrase="about 7% of people",
        low="7",
        _save="Save",
    )
    # when a changed claim is sent, nothing is saved, and every page is named
    asked = client.post(address(claim), sent)
    html = asked.content.decode()
    assert "Nothing is saved yet." in html
    for draft in pages:
        assert address(draft) in html
    assert re.search(r"<del>.*?5%", html)
    claim.refresh_from_db()
    assert claim.low == 5
    # when it's sent from there, it is saved as it was typed, and what comes next is said
    again = dict(asked.context["sent"]) | {
        "sources": [s.pk for s in claim.sources.all()],
        asked.context["seen"]: "on",
    }
    assert {name: value for name, value in again.items() if name == "sentence"} == {
        "sentence": "About 7% had a sore arm."
    }
    saved = client.post(address(claim), again, follow=True)
    assert saved.redirect_chain[-1][0] == address(claim)
    assert "A clinician checks it first: it stands on their first page. Then submit" in saved.content.decode()
    assert re.search(r'action-link--secondary"\s+href="[^"]*/submit-batch/"', saved.content.decode())
    claim.refresh_from_db()
    assert claim.low == 7


def test_what_nothing_stands_on_and_what_did_not_change_is_saved_at_once(pages, claim, editor):
    client, alone = as_(editor), factories.claim()
    for row, change in ((alone, {"sentence": "Something else."}), (claim, {})):
        response = client.post(address(row), filled(client.get(address(row)), **change))
        assert response.headers["Location"] == reverse("admin:evidence_claim_changelist")


def test_a_changed_source_is_asked_about_too(pages, claim, editor):
    client, source = as_(editor), claim.sources.get()
    sent = filled(client.get(address(source)), status="superseded")
    assert "Nothing is saved yet." in client.post(address(source), sent).content.decode()
    source.refresh_from_db()
    assert source.status == "current"
    saved = client.post(address(source), sent | {"_seen": "on", "_save": "Save"})
    assert saved.headers["Location"] == address(source, "submit-batch")
    source.refresh_from_db()
    assert source.status == "superseded"


def test_wrong_input_is_said_before_anything_is_asked(pages, claim, editor):
    client = as_(editor)
    response = client.post(address(claim), filled(client.get(address(claim)), sentence="No full stop"))
    assert "with a full stop" in response.content.decode()


def test_it_takes_as_many_queries_for_many_pages(pages, claim, editor, clinician):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert len(usages_of(ChangedEvidence.by(claim))) >= 3
        return len(caught)

    before = queries()
    page("nose", claim, editor, clinician)
    assert queries() == before


# --- submitting ---------------------------------------------------------------------------------------------


def test_pages_are_submitted_in_one_step_and_those_with_other_changes_stand_apart(
    pages, claim, editor, clinician
):
    reword(claim, editor, clinician)
    clear, mixed, stopped = pages
    Section.objects.filter(document=mixed, anchor="timing").update(
        body="<p>Half a thought. It lasts [[brow-lasts]].</p>"
    )
    Section.objects.filter(document=stopped, anchor="timing").update(body="<p>It lasts 3 months.</p>")
    client = as_(editor)
    asked = client.get(address(claim, "submit-batch"))
    form = asked.context["form"]
    groups = {readiness: [c.document.pk for c in found] for readiness, found in form.found.items() if found}
    assert groups == {"ready": [clear.pk], "mixed": [mixed.pk], "stopped": [stopped.pk]}
    html = " ".join(asked.content.decode().split())
    assert re.search(
        r"Would also be submitted: \d changes? of wording, in: When it starts, peaks and fades\.", html
    )
    assert "It lasts 3 months." in html
    assert form.ticked == [form.found["ready"][0].shown]
    # the ticked one alone
    response = client.post(
        address(claim, "submit-batch"),
        {"pages": form.ticked, "change_note": "The newer trial counted more.", "was_wrong": "no"},
    )
    made = Batch.objects.get()
    assert response.headers["Location"] == address(made)
    assert [edition.document_id for edition in made.editions.all()] == [clear.pk]
    again = client.get(address(claim, "submit-batch")).context["form"]
    assert [c.document.pk for c in again.found["same"]] == [clear.pk]


def test_pages_that_wait_for_a_check_say_so(pages, claim, editor, clinician):
    reword(claim, editor)
    asked = as_(editor).get(address(claim, "submit-batch"))
    found = asked.context["form"].found
    assert (len(found["unchecked"]), found["stopped"]) == (3, [])
    html = asked.content.decode()
    assert "Waiting for a check (3)" in html
    assert f'<a href="{address(claim)}">Open the claim</a>' in html
    # what stops it otherwise has to be mended as well
    Section.objects.filter(document=pages[0], anchor="timing").update(body="<p>It lasts 3 months.</p>")
    found = as_(editor).get(address(claim, "submit-batch")).context["form"].found
    assert (len(found["unchecked"]), len(found["stopped"])) == (2, 1)
    # checked, its pages are ready, and the button is the first one
    claim.mark_checked(by=clinician)
    assert len(as_(editor).get(address(claim, "submit-batch")).context["form"].found["ready"]) == 2
    assert not re.search(
        r'action-link--secondary"\s+href="[^"]*/submit-batch/"',
        as_(editor).get(address(claim)).content.decode(),
    )


def test_what_is_touched_and_not_live_is_named_with_why(pages, claim, editor, clinician):
    waits = factories.answer(
        "why", by=editor, checked_by=clinician, body="<p>It happens to [[sore-arm]].</p>"
    )
    waits.submit(by=editor, change_note="First.")
    factories.answer("when", by=editor, checked_by=clinician, body="<p>It happens to [[sore-arm]].</p>")
    reword(claim, editor, clinician)
    html = " ".join(as_(editor).get(address(claim, "submit-batch")).content.decode().split())
    assert "Not included (2)" in html
    assert re.search(r"What about why\?.{,90}Edition 1 waits for a signature", html)
    assert re.search(r"What about when\?.{,90}Patients don’t read it\.", html)


def test_a_draft_that_changed_meanwhile_is_not_submitted_unseen(pages, claim, editor, clinician):
    reword(claim, editor, clinician)
    client, shown = as_(editor), all_of(claim)
    sent = {"pages": [f"{pk}:{digest}" for pk, digest in shown.items()], "change_note": "My careful note"}
    Section.objects.filter(document=pages[1], anchor="timing").update(
        body="<p>New. It lasts [[brow-lasts]].</p>"
    )
    response = client.post(address(claim, "submit-batch"), sent)
    assert response.status_code == 422
    assert "A page that you ticked was changed." in response.content.decode()
    assert "My careful note" in response.content.decode()
    with pytest.raises(PublishingError, match="Treatment brow.*Nothing was submitted"):
        Batch.submit(shown, by=editor, about="claim:sore-arm", change_note="x", was_wrong=False)
    assert not Batch.objects.exists()
    assert not Edition.objects.waiting().exists()


@pytest.mark.parametrize(
    "sent", [{"pages": [], "change_note": "x"}, {"change_note": ""}, {"pages": ["1:x"], "change_note": "x"}]
)
def test_what_cannot_be_submitted_is_said_in_words(pages, claim, editor, clinician, sent):
    reword(claim, editor, clinician)
    sent = (
        sent
        if "pages" in sent
        else sent | {"pages": [f"{pk}:{digest}" for pk, digest in all_of(claim).items()]}
    )
    response = as_(editor).post(address(claim, "submit-batch"), sent)
    assert response.status_code == 422
    assert re.search(
        r"Tick the pages|Say in a sentence what changed|that you ticked was changed",
        response.content.decode(),
    )
    assert not Batch.objects.exists()


def test_who_may_not_submit(pages, claim, desk):
    assert as_(desk).get(address(claim, "submit-batch")).status_code == 403
    with pytest.raises(PublishingError):
        Batch.submit(all_of(claim), by=desk, about="claim:sore-arm", change_note="x")


# --- signing ------------------------------------------------------------------------------------------------


def test_one_signature_signs_them_all(batch, clinician):
    client = as_(clinician)
    html = " ".join(client.get(address(batch, "sign")).content.decode().split())
    # the claim that changed stands there once, with its pages and its source
    assert html.count('class="comparison__claim ') == 1
    assert "On: Treatment armpits; Treatment brow; Treatment chin" in html
    assert Claim.objects.get(key="sore-arm").sources.get().title in html
    assert "Nothing else changed on 3 pages" in html
    sent = SIGNED | {"shown": client.get(address(batch, "sign")).context["form"].now_shown}
    assert client.post(address(batch, "sign"), sent).status_code == 302
    assert {live.edition.batch for live in Live.objects.all()} == {batch}
    assert {edition.signed_by for edition in batch.editions.all()} == {clinician}


def test_one_reason_sends_them_all_back(batch, clinician):
    response = as_(clinician).post(address(batch, "send-back"), {"because": "The trial is small."})
    assert response.status_code == 302
    assert {edition.returned_because for edition in batch.editions.all()} == {"The trial is small."}
    assert as_(clinician).post(address(batch, "send-back"), {"because": "x"}).status_code == 422


def test_one_sent_back_meanwhile_is_said_and_the_rest_is_signed_after_a_new_look(batch, clinician):
    client, colleague = as_(clinician), factories.person("clinician")
    shown = client.get(address(batch, "sign")).context["form"].now_shown
    gone = batch.editions.first()
    gone.send_back(by=colleague, because="The picture is old.")
    response = client.post(address(batch, "sign"), SIGNED | {"shown": shown})
    html = response.content.decode()
    assert response.status_code == 422
    assert "was sent back meanwhile: The picture is old." in html
    assert not batch.editions.signed().exists()
    new = response.context["form"]["shown"].value()
    assert f'value="{new}"' in html
    assert client.post(address(batch, "sign"), SIGNED | {"shown": new}).status_code == 302
    assert batch.editions.signed().count() == 2


def test_one_whose_claim_was_stopped_meanwhile_is_said(batch, editor, clinician):
    client = as_(clinician)
    shown = client.get(address(batch, "sign")).context["form"].now_shown
    Stop.say(Claim.objects.get(key="brow-lasts"), by=editor, because="A new trial")
    response = client.post(address(batch, "sign"), SIGNED | {"shown": shown})
    assert "was stopped meanwhile: brow-lasts" in response.content.decode()
    assert not batch.editions.signed().exists()


def test_superseded_words_are_not_signed_along_with_the_others(batch, editor, clinician):
    claim = Claim.objects.get(key="brow-lasts")
    claim.phrase = "about two months"
    claim.save()
    ready = batch.ready_for(clinician)
    assert [str(edition.document) for edition, _ in ready.apart] == ["Treatment brow"]
    html = as_(clinician).get(address(batch, "sign")).content.decode()
    assert "A claim on it was changed since it was submitted. Look at it by itself." in html
    with pytest.raises(PublishingError, match="Nothing was signed"):
        batch.sign(by=clinician, shown=[edition.pk for edition in batch.editions.all()])
    batch.sign(by=clinician, shown=ready.keys)
    assert batch.editions.signed().count() == 2


def test_nobody_signs_what_they_wrote_of_it(pages, claim, editor, clinician):
    factories.edit(pages[0], by=clinician)
    reword(claim, editor, clinician)
    made = Batch.submit(all_of(claim), by=editor, about="claim:sore-arm", change_note="x", was_wrong=False)
    ready = made.ready_for(clinician)
    assert [edition.document_id for edition in ready.editions] == [pages[1].pk, pages[2].pk]
    assert "nobody signs what they wrote" in as_(clinician).get(address(made, "sign")).content.decode()
    with pytest.raises(PublishingError, match="Nothing was signed"):
        made.sign(by=clinician, shown=[edition.pk for edition in made.editions.all()])
    made.sign(by=clinician, shown=ready.keys)
    assert made.editions.signed().count() == 2
    with pytest.raises(PublishingError, match="None of these pages"):
        made.sign(by=editor, shown=())


def test_all_are_signed_or_none(batch, clinician, monkeypatch):
    go_live, left = Edition.go_live, [1]

    def fails_the_second_time(edition):
        if not left:
            raise PublishingError("The address belongs to another page.")
        left.pop()
        return go_live(edition)

    monkeypatch.setattr(Edition, "go_live", fails_the_second_time)
    with pytest.raises(PublishingError):
        batch.sign(by=clinician, shown=batch.ready_for(clinician).keys)
    assert not batch.editions.signed().exists()


def test_other_changes_stand_page_by_page(pages, claim, editor, clinician):
    reword(claim, editor, clinician)
    body = "<p>Wear short sleeves. It lasts [[brow-lasts]].</p>"
    Section.objects.filter(document=pages[1], anchor="on-the-day").update(body=body)
    made = Batch.submit(all_of(claim), by=editor, about="claim:sore-arm", change_note="x", was_wrong=False)
    context = as_(clinician).get(address(made, "sign")).context
    rest = {one.title: [passage.where for passage in one.passages] for one in context["combined"].pages}
    assert rest == {
        "Treatment armpits": [],
        "Treatment brow": ["What happens on the day"],
        "Treatment chin": [],
    }
    assert len(context["combined"].claims) == 1


def test_it_takes_as_many_queries_to_look_at_many_pages(pages, claim, editor, clinician):
    def queries(count):
        made = Batch.submit(
            dict(list(all_of(claim).items())[:count]),
            by=editor,
            about="claim:sore-arm",
            change_note="x",
            was_wrong=False,
        )
        client = as_(clinician)
        client.get(address(made, "sign"))
        with CaptureQueriesContext(connection) as caught:
            client.get(address(made, "sign"))
        return len(caught)

    reword(claim, editor, clinician)
    one = queries(1)
    pages[0].editions.waiting().get().send_back(by=clinician, because="x")
    assert queries(3) == one
    assert one < 40


# --- going round the code -----------------------------------------------------------------------------------


def test_the_database_keeps_a_change_as_it_was_made(batch, editor, clinician):
    table = "publishing_batch"
    for statement in (
        f"UPDATE {table} SET about = 'x'",
        f"DELETE FROM {table}",
        "UPDATE publishing_edition SET batch_id = NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    edition = batch.editions.first()
    copy = {
        f.attname: getattr(edition, f.attname)
        for f in Edition._meta.concrete_fields
        if f.attname not in ("id", *_stamps())
    }
    with pytest.raises(IntegrityError, match="submits each of them"), transaction.atomic():
        Edition.objects.create(
            **copy | {"number": 9, "submitted_by_id": clinician.pk, "submitted_at": timezone.now()}
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(**copy | {"number": 9})


def _stamps():
    return {Edition._meta.get_field(name).attname for name in Edition.stamps}

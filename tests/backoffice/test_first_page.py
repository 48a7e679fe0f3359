"""The first page of the admin: what waits for whoever opens it, with one button each, and nothing else."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import STATUS, Email

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import DraftSave
from clinic_site.clinic import models as clinic
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.admin.usages import SEEN
from clinic_site.publishing.models import (
    Document,
    Edition,
    EditionWriter,
    Live,
    Mark,
    Picture,
    Stop,
    UrgentHelp,
)
from clinic_site.publishing.work_queue.editions import EDITION_QUEUES, editions_of
from clinic_site.publishing.work_queue.outdated import differing
from clinic_site.registry import ITEMS_SHOWN, work_for
from referrals import credit
from tests import factories
from tests.admin_forms import as_, filled

pytestmark = pytest.mark.django_db


def queues(person) -> dict:
    """(words, button) of each queue's rows by its title."""
    person = User.objects.get(pk=person.pk)
    return {queue.title: [(row.words, row.button) for row in queue.items] for queue in work_for(person)}


@pytest.fixture
def page(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(draft, by=editor, signer=clinician)
    return draft


@pytest.fixture
def later(monkeypatch):
    now = timezone.now

    def put(days: int):
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days))

    return put


# --- editions -----------------------------------------------------------------------------------------------


def test_nothing_to_do_is_said_calmly(desk):
    html = as_(desk).get("/admin/").content.decode()
    assert "You have nothing to do" in html
    assert 'class="task"' not in html


def test_an_edition_waits_for_who_may_sign_it_and_never_for_who_wrote_it(editor, clinician, manager, desk):
    writer = factories.person("clinician")
    draft = factories.treatment("sweat", by=writer, checked_by=clinician)
    edition = draft.submit(by=editor, change_note="First.")
    row = [("Treatment sweat", "Read and sign")]
    assert queues(clinician) == {"Waiting for your signature": row}
    assert list(queues(editor)) == ["Submitted by you: waits for a colleague to sign"]
    assert queues(writer) == queues(manager) == queues(desk) == {}
    assert (
        f'href="/admin/publishing/edition/{edition.pk}/sign/"'
        in as_(clinician).get("/admin/").content.decode()
    )
    # a doctor without a registration can't sign either
    User.objects.filter(pk=clinician.pk).update(registration_body="", registration_number="")
    assert queues(clinician) == {}


def test_a_clinicians_signature_comes_before_all_else(page, clinician, editor, later):
    later(400)
    factories.answer("why", by=editor, checked_by=clinician).submit(by=editor, change_note="First.")
    assert list(queues(clinician)) == ["Waiting for your signature", "Review overdue"]


def test_what_was_sent_back_is_its_writers_first(page, editor, clinician, desk):
    page.summary = "Other words."
    page.save()
    edition = page.submit(by=editor, change_note="Other words.")
    edition.send_back(by=clinician, because="Say it more plainly.")
    colleague = factories.person("editor")
    assert queues(editor) == {"Sent back to you": [("Treatment sweat", "Edit")]}
    assert queues(colleague) == {"Sent back to colleagues": [("Treatment sweat", "Edit")]}
    assert queues(desk) == {}
    assert "Say it more plainly." in as_(editor).get("/admin/").content.decode()
    page.summary = "Plainer words."
    page.save()
    page.submit(by=editor, change_note="Mended.")
    assert "Sent back to you" not in queues(editor)


def test_an_overdue_page_waits_for_who_may_write_it_until_it_is_submitted(
    page, editor, clinician, manager, desk, later
):
    later(366)
    row = {"Review overdue": [("Treatment sweat", "Review")]}
    assert queues(editor) == queues(manager) == queues(clinician) == row
    assert queues(desk) == {}
    page.submit(by=editor, change_note="Reviewed.")
    assert queues(manager) == {}
    assert list(queues(clinician)) == ["Waiting for your signature"]


def test_what_went_by_itself_waits_too(page, editor, later):
    later(365 + 181)
    page.live.edition.withdraw_overdue()
    assert queues(editor) == {
        "Withdrawn automatically, because nobody reviewed it": [("Treatment sweat", "Review")]
    }


def test_a_signed_edition_that_was_held_waits_to_be_published(draft, editor, clinician, manager):
    draft.submit(by=editor, change_note="First.").sign(by=clinician, hold=True)
    assert queues(manager) == {"Signed, but nobody has published it": [("Treatment sweat", "Publish")]}
    assert queues(editor) == {}


def test_the_use_of_the_one_doctor_setting_shows_for_ninety_days(
    page, editor, clinician, manager, settings, later
):
    settings.SOLE_CLINICIAN = True
    page.summary = "Other words."
    page.save()
    edition = page.submit(by=editor, change_note="Other words.")
    # as the row stands after its verb, whatever the verb asks for beside it
    edition.sign(by=clinician)
    assert not any("one person" in title for title in queues(manager))
    alone = [kind for kind in EDITION_QUEUES if kind.name == "alone"][0]
    edition.self_review_because, edition.is_newest, edition.is_live = "One doctor.", True, True
    assert alone.chosen(User.objects.get(pk=manager.pk), [edition]) == [edition]
    assert alone.chosen(User.objects.get(pk=editor.pk), [edition]) == []
    later(91)
    assert alone.chosen(User.objects.get(pk=manager.pk), [edition]) == []


def test_sample_pages_and_accounts_wait_at_the_end(editor, manager):
    sample = factories.person("clinician", is_sample=True)
    writer = factories.person("editor", is_sample=True)
    draft = factories.treatment("sweat", by=writer, checked_by=sample)
    factories.live(draft, by=writer, signer=sample)
    assert queues(editor) == {"Sample pages that patients can read": [("Treatment sweat", "Edit")]}
    assert list(queues(manager)) == [
        "Sample pages that patients can read",
        "Sample accounts that can sign in",
    ]


# --- drafts that differ -------------------------------------------------------------------------------------


def what_changed() -> dict:
    return {edition.document.title: edition.what_changed for edition in differing()}


def test_a_draft_that_was_changed_differs_until_it_is_submitted_or_changed_back(page, editor, clinician):
    client = as_(editor)
    address = f"/admin/treatments/treatment/{page.pk}/change/"
    form = client.get(address)
    assert client.post(address, filled(form)).status_code == 302
    assert DraftSave.objects.filter(words=page.words_key).count() == 1  # that save changed nothing
    assert what_changed() == {}
    assert client.post(address, filled(form, summary="Something else.")).status_code == 302
    assert what_changed() == {"Treatment sweat": ["the draft"]}
    assert queues(editor) == {
        "Changed, but patients still read the old words": [("Treatment sweat", "Submit")]
    }
    before = form.context["original"].summary
    assert client.post(address, filled(client.get(address), summary=before)).status_code == 302
    assert what_changed() == {}
    assert client.post(address, filled(client.get(address), summary="Something else.")).status_code == 302
    edition = type(page).objects.get().submit(by=editor, change_note="Another summary.")
    assert what_changed() == {}
    edition.sign(by=clinician)
    assert what_changed() == {}


def test_a_changed_claim_touches_every_page_that_says_it(page, editor, clinician):
    other = factories.answer("why", by=editor, checked_by=clinician, body="<p>It lasts [[sweat-lasts]].</p>")
    factories.live(other, by=editor, signer=clinician)
    client = as_(editor)
    claim = Claim.objects.get(key="sweat-lasts")
    address = f"/admin/evidence/claim/{claim.pk}/change/"
    claim.note_save(by=editor)  # as whoever worded it first
    Document.objects.update(changed_at=timezone.now())
    for draft in (page, other):
        draft.sections.update(position=7)
        draft.sections.filter(anchor__in=["benefits", "answer"]).update(
            body="<p>It lasts [[sweat-lasts]] or so.</p>"
        )
        draft.submit(by=editor, change_note="Again.").sign(by=factories.person("clinician"))
    form = client.get(address)
    assert client.post(address, filled(form)).status_code == 302
    assert what_changed() == {}
    assert client.post(address, filled(form, phrase="about four months") | {SEEN: "1"}).status_code == 302
    assert what_changed() == {"Treatment sweat": ["a claim"], "What about why?": ["a claim"]}
    assert {tuple(edition.changed_words) for edition in differing()} == {("claim:sweat-lasts",)}


def test_a_changed_claim_waits_for_whoever_checks_claims(page, editor, clinician, desk):
    other = factories.answer("why", by=editor, checked_by=clinician, body="<p>It lasts [[sweat-lasts]].</p>")
    factories.live(other, by=editor, signer=clinician)
    lasts = Claim.objects.get(key="sweat-lasts")
    assert queues(clinician) == queues(editor) == {}
    # when two claims are changed, of which patients read one on one page and one on two
    for claim in (Claim.objects.get(key="sweat-harms"), lasts):
        claim.sentence = f"Otherwise: {claim.sentence}"
        claim.save()
        claim.note_save(by=editor)
    factories.claim("alone", sentence="Nobody says it.")
    # then whoever may check claims finds them, the most read first
    rows = [
        ("Otherwise: It lasts about three months.", "Check"),
        ("Otherwise: About 5% had a sore spot.", "Check"),
    ]
    assert queues(clinician) == {"Claims to check": [*rows, ("Nobody says it.", "Check")]}
    notes = [row.note for row in work_for(User.objects.get(pk=clinician.pk))[0].items]
    assert notes[0].startswith(f"Changed by {editor} on ")
    assert notes[0].endswith("used on 2 pages that patients read")
    assert notes[2] == "Not checked yet; on no page that patients read"
    # and the editor what they wait for, in place of pages that can't be submitted
    title = "Changed claims: a clinician checks them, then their pages can be submitted"
    assert queues(editor)[title] == [("Otherwise: It lasts about three months.", "View")]
    assert "Changed, but patients still read the old words" not in queues(editor)
    assert queues(desk) == {}
    # when both are checked, their pages are submitted in one step; a lone page by itself
    for claim in (Claim.objects.get(key="sweat-harms"), Claim.objects.get(key="sweat-lasts")):
        claim.mark_checked(by=clinician)
    Claim.objects.get(key="alone").mark_checked(by=clinician)
    found = queues(editor)
    assert list(found) == ["Pages affected by a change: patients still read the old words"]
    ((words, button),) = found.popitem()[1]
    assert (words, button) == ("Otherwise: It lasts about three months.", "Submit all")
    queue = work_for(User.objects.get(pk=editor.pk))[0]
    assert queue.items[0].address == f"/admin/evidence/claim/{lasts.pk}/submit-batch/"
    assert (
        as_(editor).get(queue.address).status_code
        == as_(editor).get(queue.items[0].address).status_code
        == 200
    )


def test_the_list_of_claims_tells_those_that_nobody_has_checked(page, editor):
    claim = Claim.objects.get(key="sweat-lasts")
    claim.sources.add(factories.source())
    listed = as_(editor).get("/admin/evidence/claim/?checked=no").context["cl"].result_list
    assert [found.key for found in listed] == ["sweat-lasts"]
    others = as_(editor).get("/admin/evidence/claim/?checked=yes").context["cl"]
    assert others.result_count == Claim.objects.count() - 1


def test_whether_claims_are_checked_is_asked_in_one_query(page, django_assert_num_queries):
    claim = Claim.objects.get(key="sweat-lasts")
    claim.sources.add(factories.source(), factories.source())
    claim.mark_checked(by=claim.checked_by)
    Claim.objects.get(key="sweat-harms").sources.clear()
    factories.claim("alone", sources=[])
    with django_assert_num_queries(1):
        found = {claim.key: claim.stands_checked for claim in Claim.objects.with_checks()}
    assert found == {claim.key: claim.is_checked for claim in Claim.objects.all()}
    assert sorted(found.values()) == [False, False, True, True]


def test_a_changed_source_touches_every_page_that_cites_it(page, editor):
    source = Claim.objects.get(key="sweat-lasts").sources.get()
    client = as_(editor)
    address = f"/admin/evidence/source/{source.pk}/change/"
    form = client.get(address)
    assert client.post(address, filled(form)).status_code == 302
    assert what_changed() == {}
    assert client.post(address, filled(form, publisher="Another journal") | {SEEN: "1"}).status_code == 302
    assert what_changed() == {"Treatment sweat": ["a source"]}


def test_a_changed_licence_touches_every_page_that_shows_it(page, editor, clinician):
    factories.live(factories.answer("why", by=editor, checked_by=clinician), by=editor, signer=clinician)
    client, use = as_(editor), page.uses.get()
    address = f"/admin/evidence/use/{use.pk}/change/"
    form = client.get(address)
    assert client.post(address, filled(form)).status_code == 302
    assert what_changed() == {}
    changed = filled(form, **{"licences-0-detail": "For adults."})
    assert client.post(address, changed).status_code == 302
    assert what_changed() == {"Treatment sweat": ["a licence"]}


def test_the_warning_touches_every_page_that_it_stands_on(page, editor):
    warning = UrgentHelp.objects.get()
    warning.signs = "Trouble breathing\nTrouble swallowing"
    warning.save()
    warning.note_save(by=editor)
    assert what_changed() == {"Treatment sweat": ["when to get help now"]}


def test_a_page_that_waits_or_was_withdrawn_differs_from_nothing(page, editor):
    page.summary = "Other words."
    page.save()
    page.note_save(by=editor)
    assert what_changed() == {"Treatment sweat": ["the draft"]}
    page.submit(by=editor, change_note="Other words.")
    assert what_changed() == {}
    page.withdraw(by=editor, because="A mistake.")
    assert what_changed() == {}


# --- the other rooms ----------------------------------------------------------------------------------------


def test_a_source_that_no_longer_holds_counts_its_pages(page, editor, desk):
    lone = factories.source(status=Source.Status.RETRACTED)  # no page rests on it
    source = Claim.objects.get(key="sweat-lasts").sources.get()
    Source.objects.filter(pk=source.pk).update(status=Source.Status.RETRACTED)
    queue = next(
        queue for queue in work_for(User.objects.get(pk=editor.pk)) if "outdated source" in queue.title
    )
    assert [row.words for row in queue.items] == [source.title]
    assert queue.items[0].note == "Retracted; used on one page"
    assert lone.title not in str(queue)


def test_a_stop_is_lifted_by_who_may_and_mended_by_the_others(page, editor, clinician, manager, desk):
    stop = Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="In doubt.")
    title = "Claims that are stopped: patients read a notice in their place"
    assert (
        queues(clinician)[title]
        == queues(manager)[title]
        == [("It lasts about three months.", "Lift the stop")]
    )
    assert queues(editor)[title] == [("It lasts about three months.", "Edit the claim")]
    assert queues(desk) == {}
    stop.lift(by=manager)
    assert queues(manager) == {}


def test_what_runs_out_is_said_in_time_and_afterwards(editor, desk):
    today = timezone.localdate()
    for days in (-3, 59, 60, 61):
        until = today + timedelta(days=days)
        clinic.Accreditation.objects.create(
            name=f"In {days}",
            issuer="A body",
            number="1",
            awarded_on="2020-01-01",
            published_on=today,
            valid_until=until,
        )
        clinic.Testimonial.objects.create(
            words="Kind people.",
            said_by=f"In {days}",
            consented_on="2020-01-01",
            consent_scope="Here",
            consent_until=until,
        )
        Picture.objects.create(file=f"{days}.webp", alt=f"In {days}", consent="Them", consent_until=until)
    clinic.Accreditation.objects.create(name="A draft", issuer="A body", valid_until=today)
    clinic.Testimonial.objects.create(
        words="Gone.",
        said_by="Gone",
        consented_on="2020-01-01",
        consent_scope="Here",
        consent_until=today,
        withdrawn_on=today,
    )
    found = {
        title: [words.partition(" (")[0].partition(",")[0] for words, _ in rows]
        for title, rows in queues(editor).items()
    }
    assert found == {
        "Accreditations about to expire": ["In -3", "In 59", "In 60"],
        "Consent to a testimonial ends": ["In -3", "In 59", "In 60"],
        "Consent to a picture of a person ends": ["In -3", "In 59", "In 60"],
    }
    assert queues(desk) == {}


def test_the_front_desk_sees_mails_messages_and_referrals_and_nothing_of_pages(
    page, desk, editor, manager, later
):
    Email.objects.create(
        from_email="clinic@clinic.test", to=["ann@home.test"], subject="A code", status=STATUS.failed
    )
    clinic.Message.objects.create(name="Ann", phone="416 555 0100", words="I can't breathe")
    clinic.Message.objects.create(
        name="Bo", phone="416 555 0100", words="Hello", answered_at=timezone.now(), answered_by=desk
    )
    factories.referral(factories.member(factories.terms()))
    later(400)
    assert [button for rows in queues(desk).values() for _, button in rows] == [
        "Send again",
        "Read",
        "Record the visit",
    ]
    html = as_(desk).get("/admin/").content.decode()
    assert "May be an emergency: read it now." in html
    assert "ann@home.test" not in html
    assert list(queues(editor)) == ["Review overdue"]


def test_an_adjustment_waits_for_another_manager_than_who_asked(manager):
    member = factories.member(factories.terms(alone_cents=1000))
    credit.adjust(member.account, cents=5000, because="Goodwill", token=uuid4(), by=manager)
    second = factories.person("manager")
    title = "Adjustments waiting for a second manager"
    assert title not in queues(manager)
    assert [button for _, button in queues(second)[title]] == ["Approve or turn down"]


# --- many, and quick ----------------------------------------------------------------------------------------


def copies_of(document, count: int, signer) -> None:
    """Many live pages like that one, as rows."""
    first = document.editions.get()
    made = [Document(kind=document.kind, slug=f"copy-{n}", title=f"Copy {n}") for n in range(count)]
    Document.objects.bulk_create(made)
    left_out = {
        "id",
        "document_id",
        "slug",
        *(Edition._meta.get_field(name).attname for name in Edition.stamps),
    }
    shared = {
        f.attname: getattr(first, f.attname)
        for f in Edition._meta.concrete_fields
        if f.attname not in left_out
    }
    Edition.objects.bulk_create(Edition(**shared, document=one, slug=one.slug) for one in made)
    editions = Edition.objects.filter(slug__startswith="copy-")
    EditionWriter.objects.bulk_create(
        EditionWriter(edition=e, user_id=first.submitted_by_id) for e in editions
    )
    Mark.objects.bulk_create(
        Mark(edition=e, kind=mark.kind, key=mark.key)
        for e in editions
        for mark in first.marks.all()
        if mark.kind != "subject"
    )
    now = timezone.now()
    editions.stamp(
        signed_at=now,
        signed_by=signer,
        signed_name="Dr",
        signed_as_sample=False,
        live_from=now,
        went_live_at=now,
    )
    Live.objects.bulk_create(
        Live(document_id=e.document_id, edition=e, kind=e.kind, slug=e.slug, posted_on=e.posted_on)
        for e in editions
    )
    DraftSave.objects.bulk_create(
        DraftSave(
            words=f"document:{one.pk}",
            user_id=first.submitted_by_id,
            digest=digest,
            at=first.submitted_at + timedelta(days=n),
        )
        for one in (document, *made)
        for digest, n in (("x", -1), ("y", 1))
    )


@pytest.fixture(params=[1000])
def many(request, page, editor, clinician):
    """So many pages, and something in every queue."""
    signer = factories.person("clinician")
    copies_of(page, request.param, signer)
    source = factories.source(status=Source.Status.SUPERSEDED)
    Claim.objects.get(key="sweat-harms").sources.add(source)
    Source.objects.filter(claims__key="sweat-lasts").update(status=Source.Status.RETRACTED)
    claim = Claim.objects.get(key="sweat-helps")
    claim.note_save(by=editor)
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="In doubt.")
    factories.answer("why", by=clinician, checked_by=clinician).submit(by=editor, change_note="First.")
    for n in range(30):
        clinic.Message.objects.create(name=f"Ann {n}", phone="416 555 0100", words="Hello")
        Email.objects.create(
            from_email="clinic@clinic.test", to=["a@home.test"], subject="A code", status=STATUS.failed
        )
    terms = factories.terms(alone_cents=1000)
    member = factories.member(terms)
    for _ in range(3):
        factories.referral(member)
        credit.adjust(
            member.account, cents=5000, because="Goodwill", token=uuid4(), by=factories.person("manager")
        )
    today = timezone.localdate()
    clinic.Accreditation.objects.create(
        name="An award",
        issuer="A body",
        number="1",
        awarded_on="2020-01-01",
        published_on=today,
        valid_until=today,
    )
    Picture.objects.create(
        file="1.webp", files={"webp": [[1, "1.webp"]]}, alt="Somebody", consent="Them", consent_until=today
    )


def test_a_thousand_pages_take_few_queries(many, manager, later):
    person = factories.person("manager")
    person.groups.add(*factories.person("clinician").groups.all(), *factories.person("editor").groups.all())
    client = as_(person)
    client.get("/admin/")  # what is fetched once a process
    for days, title in ((0, "Changed, but patients still read the old words"), (400, "Review overdue")):
        later(days)
        client = as_(person)
        with CaptureQueriesContext(connection) as made:
            response = client.get("/admin/")
        assert len(made) < 23, "\n".join(query["sql"][:150] for query in made)
        queue = next(queue for queue in response.context["queues"] if queue.title == title)
        assert len(queue.items) == ITEMS_SHOWN
        assert queue.count == 1001
        assert "and 989 more" in response.content.decode()
        listed = client.get(queue.address)
        assert listed.context["cl"].result_count == 1001


@pytest.mark.parametrize("many", [ITEMS_SHOWN + 3], indirect=True)
def test_every_pile_leads_to_the_whole_of_itself(many, page, editor, clinician, manager, desk):
    person = factories.person("manager")
    person.groups.add(*clinician.groups.all())
    client = as_(person)
    found = list(work_for(User.objects.get(pk=person.pk)))
    assert len(found) > 8
    for queue in found:
        listed = client.get(queue.address)
        assert listed.status_code == 200, queue
        # of sources that no longer hold the list has those too that no page rests on
        assert listed.context["cl"].result_count == queue.count + ("source" in queue.title), queue
        for row in [row for row in queue.items if not row.words.startswith("Copy")][:2]:
            assert client.get(row.address).status_code == 200, row


def test_a_list_of_a_kind_that_does_not_exist_is_empty(editor):
    assert editions_of("what", editor) == []
    assert as_(editor).get("/admin/publishing/edition/?queue=what").status_code in (200, 302)


def test_the_page_has_one_button_a_row_and_the_rooms_below(page, editor, later):
    later(400)
    html = unescape(as_(editor).get("/admin/").content.decode())
    assert html.count('class="task__button"') == html.count('class="task"') == 1
    assert html.index("To do") < html.index("Review") < html.index("All sections")
    assert "/admin/treatments/treatment/" in html[html.index("All sections") :]

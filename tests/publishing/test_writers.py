"""Nobody signs their own words, whatever became of the submissions between: every order of steps against a
plain model, and each way round by name.
"""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from clinic_site import append_only
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.diff import digest_of_changes
from clinic_site.pages.shapes import seal
from clinic_site.publishing.change_notes import Nature
from clinic_site.publishing.models import Batch, Edition, EditionWriter, Picture, PublishingError, Section
from clinic_site.publishing.proofs import signed_by_another
from tests import factories
from tests.admin_forms import errors_of, filled, form_of
from tests.backoffice.test_deleted_rows import HERE, sent_from
from tests.publishing.test_pictures import picture
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
NOBODY = "nobody signs what they wrote"


def stamps(person):
    return {
        "signed_at": timezone.now(),
        "signed_by": person,
        "signed_name": person.signature,
        "signed_as_sample": person.is_sample,
        "live_from": timezone.now(),
    }


def sign_below_the_verb(edition, person):
    with transaction.atomic():
        Edition.objects.filter(pk=edition.pk).stamp(**stamps(person))


def sign_below_the_triggers(edition, person):
    append_only.remove()
    sign_below_the_verb(edition, person)
    append_only.install()


def refused(edition, person):
    """`person` can't sign it: not by the verb, not below it; and where the database lets them, `prove` says
    so. Nothing is kept.
    """
    with pytest.raises(PublishingError, match=NOBODY):
        edition.sign(by=person)
    with pytest.raises(IntegrityError, match=NOBODY):
        sign_below_the_verb(edition, person)
    with transaction.atomic():
        sign_below_the_triggers(edition, person)
        assert f"edition {edition.pk} isn't signed by somebody who didn't write it" in signed_by_another()[1]
        transaction.set_rollback(True)
    append_only.install()


@contextmanager
def refused_if(reason):
    if not reason:
        yield
        return
    with pytest.raises(PublishingError), transaction.atomic():
        yield


PEOPLE = st.sampled_from(["ann", "ben", "eve", "max"])
PAGES = st.sampled_from(["armpits", "brow"])


class Publishing(RuleBasedStateMachine):
    """Two clinicians, an editor and a manager at two pages that share a claim. The model keeps a list of
    saves for each page and for the claim, and for each edition which of them it had seen.
    """

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        roles = {"ann": "clinician", "ben": "clinician", "eve": "editor", "max": "manager"}
        self.people = {name: factories.person(role) for name, role in roles.items()}
        helper, checker = factories.person("editor"), factories.person("clinician")
        self.checker, self.words = checker, 0
        self.claim = factories.claim("shared-fact", checked_by=checker)
        self.drafts, self.saves, self.editions = {}, {"claim": []}, {"armpits": [], "brow": []}
        for name in self.editions:
            draft = factories.answer(name, by=helper, checked_by=checker)
            Section.objects.filter(document=draft).update(body="<p>So [[shared-fact]].</p>")
            draft.note_save(by=helper)
            self.drafts[name], self.saves[name] = draft, []
        self.said = dict.fromkeys(self.drafts, 0)  # which words the draft says, by their number
        self.claimed = 0

    def teardown(self):
        try:
            assert signed_by_another()[1] == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # --- the model ------------------------------------------------------------------------------------------

    def is_clinician(self, name):
        return name in ("ann", "ben")

    def waiting(self, page):
        return next((e for e in self.editions[page] if e["state"] == "waiting"), None)

    def writers(self, page, edition):
        """Everybody whose saves the edition had seen, and none that stands before it; and who submitted."""
        before = self.editions[page][: edition["number"] - 1]
        standing = [e for e in before if e["state"] in ("live", "held")]
        found = {edition["by"]}
        for words in (page, "claim"):
            answered = max((e["seen"][words] for e in standing), default=0)
            found |= {who for names in self.saves[words][answered : edition["seen"][words]] for who in names}
        return found

    def row(self, page, edition):
        return Edition.objects.get(document=self.drafts[page].pk, number=edition["number"])

    def submitted(self, page, by):
        if before := self.waiting(page):
            before["state"] = "returned"
        self.editions[page].append(
            {
                "number": len(self.editions[page]) + 1,
                "by": by,
                "state": "waiting",
                "said": (self.said[page], self.claimed),
                "seen": {words: len(self.saves[words]) for words in (page, "claim")},
            }
        )

    def says_nothing_new(self, page):
        last = self.editions[page][-1] if self.editions[page] else None
        is_kept = last and last["state"] in ("waiting", "live", "held")
        return is_kept and last["said"] == (self.said[page], self.claimed)

    # --- the steps ------------------------------------------------------------------------------------------

    @rule(who=PEOPLE, page=PAGES)
    def save(self, who, page):
        self.words += 1
        draft = self.drafts[page]
        draft.summary = "Said anew" + " again" * self.words + "."
        draft.save()
        draft.note_save(by=self.people[who])
        self.said[page] = self.words
        self.saves[page].append({who})

    @rule(who=PEOPLE, page=PAGES)
    def press_save_without_a_change(self, who, page):
        rows = DraftSave.objects.count()
        self.drafts[page].note_save(by=self.people[who])
        assert DraftSave.objects.count() == rows

    @rule(who=PEOPLE)
    def word_the_claim(self, who):
        self.words += 1
        self.claim.phrase = "it is known" + " again" * self.words
        self.claim.save()
        self.claim.note_save(by=self.people[who])
        self.claim.mark_checked(by=self.checker)
        self.claimed = self.words
        self.saves["claim"].append({who})

    @rule(who=PEOPLE, page=PAGES)
    def submit(self, who, page):
        draft = self.drafts[page]
        with refused_if(self.says_nothing_new(page)):
            draft.submit(by=self.people[who], change_note="So.")
        if not self.says_nothing_new(page):
            self.submitted(page, who)

    @rule(who=PEOPLE)
    def submit_several(self, who):
        new = [page for page in self.drafts if not self.says_nothing_new(page)]
        shown = {self.drafts[page].pk: seal(self.drafts[page].compose())["digest"] for page in new}
        if not new:
            return
        Batch.submit(shown, by=self.people[who], about="claim:shared-fact", change_note="So.")
        for page in new:
            self.submitted(page, who)

    @rule(who=PEOPLE, page=PAGES, verb=st.sampled_from(["take_back", "send_back"]))
    def return_it(self, who, page, verb):
        if edition := self.waiting(page):
            may = verb == "take_back" or self.is_clinician(who)
            with refused_if(not may):
                getattr(self.row(page, edition), verb)(by=self.people[who], because="Not like this.")
            if may:
                edition["state"] = "returned"

    @rule(who=PEOPLE, page=PAGES, hold=st.booleans())
    def sign(self, who, page, hold):
        if edition := self.waiting(page):
            row, wrote = self.row(page, edition), who in self.writers(page, edition)
            with refused_if(wrote or not self.is_clinician(who)):
                row.sign(by=self.people[who], hold=hold, despite=self.read_of(row))
            if wrote and self.is_clinician(who):
                with pytest.raises(IntegrityError, match=NOBODY):
                    sign_below_the_verb(row, self.people[who])
            elif self.is_clinician(who):
                edition["state"] = "held" if hold else "live"

    def read_of(self, row):
        return digest_of_changes(row.reworded())

    @rule(who=PEOPLE)
    def sign_several(self, who):
        batch = Batch.objects.filter(editions__in=Edition.objects.waiting()).first()
        if batch is None or not self.is_clinician(who):
            return
        mine = {page: self.waiting(page) for page in self.drafts if self.waiting(page)}
        mine = {page: e for page, e in mine.items() if self.row(page, e).batch_id == batch.pk}
        ready = batch.ready_for(self.people[who])
        for page, edition in mine.items():
            is_ready = self.row(page, edition).pk in ready.keys
            assert not (is_ready and who in self.writers(page, edition))
        if not ready.editions:
            return
        batch.sign(by=self.people[who], shown=ready.keys)
        for page, edition in mine.items():
            if self.row(page, edition).pk in ready.keys:
                edition["state"] = "live"

    @rule(who=st.sampled_from(["ann", "max"]), page=PAGES)
    def publish(self, who, page):
        for edition in self.editions[page]:
            row = self.row(page, edition)
            if edition["state"] == "held" and not row.why_not_published:
                row.publish(by=self.people[who])
                edition["state"] = "live"

    @rule(who=PEOPLE, page=PAGES)
    def withdraw(self, who, page):
        signed = [e for e in self.editions[page] if e["state"] in ("live", "held")]
        if signed:
            self.row(page, signed[-1]).withdraw(by=self.people[who], because="Wrong.")
            signed[-1]["state"] = "withdrawn"

    @rule(who=st.sampled_from(["ann", "ben", "max"]), page=PAGES, back=st.integers(0, 5))
    def restore(self, who, page, back):
        if back >= len(self.editions[page]):
            return
        edition, draft = self.editions[page][back], self.drafts[page]
        if edition["said"][0] == self.said[page]:
            return
        now = seal(draft.compose())["digest"]
        self.row(page, edition).restore(by=self.people[who], instead_of=now)
        draft.refresh_from_db()
        before = self.editions[page][:back]
        answered = max((e["seen"][page] for e in before if e["state"] in ("live", "held")), default=0)
        whose = {w for names in self.saves[page][answered : edition["seen"][page]] for w in names}
        self.saves[page].append(whose | {who})
        self.said[page] = edition["said"][0]


def test_no_order_of_steps_lets_a_writer_sign():
    run_state_machine_as_test(
        Publishing,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


# --- each way round, by name --------------------------------------------------------------------------------


@pytest.fixture
def draft(editor, clinician):
    """A page that a colleague signed."""
    made = factories.treatment("sweat", by=editor, checked_by=factories.person("clinician"))
    factories.live(made, by=editor, signer=factories.person("clinician"))
    return made


def taken_back(edition, editor, clinician):
    edition.take_back(by=editor)


def sent_back(edition, editor, clinician):
    edition.send_back(by=factories.person("clinician"), because="Say more.")


def withdrawn(edition, editor, clinician):
    edition.sign(by=factories.person("clinician"))
    edition.withdraw(by=editor, because="Wrong.")


@pytest.mark.parametrize("became", [taken_back, sent_back, withdrawn])
def test_a_writer_stays_one_whatever_became_of_the_submission(draft, editor, clinician, became):
    factories.edit(draft, by=clinician)
    became(draft.submit(by=editor, change_note="x"), editor, clinician)
    again = draft.submit(by=editor, change_note="The same again.")
    refused(again, clinician)
    again.sign(by=factories.person("clinician"))


def test_a_writer_stays_one_where_a_newer_submission_replaced_theirs(draft, editor, clinician):
    factories.edit(draft, by=clinician)
    draft.submit(by=editor, change_note="x")
    factories.edit(draft, by=editor)
    refused(draft.submit(by=editor, change_note="Newer."), clinician)


def test_what_was_signed_by_a_colleague_is_answered_for(draft, editor, clinician):
    factories.edit(draft, by=clinician)
    factories.live(draft, by=editor, signer=factories.person("clinician"))
    factories.edit(draft, by=editor)
    draft.submit(by=editor, change_note="x").sign(by=clinician)
    assert signed_by_another()[1] == []


def test_a_signature_that_was_withdrawn_since_answered_while_it_stood(draft, editor, clinician):
    factories.edit(draft, by=clinician)
    before = factories.live(draft, by=editor, signer=factories.person("clinician"))
    factories.edit(draft, by=editor)
    draft.submit(by=editor, change_note="x").sign(by=clinician)
    before.withdraw(by=editor, because="Wrong.")
    assert signed_by_another()[1] == []


def test_what_a_sample_signed_answers_for_nothing(editor, clinician):
    page = factories.treatment("jaw", by=clinician, checked_by=factories.person("clinician"))
    factories.live(page, by=editor, signer=factories.person("clinician", is_sample=True))
    factories.edit(page, by=editor)
    refused(page.submit(by=editor, change_note="x"), clinician)


def test_what_is_saved_after_the_submission_is_not_in_it(draft, editor, clinician):
    factories.edit(draft, by=editor)
    waiting = draft.submit(by=editor, change_note="x")
    factories.edit(draft, by=clinician)
    waiting.sign(by=clinician)
    assert signed_by_another()[1] == []


def test_words_that_are_restored_have_their_writers_again(draft, editor, clinician, manager):
    factories.edit(draft, by=clinician)
    mine = draft.submit(by=editor, change_note="x")
    mine.take_back(by=editor)
    factories.edit(draft, by=editor)
    factories.live(draft, by=editor, signer=factories.person("clinician"))
    mine.restore(by=manager, instead_of=seal(draft.compose())["digest"])
    again = Treatment.objects.get(pk=draft.pk).submit(by=manager, change_note="As before.")
    refused(again, clinician)
    assert {w.user for w in again.writers.all()} == {clinician, manager}


def test_the_only_doctor_signs_their_own_words_as_such_whatever_became_of_them(editor, settings):
    settings.SOLE_CLINICIAN = True
    doctor = factories.person("clinician")
    with factories.ago(hours=26):
        page = factories.treatment("jaw", by=editor, checked_by=doctor)
        factories.edit(page, by=doctor)
        page.submit(by=editor, change_note="x").take_back(by=editor)
    with factories.ago(hours=25):
        edition = page.submit(by=editor, change_note="The same again.")
    with pytest.raises(PublishingError, match="sign it by itself, as your own words"):
        edition.sign(by=doctor)
    with pytest.raises(IntegrityError, match=NOBODY):
        sign_below_the_verb(edition, doctor)
    edition.sign(by=doctor, **factories.SELF_REVIEW)
    assert signed_by_another()[1] == []


def test_a_claim_that_comes_to_a_page_brings_its_writers(draft, editor, clinician):
    claim = factories.claim("older-fact", checked_by=factories.person("clinician"))
    claim.note_save(by=clinician)
    factories.edit(draft, by=editor)
    factories.live(draft, by=editor, signer=factories.person("clinician"))
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>So [[older-fact]].</p>")
    draft.note_save(by=editor)
    refused(draft.submit(by=editor, change_note="x"), clinician)


def changed_licence(draft, by):
    use = draft.uses.get()
    use.licences.update(detail="For adults alone.")
    use.note_change(by=by)


def changed_note(draft, by):
    source = Source.objects.filter(claims__key="sweat-lasts").get()
    source.note = "A small trial."
    source.save()
    source.note_change(by=by)


def changed_warning(draft, by):
    warning = factories.urgent_help()
    warning.signs = "Trouble swallowing"
    warning.save()
    warning.note_save(by=by)


def changed_claim(draft, by):
    claim = Claim.objects.get(key="sweat-lasts")
    claim.phrase = "three months or so"
    claim.save()
    claim.note_save(by=by)
    claim.mark_checked(by=by)


def described_picture(draft, by):
    shown = picture(shows_person=False)
    shown.note_save(by=by)
    Section.objects.filter(document=draft, anchor="timing").update(picture=shown)
    draft.note_save(by=factories.person("editor"))


@pytest.mark.parametrize(
    "change", [changed_licence, changed_note, changed_warning, changed_claim, described_picture]
)
def test_whoever_worded_what_a_page_takes_from_elsewhere_wrote_it_too(draft, editor, clinician, change):
    change(draft, clinician)
    refused(draft.submit(by=editor, change_note="x", nature=Nature.UPDATE, was_wrong=False), clinician)


def test_the_title_of_a_source_is_nobodys_words_here(draft, editor, clinician):
    source = Source.objects.filter(claims__key="sweat-lasts").get()
    source.year = 2021
    source.save()
    source.note_change(by=clinician)
    edition = draft.submit(by=editor, change_note="x", nature=Nature.UPDATE, was_wrong=False)
    edition.sign(by=clinician)


def test_whoever_a_page_names_as_its_author_wrote_it(editor, clinician):
    page = factories.answer(by=editor, checked_by=factories.person("clinician"), answered_by=clinician)
    edition = page.submit(by=editor, change_note="x")
    with pytest.raises(PublishingError, match=NOBODY):
        edition.sign(by=clinician)
    with pytest.raises(IntegrityError, match=NOBODY):
        sign_below_the_verb(edition, clinician)


def test_an_edition_that_lists_too_few_writers_is_held_to_the_saves(draft, editor, clinician):
    """As another program would make it, or a fixture."""
    factories.edit(draft, by=clinician)
    proper = draft.submit(by=editor, change_note="x")
    values = {field.attname: getattr(proper, field.attname) for field in Edition._meta.concrete_fields}
    bare = Edition.objects.create(**{**values, "id": None, "number": proper.number + 1})
    EditionWriter.objects.create(edition=bare, user=editor)
    refused(bare, clinician)


def test_an_edition_cannot_say_that_its_writers_count_otherwise(editor, clinician):
    proper = factories.treatment("jaw", by=editor, checked_by=clinician).submit(by=editor, change_note="x")
    values = {field.attname: getattr(proper, field.attname) for field in Edition._meta.concrete_fields}
    new = {"id": None, "number": 9, "counted_since_signature": False}
    with pytest.raises(IntegrityError, match="since the last one that was signed"), transaction.atomic():
        Edition.objects.create(**{**values, **new})


# --- a save that changes nothing is none --------------------------------------------------------------------


@pytest.fixture
def doctor(client, clinician):
    client.force_login(clinician)
    return clinician


def pressed_save(client, row) -> int:
    """How many saves it was to open the row's form and press Save."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    saves = DraftSave.objects.count()
    asked = {"shows_person": "False"} if isinstance(row, Picture) else {}
    response = client.post(address, filled(client.get(address), _save="Save", _seen="1", **asked))
    assert response.status_code == 302, (row, errors_of(response))
    return DraftSave.objects.count() - saves


def test_pressing_save_without_a_change_makes_nobody_a_writer(client, draft, editor, doctor):
    shown = picture(shows_person=False)
    rows = [draft, Claim.objects.get(key="sweat-lasts"), factories.urgent_help(), shown, draft.uses.get()]
    for row in [*rows, Source.objects.first()]:
        assert pressed_save(client, row) == 0, row
    factories.edit(draft, by=editor)
    draft.submit(by=editor, change_note="x").sign(by=doctor)


def test_changing_a_word_and_changing_it_back_is_a_save(draft, clinician, editor):
    words = draft.summary
    factories.edit(draft, by=clinician)
    draft.summary = words
    draft.save()
    draft.note_save(by=clinician)
    assert DraftSave.objects.filter(words=draft.words_key, user=clinician).count() == 2


def test_a_draft_that_is_made_again_keeps_its_writers(client, editor, clinician):
    """Deleted while a colleague had it open, who makes it again with the words that stood in the form."""
    page = factories.treatment("jaw", by=clinician, checked_by=factories.person("clinician"))
    client.force_login(editor)
    address = reverse("admin:treatments_treatment_change", args=[page.pk])
    sent = sent_from(client.get(address), title="Mine")
    page.delete()
    deleted = client.post(address, sent, **HERE)
    client.post(*form_of(deleted), **HERE)
    made = Treatment.objects.get()
    assert set(DraftSave.objects.filter(words=made.words_key).values_list("user", flat=True)) == {
        editor.pk,
        clinician.pk,
    }


def test_prove_says_it_in_its_own_words(draft, editor, clinician):
    factories.edit(draft, by=clinician)
    edition = draft.submit(by=editor, change_note="x")
    sign_below_the_triggers(edition, clinician)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("prove", stdout=out)
    assert f"edition {edition.pk} isn't signed by somebody who didn't write it" in out.getvalue()


def test_prove_finds_an_edition_whose_marks_were_taken(draft):
    append_only.remove()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM publishing_mark WHERE kind = 'claim'")
    append_only.install()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("prove", stdout=out)
    assert "lacks a mark of what it holds" in out.getvalue()

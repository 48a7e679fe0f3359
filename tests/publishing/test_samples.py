"""A sample account's signature, check and authorship count as none."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic_site import append_only
from clinic_site.accounts.models import User
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Batch, Edition, PublishingError, Section
from clinic_site.publishing.proofs import signed_by_another
from clinic_site.publishing.usages import ChangedEvidence, candidates
from tests import factories
from tests.admin_forms import filled
from tests.publishing.test_writers import sign_below_the_verb, stamps

pytestmark = pytest.mark.django_db
UNCHECKED = "sample account alone"


@pytest.fixture
def sample_editor():
    return factories.person("editor", is_sample=True)


@pytest.fixture
def sample_clinician():
    return factories.person("clinician", is_sample=True)


@pytest.fixture
def page(sample_editor, sample_clinician):
    """As the starter content stands: written, checked and signed by samples."""
    made = factories.treatment("sweat", by=sample_editor, checked_by=sample_clinician)
    factories.live(made, by=sample_editor, signer=sample_clinician)
    return made


@pytest.fixture
def checked(page, clinician):
    for claim in Claim.objects.all():
        claim.mark_checked(by=clinician)
    return page


def shown(person, row, view):
    client = Client()
    client.force_login(person)
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}"
    return " ".join(client.get(reverse(name, args=[row.pk])).content.decode().split())


def read() -> str:
    return " ".join(Client().get("/treatments/sweat/").content.decode().split())


# --- checks -------------------------------------------------------------------------------------------------


def test_a_samples_checks_are_none_to_a_person_of_the_clinic(page, editor, sample_editor):
    rules = {f.rule for f in page.findings(by=editor)}
    assert "unchecked-claim" in rules
    assert "unchecked-claim" not in {f.rule for f in page.findings(by=sample_editor)}
    with pytest.raises(PublishingError, match="checks found something"):
        page.submit(by=editor, change_note="As it stands.")


def test_lists_and_forms_say_so(page, clinician, sample_clinician):
    claim = Claim.objects.get(key="sweat-lasts")
    assert "whose check counts as none" in shown(clinician, claim, "change")
    assert "Mark as checked" in shown(clinician, claim, "change")
    assert "whose check counts as none" in shown(clinician, claim, "check")
    client = Client()
    client.force_login(clinician)
    listed = client.get("/admin/evidence/claim/?checked=no").content.decode()
    assert "sweat-lasts" in listed
    assert "Claims to check" in client.get("/admin/").content.decode()
    client.force_login(sample_clinician)
    assert "sweat-lasts" not in client.get("/admin/evidence/claim/?checked=no").content.decode()
    assert "Claims to check" not in client.get("/admin/").content.decode()


def test_a_sample_takes_no_persons_check_away(checked, clinician, sample_clinician):
    claim = Claim.objects.get(key="sweat-lasts")
    claim.mark_checked(by=sample_clinician)
    assert Claim.objects.get(pk=claim.pk).checked_by == clinician


def test_nobody_signs_away_the_label_over_a_samples_checks(page, sample_editor, clinician):
    """Submitted by a sample, to whom its checks count; signed by a person, to whom they don't."""
    factories.edit(page, by=sample_editor)
    edition = page.submit(by=sample_editor, change_note="x")
    with pytest.raises(PublishingError, match=UNCHECKED):
        edition.sign(by=clinician)
    with pytest.raises(IntegrityError, match="counts as unchecked"):
        sign_below_the_verb(edition, clinician)
    assert UNCHECKED in shown(clinician, edition, "sign")
    append_only.remove()
    sign_below_the_verb(edition, clinician)
    append_only.install()
    assert "a sample account alone had checked" in signed_by_another()[1][0]


def test_prove_finds_a_samples_signature_without_its_label(page, sample_editor, sample_clinician):
    factories.edit(page, by=sample_editor)
    edition = page.submit(by=sample_editor, change_note="x")
    append_only.remove()
    Edition.objects.filter(pk=edition.pk).stamp(**{**stamps(sample_clinician), "signed_as_sample": False})
    append_only.install()
    assert signed_by_another()[1] == [
        f"edition {edition.pk} has no sample label, and a sample account's signature"
    ]


@pytest.mark.parametrize(
    "change",
    [
        "sentence = 'Something else.'",
        "phrase = 'something else'",
        "measure = 'something else'",
        "population = 'children'",
        "country = 'NO'",
        "n = 7",
        "at_days = 3",
        "grade = 'C'",
        "kind = 'safety'",
        "comparator = 'none'",
    ],
)
@pytest.mark.parametrize("key", ["sweat-lasts", "sweat-helps"])
def test_a_claim_that_changed_after_its_check_by_any_route_is_caught_at_the_signature(
    editor, clinician, change, key
):
    from tests.publishing.test_signature import raw

    draft = factories.treatment("sweat", by=editor, checked_by=factories.person("clinician"))
    edition = draft.submit(by=editor, change_note="x")
    raw(f"UPDATE evidence_claim SET {change} WHERE key = %s", key)
    with pytest.raises(PublishingError, match="changed since|has to check"):
        edition.sign(by=clinician)


# --- signatures ---------------------------------------------------------------------------------------------


def test_what_a_person_agrees_with_is_submitted_as_it_stands(checked, editor, clinician):
    edition = checked.submit(by=editor, change_note="We have read it, and say the same.")
    assert edition.page.written_by == editor.signature
    assert "all of this page is new to you" in shown(clinician, edition, "sign")
    assert "A new page: " in shown(clinician, edition, "sign")
    assert edition.edition_before() is None
    edition.sign(by=clinician)
    assert "Sample edition" not in read()
    assert factories.written_by(read()) == editor.signature
    with pytest.raises(PublishingError, match="Nothing changed"):
        checked.submit(by=editor, change_note="Once more.")


def test_whoever_took_it_over_stays_its_first_author(checked, editor, clinician, manager):
    checked.submit(by=editor, change_note="As it stands.").sign(by=clinician)
    factories.edit(checked, by=manager)
    edition = checked.submit(by=manager, change_note="x")
    assert edition.page.written_by == f"{editor.signature} and {manager.signature}"
    assert edition.edition_before().number == 2


def test_an_answer_is_answered_by_whoever_takes_it_over(editor, clinician, sample_editor, sample_clinician):
    answer = factories.answer(by=sample_editor, checked_by=sample_clinician)
    factories.live(answer, by=sample_editor, signer=sample_clinician)
    Claim.objects.get().mark_checked(by=clinician)
    edition = answer.submit(by=editor, change_note="As it stands.")
    assert (edition.page.answered_by, edition.page.written_by) == (editor.signature, editor.signature)


def test_what_a_sample_submitted_waits_for_nobody(checked, editor, sample_editor):
    factories.edit(checked, by=sample_editor)
    checked.submit(by=sample_editor, change_note="x")
    mine = checked.submit(by=editor, change_note="We say the same.")
    assert mine.page.written_by == editor.signature
    assert Edition.objects.waiting().get() == mine


def test_a_sample_submits_no_sample_twice(page, sample_editor):
    with pytest.raises(PublishingError, match="Nothing changed"):
        page.submit(by=sample_editor, change_note="x")


# --- several pages at once ----------------------------------------------------------------------------------


@pytest.fixture
def reworded(checked, editor, clinician):
    claim = Claim.objects.get(key="sweat-lasts")
    claim.phrase = "three months or so"
    claim.save()
    claim.note_save(by=editor)
    claim.mark_checked(by=clinician)
    return claim


def drafts(claim, by=None):
    shown = [one.shown.partition(":") for one in candidates(ChangedEvidence.by(claim), by=by)]
    return {int(pk): digest for pk, _, digest in shown}


def test_several_pages_at_once_refuse_a_sample(reworded, checked, editor):
    with pytest.raises(PublishingError, match="last signature is a sample's"):
        Batch.submit(drafts(reworded), by=editor, about="claim:sweat-lasts", change_note="x")
    html = shown(editor, reworded, "submit-batch")
    assert "Signed as a sample" in html
    assert 'type="checkbox"' not in html.partition("Signed as a sample")[2].partition("</section>")[0]


def test_what_a_sample_submitted_of_several_pages_is_signed_by_itself(
    reworded, checked, sample_editor, clinician
):
    batch = Batch.submit(drafts(reworded), by=sample_editor, about="claim:sweat-lasts", change_note="x")
    [edition] = batch.editions.all()
    ready = batch.ready_for(clinician)
    assert (ready.editions, [one for one, _ in ready.apart]) == ([], [edition])
    assert "last signature is a sample" in ready.apart[0][1]
    with pytest.raises(PublishingError, match="last signature is a sample"):
        batch.sign(by=clinician, shown=[])
    with pytest.raises(IntegrityError, match="signed by itself"):
        sign_below_the_verb(edition, clinician)


# --- accounts -----------------------------------------------------------------------------------------------


def test_a_sample_account_that_is_renamed_stays_one_and_says_so(client, manager, sample_clinician):
    client.force_login(manager)
    address = reverse("admin:accounts_user_change", args=[sample_clinician.pk])
    sent = filled(client.get(address), name="Somebody Real", is_sample=None)
    assert "This stays a sample account" in client.post(address, sent, follow=True).content.decode()
    renamed = User.objects.get(pk=sample_clinician.pk)
    assert (renamed.name, renamed.is_sample) == ("Somebody Real", True)


def test_a_sample_account_stays_one_by_every_route(sample_clinician):
    with pytest.raises(IntegrityError, match="stays one"), transaction.atomic():
        User.objects.filter(pk=sample_clinician.pk).update(is_sample=False)
    sample_clinician.is_sample = False
    with pytest.raises(IntegrityError, match="stays one"), transaction.atomic():
        sample_clinician.save()


def test_a_person_is_told_of_every_part_of_an_old_sample_page(checked, editor, clinician):
    """One changed word made a whole page reviewed: now its signer has all of it before them."""
    Section.objects.filter(document=checked, anchor="timing").update(body="<p>So [[sweat-lasts]].</p>")
    checked.note_save(by=editor)
    html = shown(clinician, checked.submit(by=editor, change_note="One word."), "sign")
    assert "A new page: " in html
    assert "all of them new" in html

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.evidence.models import Claim, Source, Use
from clinic_site.pages.compose import plain
from clinic_site.publishing.models import Section
from tests import factories
from tests.admin_forms import address, errors_of, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def writing(client, editor):
    client.force_login(editor)
    return client


def new_claim(**fields):
    source = factories.source()
    return {
        "key": "new-fact",
        "kind": "timing",
        "sentence": "It is known.",
        "grade": "A",
        "sources": [source.pk],
        **fields,
    }


def test_a_claim_is_written_with_its_figure(writing):
    writing.post(
        "/admin/evidence/claim/add/", new_claim(low=3, high=4, unit="months", measure="how long it lasts")
    )
    made = Claim.objects.get(key="new-fact")
    assert made.span == (3 * 30.44, 4 * 30.44)
    assert made.sources.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sentence": "No full stop"}, "with a full stop at its end"),
        ({"phrase": "with a full stop."}, "leave out the full stop"),
        ({"low": 3}, "A figure needs its unit"),
        ({"low": 3, "high": 2, "unit": "months", "measure": "how long"}, "runs downwards"),
        ({"high": 2, "unit": "months", "measure": "how long"}, "lower number"),
        ({"comparator_low": 3, "comparator_high": 2}, "comparator's range runs downwards"),
        ({"key": "not a key"}, "single hyphens"),
        ({"sources": []}, "required"),
    ],
)
def test_a_wrong_claim_is_refused_in_words(fields, sentence, writing):
    response = writing.post("/admin/evidence/claim/add/", new_claim(**fields))
    assert response.status_code == 200
    assert sentence in errors_of(response)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("kind", ["study", "leaflet", "news", "clinic", "company"])
def test_a_grade_is_no_higher_than_the_sources_carry(kind, writing, clinician):
    # given sources of which none carries more than the lowest grade
    weak = [factories.source(kind=kind), factories.source(kind="news")]
    refused = writing.post("/admin/evidence/claim/add/", new_claim(grade="B", sources=[s.pk for s in weak]))
    assert "grade C at the most" in errors_of(refused)
    # then neither a form, nor the check, nor a row that goes round both makes more of them
    claim = factories.claim(grade="A", sources=weak)
    with pytest.raises(ValueError, match="grade C at the most"):
        claim.mark_checked(by=clinician)
    stamp = {"checked_digest": claim.digest, "checked_at": timezone.now(), "checked_by": clinician}
    with pytest.raises(IntegrityError, match="no higher grade"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**stamp)
    writing.force_login(clinician)
    page = writing.post(reverse("admin:evidence_claim_check", args=[claim.pk]), {"shown": claim.digest})
    assert "grade C at the most" in page.content.decode()
    # and one that carries more is enough
    claim.sources.add(factories.source(kind="review"))
    claim.mark_checked(by=clinician)
    assert claim.is_checked
    factories.claim(grade="C", sources=weak, checked_by=clinician)


def test_a_grade_is_no_higher_than_the_reading_allows(writing, clinician):
    # given strong sources that nobody here read themselves
    copies = [factories.source(is_secondary=True), factories.source(kind="label", is_secondary=True)]
    refused = writing.post("/admin/evidence/claim/add/", new_claim(grade="A", sources=[s.pk for s in copies]))
    assert "grade B at the most" in errors_of(refused)
    # then neither a form, nor the check, nor a row that goes round both makes more of them
    claim = factories.claim(grade="A", sources=copies)
    with pytest.raises(ValueError, match="grade B at the most"):
        claim.mark_checked(by=clinician)
    stamp = {"checked_digest": claim.digest, "checked_at": timezone.now(), "checked_by": clinician}
    with pytest.raises(IntegrityError, match="than its reading allows"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**stamp)
    # and one that was read is enough, or a lower grade
    factories.claim(grade="B", sources=copies, checked_by=clinician)
    claim.sources.add(factories.source())
    claim.mark_checked(by=clinician)
    assert claim.is_checked


@pytest.mark.parametrize("field", ["sentence", "phrase", "measure", "population"])
def test_readers_never_meet_a_sources_key(field, writing):
    # given a source with a key of ours, and one whose study is known to everybody by that name
    factories.source(key="ANYBODY-2001", title="Trial of two armpits")
    factories.source(key="COMPEL", title="COMPEL: a long study")
    # when a claim names them
    refused = writing.post(
        "/admin/evidence/claim/add/",
        new_claim(**{field: "Adults, ANYBODY-2001 trial" + "." * (field == "sentence")}),
    )
    taken = writing.post("/admin/evidence/claim/add/", new_claim(population="Adults, COMPEL study"))
    # then only the one that readers know may stand
    assert "own key for a source" in errors_of(refused)
    assert taken.status_code == 302


def test_the_words_of_a_claim_are_one_line_in_a_box_that_shows_them_whole(writing):
    html = writing.get("/admin/evidence/claim/add/").content.decode()
    assert '<textarea name="sentence"' in html
    assert '<textarea name="phrase"' in html
    assert html.index('name="phrase"') < html.index("Where it’s used") < html.index("Sources")
    writing.post(
        "/admin/evidence/claim/add/", new_claim(sentence="It is\r\nknown.  ", phrase="what is\r\n known")
    )
    made = Claim.objects.get(key="new-fact")
    assert (made.sentence, made.phrase) == ("It is known.", "what is known")


def test_a_changed_claim_is_no_longer_checked(writing, clinician):
    claim = factories.claim(checked_by=clinician)
    assert f"By {clinician}" in writing.get(address(claim)).content.decode()
    writing.post(address(claim), filled(writing.get(address(claim)), sentence="Another fact is known."))
    assert "Changed since it was checked" in writing.get(address(claim)).content.decode()


def test_whoever_checks_a_claim_sees_what_changed_since_it_was_checked(writing, clinician):
    claim = factories.claim(sentence="About 5% had a sore arm.", phrase="")
    check = address(claim, "check")
    writing.force_login(clinician)
    assert "checked for the first time" in writing.get(check).content.decode()
    writing.post(check, {"shown": claim.digest})
    # when it's changed twice, what was checked is set beside what it says now
    for sentence in ("About 6% had a sore arm.", "About 7% had a <sore> arm."):
        writing.post(address(claim), filled(writing.get(address(claim)), sentence=sentence))
    page = writing.get(check)
    ((name, words),) = page.context["changes"]
    assert name == "Sentence"
    assert plain(words).startswith("About [removed: 5%] [added: 7%] had a [added: <] sore [added: >] arm")
    assert f"What changed since {clinician} checked it on" in page.content.decode()
    # what went round the log is said to be unknown
    other = factories.claim(checked_by=clinician)
    Claim.objects.filter(pk=other.pk).update(sentence="Something else.")
    assert "the words before weren’t kept" in writing.get(address(other, "check")).content.decode()


def test_keys_stay_because_pages_refer_to_them(writing):
    claim, source, use = factories.claim(), factories.source(), factories.use()
    for row in (claim, source, use):
        writing.post(address(row), {**filled(writing.get(address(row))), "key": "another-key"})
        before = row.key
        row.refresh_from_db()
        assert row.key == before


def test_a_source_in_use_is_not_deleted_by_any_button(writing):
    claim = factories.claim()
    source = claim.sources.get()
    assert claim.sentence in writing.get(address(source)).content.decode()
    response = writing.post(address(source, "delete"), {"post": "yes"})
    assert "would require deleting the following protected" in response.content.decode()
    assert claim.sentence in response.content.decode()
    writing.post(
        "/admin/evidence/source/",
        {"action": "delete_selected", "_selected_action": [source.pk], "post": "yes"},
    )
    assert Source.objects.filter(pk=source.pk).exists()
    claim.delete()
    writing.post(address(source, "delete"), {"post": "yes"})
    assert not Source.objects.filter(pk=source.pk).exists()


def test_a_source_that_nobody_can_find_is_refused_in_words(writing):
    fields = {
        "key": "X-2020",
        "title": "A trial",
        "publisher": "A journal",
        "kind": "trial",
        "status": "current",
    }
    response = writing.post("/admin/evidence/source/add/", fields)
    assert "Say where it can be found" in errors_of(response)


def test_a_claim_that_a_page_says_is_not_deleted(writing, draft, editor, clinician):
    claim = factories.claim(checked_by=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(body=f"<p>[[{claim.key}]]</p>")
    response = writing.post(address(claim, "delete"), {"post": "yes"})
    assert "Draft: Treatment sweat" in response.content.decode()
    draft.submit(by=editor, change_note="First edition.")
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>Another.</p>")
    response = writing.post(address(claim, "delete"), {"post": "yes"})
    assert "they keep it for good" in response.content.decode()
    assert Claim.objects.filter(pk=claim.pk).exists()


def test_a_use_that_a_page_shows_is_not_deleted(writing, draft):
    response = writing.post(address(draft.uses.get(), "delete"), {"post": "yes"})
    assert "Treatment: Treatment sweat" in response.content.decode()
    assert Use.objects.exists()

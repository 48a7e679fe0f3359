"""What a writer is helped with: claims found while typing, checks on unsaved words, big drafts, bad files."""

import re
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic_site.audit_log.models import AuditEntry, DraftSave
from clinic_site.publishing.models import Section, Stop
from tests import factories
from tests.admin_forms import errors_of, filled
from treatments.models import TreatmentClaim

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def found(client, **query):
    return client.get(reverse("admin:claim_search"), query).json()["claims"]


def test_claims_are_found_by_words_key_and_figure(desk, clinician):
    claim = factories.claim(
        "lasts-long",
        checked_by=clinician,
        sentence="It lasts a while.",
        low=7,
        high=9,
        unit="months",
        measure="x",
    )
    for query in ("while lasts", "lasts-lo", "9", "7 while"):
        assert [one["key"] for one in found(desk, q=query)] == [claim.key], query
    assert found(desk, q="nothing-like-it") == []
    [one] = found(desk, keys="lasts-long,unknown")
    assert (one["figure"], one["state"], one["said"]) == ("7 to 9 months", "checked", "")
    assert one["source"] != "no source"


def test_the_figure_of_a_claim_reads_as_people_write_it(desk, clinician):
    factories.claim("a-week", checked_by=clinician, low=1, unit="weeks", measure="x")
    factories.claim("a-share", checked_by=clinician, low=94, unit="percent", measure="x")
    assert [one["figure"] for one in found(desk, keys="a-week,a-share")] == ["94%", "1 week"]


def test_a_claim_that_may_not_be_said_says_so(desk, editor, clinician):
    factories.claim("unchecked-one")
    stopped = factories.claim("stopped-one", checked_by=clinician)
    Stop.say(stopped, by=editor, because="Wrong.")
    states = {one["key"]: one["state"] for one in found(desk, keys="unchecked-one,stopped-one")}
    assert states == {"unchecked-one": "unchecked", "stopped-one": "stopped"}


@pytest.mark.parametrize("typed", ["\x00", "%", "[[", "9" * 500, "a " * 400, "1e999"])
def test_whatever_is_searched_for_there_is_an_answer(desk, typed):
    assert isinstance(found(desk, q=typed), list)


def test_a_search_takes_as_many_queries_for_many_claims_as_for_few(
    desk, clinician, django_assert_max_num_queries
):
    for n in range(12):
        factories.claim(f"many-{n}", checked_by=clinician)
    with django_assert_max_num_queries(8):
        assert len(found(desk, q="many")) == 12


def test_what_is_typed_is_checked_and_not_saved(desk, draft):
    page = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk]))
    saved, logged, body = (
        DraftSave.objects.count(),
        AuditEntry.objects.count(),
        Section.objects.get(pk=draft.ordered_sections()[0].pk).body,
    )
    sent = filled(page, **{"sections-0-body": "<p>It lasts for three months.</p>", "title": "Typed"})
    address = reverse("admin:treatments_treatment_check", args=[draft.pk])
    for headers in ({}, {"Sec-Fetch-Dest": "empty"}):
        answer = desk.post(address, sent, headers=headers)
        assert answer.status_code == 200
        assert "It lasts for three months." in answer.content.decode()
        # in a tab of its own there is no field to lead to
        assert ('<a href="#id_sections-0-body">' in answer.content.decode()) == bool(headers)
        assert ("<html" in answer.content.decode()) != bool(headers)
    draft.refresh_from_db()
    assert draft.title != "Typed"
    assert draft.ordered_sections()[0].body == body
    assert (DraftSave.objects.count(), AuditEntry.objects.count()) == (saved, logged)
    wrong = desk.post(address, {**sent, "title": ""}, headers={"Sec-Fetch-Dest": "empty"}).content.decode()
    assert "to fix in the form first" in wrong
    assert "#id_title" in wrong


@pytest.mark.parametrize(
    ("typed", "where", "field", "kind"),
    [
        ({"title": "The best of it"}, "Title", "#id_title", "stops"),
        ({"sections-1-body": "<p>It lasts [[no-such-claim]].</p>"}, "Claims", "#id_sections-1-body", "stops"),
        ({"sections-2-heading": "The best of it"}, "Heading", "#id_sections-2-heading", "stops"),
        (
            {"sections-2-body": "<p>Ring ((24 hours)) before.</p>"},
            "Practical figures",
            "#id_sections-2-body",
            "judge",
        ),
        ({"sections-2-body": "<p>We administer it.</p>"}, "", "#id_sections-2-body", "advice"),
    ],
)
def test_a_finding_leads_to_the_field_that_mends_it(desk, draft, typed, where, field, kind):
    page = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk]))
    address = reverse("admin:treatments_treatment_check", args=[draft.pk])
    answer = desk.post(address, filled(page, **typed), headers={"Sec-Fetch-Dest": "empty"})
    shown = re.findall(
        r'data-field="([^"]*)"\s+data-kind="(\w+)">\s*<b>(?:<a[^>]*>)?([^<]*)', answer.content.decode()
    )
    assert [(f, k) for f, k, w in shown if not where or w == where].count((field, kind)) >= 1, shown


def test_parts_are_folded_under_their_headings_with_a_mark_where_something_is_to_mend(desk, draft):
    part = draft.ordered_sections()[1]
    part.body = "<p>It lasts for three months. We utilise it.</p>"
    part.save()
    html = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk])).content.decode()
    folds = re.findall(r'<details class="part__fold"\s*(open)?>(.*?)</summary>', html, re.S)
    assert [is_open for is_open, _ in folds][:3] == ["open", "", ""]  # the first, and whatever can't be saved
    assert "2 to fix" in folds[1][1]  # its figure, and that it has no claim
    assert "1 to consider" in folds[1][1]
    assert "to fix" not in folds[2][1]


def test_a_part_that_cannot_be_saved_is_open_and_says_so(desk, draft):
    page = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk]))
    sent = filled(page, **{"sections-3-position": "many"})
    html = desk.post(reverse("admin:treatments_treatment_change", args=[draft.pk]), sent).content.decode()
    folds = re.findall(r'<details class="part__fold"\s*(open)?>(.*?)</summary>', html, re.S)
    assert folds[3][0] == "open"
    assert "not saved" in folds[3][1]


def test_without_a_script_plainer_words_stand_as_a_sentence(desk, draft):
    part = draft.ordered_sections()[0]
    part.body = "<p>We administer it.</p>"
    part.save()
    html = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk])).content.decode()
    assert "“administer”: write “give”." in html
    assert re.search(r"<button[^>]*\bhidden\b[^>]*data-swap=\"administer\"", html)


def test_every_field_of_the_table_of_claims_has_a_label(desk, draft):
    html = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk])).content.decode()
    fields = set(re.findall(r'<(?:input|select)(?![^>]*type="hidden")[^>]*\bid="(id_roles-[^"]+)"', html))
    assert fields
    assert fields <= set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html))


def test_a_big_draft_opens_in_forty_queries(desk, draft, clinician):
    for n in range(80):
        claim = factories.claim(f"big-{n}", checked_by=clinician)
        TreatmentClaim.objects.create(treatment=draft, role="benefit", claim=claim, order=n)
    for n in range(30):
        Section.objects.create(
            document=draft, anchor=f"big-{n}", heading=f"Big {n}", body=f"<p>[[big-{n}]]</p>", position=n
        )
    with CaptureQueriesContext(connection) as asked:
        page = desk.get(reverse("admin:treatments_treatment_change", args=[draft.pk]))
    assert page.content.decode().count("Big 29")
    assert len(asked) <= 40, Counter(query["sql"][:160] for query in asked).most_common(12)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jpg", b"<html><script>alert(1)</script></html>"),
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ],
)
def test_a_file_that_is_no_picture_is_a_sentence_on_its_field(desk, name, data):
    answer = desk.post(
        reverse("admin:publishing_picture_add"),
        {"file": SimpleUploadedFile(name, data, "image/jpeg"), "alt": "What it shows", "credit": "Somebody"},
    )
    assert answer.status_code == 200
    assert "isn't a JPEG, PNG, WebP or AVIF picture" in errors_of(answer).replace("&#x27;", "'")
    assert 'value="What it shows"' in answer.content.decode()

"""Two people, or two tabs, on one row: nobody overwrites what they didn't see."""

import re

import pytest
from django.urls import reverse

from clinic_site.evidence.models import Claim
from clinic_site.publishing.admin.touching import SEEN
from clinic_site.publishing.models import Section
from tests import factories
from tests.admin_forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician)


@pytest.fixture
def address(draft):
    return reverse("admin:treatments_treatment_change", args=[draft.pk])


def opened(client, address, **changes) -> dict:
    page = client.get(address)
    return {**filled(page), "_opened": page.context["opened"], "_save": "Save", **changes}


def resend(answer, **chosen) -> dict:
    """What a browser sends from the page of both versions."""
    html = answer.content.decode()
    meeting = answer.context["meeting"]
    sent = {"_opened": meeting.opened, "_first_opened": meeting.first, "_must": meeting.must}
    for name, value in meeting.carried:
        sent.setdefault(name, []).append(value)
    assert all(f'name="{d.name}"' in html for d in meeting.differences)
    return {**sent, **{d.name: d.preferred for d in meeting.differences if d.preferred}, **chosen}


def body_of(data: dict, section) -> str:
    [name] = [n.replace("-id", "-body") for n, v in data.items() if re.fullmatch(r"sections-\d+-id", n) and v == section.pk]
    return name


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def test_one_person_saves_twice_without_a_question(desk, address, draft):
    for title in ("One", "Two"):
        assert desk.post(address, opened(desk, address, title=title)).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Two"


def test_what_only_one_side_changed_is_marked_already(desk, address, draft):
    first, second = opened(desk, address, title="Mine"), opened(desk, address, summary="Theirs.")
    assert desk.post(address, second).status_code == 302
    answer = desk.post(address, first)
    assert answer.status_code == 409
    assert {(d.key, d.chosen) for d in answer.context["meeting"].differences} == {("title", "mine"), ("summary", "theirs")}
    assert desk.post(address, resend(answer)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Mine", "Theirs.")


@pytest.mark.parametrize(("choice", "kept"), [("mine", "<p>My words.</p>"), ("theirs", "<p>Their words.</p>")])
def test_what_both_changed_must_be_chosen(desk, address, draft, choice, kept):
    section = draft.ordered_sections()[0]
    first, second = opened(desk, address), opened(desk, address)
    name = body_of(first, section)
    assert desk.post(address, second | {name: "<p>Their words.</p>"}).status_code == 302
    answer = desk.post(address, first | {name: "<p>My words.</p>"})
    [difference] = answer.context["meeting"].differences
    assert difference.chosen == ""
    assert "<ins>" in difference.theirs
    assert "<script" not in difference.theirs
    # without a choice: the same page, nothing saved, nothing lost
    again = desk.post(address, resend(answer))
    assert again.status_code == 422
    assert "Choose a version" in again.content.decode()
    section.refresh_from_db()
    assert section.body == "<p>Their words.</p>"
    assert dict(again.context["meeting"].carried)[name] == "<p>My words.</p>"
    assert desk.post(address, resend(again, **{difference.name: choice})).status_code == 302
    section.refresh_from_db()
    assert section.body == kept


def test_a_third_save_while_choosing_asks_again(desk, address, draft):
    first, second, third = (opened(desk, address, title=t) for t in ("Mine", "Theirs", "A third"))
    desk.post(address, second)
    answer = desk.post(address, first)
    desk.post(address, opened(desk, address, title="A third"))
    answer = desk.post(address, resend(answer, **{"_keep-title": "mine"}))
    assert answer.status_code == 409
    desk.post(address, resend(answer, **{"_keep-title": "mine"}))
    draft.refresh_from_db()
    assert draft.title == "Mine"
    assert third["title"] == "A third"


@pytest.mark.parametrize(("choice", "stays"), [("mine", True), ("theirs", False)])
def test_a_part_that_somebody_deleted_meanwhile_comes_back_if_you_say_so(desk, address, draft, choice, stays):
    part = Section.objects.create(document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90)
    untouched, changed = opened(desk, address), opened(desk, address)
    name = body_of(changed, part)
    part.delete()
    # left alone, it goes without a question
    assert desk.post(address, untouched).status_code == 302
    assert not draft.sections.filter(anchor="more").exists()
    answer = desk.post(address, changed | {name: "<p>Two.</p>"})
    assert answer.status_code == 409
    [difference] = answer.context["meeting"].differences
    assert "deleted by a colleague" in difference.where
    assert "Two." in difference.mine
    assert desk.post(address, resend(answer, **{difference.name: choice})).status_code == 302
    assert [s.body for s in draft.sections.filter(anchor="more")] == (["<p>Two.</p>"] if stays else [])


@pytest.mark.parametrize(("choice", "stays"), [("mine", False), ("theirs", True)])
def test_deleting_a_part_that_somebody_changed_meanwhile(desk, address, draft, choice, stays):
    part = Section.objects.create(document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90)
    mine = opened(desk, address)
    Section.objects.filter(pk=part.pk).update(body="<p>Their words.</p>")
    answer = desk.post(address, mine | {body_of(mine, part).replace("-body", "-DELETE"): "on"})
    [difference] = answer.context["meeting"].differences
    assert "Their words." in difference.theirs
    assert desk.post(address, resend(answer, **{difference.name: choice})).status_code == 302
    assert draft.sections.filter(anchor="more").exists() == stays


def test_a_part_added_meanwhile_stays(desk, address, draft):
    mine = opened(desk, address, title="Mine")
    Section.objects.create(document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90)
    assert desk.post(address, mine).status_code == 302
    assert draft.sections.filter(anchor="more").exists()


def test_an_error_keeps_what_the_form_was_opened_with(desk, address, draft):
    mine = opened(desk, address, title="", summary="Mine.")
    answer = desk.post(address, mine)
    assert answer.status_code == 200
    assert answer.context["opened"] == mine["_opened"]


def test_claims_and_their_sources_too(desk, draft):
    claim = Claim.objects.order_by("pk").first()
    address = reverse("admin:evidence_claim_change", args=[claim.pk])
    mine = opened(desk, address, sentence="Mine.", **{SEEN: "1"})
    other = factories.source(key="another-source")
    claim.sources.add(other)
    Claim.objects.filter(pk=claim.pk).update(sentence="Theirs.")
    answer = desk.post(address, mine)
    assert {(d.key, d.chosen) for d in answer.context["meeting"].differences} == {("sentence", ""), ("sources", "theirs")}
    assert desk.post(address, resend(answer, **{"_keep-sentence": "mine"})).status_code == 302
    claim.refresh_from_db()
    assert claim.sentence == "Mine."
    assert other in claim.sources.all()


def test_a_forged_stamp_is_no_error(desk, address):
    assert desk.post(address, opened(desk, address) | {"_opened": "x"}).status_code == 302

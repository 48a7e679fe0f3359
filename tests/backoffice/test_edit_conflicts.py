"""Two people, or two tabs, on one row: nobody overwrites what they didn't see."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim
from clinic_site.publishing.admin.usages import SEEN
from clinic_site.publishing.models import Picture, Section
from clinic_site.publishing.usages import ChangedEvidence, usages_of
from tests import factories
from tests.admin_forms import filled

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def address(draft):
    return reverse("admin:treatments_treatment_change", args=[draft.pk])


def opened(client, address, **changes) -> dict:
    page = client.get(address)
    return {**filled(page), "_version": page.context["version"], "_save": "Save", **changes}


def resend(answer, **chosen) -> dict:
    """What a browser sends from the page of both versions."""
    html = answer.content.decode()
    conflict = answer.context["conflict"]
    sent: dict = {"_shown": conflict.version}
    for name, value in conflict.carried:
        sent.setdefault(name, []).append(value)
    assert all(f'name="{d.name}"' in html for d in conflict.differences)
    return {**sent, **{d.name: d.preferred for d in conflict.differences if d.preferred}, **chosen}


def body_of(data: dict, section) -> str:
    [name] = [
        n.replace("-id", "-body")
        for n, v in data.items()
        if re.fullmatch(r"sections-\d+-id", n) and v == section.pk
    ]
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
    assert {(d.key, d.chosen) for d in answer.context["conflict"].differences} == {
        ("title", "mine"),
        ("summary", "theirs"),
    }
    assert desk.post(address, resend(answer)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Mine", "Theirs.")


@pytest.mark.parametrize(
    ("choice", "kept"), [("mine", "<p>My words.</p>"), ("theirs", "<p>Their words.</p>")]
)
def test_what_both_changed_must_be_chosen(desk, address, draft, choice, kept):
    section = draft.ordered_sections()[0]
    first, second = opened(desk, address), opened(desk, address)
    name = body_of(first, section)
    assert desk.post(address, second | {name: "<p>Their words.</p>"}).status_code == 302
    answer = desk.post(address, first | {name: "<p>My words.</p>"})
    [difference] = answer.context["conflict"].differences
    assert difference.chosen == ""
    assert "<ins>" in difference.theirs
    assert "<script" not in difference.theirs
    # without a choice: the same page, nothing saved, nothing lost
    again = desk.post(address, resend(answer))
    assert again.status_code == 422
    assert "Choose a version" in again.content.decode()
    section.refresh_from_db()
    assert section.body == "<p>Their words.</p>"
    assert dict(again.context["conflict"].carried)[name] == "<p>My words.</p>"
    assert desk.post(address, resend(again, **{difference.name: choice})).status_code == 302
    section.refresh_from_db()
    assert section.body == kept


def test_a_third_save_while_choosing_asks_again(desk, address, draft):
    first, second, third = (opened(desk, address, title=t) for t in ("Mine", "Theirs", "A third"))
    desk.post(address, second)
    answer = desk.post(address, first)
    desk.post(address, opened(desk, address, title="A third"))
    answer = desk.post(address, resend(answer, **{"_choice-title": "mine"}))
    assert answer.status_code == 409
    desk.post(address, resend(answer, **{"_choice-title": "mine"}))
    draft.refresh_from_db()
    assert draft.title == "Mine"
    assert third["title"] == "A third"


@pytest.mark.parametrize(("choice", "stays"), [("mine", True), ("theirs", False)])
def test_a_part_that_somebody_deleted_meanwhile_comes_back_if_you_say_so(desk, address, draft, choice, stays):
    part = Section.objects.create(
        document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90
    )
    untouched, changed = opened(desk, address), opened(desk, address)
    name = body_of(changed, part)
    part.delete()
    # left alone, it goes without a question
    assert desk.post(address, untouched).status_code == 302
    assert not draft.sections.filter(anchor="more").exists()
    answer = desk.post(address, changed | {name: "<p>Two.</p>"})
    assert answer.status_code == 409
    [difference] = answer.context["conflict"].differences
    assert difference.where == "More: a colleague deleted it"
    assert "Two." in difference.mine
    assert "Put it back, with what you typed" in answer.content.decode()
    assert desk.post(address, resend(answer, **{difference.name: choice})).status_code == 302
    assert [s.body for s in draft.sections.filter(anchor="more")] == (["<p>Two.</p>"] if stays else [])


@pytest.mark.parametrize(("choice", "stays"), [("mine", False), ("theirs", True)])
def test_deleting_a_part_that_somebody_changed_meanwhile(desk, address, draft, choice, stays):
    part = Section.objects.create(
        document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90
    )
    mine = opened(desk, address)
    Section.objects.filter(pk=part.pk).update(body="<p>Their words.</p>")
    answer = desk.post(address, mine | {body_of(mine, part).replace("-body", "-DELETE"): "on"})
    [difference] = answer.context["conflict"].differences
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
    assert answer.context["version"] == mine["_version"]


def test_claims_and_their_sources_too(desk, draft):
    claim = Claim.objects.order_by("pk").first()
    address = reverse("admin:evidence_claim_change", args=[claim.pk])
    mine = opened(desk, address, sentence="Mine.", **{SEEN: "1"})
    other = factories.source(key="another-source")
    claim.sources.add(other)
    Claim.objects.filter(pk=claim.pk).update(sentence="Theirs.")
    answer = desk.post(address, mine)
    assert {(d.key, d.chosen) for d in answer.context["conflict"].differences} == {
        ("sentence", ""),
        ("sources", "theirs"),
    }
    assert desk.post(address, resend(answer, **{"_choice-sentence": "mine"})).status_code == 302
    claim.refresh_from_db()
    assert claim.sentence == "Mine."
    assert other in claim.sources.all()


@pytest.mark.parametrize("stamp", ["x", None])
def test_where_it_is_not_known_how_the_form_was_opened_whatever_differs_is_asked(desk, address, draft, stamp):
    sent = filled(desk.get(address), _version=stamp)
    assert desk.post(address, sent).status_code == 302  # nothing differs
    answer = desk.post(address, {**sent, "title": "Mine"})
    assert answer.status_code == 409
    assert [(d.key, d.chosen) for d in answer.context["conflict"].differences] == [("title", "")]
    draft.refresh_from_db()
    assert draft.title != "Mine"
    assert desk.post(address, resend(answer, **{"_choice-title": "mine"})).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Mine"


def test_a_part_that_is_gone_is_asked_about_too_where_nothing_is_known(desk, address, draft):
    part = Section.objects.create(
        document=draft, anchor="more", heading="More", body="<p>One.</p>", position=90
    )
    sent = filled(desk.get(address), _version=None)
    part.delete()
    answer = desk.post(address, sent)
    assert answer.status_code == 409
    assert "One." in answer.context["conflict"].differences[0].mine


def test_parts_that_a_colleague_put_in_another_order_stay_so(desk, address, draft):
    for n, name in enumerate(("more", "most")):
        Section.objects.create(
            document=draft, anchor=name, heading=name, body=f"<p>{name}.</p>", position=90 + n
        )
    mine, theirs = opened(desk, address, title="Mine"), opened(desk, address)

    def place(data, anchor):
        part = draft.sections.get(anchor=anchor)
        return body_of(data, part).replace("-body", "-position")

    swapped = {place(theirs, "more"): 95, place(theirs, "most"): 92}
    assert desk.post(address, theirs | swapped).status_code == 302
    answer = desk.post(address, mine)
    assert {d.where for d in answer.context["conflict"].differences if d.chosen == "theirs"} == {
        "more: Position",
        "most: Position",
    }
    assert desk.post(address, resend(answer)).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Mine"
    assert [s.anchor for s in draft.sections.filter(position__gte=90).order_by("position")] == [
        "most",
        "more",
    ]
    assert draft.sections.get(anchor="more").body == "<p>more.</p>"


def picture(name):
    held = BytesIO()
    Image.new("RGB", (900, 600), name).save(held, "PNG")
    return SimpleUploadedFile(f"{name}.png", held.getvalue(), "image/png")


@pytest.fixture
def picture_address(desk):
    new = reverse("admin:publishing_picture_add")
    desk.post(
        new, filled(desk.get(new), file=picture("red"), alt="First", credit="Somebody", shows_person="False")
    )
    return reverse("admin:publishing_picture_change", args=[Picture.objects.get().pk])


def test_two_who_choose_a_file_for_one_row(desk, picture_address):
    mine, theirs = (opened(desk, picture_address, shows_person="False") for _ in range(2))
    assert desk.post(picture_address, {**theirs, "file": picture("blue")}).status_code == 302
    saved = Picture.objects.get().file.name
    answer = desk.post(picture_address, {**mine, "file": picture("green")})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "A colleague chose another file." in html
    assert 'type="file"' in html
    assert 'enctype="multipart/form-data"' in html
    assert Picture.objects.get().file.name == saved
    # left as it is, theirs stays; chosen once more, mine comes
    assert desk.post(picture_address, resend(answer)).status_code == 302
    assert Picture.objects.get().file.name == saved
    assert desk.post(picture_address, {**resend(answer), "file": picture("green")}).status_code == 302
    assert Picture.objects.get().file.name != saved


def test_a_file_that_only_a_colleague_chose_is_not_asked_about(desk, picture_address):
    mine, theirs = (
        opened(desk, picture_address, shows_person="False", **more) for more in ({"alt": "Mine"}, {})
    )
    desk.post(picture_address, {**theirs, "file": picture("blue")})
    saved = Picture.objects.get().file.name
    assert desk.post(picture_address, mine).status_code == 302
    assert (Picture.objects.get().file.name, Picture.objects.get().alt) == (saved, "Mine")


def test_after_the_question_about_touched_pages_comes_the_one_about_both_versions(desk, draft, editor):
    """Two pages in a row: each carries on what was typed."""
    claim = Claim.objects.filter(key__startswith="sweat").order_by("pk").first()
    assert usages_of(ChangedEvidence.by(claim))
    address = reverse("admin:evidence_claim_change", args=[claim.pk])
    mine = opened(desk, address, sentence="Mine.")
    Claim.objects.filter(pk=claim.pk).update(sentence="Theirs.")
    asked = desk.post(address, mine)
    assert asked.templates[0].name == "admin/confirm_change.html"
    sent: dict = {SEEN: "on"}
    for name, value in asked.context["sent"]:
        sent.setdefault(name, []).append(value)
    answer = desk.post(address, sent)
    assert answer.status_code == 409
    assert [d.key for d in answer.context["conflict"].differences] == ["sentence"]
    claim.refresh_from_db()
    assert claim.sentence == "Theirs."
    done = desk.post(address, resend(answer, **{"_choice-sentence": "mine"}))
    assert done.status_code == 302
    claim.refresh_from_db()
    assert claim.sentence == "Mine."


@pytest.mark.parametrize("then", ["preview", "submit", "compare"])
def test_the_buttons_that_lead_on_save_first_but_nothing_where_nothing_was_typed(
    desk, address, draft, editor, then
):
    draft.submit(by=editor, change_note="First.")
    saves, onward = DraftSave.objects.count(), reverse(f"admin:treatments_treatment_{then}", args=[draft.pk])
    html = desk.get(address).content.decode()
    assert html.count(f'name="_then_{then}"') == 1, "each has one place"
    looked = desk.post(address, filled(desk.get(address), **{f"_then_{then}": ""}))
    assert looked["Location"] == onward
    assert DraftSave.objects.count() == saves
    typed = desk.post(address, filled(desk.get(address), **{f"_then_{then}": "", "title": "Typed just now"}))
    assert typed["Location"] == onward
    draft.refresh_from_db()
    assert draft.title == "Typed just now"
    assert DraftSave.objects.count() == saves + 1
    failed = desk.post(
        address, filled(desk.get(address), **{f"_then_{then}": "", "title": "", "summary": "Kept."})
    )
    assert failed.status_code == 200
    assert "Nothing is saved yet" in failed.content.decode()
    assert "Kept." in failed.content.decode()


def test_looking_at_a_draft_after_a_colleague_saved_it_asks_nothing(desk, address):
    mine = opened(desk, address, _then_preview="")
    desk.post(address, opened(desk, address, title="Theirs"))
    assert desk.post(address, mine)["Location"].endswith("/preview/")

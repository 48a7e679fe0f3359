"""An older edition becomes the draft again: it says what it said, what is lost is told before, and nobody
signs it alone.
"""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_site.audit_log.models import AuditEntry, DraftSave
from clinic_site.clinic.models import Policy
from clinic_site.evidence.models import Claim
from clinic_site.pages import decompose
from clinic_site.pages.compose import Composer, clean_html, keys_in
from clinic_site.pages.shapes import seal
from clinic_site.publishing.models import Edition, Picture, PublishingError, Section, Stop
from tests import factories
from tests.admin_forms import address, as_
from treatments.models import Treatment, TreatmentClaim

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def digest(document):
    return seal(document.specific.compose())["digest"]


def restore(edition, by):
    return edition.restore(by=by, instead_of=digest(edition.document))


@pytest.fixture
def first(draft, editor, clinician):
    """A live edition; the draft has changed since."""
    edition = factories.live(draft, by=editor, signer=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>Other words about [[sweat-lasts]].</p>"
    )
    return edition


# --- texts --------------------------------------------------------------------------------------------------


PIECES = st.sampled_from(
    [
        "[[lasts]]",
        "[[ helps ]]",
        "[[alone]]",
        "((24 hours))",
        "((two & a half))",
        "[[no-such-claim]]",
        "[[a&b]]",
        "[[",
        "((",
        "]]",
        "))",
        " and ",
        ". ",
        ": ",
        "It is ",
        "Dr. ",
        "&amp;",
        "&lt;b&gt;",
        "&nbsp;",
        "\x00",
        "'",
        '"',
        "\n",
        "é",
        "“so” ",
        "<strong>",
        "</strong>",
        "<p>",
        "</p>",
        "<ul><li>",
        "</li></ul>",
        "<br>",
        "<h3>",
        "</h3>",
        '<a href="https://x.test/[[lasts]]">',
        "</a>",
        "<!-- x -->",
        '<span class="claim" data-claim="lasts">',
        "</span>",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=14).map("".join)


@pytest.fixture
def facts():
    source = factories.source()
    for key, phrase in {"lasts": "about three months", "helps": "some “help” & more", "alone": ""}.items():
        factories.claim(key, sentence=f"Fact {key} is <known> & sure.", phrase=phrase, sources=[source])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_running_text_comes_back_to_the_same_words(facts, text):
    sealed = Composer(keys_in(text)).prose(text)
    typed = decompose.decompose_prose(sealed)
    assert Composer(keys_in(typed)).prose(clean_html(typed)) == sealed


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_line_comes_back_to_the_same_words(facts, text):
    sealed = Composer(keys_in(text)).line(text, refs=True)
    typed = decompose.decompose_line(sealed)
    assert Composer(keys_in(typed)).line(typed, refs=True) == sealed


# --- what is no more ----------------------------------------------------------------------------------------


def test_a_claim_that_is_no_more_is_said_and_stops_the_checks(draft, first, manager, editor):
    TreatmentClaim.objects.all().delete()
    Section.objects.all().update(body="")
    Claim.objects.filter(key__in=["sweat-lasts", "sweat-harms"]).delete()
    html = as_(manager).get(address(first, "restore")).content.decode()
    assert "Side effect: [[sweat-harms]] is no claim any more" in html
    lacks = restore(first, by=manager)
    assert any("[[sweat-lasts]] is no claim any more" in lack for lack in lacks)
    assert "[[sweat-lasts]]" in draft.sections.get(anchor="timing").body
    assert "unknown-claim" in {f.rule for f in draft.findings()}
    with pytest.raises(PublishingError, match="fixed first"):
        draft.submit(by=editor, change_note="Back.")


def test_a_picture_that_is_no_more_is_said(draft, editor, clinician, manager):
    picture = Picture(
        file="0" * 40 + ".webp",
        alt="A hand",
        shows_person=False,
        files={"webp": [[40, "x.webp"]], "avif": []},
    )
    picture.save()
    Section.objects.filter(document=draft, anchor="timing").update(picture=picture)
    edition = factories.live(draft, by=editor, signer=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(
        picture=None, body="<p>Else [[sweat-lasts]].</p>"
    )
    assert restore(edition, by=manager) == []
    assert draft.sections.get(anchor="timing").picture == picture
    Section.objects.filter(document=draft, anchor="timing").update(
        picture=None, body="<p>Else [[sweat-lasts]].</p>"
    )
    picture.delete()
    client = as_(manager)
    assert "The picture “A hand” in" in client.get(address(edition, "restore")).content.decode()
    client.post(address(edition, "restore"), {"instead_of": digest(draft)}, follow=True)
    assert draft.sections.get(anchor="timing").picture is None
    assert "The effect lasts" in draft.sections.get(anchor="timing").body


def test_uses_topics_and_treatments_that_are_no_more_are_said(draft, first, editor, clinician, manager):
    answer = factories.answer("sun", by=editor, checked_by=clinician, about=[draft])
    edition = factories.live(answer, by=editor, signer=clinician)
    answer.treatments.clear()
    answer.topics.all().delete()
    lacks = restore(edition, by=manager)
    assert lacks == ["The topic “Side effects” is no longer there."]
    assert list(answer.treatments.all()) == [draft]
    draft.uses.all().delete()
    assert restore(first, by=manager) == ["The use “A use” is no longer there, nor is its licence status."]


def test_an_answer_finds_its_treatment_under_the_address_that_it_has_now(
    draft, first, editor, clinician, manager
):
    answer = factories.answer("sun", by=editor, checked_by=clinician, about=[draft])
    edition = factories.live(answer, by=editor, signer=clinician)
    draft.slug = "sweating"
    draft.save()
    answer.treatments.clear()
    assert restore(edition, by=manager) == []
    assert list(answer.treatments.all()) == [draft]


# --- who, when, and what is said before ---------------------------------------------------------------------


@pytest.mark.parametrize("role", ["editor", "desk"])
def test_neither_an_editor_nor_the_desk_restores(first, role):
    person = factories.person(role)
    with pytest.raises(PublishingError):
        restore(first, by=person)
    assert (
        as_(person).post(address(first, "restore"), {"instead_of": digest(first.document)}).status_code == 403
    )


def test_a_policy_is_made_the_draft_again_by_a_manager_alone(editor, manager, clinician):
    policy = Policy.objects.create(slug="privacy", title="Privacy", summary="What is kept.")
    Section.objects.create(document=policy, anchor="kept", heading="What is kept", body="<p>Nothing.</p>")
    policy.note_save(by=editor)
    edition = policy.submit(by=editor, change_note="First edition.")
    Section.objects.update(body="<p>Something.</p>")
    with pytest.raises(PublishingError, match="by a manager"):
        restore(edition, by=clinician)
    assert restore(edition, by=manager) == []
    assert edition.says(policy.compose())


def test_the_restorer_wrote_it_too_and_somebody_else_signs(draft, first, editor, clinician):
    other = factories.person("clinician")
    draft.submit(by=editor, change_note="Other words.").sign(by=clinician)
    restore(first, by=clinician)
    assert DraftSave.objects.filter(words=draft.words_key, user=clinician).exists()
    again = draft.submit(by=editor, change_note="Back to the words before.")
    assert again.number == 3
    with pytest.raises(PublishingError, match="nobody signs what they wrote"):
        again.sign(by=clinician)
    again.sign(by=other)
    html = Client().get("/treatments/sweat/").content.decode()
    assert "Other words" not in html
    assert "Back to the words before." in Client().get("/treatments/sweat/history/").content.decode()


def test_patients_read_on_what_they_read(first, manager):
    before = Client().get("/treatments/sweat/").content
    restore(first, by=manager)
    assert Client().get("/treatments/sweat/").content == before


def test_what_goes_is_shown_before_anybody_decides_and_looking_changes_nothing(draft, first, clinician):
    claim = Claim.objects.get(key="sweat-helps")
    claim.sentence, claim.low = "In a trial 55% were better; after dummy injections 30% were.", 55
    claim.save()
    claim.mark_checked(by=clinician)
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=clinician, because="A newer trial.")
    factories.urgent_help()
    client, rows = as_(factories.person("clinician")), list(Section.objects.order_by("pk").values())
    response = client.get(address(first, "restore"))
    html = response.content.decode()
    assert "The draft was changed since edition 1. No edition keeps those changes" in html
    assert "[[sweat-helps]] has another figure today, and the draft gets that." in html
    assert "[[sweat-lasts]] is stopped now" in html
    [passage] = response.context["comparison"].changed
    assert passage.where == "When it starts, peaks and fades"
    assert "[removed: </span>Other<" in passage.html
    assert list(Section.objects.order_by("pk").values()) == rows
    assert not DraftSave.objects.filter(user__email=response.wsgi_request.user.email).exists()


def test_a_draft_that_changed_meanwhile_is_not_given_up_unseen(draft, first, manager):
    client, seen = as_(manager), digest(draft)
    Section.objects.filter(document=draft, anchor="timing").update(body="<p>A colleague's hour of work.</p>")
    response = client.post(address(first, "restore"), {"instead_of": seen})
    assert response.status_code == 422
    assert "Somebody changed the draft while you read." in response.content.decode()
    assert "colleague" in response.context["comparison"].changed[0].html
    assert "hour of work" in draft.sections.get(anchor="timing").body
    with pytest.raises(PublishingError, match="while you read"):
        first.restore(by=manager, instead_of=seen)
    response = client.post(
        address(first, "restore"), {"instead_of": response.context["form"]["instead_of"].value()}
    )
    assert response.headers["Location"] == address(draft)
    [entry] = AuditEntry.objects.filter(verb="restored", model="treatments.treatment", row=str(draft.pk))
    assert any("hour of work" in was and "The effect lasts" in now for _, was, now in entry.changes)
    assert "hour of work" not in draft.sections.get(anchor="timing").body


def test_what_the_draft_says_already_is_refused_in_words(draft, first, manager):
    restore(first, by=manager)
    response = as_(manager).post(address(first, "restore"), {"instead_of": digest(draft)})
    assert response.status_code == 422
    assert "The draft says this already." in response.content.decode()


def test_a_broken_seal_does_not_come_back(draft, first, manager, monkeypatch):
    monkeypatch.setattr(Edition, "is_intact", False)
    client = as_(manager)
    assert client.get(address(first, "restore")).status_code == 200
    response = client.post(address(first, "restore"), {"instead_of": digest(draft)})
    assert "don&#x27;t match their digest" in response.content.decode()
    assert "Other words" in draft.sections.get(anchor="timing").body


def test_the_address_stays(draft, first, manager):
    draft.slug = "sweating"
    draft.save()
    html = as_(manager).get(address(first, "restore")).content.decode()
    assert "The address stays as it is in the draft: “sweating”." in html
    restore(first, by=manager)
    assert Treatment.objects.get(pk=draft.pk).slug == "sweating"


# --- the last, because the starter content stays until the module ends: draft -> seal -> restore -> compose -


def scramble(document):
    """Another draft: nothing of what the edition said is left, but for its address."""
    document.title, document.summary = "Something else", "Another line."
    document.save()
    for n, section in enumerate(document.sections.all()):
        section.body, section.heading, section.position = f"<p>Else {n}.</p>", "Else", 99 - n
        section.save()
    Section.objects.create(document=document, anchor="stray", heading="Stray", body="<p>Stray.</p>")
    if document.KIND == "treatment":
        document.roles.all().delete()
        document.uses.clear()
        Treatment.objects.filter(pk=document.pk).update(short="else", group="aesthetic", order=999)
    if document.KIND == "answer":
        document.topics.clear()
        document.treatments.clear()
        type(document).objects.filter(pk=document.pk).update(detail="Else?", correction="Else.")


def test_every_starter_page_comes_back_as_it_was_sealed(starter_site, manager):
    editions = list(Edition.objects.select_related("document"))
    assert {e.kind for e in editions} == {"treatment", "overview", "answer", "policy"}
    for edition in editions:
        document = edition.document.specific
        scramble(document)
        assert not edition.says(document.specific.compose())
        before = {s.anchor: s.pk for s in document.sections.all()}
        assert restore(edition, by=manager) == []
        again = type(document).objects.get(pk=document.pk)
        assert edition.says(again.compose()), f"{edition}"
        # rows that stay keep their keys: a form that somebody has open still means them
        after = {s.anchor: s.pk for s in again.sections.all()}
        assert after.items() <= before.items()
        assert not any(finding.stops for finding in again.findings())

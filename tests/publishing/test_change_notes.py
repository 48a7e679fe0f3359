"""What an edition is beside the one before: it corrects, updates or rewords, and a correction is never worded
as an update.
"""

import json
from dataclasses import asdict, replace

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site import append_only
from clinic_site.evidence.models import Claim, Licence, Source
from clinic_site.pages import shapes
from clinic_site.publishing.change_notes import Nature, asked_about
from clinic_site.publishing.models import Edition, PublishingError, Section, UrgentHelp
from clinic_site.publishing.proofs import changes_are_told, seals_hold
from tests import factories
from treatments.models import Treatment

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(editor, clinician):
    """Patients read its first edition."""
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(made, by=editor, signer=clinician)
    return made


@pytest.fixture
def say(draft, editor, clinician):
    """Puts other words on the page: `say(anchor, body)`."""

    def change(anchor: str, body: str):
        Section.objects.filter(document=draft, anchor=anchor).update(body=body)
        return Treatment.objects.get(pk=draft.pk)

    return change


def change_claim(key, clinician, sources=None, **fields):
    Claim.objects.filter(key=key).update(**fields)
    claim = Claim.objects.get(key=key)
    if sources:
        claim.sources.set(sources)
    claim.mark_checked(by=clinician)


def raw(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def as_(user):
    client = Client()
    client.force_login(user)
    return client


# --- what is asked about ------------------------------------------------------------------------------------


def other_figure(draft, clinician):
    change_claim("sweat-helps", clinician, low=61)


def other_figure_in_words(draft, clinician):
    change_claim("sweat-lasts", clinician, sentence="It lasts about four months.", phrase="about four months")


def other_figure_in_the_phrase(draft, clinician):
    change_claim("sweat-lasts", clinician, phrase="about four months")


def figure_gone(draft, clinician):
    draft.roles.filter(role="benefit").delete()
    other = factories.claim("sweat-else", checked_by=clinician, kind="benefit", comparator="none")
    Claim.objects.filter(pk=other.pk).update(sentence="Nobody compared it (no comparison group).", phrase="")
    other.refresh_from_db()
    other.mark_checked(by=clinician)
    draft.roles.create(role="benefit", claim=other)
    draft.choices.filter(kind="own").update(works="[[sweat-else]]")


def other_source(draft, clinician):
    change_claim("sweat-harms", clinician, sources=[factories.source()])


def source_replaced(draft, clinician):
    Source.objects.filter(claims__key="sweat-harms").update(title="Another trial than we said")


def other_approval(draft, clinician):
    Licence.objects.filter(use__in=draft.uses.all(), country="CA").update(since="2011-11-14")


def sign_added(draft, clinician):
    UrgentHelp.objects.update(lead="Call {emergency} at once if you notice any of these signs.")


def safety_reworded(draft, clinician):
    change_claim("sweat-lasts", clinician, sentence="It may last about three months.")


def urgent_sentence_weakened(draft, clinician):
    Section.objects.filter(document=draft, anchor="on-the-day").update(
        body="<p>See a doctor soon if you feel very ill. It lasts [[sweat-lasts]].</p>"
    )


ASKED = {
    "figure": [other_figure, other_figure_in_words, other_figure_in_the_phrase, figure_gone, other_approval],
    "source": [other_source, source_replaced],
    "urgent words": [sign_added, safety_reworded, urgent_sentence_weakened],
}


@pytest.mark.parametrize(
    ("what", "change"), [(what, change) for what, changes in ASKED.items() for change in changes]
)
def test_a_changed_figure_source_or_urgent_sentence_asks_whether_it_was_wrong(
    what, change, draft, editor, clinician
):
    change_claim("sweat-lasts", clinician, kind="safety")
    Section.objects.filter(document=draft, anchor="on-the-day").update(
        body="<p>Call the emergency number at once if you feel very ill. It lasts [[sweat-lasts]].</p>"
    )
    draft = Treatment.objects.get(pk=draft.pk)
    draft.submit(by=editor, change_note="Says when to call.").sign(by=clinician)
    change(draft, clinician)
    draft = Treatment.objects.get(pk=draft.pk)
    with pytest.raises(PublishingError, match=rf"{what}.*Say whether what they read was wrong"):
        draft.submit(by=editor, change_note="Changed.")
    for nature in (Nature.UPDATE, Nature.REWORDING, None):
        with pytest.raises(PublishingError):
            draft.submit(by=editor, change_note="Changed.", nature=nature)
    for nature in (Nature.UPDATE, Nature.REWORDING):
        with pytest.raises(PublishingError, match="this is a correction"):
            draft.submit(by=editor, change_note="Changed.", nature=nature, was_wrong=True)
    edition = draft.submit(by=editor, change_note="It was wrong.", was_wrong=True)
    assert edition.nature == "correction"
    assert what in {one.what for one in edition.page.change.changed}
    assert edition.page.change.was_wrong is True


@pytest.mark.parametrize(
    ("nature", "was_wrong", "sealed"),
    [
        (Nature.CORRECTION, None, ("correction", True)),
        (Nature.CORRECTION, True, ("correction", True)),
        (Nature.UPDATE, False, ("update", False)),
        (None, False, ("update", False)),
    ],
)
def test_the_answer_is_sealed_with_what_was_asked(nature, was_wrong, sealed, draft, editor, clinician):
    other_figure(draft, clinician)
    edition = draft.submit(by=editor, change_note="A newer count.", nature=nature, was_wrong=was_wrong)
    change = edition.page.change
    assert (change.nature, change.was_wrong) == sealed
    assert change.note == "A newer count."
    assert [(one.what, "60%" in one.before) for one in change.changed] == [("figure", True)]


def test_other_words_ask_nothing_and_need_no_answer(say, draft, editor):
    draft = say("what-it-is", "<p>Put in plainer words. It lasts [[sweat-lasts]].</p>")
    edition = draft.submit(by=editor, change_note="Plainer.", nature=Nature.REWORDING)
    assert edition.nature == "rewording"
    assert edition.page.change.changed == ()
    assert edition.page.change.was_wrong is None


def test_a_figure_that_is_new_on_the_page_asks_nothing(say, draft, editor, clinician):
    factories.claim("sweat-more", checked_by=clinician, sentence="About 3% had a rash.", phrase="")
    draft = say("what-it-is", "<p>It lasts [[sweat-lasts]]. [[sweat-more]]</p>")
    assert draft.submit(by=editor, change_note="One more.").nature == "update"


def test_what_nobody_read_is_corrected_without_a_word(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    first = draft.submit(by=editor, change_note="First.")
    assert first.nature is None
    first.sign(by=clinician, hold=True)
    other_figure(draft, clinician)
    assert draft.submit(by=editor, change_note="Second.").nature is None


def test_an_answer_that_was_posted_elsewhere_may_begin_with_a_correction(editor, clinician):
    answer = factories.answer(by=editor, checked_by=clinician, first_posted=timezone.localdate())
    edition = answer.submit(by=editor, change_note="Rewritten.", nature=Nature.CORRECTION)
    assert edition.nature == "correction"


def test_a_word_that_is_no_kind_is_refused(draft, say, editor):
    draft = say("what-it-is", "<p>Other words. It lasts [[sweat-lasts]].</p>")
    with pytest.raises(PublishingError, match="corrects, updates or rewords"):
        draft.submit(by=editor, change_note="x", nature="improvement")


def test_what_it_was_before_does_not_make_it_other_words(draft, say, editor, clinician):
    draft = say("what-it-is", "<p>Other words. It lasts [[sweat-lasts]].</p>")
    edition = draft.submit(by=editor, change_note="x", nature=Nature.REWORDING)
    assert edition.says(draft.compose())
    with pytest.raises(PublishingError, match="Nothing changed"):
        draft.submit(by=editor, change_note="x", nature=Nature.CORRECTION)


# --- round the code -----------------------------------------------------------------------------------------


def another(edition: Edition, change: shapes.Change | None, nature: str | None) -> Edition:
    """An edition that follows, put in by the ORM alone."""
    words = shapes.seal(replace(edition.page, change=change))
    return Edition(
        document_id=edition.document_id,
        kind=edition.kind,
        slug=edition.slug,
        number=edition.number + 1,
        change_note="x",
        nature=nature,
        posted_on=edition.posted_on,
        submitted_at=timezone.now(),
        submitted_by_id=edition.submitted_by_id,
        **words,
    )


CHANGED = (shapes.Changed(what="figure", before="60%", after="61%"),)


@pytest.mark.parametrize(
    ("sealed", "nature", "message"),
    [
        (None, None, "says what kind of change"),
        (None, "correction", "the one that is sealed"),
        (shapes.Change(nature="update"), "correction", "the one that is sealed"),
        (shapes.Change(nature="correction"), "update", "the one that is sealed"),
        (shapes.Change(nature="update", changed=CHANGED), "update", "this is a correction"),
        (shapes.Change(nature="update", changed=CHANGED, was_wrong=True), "update", "this is a correction"),
        (shapes.Change(nature="rewording", changed=CHANGED), "rewording", "this is a correction"),
    ],
)
def test_the_database_refuses_a_change_that_is_not_told_as_it_is(draft, sealed, nature, message):
    edition = Edition.objects.get()
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        another(edition, sealed, nature).save()


@pytest.mark.parametrize(
    "sealed",
    [
        shapes.Change(nature="correction", changed=CHANGED, was_wrong=True),
        shapes.Change(nature="update", changed=CHANGED, was_wrong=False),
        shapes.Change(nature="rewording"),
    ],
)
def test_the_database_takes_one_that_is(draft, sealed):
    another(Edition.objects.get(), sealed, sealed.nature).save()


@pytest.mark.parametrize("change", ["nature = 'update'", "nature = NULL"])
def test_the_kind_of_change_is_written_once(draft, editor, clinician, change):
    other_figure(draft, clinician)
    edition = draft.submit(by=editor, change_note="x", nature=Nature.CORRECTION)
    with pytest.raises(DatabaseError, match="written once"):
        raw(f"UPDATE publishing_edition SET {change} WHERE id = %s", edition.pk)


def test_prove_recomputes_what_was_asked(draft, editor, clinician):
    other_figure(draft, clinician)
    edition = draft.submit(by=editor, change_note="x", nature=Nature.CORRECTION)
    assert changes_are_told() == (2, [])
    append_only.remove()
    try:
        # told as another kind than the sealed one
        raw("UPDATE publishing_edition SET nature = 'update' WHERE id = %s", edition.pk)
        assert "another kind of change" in changes_are_told()[1][0]
        # sealed anew as an update that nobody was asked about
        words = shapes.seal(replace(edition.page, change=shapes.Change(nature="update")))
        for column, value in words.items():
            raw(f"UPDATE publishing_edition SET {column} = %s WHERE id = %s", value, edition.pk)
        assert seals_hold()[1] == []
        assert "nobody said that it was right" in changes_are_told()[1][0]
    finally:
        append_only.install()


def test_an_edition_from_before_there_were_kinds_stays_what_it_was(draft, editor, clinician):
    first = Edition.objects.get()
    text = json.loads(first.page_text)
    assert text.pop("change") is None
    old = shapes.canonical(text)
    append_only.remove()
    try:
        for column, value in (("page_text", old), ("digest", shapes.digest_of(old, first.card_digest))):
            raw(f"UPDATE publishing_edition SET {column} = %s WHERE id = %s", value, first.pk)
    finally:
        append_only.install()
    first = Edition.objects.get()
    assert first.is_intact
    assert first.page.change is None
    assert first.nature is None
    assert first.nature_name == ""
    assert changes_are_told() == (1, [])
    assert asdict(first.page)["change"] is None
    assert Client().get("/treatments/sweat/").status_code == 200
    assert Client().get("/treatments/sweat/history/").status_code == 200
    other_figure(draft, clinician)
    with pytest.raises(PublishingError, match="Say whether"):
        draft.submit(by=editor, change_note="x")


# --- in the admin -------------------------------------------------------------------------------------------


def submit_address(draft):
    return reverse("admin:treatments_treatment_submit", args=[draft.pk])


def test_the_form_shows_what_changes_and_asks(draft, editor, clinician):
    other_figure(draft, clinician)
    html = as_(editor).get(submit_address(draft)).content.decode()
    assert "Was what patients read wrong?" in html
    assert "What patients read, and what changes" in html
    response = as_(editor).post(submit_address(draft), {"change_note": "A count.", "nature": "update"})
    assert response.status_code != 302
    assert "Say whether what they read was wrong" in response.content.decode()
    sent = {"change_note": "A count.", "nature": "update", "was_wrong": "yes"}
    assert "this is a correction" in as_(editor).post(submit_address(draft), sent).content.decode()
    assert as_(editor).post(submit_address(draft), sent | {"nature": "correction"}).status_code == 302
    assert Edition.objects.first().nature == "correction"


def test_the_form_of_other_words_asks_its_kind_alone_and_that_of_a_first_edition_nothing(
    draft, say, editor, clinician
):
    draft = say("what-it-is", "<p>Other words. It lasts [[sweat-lasts]].</p>")
    html = as_(editor).get(submit_address(draft)).content.decode()
    assert "What kind of change is it?" in html
    assert "Was what patients read wrong?" not in html
    new = factories.treatment("new", by=editor, checked_by=clinician)
    assert "What kind of change is it?" not in as_(editor).get(submit_address(new)).content.decode()
    assert as_(editor).post(submit_address(draft), {"change_note": "Plainer."}).status_code == 302


def test_the_signer_and_the_history_are_told(draft, editor, clinician):
    other_figure(draft, clinician)
    edition = draft.submit(by=editor, change_note="We had the share wrong.", nature=Nature.CORRECTION)
    sign = reverse("admin:publishing_edition_sign", args=[edition.pk])
    html = " ".join(as_(clinician).get(sign).content.decode().split())
    assert "Correction. Was what patients read wrong? Yes" in html
    assert "It said:" in html
    edition.sign(by=clinician)
    assert (
        "<b>Correction.</b> We had the share wrong."
        in Client().get("/treatments/sweat/history/").content.decode()
    )


def test_what_is_asked_stops_at_words_that_did_not_change(draft):
    page = Edition.objects.get().page
    assert list(asked_about(page, page)) == []

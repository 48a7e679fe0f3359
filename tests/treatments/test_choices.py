"""What else somebody could do: a table of the signed page, and at the comparison the first question."""

import re

import pytest
from django.db import IntegrityError, transaction

from clinic_site.evidence.models import Claim
from clinic_site.pages.diff import compare
from clinic_site.pages.search_text import index_text
from clinic_site.pages.shapes import seal, unseal
from clinic_site.publishing.models import Edition, Stop
from clinic_site.publishing.reading import Card
from clinic_site.publishing.usages import ChangedEvidence, usages_of
from tests import factories
from treatments.comparing import choices_for
from treatments.models import Choice, Treatment
from treatments.pages import TreatmentPage
from treatments.views import treatment_cards

pytestmark = pytest.mark.django_db

PATH = "/treatments/compare/"
PROBLEMS = {"hyperhidrosis": 3, "neck-bands": 2, "oily-skin-and-acne": 2}


@pytest.fixture
def draft(editor, clinician):
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.claim("lotion-helps", checked_by=clinician, kind="alternative", sentence="A lotion helps.")
    made.choices.create(
        name="A lotion",
        what="On the skin",
        works="[[lotion-helps]]",
        lasts="While used.",
        risks="It stings.",
        available="Ask a pharmacist.",
        strength="some",
        order=5,
    )
    return made


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def table(client, path: str) -> str:
    html = client.get(path).content.decode()
    return html[html.index('<div class="choices"') : html.index('class="choices__note"')]


# --- the rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"works": ""},
        {"strength": "certain"},
        {"kind": "best"},
        {"kind": "own"},  # there is one
        {"kind": "nothing"},
        {"name": "The injections"},  # so there is
    ],
)
def test_the_database_holds_what_a_choice_is(draft, fields):
    lotion = Choice.objects.get(name="A lotion")
    with pytest.raises(IntegrityError), transaction.atomic():
        Choice.objects.filter(pk=lotion.pk).update(**fields)


def test_another_problem_has_a_table_and_key_facts_of_its_own(draft):
    draft.choices.create(problem="Palms", kind="own", name="The injections", works="None.", strength="none")
    draft.roles.create(role="lasts", problem="Palms", gap="Nobody knows.")
    page = draft.compose()
    assert [(one.problem, len(one.choices), [f.gap for f in one.facts]) for one in page.problems] == [
        ("", 3, []),
        ("Palms", 1, ["Nobody knows."]),
    ]
    assert [fact.gap for fact in page.facts if fact.gap] == []


# --- part of the page that is sealed and signed -------------------------------------------------------------


def test_the_choices_are_sealed_with_the_page_shown_to_its_signer_and_found(draft, editor, clinician):
    edition = factories.live(draft, by=editor, signer=clinician)
    assert [one.name for one in edition.page.choices] == ["Doing nothing", "The injections", "A lotion"]
    assert "lotion-helps" in {note.key for note in edition.page.claims}
    # what changes is shown to whoever signs next, field by field
    for field in ("name", "what", "works", "lasts", "risks", "available", "strength", "kind", "problem"):
        new = {"strength": "weak", "kind": "own"}.get(field, "Otherwise.")
        if field == "kind":
            draft.choices.filter(kind="own").delete()
        draft.choices.filter(name="A lotion").update(**{field: new})
        assert any("lotion" in p.where for p in compare(edition.page, draft.compose()).changed), field
        draft.restore_from(edition.page)
    assert "pharmacist" in index_text(edition.page)


def test_an_edition_brings_its_choices_back(draft):
    draft.choices.create(problem="Palms", kind="own", name="The injections", works="None.", strength="none")
    draft.roles.create(role="lasts", problem="Palms", claim=Claim.objects.get(key="sweat-lasts"))
    page = draft.compose()
    draft.choices.all().delete()
    draft.roles.filter(problem="Palms").update(problem="Soles")
    assert Treatment.objects.get().restore_from(page) == []
    assert seal(Treatment.objects.get().compose()) == seal(page)
    assert Choice.objects.get(name="A lotion").works == "[[lotion-helps]]"


def test_an_edition_from_before_there_were_choices_still_stands(draft, client, editor, clinician):
    draft.choices.all().delete()
    text = seal(draft.compose())["page_text"]
    old = re.sub(r'"(?:choices|problem_facts)":\[\],', "", text)
    assert old != text
    assert unseal(old, TreatmentPage) == draft.compose()


def test_a_claim_is_found_where_a_choice_says_it(draft):
    [usage] = usages_of(ChangedEvidence.by(Claim.objects.get(key="lotion-helps")))
    assert usage.in_draft == ("Choice “A lotion”",)


# --- as patients read it ------------------------------------------------------------------------------------


def test_every_treatment_sets_its_choices_side_by_side(starter_site, client):
    for slug in Edition.objects.filter(kind="treatment").values_list("slug", flat=True):
        html = table(client, f"/treatments/{slug}/")
        assert "Doing nothing" in html or "Nothing new for now" in html, slug
        assert html.count('class="choices__own"') == html.count("<table"), slug
        assert html.count("<table") == {"hyperhidrosis": 3, "neck-bands": 2, "oily-skin-and-acne": 2}.get(
            slug, 1
        )


def test_palms_and_the_face_have_key_facts_of_their_own(starter_site, client):
    html = table(client, "/treatments/hyperhidrosis/")
    palms = html[html.index("Palms and soles") : html.index("</dl>")]
    assert "4 to 13 months" in words(palms)


def test_a_stopped_claim_leaves_the_table_with_its_strength(starter_site, client, editor):
    before = table(client, "/treatments/hyperhidrosis/")
    Stop.say(Claim.objects.get(key="hyperhidrosis-glycopyrronium"), by=editor, because="Under review.")
    for path in ("/treatments/hyperhidrosis/", f"{PATH}?for=hyperhidrosis"):
        after = table(client, path)
        assert "697 people" in words(before)
        assert "697 people" not in words(after)
        assert before.count('class="strength ') - after.count('class="strength ') == 1


def test_the_comparison_asks_first_what_else_there_is(starter_site, client):
    html = client.get(PATH).content.decode()
    assert html.index("What else could I do for this problem?") < html.index("How do our treatments compare?")
    assert html[html.index("<main") :].count("?for=") == 10
    chosen = client.get(PATH, {"for": "tmj-pain"}).content.decode()
    assert re.findall(r'for=([a-z-]+)#what-else" aria-current="true"', chosen) == ["tmj-pain"]
    assert "A night guard" in chosen
    links = re.findall(r'href="([^"]*#source-\d+)"', table(client, f"{PATH}?for=tmj-pain"))
    assert links
    assert all(link.startswith("/treatments/tmj-pain/#") for link in links)


def test_every_source_that_a_table_cites_is_listed_below_it(starter_site):
    shown = choices_for(treatment_cards(), "hyperhidrosis")
    assert {"ATMOS-2019", "PALM-2001"} <= {source.key for source in shown.sources}


@pytest.mark.parametrize("asked", ["", "nothing-like-it", "overview", "\x00", "hyperhidrosis/"])
def test_a_problem_that_is_not_there_shows_no_table(starter_site, client, asked):
    response = client.get(PATH, {"for": asked})
    assert response.status_code == 200
    assert '<div class="choices"' not in response.content.decode()


def test_a_page_from_before_has_no_table(draft):
    Choice.objects.all().delete()
    page = draft.compose()
    card = Card(page.card(), Edition(kind="treatment", slug="sweat", **seal(page)))
    assert choices_for([card], "sweat").problems == ()

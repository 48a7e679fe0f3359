"""Treatments side by side: what is set there, from where, and what somebody is told who chose too many or
none.
"""

import re
from dataclasses import replace

import pytest

from clinic_site.evidence.models import Claim
from clinic_site.pages.shapes import ClaimNote, SourceNote
from clinic_site.publishing.models import Edition, Stop
from clinic_site.publishing.reading import Card
from treatments.comparing import MAX_COLUMNS, compared, said, strength
from treatments.models import TreatmentClaim
from treatments.pages import TreatmentPage
from treatments.views import treatment_cards

pytestmark = pytest.mark.django_db

PATH = "/treatments/compare/"
# more than fit, in the clinic's order
FIVE = ["chronic-migraine", "hyperhidrosis", "tmj-pain", "blepharospasm", "jowls"]


def get(client, *slugs) -> str:
    html = client.get(PATH, {"with": slugs}).content.decode()
    return html[html.index("<main") : html.index("</main>")]


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def row(html: str, label: str) -> str:
    [found] = [r for r in html.split("<tr>") if f'<th scope="row">{label}</th>' in r]
    return found


def note(key: str, **fields) -> ClaimNote:
    html = f'<span class="claim" data-claim="{key}">About {key}.</span>'
    return ClaimNote(**{"key": key, "kind": "benefit", "html": html, "grade": "A", "sources": (1,), **fields})


def page(**fields) -> TreatmentPage:
    guideline = SourceNote(number=1, key="G", title="A guideline", kind="guideline")
    trial = SourceNote(number=2, key="T", title="A trial", kind="trial")
    return TreatmentPage(
        kind="treatment",
        slug="sample",
        title="A sample",
        short="Sample",
        sources=(guideline, trial),
        **fields,
    )


def card_of(made: TreatmentPage) -> Card:
    return Card(made.card(), Edition(kind="treatment", slug=made.slug))


# --- what stands there --------------------------------------------------------------------------------------


def test_every_row_has_a_cell_for_each_that_says_whose_it_is(starter_site, client):
    html = get(client, "hyperhidrosis", "tmj-pain", "jowls")
    rows = html.split("<tr>")[2:]
    assert len(rows) == 12
    for each in rows:
        assert re.findall(r'class="comparison__whose">([^<]+)<', each) == [
            "Heavy sweating",
            "Jaw muscle pain",
            "Jowls",
        ]


def test_it_says_what_the_pages_say(starter_site, client):
    html = get(client, "tmj-pain")
    assert "conditional recommendation against" in words(row(html, "What guidelines say"))
    assert "life-threatening" in words(row(html, "Rare but serious"))
    assert "life-threatening" not in words(row(html, "Side effects"))
    assert "small trials" in words(row(html, "How strong that evidence is")).lower()


def test_every_treatment_names_what_is_rare_but_serious(starter_site):
    for card in treatment_cards():
        assert said(card, "serious"), card.title


def test_what_was_read_in_a_copy_says_so_here_too():
    original = page(benefits=(note("one"), note("two", sources=(2,))))
    copied = replace(original, sources=(replace(original.sources[0], is_secondary=True), original.sources[1]))
    assert [one.is_second_hand for one in said(card_of(original), "benefits")] == [False, False]
    assert [one.is_second_hand for one in said(card_of(copied), "benefits")] == [True, False]


def test_a_side_effect_about_safety_is_rare_but_serious():
    harm, danger = note("harm", kind="side-effect"), note("danger", kind="safety")
    made = page(side_effects=(harm, danger), claims=(harm, danger)).compared()
    assert (made["side_effects"], made["serious"]) == ((harm,), (danger,))


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"kind": "guidance"}, True),
        ({"kind": "guidance", "sources": (2,)}, False),  # it rests on a trial
        ({"kind": "alternative"}, False),  # a guideline on something else
    ],
)
def test_a_guideline_speaks_where_guidance_rests_on_one(fields, counts):
    claim = note("advice", **fields)
    assert page(claims=(claim,)).compared()["guidelines"] == ((claim,) if counts else ())


@pytest.mark.parametrize("status", ["superseded", "retracted"])
def test_a_guideline_that_was_replaced_speaks_no_more(status):
    advice = note("advice", kind="guidance")
    made = page(claims=(advice,))
    gone = replace(made, sources=(replace(made.sources[0], status=status),))
    assert made.compared()["guidelines"] == (advice,)
    assert gone.compared()["guidelines"] == ()


def test_the_strength_counts_grades_and_the_surest_comes_first():
    mixed = card_of(page(benefits=(note("one", grade="B"), note("two", grade="A"), note("three", grade="B"))))
    assert [(one.grade, one.html[:6]) for one in strength(mixed)] == [("A", "1 of 3"), ("B", "2 of 3")]
    assert [one.grade for one in strength(card_of(page(benefits=(note("one", grade="C"),))))] == ["C"]


@pytest.mark.parametrize("role", ["benefit", "side-effect"])
def test_a_stopped_claim_leaves_the_comparison_with_its_grade(role, starter_site, client, editor, clinician):
    # given a claim that stands in the comparison, and another beside it
    claim = TreatmentClaim.objects.filter(treatment__slug="hyperhidrosis", role=role).first().claim
    label = {"benefit": "How much it helps", "side-effect": "Side effects"}[role]
    before = row(get(client, "hyperhidrosis", "jowls"), label)
    assert claim.sentence in words(before)
    # when somebody stops it
    stop = Stop.say(claim, by=editor, because="Under review.")
    # then its words and its grade are gone, and a notice stands there
    after = row(get(client, "hyperhidrosis", "jowls"), label)
    assert claim.sentence not in words(after)
    assert "being checked" in after
    assert before.count('class="grade ') - after.count('class="grade ') == 1
    # and lifted, it's as it was
    stop.lift(by=clinician)
    assert row(get(client, "hyperhidrosis", "jowls"), label) == before


def test_a_stopped_guideline_is_not_quoted(starter_site, client, editor):
    Stop.say(Claim.objects.get(key="jaw-guideline-against"), by=editor, because="Under review.")
    assert "conditional recommendation against" not in words(get(client, "tmj-pain"))


def test_numbers_of_sources_lead_to_the_page_that_has_them(starter_site, client):
    html = get(client, "hyperhidrosis", "jowls")
    table = html[html.index("<table") : html.index("</table>")]
    links = re.findall(r'href="([^"]*#source-\d+)"', table)
    assert links
    assert all(link.startswith(("/treatments/hyperhidrosis/#", "/treatments/jowls/#")) for link in links)


def test_the_sources_that_are_cited_are_listed_below_treatment_by_treatment(starter_site, client):
    html = get(client, "hyperhidrosis", "jowls")
    table, below = (
        html[html.index("<table") : html.index("</table>")],
        html[html.index('class="sources comparison__sources"') :],
    )
    lists = re.findall(r'<ol class="sources__list">(.*?)</ol>', below, re.S)
    assert len(lists) == 2
    for slug, listed in zip(("hyperhidrosis", "jowls"), lists, strict=True):
        cited = set(re.findall(rf'href="/treatments/{slug}/#source-(\d+)"', table))
        assert cited == set(re.findall(r'value="(\d+)"', listed)) != set()
    assert "52-week trial of botulinum toxin type A for heavy armpit sweating" in lists[0]


def test_an_old_card_without_these_rows_is_still_shown():
    card = Card({"title": "Old", "facts": {}}, Edition(kind="treatment", slug="old"))
    comparison = compared([card], ["old"])
    assert all(cells == ((card, ()),) for cells in (row.cells for row in comparison.rows))


# --- who is told what ---------------------------------------------------------------------------------------


def test_the_form_leads_to_the_result(starter_site, client):
    html = get(client)
    assert 'action="/treatments/compare/#side-by-side"' in html
    assert 'id="side-by-side"' in html


def test_nothing_chosen_is_told_what_to_do(starter_site, client):
    html = get(client)
    assert "Nothing is chosen yet." in html
    assert "<table" not in html


def test_one_alone_is_shown_and_asks_for_another(starter_site, client):
    html = get(client, "jowls")
    assert "Only one is chosen." in html
    assert "<table" in html


def test_of_too_many_the_first_are_shown_and_every_choice_is_kept(starter_site, client):
    html = get(client, *FIVE)
    assert "You chose 5, and 4 fit." in words(html)
    assert "Not shown: Jowls." in words(html)
    assert set(re.findall(r'value="([\w-]+)"\s+id="with-[\w-]+" checked', html)) == set(FIVE)
    assert len(re.findall(r'<th scope="col">', html)) == MAX_COLUMNS


@pytest.mark.parametrize("slug", ["not-here", "<script>", "\x00", "x" * 3000])
def test_what_is_not_there_is_told_and_the_rest_is_shown(slug, starter_site, client):
    html = get(client, slug, "jowls", "nose-tip")
    assert "not on this site" in html
    assert len(re.findall(r'<th scope="col">', html)) == 2
    assert "<script>" not in html


def test_a_gap_is_text_whatever_it_holds(starter_site, client, editor, clinician):
    from tests import factories

    draft = factories.treatment("gap", by=editor, checked_by=clinician)
    draft.roles.filter(role="lasts").update(claim=None, gap="Nobody <b>measured</b> it.")
    factories.live(draft, by=editor, signer=clinician)
    assert "Nobody &lt;b&gt;measured&lt;/b&gt; it." in get(client, "gap")

"""Search finds the right page first, for lay words too, and the same on both engines."""

import tomllib
from pathlib import Path

import pytest

from clinic_site.clinic.models import Synonym
from clinic_site.clinic.search import MOST_LETTERS, find
from clinic_site.publishing.models import Live, Stop
from clinic_site.publishing.searching import stemmed
from tests import factories

SEARCHES = tomllib.loads((Path(__file__).parent / "searches.toml").read_text())["search"]
pytestmark = pytest.mark.django_db


def addresses(query):
    return [result.address for result in find(query).results]


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search["query"])
def test_the_right_page_comes_first_and_the_same_five_on_every_engine(search, starter_site):
    five = addresses(search["query"])[:5]
    found = f"found: first {five[:1]}, five {sorted(five)}"
    assert five[:1] == [search["first"]], found
    assert sorted(five) == search["five"], found


def test_there_are_forty_searches():
    assert len({search["query"] for search in SEARCHES}) == 40


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("migraines", "migraine"),
        ("injected", "injection"),
        ("jowl", "jowls"),
        ("SWEATING", "sweat"),
        ("crow’s feet", "crow's feet"),
    ],
)
def test_word_endings_capitals_and_apostrophes_make_no_difference(typed, other, starter_site):
    assert addresses(typed) == addresses(other) != []


def test_the_words_of_a_phrase_may_stand_in_any_order(starter_site):
    assert addresses("my hands are always sweaty")[0] == "/treatments/hyperhidrosis/"


def test_staff_teach_it_a_word(starter_site):
    assert addresses("quokka") == []
    Synonym.objects.create(words="quokka", means="nothing of the kind, jowls")
    assert addresses("quokka")[0] == "/treatments/jowls/"


def test_a_page_that_speaks_of_everything_comes_before_one_that_speaks_of_some(editor, clinician):
    for slug, words in (("first", "A heron stood in the river."), ("second", "A heron flew."), ("third", "The river froze.")):
        answer = factories.answer(slug, by=editor, checked_by=clinician, body=f"<p>{words}</p>", title=f"About the {slug} one")
        factories.live(answer, by=editor, signer=clinician)
    assert addresses("heron river") == ["/blog/first/", "/blog/second/", "/blog/third/"]
    assert addresses("river heron") == ["/blog/first/", "/blog/second/", "/blog/third/"]


@pytest.mark.parametrize(
    "query",
    [
        "", "   ", "\x00", "mig\x00raine", '"', '"jaw', "jaw' OR 1=1 --", "jaw AND", "NOT jaw", "NEAR(jaw muscle)", "title:jaw",
        "jaw*", "^jaw", "-jaw", "(((", "jaw & | ! <-> 'pain':*", "%", "\\", "🙂", "日本", "é" * 300, "x" * 10_000, "jaw " * 2_500,
        "is it the and of", "1e10 3.14 -5", "jaw\ufffd", "ß ﬁ İ ½",
    ],
)  # fmt: skip
def test_nothing_that_can_be_typed_breaks_it(query, starter_site, client):
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    found = response.context["found"]
    assert len(found.query) <= MOST_LETTERS
    assert found.results or found.note or not found.query or b"Nothing found" in response.content


@pytest.mark.parametrize("query", ["the and of", "it is", "?!"])
def test_words_that_say_nothing_get_a_sentence(query, starter_site):
    assert find(query).note
    assert find(query).results == ()


def test_a_long_query_says_what_was_looked_for(starter_site):
    found = find("sweaty hands " + "and so on " * 100)
    assert found.results[0].address == "/treatments/hyperhidrosis/"
    assert "first" in found.note


def test_extracts_show_the_words_and_nothing_that_runs(editor, clinician):
    filler = "A filler sentence goes here. " * 30
    body = f"<p>Herons &lt;b&gt;stand&lt;/b&gt; &amp; wait. {filler}One heron fishes in the river at dawn.</p>"
    detail = "<script>alert('heron')</script>"
    answer = factories.answer("herons", by=editor, checked_by=clinician, body=body, detail=detail)
    factories.live(answer, by=editor, signer=clinician)
    extract = find("heron river").results[0].extract
    assert "One <mark>heron</mark> fishes in the <mark>river</mark> at dawn." in extract
    assert "<script" not in find("alert heron").results[0].extract
    assert "&lt;b&gt;" in find("stand heron").results[0].extract


def test_extracts_have_no_source_numbers_and_stay_short(starter_site):
    for query in ("migraine", "side effects", "how long does it last"):
        for result in find(query).results:
            words = result.extract.replace("<mark>", "").replace("</mark>", "")
            assert 0 < len(words) < 400
            assert "sup" not in words
            assert not words.startswith("…")


def test_a_result_says_what_it_is_and_when_it_was_reviewed(starter_site):
    result = find("hyperhidrosis").results[0]
    assert (result.title, result.kind_label) == ("Heavy sweating (hyperhidrosis)", "Treatment")
    assert result.reviewed_on == Live.objects.get(slug="hyperhidrosis").edition.signed_at.astimezone().date()


def test_a_stopped_claim_is_neither_found_nor_shown(editor, clinician):
    answer = factories.answer("birds", by=editor, checked_by=clinician, body="<p>[[heron-fact]]</p>")
    heron = factories.claim("heron-fact", checked_by=clinician, sentence="Herons wade at dawn.", phrase="")
    factories.live(answer, by=editor, signer=clinician)
    assert addresses("wade") == ["/blog/birds/"]
    stop = Stop.say(heron, by=editor, because="Under review.")
    assert addresses("wade") == []
    assert "dawn" not in str(find("birds").results[0].extract)
    stop.lift(by=clinician)
    assert addresses("wade") == ["/blog/birds/"]


def test_a_withdrawn_page_and_a_draft_are_not_found(editor, clinician):
    answer = factories.answer("herons", by=editor, checked_by=clinician, title="What about herons?")
    assert addresses("herons") == []
    factories.live(answer, by=editor, signer=clinician)
    assert addresses("herons") == ["/blog/herons/"]
    answer.withdraw(by=editor, because="No longer true.")
    assert addresses("herons") == []


def test_a_word_that_is_not_known_gets_near_ones(starter_site):
    assert "Chronic migraine" in find("migrain3").suggestions or "migraines" in find("migrain3").suggestions
    for suggestion in find("hyperhydrosis").suggestions:
        assert find(suggestion).results


def test_only_the_first_page_is_shown_and_it_says_so(starter_site):
    found = find("treatment")
    assert len(found.results) == 10
    assert found.more


def test_of_too_many_pages_those_with_the_word_in_their_title_are_weighed(monkeypatch, starter_site):
    monkeypatch.setattr("clinic_site.clinic.search.CANDIDATES", 3)
    assert "/blog/why-does-eyelid-treatment-wear-off-early/" in addresses("treatment")
    assert len(addresses("treatment")) == 3


def test_queries(starter_site, django_assert_max_num_queries):
    for query in ("migraine", "sweaty hands", "fake botox near me", "quokka"):
        with django_assert_max_num_queries(7):
            find(query)


def test_stems_agree_whatever_the_accents():
    assert stemmed("Naïve café’s MIGRAINES, injected") == "naiv cafe migrain inject"

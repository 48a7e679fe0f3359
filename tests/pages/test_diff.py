"""What a signer is shown of the edition before."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_site.pages.compose import claim_span, plain
from clinic_site.pages.diff import combine, compare, digest_of_changes, figure_in_words, marked
from clinic_site.pages.shapes import ClaimNote, Figure, Page, Part, SourceNote
from tests.text.disguises import patient

SOURCE = SourceNote(number=1, key="TRIAL", title="A trial")
FIGURE = Figure(measure="better", low=60, unit="percent", comparator="placebo", comparator_low=30)
CLAIM = ClaimNote(
    key="helps",
    kind="benefit",
    html=claim_span("helps", "60% were better", [1]),
    grade="A",
    sources=(1,),
    figure=FIGURE,
)
PAGE = Page(
    kind="answer",
    slug="a",
    title="Does it help?",
    summary="In short: yes.",
    claims=(CLAIM,),
    sources=(SOURCE,),
    parts=(Part(anchor="answer", heading="The answer", html=f"<p>In a trial {CLAIM.html}. Ask us.</p>"),),
)


def with_words(html: str) -> Page:
    return replace(PAGE, parts=(replace(PAGE.parts[0], html=html),))


def test_the_same_page_has_no_change():
    found = compare(PAGE, PAGE)
    assert (found.summary, found.claims, found.sources, found.changed) == ("Nothing changed.", (), (), ())


def test_a_figure_that_changed_comes_first():
    claim = replace(CLAIM, html=claim_span("helps", "50% were better", [1]), figure=replace(FIGURE, low=50))
    after = replace(with_words(f"<p>In a trial {claim.html}. Ask us.</p>"), claims=(claim,))
    found = compare(PAGE, after)
    assert found.summary == "1 figure changed, 1 change of wording"
    assert [change.key for change in found.figures] == ["helps"]
    assert plain(found.claims[0].words) == "[removed: 60%] [added: 50%] were better"


def test_a_source_more_changes_no_words_though_numbers_move():
    first = SourceNote(number=1, key="NEW", title="A review")
    claim = replace(CLAIM, html=claim_span("helps", "60% were better", [2]), sources=(2,))
    after = replace(
        with_words(f"<p>In a trial {claim.html}. Ask us.</p>"),
        claims=(claim,),
        sources=(first, replace(SOURCE, number=2)),
    )
    found = compare(PAGE, after)
    assert found.summary == "1 source added"
    assert [(change.after.key, change.what) for change in found.sources] == [("NEW", "added")]


def test_a_source_that_was_superseded_is_told():
    (change,) = compare(PAGE, replace(PAGE, sources=(replace(SOURCE, status="superseded"),))).sources
    assert change.what == "now superseded"


def test_everything_is_new_on_a_first_edition():
    found = compare(None, PAGE)
    assert found.summary == "A new page: 1 claim, 1 source"


def test_words_are_marked_and_read_out():
    html, changes = marked("<p>Ask us today.</p>", "<p>Call us today.</p>")
    assert changes == 1
    assert "<del>" in html
    assert plain(html) == "[removed: Ask] [added: Call] us today."


def test_a_part_that_went_is_shown():
    found = compare(PAGE, replace(PAGE, parts=()))
    (gone,) = found.changed
    assert gone.where == "The answer"
    assert "<ins>" not in gone.html


# --- what is told, and how it's counted ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (None, ("–", "–")),
        (FIGURE, ("60 percent: better", "dummy injection: 30 percent")),
        (
            Figure(measure="better", low=0.5, high=0.75, unit="points", comparator="none"),
            ("0.5 to 0.75 points: better", "no comparison group"),
        ),
        (
            replace(FIGURE, high=70, comparator_high=40, population="women", n=120, at_days=28),
            ("60 to 70 percent: better; women; n = 120; day 28", "dummy injection: 30 to 40 percent"),
        ),
        (replace(FIGURE, comparator_low=None), ("60 percent: better", "dummy injection")),
        (replace(FIGURE, comparator="", comparator_low=None), ("60 percent: better", "–")),
    ],
)
def test_a_figure_is_told_with_what_it_was_compared_with(figure, told):
    assert figure_in_words(figure) == told


def test_a_figure_is_shown_as_it_was_and_is():
    after = replace(PAGE, claims=(replace(CLAIM, figure=replace(FIGURE, low=50)),))
    (change,) = compare(PAGE, after).claims
    assert plain(change.numbers) == "[removed: 60] [added: 50] percent: better; dummy injection: 30 percent"
    (gone,) = compare(PAGE, replace(PAGE, claims=())).claims
    assert plain(gone.numbers) == "[removed: 60 percent: better; dummy injection: 30 percent]"
    (worded,) = compare(
        replace(PAGE, claims=(replace(CLAIM, figure=None),)),
        replace(PAGE, claims=(replace(CLAIM, figure=None, html="otherwise"),)),
    ).claims
    assert (worded.numbers, worded.what) == ("", "claim worded otherwise")


def test_a_claim_that_came_or_went_is_told_as_such():
    without = replace(PAGE, claims=(), sources=())
    came, went = compare(without, PAGE), compare(PAGE, without)
    assert came.summary == "1 claim added, 1 source added"
    assert went.summary == "1 claim removed, 1 source removed"
    assert [(c.key, c.what, c.before, c.after) for c in came.claims] == [
        ("helps", "claim added", None, CLAIM)
    ]
    assert [(c.key, c.what, c.before, c.after) for c in went.claims] == [
        ("helps", "claim removed", CLAIM, None)
    ]
    assert (came.removed, went.removed) == ((), went.claims)
    assert came.figures == came.claims
    # with the source that it rests on, or rested on
    assert came.claims[0].sources == went.claims[0].sources == (SOURCE,)
    assert [(s.key, s.what) for s in went.sources] == [("TRIAL", "removed")]
    without_figure = replace(CLAIM, figure=None)
    assert compare(without, replace(PAGE, claims=(without_figure,))).figures == ()


def test_a_claim_is_shown_with_its_own_sources_alone():
    other = SourceNote(number=2, key="OTHER", title="Another")
    claim = replace(CLAIM, html=claim_span("helps", "50% were better", [1]))
    after = replace(PAGE, claims=(claim,), sources=(SOURCE, other))
    assert compare(PAGE, after).claims[0].sources == (SOURCE,)


def test_a_summary_counts_in_ones_and_in_many():
    def with_claims(*keys, sources=()):
        claims = tuple(replace(CLAIM, key=key, sources=()) for key in keys)
        notes = tuple(SourceNote(number=n, key=key, title=key) for n, key in enumerate(sources, 1))
        return replace(PAGE, claims=claims, sources=notes, parts=())

    none, two = with_claims(), with_claims("a", "b", sources=("A", "B"))
    assert compare(none, two).summary == "2 claims added, 2 sources added"
    assert compare(None, two).summary == "A new page: 2 claims, 2 sources"
    assert compare(None, with_claims("a")).summary == "A new page: 1 claim"
    assert compare(None, none).summary == "A new page, without claims"
    retitled = replace(SOURCE, title="Another title")
    change = compare(PAGE, replace(PAGE, sources=(retitled,)))
    assert change.summary == "1 source changed"
    assert change.sources[0].what == "described otherwise"


def test_each_place_that_changed_counts_by_itself():
    found = compare(PAGE, replace(PAGE, title="Does it last?", summary="In short: no."))
    assert found.summary == "2 changes of wording"
    assert [passage.changes for passage in found.changed] == [1, 1]
    assert len(found.passages) > len(found.changed)


def test_another_address_is_told():
    found = compare(PAGE, replace(PAGE, slug="b"))
    assert found.address == ("/blog/a/", "/blog/b/")
    assert found.summary == "1 address changed"
    assert compare(PAGE, PAGE).address is None
    assert compare(None, PAGE).address is None


def test_two_places_of_one_name_are_one():
    part = PAGE.parts[0]
    after = replace(PAGE, parts=(part, replace(part, anchor="more", html="<p>And more.</p>")))
    (passage,) = compare(PAGE, after).changed
    assert passage.where == part.heading
    assert plain(passage.html).endswith("Ask us.\n[added: And more.]")


def test_words_in_other_paragraphs_are_the_same_words():
    assert marked("<p>a b</p>", "<p>a</p><p>b</p>") == ("<p>a</p><p>b</p>", 0)
    assert marked("<p>a</p>", '<p>a</p><img src="x">')[1] == 1
    assert marked('<p>a<sup class="ref">1</sup></p>', '<p>a<sup class="ref">2</sup></p>') == ("<p>a</p>", 0)


def test_what_was_read_of_changes_is_known_again():
    claim = replace(CLAIM, figure=replace(FIGURE, low=50))
    changes = compare(PAGE, replace(PAGE, claims=(claim,))).claims
    again = compare(PAGE, replace(PAGE, claims=(replace(claim, figure=replace(FIGURE, low=40)),))).claims
    other_source = replace(PAGE, claims=(claim,), sources=(replace(SOURCE, key="OTHER"),))
    assert digest_of_changes(()) == ""
    assert digest_of_changes(changes) == digest_of_changes(changes) != ""
    assert digest_of_changes(changes) != digest_of_changes(again)
    assert digest_of_changes(changes) != digest_of_changes(compare(PAGE, other_source).claims)


def test_of_several_pages_each_change_of_a_claim_is_told_once():
    claim = replace(CLAIM, html=claim_span("helps", "50% were better", [1]), figure=replace(FIGURE, low=50))
    after = replace(with_words(f"<p>In a trial {claim.html}. Ask us.</p>"), claims=(claim,))
    source = replace(SOURCE, status="superseded")
    one, other = replace(after, sources=(source,)), replace(after, title="Does it last?", slug="b")
    found = combine([("One", PAGE, one), ("Other", PAGE, other), ("Same", PAGE, PAGE)])
    assert [(change.key, pages) for change, pages in found.claims] == [("helps", ["One", "Other"])]
    assert [(change.key, pages) for change, pages in found.sources] == [("TRIAL", ["One"])]
    assert [page.title for page in found.pages] == ["One", "Other", "Same"]
    # a place where nothing but the claim changed isn't told again
    assert [[passage.where for passage in page.passages] for page in found.pages] == [[], ["Title"], []]
    assert [page.address for page in found.pages] == [None, ("/blog/a/", "/blog/b/"), None]
    assert found.pages[0].summary == "1 figure changed, 1 source changed, 1 change of wording"


def test_of_several_pages_words_beside_a_claim_are_told():
    claim = replace(CLAIM, html=claim_span("helps", "50% were better", [1]))
    after = replace(with_words(f"<p>In two trials {claim.html}. Ask us.</p>"), claims=(claim,))
    (page,) = combine([("One", PAGE, after)]).pages
    assert [passage.where for passage in page.passages] == ["The answer"]


# --- the words, marked --------------------------------------------------------------------------------------


WORDS = st.lists(st.sampled_from(["a", "dry", "arm", "60%", "&amp;", "weeks"]), max_size=8).map(" ".join)
HTML = st.lists(WORDS.map(lambda words: f"<p>{words}</p>"), max_size=3).map("".join)


@patient
@given(before=HTML, after=HTML)
def test_without_the_marks_stand_the_words_of_either_page(before, after):
    """What is marked as added and what isn't marked are the new words; what is marked as removed belongs to
    the old ones.
    """
    html, changes = marked(before, after)
    bare = re.sub(r'<span class="visually-hidden">.*?</span>', "", html)
    now = re.sub(r"<del>.*?</del>", "", bare)
    assert plain(re.sub(r"</?ins>", "", now)).split() == plain(after).split()
    then = re.sub(r"<ins>.*?</ins>", " ", re.sub(r"<del>(.*?)</del>", r" \1 ", bare))
    assert plain(then).split() == plain(before).split()
    assert (changes == 0) == (plain(before).split() == plain(after).split())


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        # a sentence that says something else is marked as a whole, between those that stayed
        (
            "<p>Rest a little. Do not drive or use machines. Ask us.</p>",
            "<p>Rest a little. You can drive home. Ask us.</p>",
            "Rest a little. [removed: Do not drive or use machines.] [added: You can drive home.] Ask us.",
        ),
        (
            "<p>It is <strong>not</strong> known who gains most.</p>",
            "<p>Who gains <strong>most</strong> we can tell beforehand.</p>",
            "[removed: It is not known who gains most.] [added: Who gains ] [added: most] [added: we can "
            "tell beforehand.]",
        ),
        # one that keeps half of its words, or to which words were only added, is marked word by word
        (
            "<p>Do not drive today.</p>",
            "<p>Do not drive tomorrow.</p>",
            "Do not drive [removed: today] [added: tomorrow] .",
        ),
        (
            "<p>Ask us.</p>",
            "<p>Ask us, or anybody else who knows about this, at any time.</p>",
            "Ask us [added: , or anybody else who knows about this, at any time] .",
        ),
        ("<p>Wait for two or three days, or more, and then ask us.</p>", "<p>Ask us.</p>", None),
    ],
)
def test_a_sentence_that_keeps_few_of_its_words_is_marked_whole(before, after, read):
    html, changes = marked(before, after)
    if read:
        assert plain(html) == read
    assert changes

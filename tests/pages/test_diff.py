"""What a signer is shown of the edition before."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_site.pages.compose import claim_span, plain
from clinic_site.pages.diff import compare, marked
from clinic_site.pages.shapes import ClaimNote, Figure, Page, Part, SourceNote

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


WORDS = st.lists(st.sampled_from(["a", "dry", "arm", "60%", "&amp;", "weeks"]), max_size=8).map(" ".join)
HTML = st.lists(WORDS.map(lambda words: f"<p>{words}</p>"), max_size=3).map("".join)


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

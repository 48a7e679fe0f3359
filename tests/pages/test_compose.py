"""How running text becomes a page: where claims stand, and what pasted HTML may bring along."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_site.pages.compose import Composer, clean_html, keys_in, plain
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def facts():
    source = factories.source()
    factories.claim(
        "lasts", sentence="It lasts about three months.", phrase="about three months", sources=[source]
    )
    factories.claim("helps", sentence="It helps some people.", phrase="some help", sources=[source])
    factories.claim("alone", sentence="Some facts stand alone.", phrase="", sources=[source])


def prose(body: str) -> str:
    return Composer(keys_in(body)).prose(body)


def read(body: str) -> str:
    """The words that a reader sees, without the numbers of sources."""
    return plain(
        prose(body).replace('<a href="#source-1" aria-label="Source 1">1</a>', "").replace("<sup></sup>", "")
    )


# the editor's chips follow the same rule: see test_writing_browser.py
STANDING = [
    # a whole sentence where it stands between sentences
    ("<p>[[lasts]]</p>", "It lasts about three months."),
    ("<p>Sweat comes back. [[lasts]]</p>", "Sweat comes back. It lasts about three months."),
    (
        "<p>Sweat comes back. [[lasts]] Then it is repeated.</p>",
        "Sweat comes back. It lasts about three months. Then it is repeated.",
    ),
    (
        "<p>How long? [[lasts]] “Good” is another matter.</p>",
        "How long? It lasts about three months. “Good” is another matter.",
    ),
    ("<ul><li>[[lasts]]</li><li>[[helps]]</li></ul>", "It lasts about three months.\nIt helps some people."),
    ("<ul><li>First<ul><li>[[lasts]]</li></ul></li></ul>", "First\nIt lasts about three months."),
    ("<p><strong>Time.</strong> [[lasts]]</p>", "Time. It lasts about three months."),
    ("<p><em>[[lasts]]</em> Then it fades.</p>", "It lasts about three months. Then it fades."),
    ("<p>Rare: [[helps]]</p>", "Rare: It helps some people."),
    ("<p>One line<br>[[lasts]]<br>another</p>", "One line\nIt lasts about three months.\nanother"),
    ("<p>[[lasts]]&nbsp;</p>", "It lasts about three months."),
    # two in a row
    ("<p>[[lasts]] [[helps]]</p>", "It lasts about three months. It helps some people."),
    (
        "<p>[[lasts]] [[helps]] Then rest.</p>",
        "It lasts about three months. It helps some people. Then rest.",
    ),
    ("<p>It brings [[helps]] [[lasts]] long.</p>", "It brings some help about three months long."),
    # a phrase inside a sentence
    ("<p>The effect lasts [[lasts]].</p>", "The effect lasts about three months."),
    (
        "<p>The effect lasts [[lasts]], and then fades.</p>",
        "The effect lasts about three months, and then fades.",
    ),
    (
        "<p>The effect lasts [[lasts]] or so. Then it fades.</p>",
        "The effect lasts about three months or so. Then it fades.",
    ),
    ("<p>It brings ([[helps]]).</p>", "It brings (some help)."),
    ("<p>It lasts a while: [[lasts]], at most.</p>", "It lasts a while: about three months, at most."),
    ("<p>It lasts a while, e.g. [[lasts]].</p>", "It lasts a while, e.g. about three months."),
    # a phrase that opens a sentence
    ("<p>[[lasts]], then it fades.</p>", "About three months, then it fades."),
    ("<p>It fades. [[lasts]] is usual.</p>", "It fades. About three months is usual."),
    ("<p>[[lasts]] (no more).</p>", "About three months (no more)."),
    # lines as they are broken in a file end no sentence
    (
        "<p>The effect lasts\n[[lasts]]\nin most people.</p>",
        "The effect lasts about three months in most people.",
    ),
    # no phrase: the sentence stands wherever it's put
    ("<p>[[alone]]</p>", "Some facts stand alone."),
]


@pytest.mark.parametrize(("body", "expected"), STANDING)
def test_a_claim_reads_right_where_it_stands(facts, body, expected):
    assert read(body) == expected


def test_a_claim_is_marked_and_numbered(facts):
    html = prose("<p>The effect lasts [[lasts]].</p>")
    assert html == (
        '<p>The effect lasts <span class="claim" data-claim="lasts">about three months'
        '<sup class="ref"><a href="#source-1" aria-label="Source 1">1</a></sup></span>.</p>'
    )


def test_an_unknown_key_shows_itself_and_is_noted(facts):
    composer = Composer(["nonsense"])
    assert "claim--unknown" in composer.prose("<p>It lasts [[nonsense]].</p>")
    assert composer.unknown == ["nonsense"]
    assert composer.used == {}


@pytest.mark.parametrize(
    "body",
    [
        "<p>[[lasts</p>",
        "<p>lasts]]</p>",
        "<p>[[]]</p>",
        "<p>[[ ]]</p>",
        "<p>[[two words]]</p>",
        "<p>[lasts]</p>",
    ],
)
def test_a_broken_mark_stays_as_it_is(facts, body):
    assert prose(body) == body


def test_nothing_is_put_into_an_attribute(facts):
    html = prose('<p><a href="/x/[[lasts]]/((24 hours))">where it is explained</a></p>')
    assert 'href="/x/[[lasts]]/((24 hours))"' in html
    assert "<span" not in html


def test_a_claim_inside_a_link_brings_no_second_link(facts):
    html = prose('<p><a href="/x/">It lasts [[lasts]].</a> It brings [[helps]].</p>')
    assert html.count("<a ") == 2
    assert 'data-claim="lasts">about three months</span>' in html


def test_a_claims_words_are_not_markup(facts):
    factories.claim("sharp", sentence="<b>Less</b> than 5 & more.", phrase="<script>x</script>")
    assert "&lt;script&gt;" in prose("<p>It is [[sharp]].</p>")
    assert "<b>" not in prose("<p>[[sharp]]</p>")


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>Calm<script>alert(1)</script></p>", "<p>Calm</p>"),
        ("<style>p { color: red }</style><p>Calm</p>", "<p>Calm</p>"),
        ('<p style="color:red" class="x" onclick="alert(1)" id="a">Calm</p>', "<p>Calm</p>"),
        ('<p><img src="x" onerror="alert(1)">Calm</p>', "<p>Calm</p>"),
        ('<a href="javascript:alert(1)">Calm</a>', "<a>Calm</a>"),
        ('<a href="/x/" target="_blank" onclick="x()">Calm</a>', '<a href="/x/">Calm</a>'),
        ("<h1>Calm</h1>", "Calm"),
        ('<iframe src="https://elsewhere.example/"></iframe><p>Calm</p>', "<p>Calm</p>"),
        ('<span class="claim" data-claim="lasts">9 in 10</span>', "9 in 10"),
        ('<span class="practical">9 in 10</span>', "9 in 10"),
        ("<p>Calm\x00 down</p>", "<p>Calm down</p>"),
        ("<p>Calm</p><p> &nbsp;</p><p><br></p>", "<p>Calm</p>"),
        ("<p>Calm <b>down", "<p>Calm down</p>"),
        ("<!-- note --><p>Calm</p>", "<p>Calm</p>"),
    ],
)
def test_pasted_html_is_cleaned(pasted, kept):
    assert clean_html(pasted) == kept


def test_null_bytes_in_keys_and_lines_do_no_harm(facts):
    assert keys_in("[[la\x00sts]]") == ["lasts"]
    assert "about three months" in Composer(["lasts"]).line("It lasts [[la\x00sts]] or so.")


def test_a_line_is_text_and_not_markup(facts):
    assert Composer([]).line("<b>Salt & water</b>") == "&lt;b&gt;Salt &amp; water&lt;/b&gt;"


def test_practical_figures_are_marked_and_listed():
    composer = Composer([])
    assert (
        composer.prose("<p>Ring ((24 hours)) before.</p>")
        == '<p>Ring <span class="practical">24 hours</span> before.</p>'
    )
    assert composer.finish()["practical"] == ("24 hours",)


@pytest.mark.parametrize(
    "body", ["<p>((24 </p><p>hours))</p>", "<p>((24 <strong>hours))</strong></p>", "<p>(([[lasts]]))</p>"]
)
def test_a_practical_figure_holds_neither_markup_nor_claims(facts, body):
    assert 'class="practical"' not in prose(body)


def test_sources_are_numbered_in_the_order_of_their_first_mention(facts):
    factories.claim("other", phrase="something else", sources=[factories.source(key="OTHER")])
    composer = Composer(["lasts", "other"])
    composer.prose("<p>First [[other]], then [[lasts]], then [[other]].</p>")
    assert [(s.number, s.key == "OTHER") for s in composer.finish()["sources"]] == [(1, True), (2, False)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<li>",
                "[[",
                "]]",
                "lasts",
                "((",
                "))",
                ". ",
                "A",
                '"',
                "<a href='x'>",
                "</a>",
                "\x00",
                "<",
                "&",
            ]
        ),
        max_size=20,
    )
)
def test_any_text_becomes_a_page(facts, pieces):
    body = "".join(pieces)
    assert "\x00" not in prose(body)
    assert clean_html(clean_html(body)) == clean_html(body)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>3<sup>2</sup> months, 10<sup>-5</sup>, H<sub>2</sub>O</p>", "<p>3² months, 10⁻⁵, H₂O</p>"),
        ("<p><del>4</del><ins>2</ins> visits</p>", "<p>2 visits</p>"),
        ('<ol start="3"><li>Third</li></ol>', '<ol start="3"><li>Third</li></ol>'),
    ],
)
def test_marks_that_say_something_are_not_lost(pasted, kept):
    assert clean_html(pasted) == kept


def test_cells_and_boxes_stay_apart():
    assert clean_html("<table><tr><td>10</td><td>20</td></tr></table>").split() == ["10", "20"]
    assert clean_html("<div>One</div><div>two</div>").split() == ["One", "two"]

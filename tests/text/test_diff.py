"""What changed between two texts, word by word: here [-what went-] and [+what came+]."""

import re

import pytest

from clinic_site.text.diff import marked, marked_lines

_MARKS = re.compile(
    r'<(del|ins)><span class="visually-hidden"> \[(removed|added): </span>(.*?)'
    r'<span class="visually-hidden">\] </span></\1>',
    re.S,
)


def read(html: str) -> str:
    def short(mark):
        assert mark.group(1, 2) in (("del", "removed"), ("ins", "added"))
        return f"[-{mark[3]}-]" if mark[1] == "del" else f"[+{mark[3]}+]"

    return _MARKS.sub(short, html)


@pytest.mark.parametrize(
    ("before", "after", "html", "changes"),
    [
        ("The same.", "The same.", "The same.", 0),
        ("", "new", "[+new+]", 1),
        ("old", "", "[-old-]", 1),
        ("a b c", "a c", "a [-b -]c", 1),
        ("a c", "a b c", "a [+b +]c", 1),
        ("a b c d", "x b c y", "[-a-][+x+] b c [-d-][+y+]", 2),
        # a number, a word with an apostrophe or a hyphen, and a character written as an entity are one word
        ("It was 1.5 and more.", "It was 2.5 and more.", "It was [-1.5-][+2.5+] and more.", 1),
        ("Of 60% a few.", "Of 65% a few.", "Of [-60%-][+65%+] a few.", 1),
        ("We don't know it.", "We do know it.", "We [-don't-][+do+] know it.", 1),
        ("A follow-up of it.", "A follow of it.", "A [-follow-up-][+follow+] of it.", 1),
        ("a &lt; b c", "a &gt; b c", "a [-&lt;-][+&gt;+] b c", 1),
        # a picture is a word
        ('a b <img src="1">', 'a b <img src="2">', 'a b [-<img src="1">-][+<img src="2">+]', 1),
        # a tag within a sentence: the words are marked, within the tags of today
        ("a <b>b</b> c", "a <b>d</b> c", "a <b>[-b-][+d+]</b> c", 1),
        ("a b c", "a <b>b</b> c", "a <b>b</b> c", 0),
        ("a <b>b</b> c", "a b c", "a b c", 0),
        # what went isn't shown over the ends of paragraphs
        ("<p>a</p><p>b</p>", "<p>a</p>", "<p>a</p>[-b-]", 1),
        ("<p>a</p><p>b</p><p>c</p>", "<p>a</p>", "<p>a</p>[-b-][-c-]", 1),
        ("<p>a</p>", "<p>a</p><p>b <i>c</i></p>", "<p>a</p><p>[+b +]<i>[+c+]</i></p>", 1),
    ],
)
def test_words_that_came_and_went_are_marked(before, after, html, changes):
    assert (read(marked(before, after)[0]), marked(before, after)[1]) == (html, changes)


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        # half of their words in common is enough, fewer are not: then each is marked as a whole
        ("a b c d", "a b x y", "a b [-c-][+x+] [-d-][+y+]"),
        ("a b c d", "a x y z", "[-a b c d-][+a x y z+]"),
        # half of the words of both together, not of either
        ("a b", "a x y z", "[-a b-][+a x y z+]"),
        ("a b c", "a b x", "a b [-c-][+x+]"),
        (" a b c d", " w x y z", "[- a b c d-][+ w x y z+]"),
        # signs and spaces are no words
        ("a, b, c, d", "a, x, y, z", "[-a, b, c, d-][+a, x, y, z+]"),
        # where words only came, or only went, the others stand
        ("a", "a b c d e f", "a[+ b c d e f+]"),
        ("a b c d e f", "a", "a[- b c d e f-]"),
    ],
)
def test_a_sentence_that_keeps_few_words_is_marked_as_a_whole(before, after, html):
    assert read(marked(before, after)[0]) == html


@pytest.mark.parametrize("end", [".", "?", "!"])
def test_a_sentence_ends_with_its_sign(end):
    before, after = f"a b c{end} d e f.", f"a b c{end} x y z."
    assert read(marked(before, after)[0]) == f"a b c{end} [-d e f.-][+x y z.+]"


def test_a_sentence_goes_on_behind_a_comma_and_ends_behind_a_quotation():
    assert read(marked("a b c, d e f", "a b c, x y z")[0]) == "a b c, [-d-][+x+] [-e-][+y+] [-f-][+z+]"
    before, after = "“a b c.” d e f.", "“a b c.” x y z."
    assert read(marked(before, after)[0]) == "“a b c.” [-d e f.-][+x y z.+]"
    # a point between letters ends none
    assert read(marked("see a.b c d e", "see a.b x y z")[0]) == "[-see a.b c d e-][+see a.b x y z+]"


def test_a_sentence_ends_at_a_new_line_and_at_a_paragraph():
    assert read(marked("a b c\nd e f", "a b c\nx y z")[0]) == "a b c\n[-d e f-][+x y z+]"
    before, after = "<p>a b c</p><p>d e f</p>", "<p>a b c</p><p>x y z</p>"
    assert read(marked(before, after)[0]) == "<p>a b c</p><p>[-d e f-][+x y z+]</p>"


@pytest.mark.parametrize("tag", ["a", "b", "em", "i", "span", "strong", "sub", "sup"])
def test_a_sentence_goes_on_through_a_tag_within_it(tag):
    before, after = f"a b <{tag}>c</{tag}> d e f", f"a x <{tag}>c</{tag}> y z w"
    assert "[-a b c d e f-]" in read(marked(before, after)[0])


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        ("a\nb\nc", "a\nx\nc", "…\n[-b-][+x+]\n…"),
        ("a\nb\nc\nd", "a\nb\nx\nd", "…\n[-c-][+x+]\n…"),
        ("", "a", "[+a+]"),
        ("a", "", "[-a-]"),
        ("a", "a\nb", "…\n[+b+]"),
        # white space alone is no change
        (" a \n\n b", "a\nb", "…"),
        ("same", "same", "…"),
        # of HTML the words count, a line for each paragraph, item, heading and break
        ("<p>a</p><p>b</p>", "<p>a</p><p>c</p>", "…\n[-b-][+c+]"),
        (
            "<h2>a</h2><ul><li>b</li><li>c</li></ul>",
            "<h2>a</h2><ul><li>b</li><li>d</li></ul>",
            "…\n[-c-][+d+]",
        ),
        ("<p>a<br>b</p>", "<p>a<br />c</p>", "…\n[-b-][+c+]"),
        ("<p>a<br/>b</p>", "<p>a<br>b</p>", "…"),
        ("<p><b>a</b> b</p>", "<p>a b</p>", "…"),
        # what is no HTML is shown as it is, and does nothing
        ("a < b and c", "a < b and d", "a &lt; b and [-c-][+d+]"),
        ("a &lt; b <i>c</i>", "a &lt; b <i>d</i>", "a &lt; b [-c-][+d+]"),
        ("<script>", "<script>\n<b", "…\n[+&lt;b+]"),
    ],
)
def test_of_lines_those_that_differ_are_shown(before, after, html):
    assert read(marked_lines(before, after)) == html

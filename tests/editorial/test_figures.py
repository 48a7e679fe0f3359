"""Medical figures, in digits and in words, are found in running text; ordinary speech is left alone."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_site.editorial.figures import digits_in, figures_in, sentences

FIGURES = [
    # durations, in digits and in words
    "It lasts three months.",
    "It lasts 3 months.",
    "It lasts 3-4 months.",
    "It lasts 6–9 months.",
    "It lasts six to nine months.",
    "It lasts two or three weeks.",
    "It lasts between 2 and 4 weeks.",
    "It lasts half a year.",
    "It lasts half an hour.",
    "It lasts up to a year.",
    "It lasts a year.",
    "It lasts a full year.",
    "It lasts a month or two.",
    "It lasts one and a half months.",
    "It lasts 2½ hours.",
    "It lasts ½ hour.",
    "It lasts an hour.",
    "It lasts forty-eight hours.",
    "It lasts a hundred and twenty days.",
    "It lasts 48h.",
    "It lasts 12 wks.",
    "It lasts 6 mths.",
    "A 20-minute visit.",
    "It takes ten minutes.",
    "It takes a minute.",
    "It takes 10 min.",
    "Wait a couple of weeks.",
    "Wait a few days.",
    "Wait several months.",
    "Results come within the week.",
    "Results come within days.",
    "Results come in the first week.",
    "Results come on day 3.",
    "It fades over weeks or months.",
    "It works for months.",
    "It lasts for years.",
    "A three-month course.",
    # how often
    "Use it twice a day.",
    "Use it once a week.",
    "Come every week.",
    "Come every other month.",
    "Come four times a year.",
    "Come a few times a year.",
    "The visits are yearly.",
    "A weekly visit.",
    # amounts
    "You get 31 injections.",
    "You get 31 very small injections.",
    "You get several small needles.",
    "You get a few injections.",
    "You get one injection.",
    "You get a dozen injections.",
    "At most 1,000 units.",
    "At most 1 000 units.",
    "At most fifty units.",
    "A dose of 0.1 ml.",
    "It shrank by 5.2 mm.",
    # shares and counts of people
    "It helps 9 in 10.",
    "It helps nine out of ten.",
    "It helps one in five people.",
    "It helps 60%.",
    "It helps 60 %.",
    "It helps 60 per cent of people.",
    "It helps sixty percent of people.",
    "It helps two thirds of patients.",
    "It helps two-thirds.",
    "It helps a third of them.",
    "It helps half of people.",
    "It helps half the patients.",
    "It helps about half.",
    "It helps nearly a quarter.",
    "It helps 9 of the 28 patients.",
    "It helps three of our patients.",
    "It helps thousands of women.",
    "It was tried in two small trials.",
    "It was tried in 65 studies.",
    "One of the 28 patients felt sore.",
    # years and ages
    "It was approved in 2011.",
    "It was approved by the agency in November 2011.",
    "The 2011 approval.",
    "It has been used since 1990.",
    "It has been used since the 1990s.",
    "Around age 40 it drops.",
    "Around age forty it drops.",
    "Aged twelve.",
    "People over 65.",
    "People in their forties.",
    "Anybody 18 or older.",
    # comparisons
    "It works twice as well as the other; it is twice as strong.",
    "Headaches halved.",
    "A tenfold rise.",
    "A 3-fold rise.",
    "A rise of 3x.",
    "p < 0.05",
    "n=322",
]

ORDINARY = [
    "Botox is one brand.",
    "Two things are mixed up here.",
    "It hangs on one side.",
    "It is one of the ways.",
    "It is one of the treatments on this site.",
    "One of two things happens.",
    "First, ask the clinic.",
    "In 3 easy reads.",
    "A minute part of it is left.",
    "It takes a minute amount.",
    "Ask for a second opinion.",
    "For once it was calm.",
    "See this month's hours.",
    "Both eyes are treated.",
    "One person may feel it and another may not.",
    "One day this may change.",
    "One trial tested it.",
    "Once a nerve recovers, the muscle moves.",
    "A third party owns the name.",
    "The other half of the face.",
    "It helps in daily life.",
    "Wear a night guard.",
    "On a day when you feel well.",
    "What a day is like.",
    "Type A and type B.",
    "Vitamin B12 is something else.",
    "At one time it was thought so.",
    "Take it one step at a time.",
    "The days pass and the months go by.",
    "Your third party insurance.",
    "We are open on Monday.",
    "The thing has many folds.",
    "He made a manifold unfold.",
    "Two brands, four countries.",
    "There are two reasons.",
]


@pytest.mark.parametrize("text", FIGURES)
def test_a_medical_figure_is_found(text):
    assert figures_in(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_speech_is_left_alone(text):
    assert figures_in(text) == []


def test_what_is_found_is_what_stands_there():
    assert figures_in(
        "First approved in 2011; it lasts about three months, or 31 small injections later."
    ) == [
        "2011",
        "three months",
        "31 small injections",
    ]


def test_a_figure_behind_an_ordinary_number_is_not_lost():
    assert figures_in("One of the 3 months was warm.") == ["3 months"]


NUMBERS = st.one_of(
    st.integers(2, 99_999).map(str),
    st.integers(2, 99_999).map("{:,}".format),
    st.decimals("0.1", "99", places=1).map(str),
    st.sampled_from(
        "two three seven twelve nineteen twenty ninety twenty-one ninety-nine dozen hundred".split()
    ),
    st.tuples(st.integers(1, 9), st.integers(10, 99), st.sampled_from(["-", "–", " to ", " or ", "‑"])).map(
        lambda t: f"{t[0]}{t[2]}{t[1]}"
    ),
)
UNITS = st.sampled_from(
    "seconds minutes hours days weeks fortnights months years decades % percent units injections needles "
    "shots doses sessions treatments visits people patients women men children trials studies mg ml mm "
    "points".split()
    + ["per cent", "percentage points"]
)
DESCRIBED = st.sampled_from(["", "small ", "very small ", "whole "])
AROUND = st.sampled_from(
    [("", ""), ("It took ", "."), ("There were about ", ", we heard."), ("(", ")"), ("“", "”")]
)


@settings(deadline=None)
@given(NUMBERS, DESCRIBED, UNITS, AROUND)
def test_any_number_with_any_unit_is_found(number, described, unit, around):
    assert figures_in(f"{around[0]}{number} {described}{unit}{around[1]}")


@settings(deadline=None)
@given(st.integers(2, 999), st.sampled_from(["minute", "hour", "day", "week", "month", "year"]))
def test_a_number_joined_to_its_unit_is_found(number, unit):
    assert figures_in(f"A {number}-{unit} course") == [f"{number}-{unit}"]
    assert figures_in(f"{number}{unit}s")


PLAIN = (
    "the a an and or of in on to for with your skin muscle nerve brand clinic doctor first second other both "
    "some many soft calm warm it they we you can may will feel see ask tell rest talk before after while "
    "because small large left right side often rarely now then here there this that opinion reason way thing "
    "kind question answer choice"
).split()


@settings(deadline=None)
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=30))
def test_words_without_numbers_and_units_hold_no_figure(words):
    assert figures_in(" ".join(words)) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert isinstance(figures_in(text), list)
    assert all(sentence.strip() for sentence in sentences(text))


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "1-",
        "twenty-one-",
        "one hundred and ",
        "a few ",
        "half of the ",
        "one of ",
        "111 ",
        "1,",
        "[[a",
        "two or ",
        "“A. ",
    ],
)
def test_a_long_text_is_read_in_no_time(piece):
    started = time.process_time()
    figures_in(piece * 1000)
    sentences(piece * 1000)
    assert time.process_time() - started < 3


def test_digits_without_a_unit_are_told_apart_from_names():
    assert digits_in("From 4 to 9.5, as with B12 and COVID-19.") == ["4", "9.5"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Is it? Yes! It is.", ["Is it?", "Yes!", "It is."]),
        ("It says “No.” Then it goes on.", ["It says “No.”", "Then it goes on."]),
        ("Ask Dr. Lee or e.g. Botox makers.", ["Ask Dr. Lee or e.g. Botox makers."]),
        ("Is it licensed? No. It is off-label.", ["Is it licensed?", "No.", "It is off-label."]),
        ("See No. 5 there. Then rest.", ["See No. 5 there.", "Then rest."]),
        ("About 6.5 months pass. 9 in 10 wait.", ["About 6.5 months pass.", "9 in 10 wait."]),
        ("A line\nand another", ["A line", "and another"]),
        ("It rests… Then it goes on.", ["It rests…", "Then it goes on."]),
        ("It rests… and goes on.", ["It rests… and goes on."]),
        ("(It rests.) Élan comes back.", ["(It rests.)", "Élan comes back."]),
        ("", []),
    ],
)
def test_sentences_are_told_apart(text, expected):
    assert sentences(text) == expected

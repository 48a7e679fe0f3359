"""A banned phrase is found wherever patients may read it, in whatever characters it's typed."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from clinic_site.clinic import models
from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.checks import Draft, examine
from clinic_site.editorial.figures import figures_in
from clinic_site.editorial.unsigned_words import complaints
from clinic_site.pages.compose import claim_span, clean_html
from clinic_site.pages.shapes import Page, Part
from clinic_site.publishing.errors import PublishingError, refuse_medical_words
from clinic_site.search.models import Synonym
from referrals.models import Terms
from referrals.models.member import check_link_name
from tests.text.disguises import disguised, patient

PHRASES = (
    "it cures",
    "erases lines",
    "permanent results",
    "for ever",
    "perfectly safe",
    "guaranteed",
    "stops headaches",
    "gets rid of lines",
    "eliminates lines",
    "melting away",
    "vanishes",
    "a lasting solution",
    "instant results",
    "no side effects",
    "side-effect-free",
    "risk-free",
    "pain-free",
    "painless",
    "harmless",
    "years younger",
    "looks younger",
    "rejuvenating",
    "anti-ageing",
    "the best clinic",
    "the finest",
    "number one",
    "world-class",
    "miracle",
    "state-of-the-art",
    "flawless",
    "painfree",
    "riskfree",
    "the safest",
    "no known adverse effects",
    "no adverse reactions",
    "without any downtime",
    "side effects: none",
    "no complications",
    "nil risk",
    "without pain",
    "removes wrinkles",
    "wrinkle-free",
    "no more wrinkles",
    "lifelong results",
    "everlasting",
    "never comes back",
    "100% effective",
    "always works",
    "number 1 clinic",
    "top clinic",
    "award-winning",
    "works immediately",
    "ends migraine",
    "halts sweating",
    "there is no doubt that it is permanent",
    "nobody denies that it is a cure",
)
# as people get round a list of words
SPELLED = (
    *("pain\u00adfree", "risk\u2060free", "risk - free", "pain/free", "pain•free", "pain_free", "harm-less"),
    *("flaw-less", "for-ever", "p€rmanent", "cur3s", "c u r e", "C.U.R.E.", "#1 clinic", "P3RMANENT"),
)
PHRASE = st.sampled_from(PHRASES).flatmap(disguised)


@pytest.mark.parametrize("phrase", [*PHRASES, *SPELLED])
def test_the_phrases_are_banned(phrase):
    assert banned_in(phrase)


@pytest.mark.parametrize(
    "harmless",
    [
        "No side effects were reported in the trial.",
        "It is no cure.",
        "Nobody can say that it is safe for you.",
        "It does not always work.",
        "You may have pain where the needle goes in.",
        "Call at once if it is hard to swallow.",
        "Pages 13 and 14, e.g. a label from 2013.",
    ],
)
def test_what_promises_nothing_is_left_alone(harmless):
    assert banned_in(harmless) == []


@patient
@given(PHRASE)
def test_a_disguised_phrase_is_found_and_shown_as_it_stands(text):
    found = banned_in(f"Here it is: {text}.")
    assert found
    assert all(word in f"Here it is: {text}." for word, _ in found)


@patient
@given(PHRASE)
def test_in_a_draft(text):
    html = clean_html(f"<p>Some people say so. {text}.</p>")
    page = Page(kind="answer", slug="x", title="X", parts=(Part(anchor="a", heading="A", html=html),))
    assert "banned-word" in {finding.rule for finding in examine(Draft(page=page))}


@patient
@given(PHRASE)
def test_in_a_claim(text):
    html = f"<p>{claim_span('x-helps', f'It is {text}.', [1])}</p>"
    page = Page(kind="answer", slug="x", title="X", parts=(Part(anchor="a", heading="A", html=html),))
    assert "banned-word" in {finding.rule for finding in examine(Draft(page=page))}


@patient
@given(PHRASE)
def test_in_rows_that_go_live_without_a_signature(text):
    assert complaints(text)
    rows = (
        models.Details(name="A clinic", strapline=text),
        models.Details(name="A clinic", lead=text),
        models.Details(name="A clinic", directions=text),
        models.Testimonial(words=text, said_by="Ann", consent_scope="here"),
        models.Testimonial(words="Kind people.", said_by=text, consent_scope="here"),
        Synonym(words="sweat", means=text),
    )
    for row in rows:
        with pytest.raises(ValidationError):
            row.save()


@patient
@given(PHRASE)
def test_in_reasons_that_patients_read(text):
    with pytest.raises(PublishingError):
        refuse_medical_words(text)


NOT_A_NAME = ("Botox", "free", "discount", "migraine", "doctor", "Dr", "clinic")


@patient
@given(st.sampled_from(NOT_A_NAME).flatmap(disguised))
def test_in_the_name_on_a_link(text):
    with pytest.raises(ValidationError):
        check_link_name(text)
    with pytest.raises(ValidationError):
        check_link_name(f"Ann {text}")


@patient
@given(st.sampled_from(["Botox", "injections", "prescription", "insured"]).flatmap(disguised))
def test_in_what_credit_may_be_spent_on(text):
    with pytest.raises(ValidationError):
        Terms(spendable_on=f"Sun cream\n{text}")._refuse_medicines()


@patient
@given(st.sampled_from(["lasts three months", "helps nine in ten", "for six weeks"]).flatmap(disguised))
def test_a_figure_in_words(text):
    assert figures_in(text)


@pytest.mark.parametrize(
    "text", ["３ months", "③ months", "3\u00a0months", "3 mo\u00adnths", "3‑6 months", "３％"]
)
def test_a_figure_in_digits(text):
    [found] = figures_in(f"It takes {text} or so.")
    assert found == text


@pytest.mark.parametrize("text", ["f0rever", "fIawless", "1asting relief", "pa1nless", "miracIe", "cure²"])
def test_a_figure_that_stands_for_a_letter(text):
    assert banned_in(text)


@pytest.mark.parametrize(
    "text",
    ["B12 and 10 mg", "It is 100 % cotton", "Room 101", "Καλή μέρα", "Жизнь без боли", "I’m fine", "20 l"],
)
def test_honest_text_is_left_alone(text):
    assert banned_in(text) == []

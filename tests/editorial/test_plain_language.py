"""What makes a sentence hard, and the plainer words that are offered."""

import pytest

from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.figures import figures_in
from clinic_site.editorial.plain_language import PLAINER, Swap, hard_because, plainer_in
from clinic_site.publishing.models import Section
from tests import factories

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("sentence", "swaps"),
    [
        ("We administer it.", [("administer", "give")]),
        ("Approximately a week.", [("Approximately", "About")]),
        ("It is an adverse event.", [("an adverse event", "a side effect")]),
        ("A requirement of ours.", [("requirement", "need")]),
        ("A purchase is one attempt.", [("purchase", "buy"), ("attempt", "try")]),
        ("Subsequent to that, we stop.", [("Subsequent to", "After")]),
        ("They say so via a friend, via us.", [("via", "through")]),
        ("We give an analgesic.", [("an analgesic", "a painkiller")]),
        ("We obtainably reside-inn.", []),
        ("We start it.", []),
    ],
)
def test_plainer_words_are_offered_as_they_have_to_stand(sentence, swaps):
    assert plainer_in(sentence) == [Swap(*swap) for swap in swaps]


def test_the_list_is_long_enough_and_leads_nowhere_that_a_rule_forbids():
    assert len(PLAINER) >= 80
    for word, plainer in PLAINER.items():
        assert word == word.lower()
        assert plainer_in(plainer) == [], word
        assert banned_in(f"It is {plainer}.") == [], word
        assert figures_in(plainer) == [], word


@pytest.mark.parametrize(
    ("sentence", "because"),
    [
        ("We go on. " * 2, []),
        ("so " * 25, []),
        ("so " * 26, ["26 words"]),
        ("Neurotransmitters, acetylcholinesterase and contraindications are long.", ["“contraindications”"]),
        ("so " * 24 + "it was given by us.", ["29 words", "“was given” doesn't say who does it"]),
        ("so " * 24 + "she is tired of it.", ["29 words"]),
    ],
)
def test_a_hard_sentence_says_what_makes_it_hard(sentence, because):
    reasons = hard_because(sentence)
    assert len(reasons) == len(because)
    assert all(words in reason for words, reason in zip(because, reasons, strict=True))


@pytest.mark.django_db
def test_the_words_of_a_claim_are_not_the_pages_to_change(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician, summary="In short.")
    factories.claim(
        "stiff", checked_by=clinician, sentence="They administer it.", phrase="they administer it"
    )
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>We obtain help: [[stiff]] [[sweat-lasts]].</p>"
    )
    [found] = [finding for finding in draft.findings() if finding.rule == "plainer-word"]
    assert found.swaps == (Swap("obtain", "get"),)

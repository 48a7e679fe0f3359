"""The demonstration: two clinics' pages, retold, and every fault in them either found or laid before the
clinician.
"""

import re
import tomllib
from pathlib import Path

import pytest

from clinic_site.editorial import checks
from clinic_site.editorial.figures import sentences
from clinic_site.pages.compose import plain
from clinic_site.publishing.models import PublishingError
from tests.editorial.demonstration.report import HERE, REPORT, load, report

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

JUDGE = "statement-without-claim"

# What is wrong with the two pages, as a comparison with the sources shows it: (draft, words of the sentence,
# rule).
FAULTS = [
    # the first page
    ("chronic-migraine", "some three months", "unclaimed-figure"),
    ("chronic-migraine", "in 2011", "unclaimed-figure"),
    ("chronic-migraine", "advised it for chronic migraine ever since", JUDGE),
    ("chronic-migraine", "less often and hurt less", JUDGE),
    ("chronic-migraine", "talking to what lies at their end", "mechanism-without-claim"),
    ("chronic-migraine", "swollen and far too touchy", "mechanism-without-claim"),
    ("chronic-migraine", "into the carriers of pain", "mechanism-without-claim"),
    ("chronic-migraine", "a germ called", JUDGE),
    ("chronic-migraine", "$50 off", "offer"),
    ("chronic-migraine", "never botulinum toxin", "brand-without-medicine"),
    ("heavy-sweating", "on the hands and elsewhere", JUDGE),
    ("heavy-sweating", "worth a go", JUDGE),
    ("heavy-sweating", "barely under the skin", JUDGE),
    ("heavy-sweating", "several pricks", "unclaimed-figure"),
    ("heavy-sweating", "eight months", "unclaimed-figure"),
    ("heavy-sweating", "lasting answer", "banned-word"),
    ("heavy-sweating", "eight months", "benefit-without-comparator"),
    ("heavy-sweating", "eight months", "unchecked-claim"),
    ("heavy-sweating", "six months at the most", "claims-that-disagree"),
    ("jaw-pain", "nerves that serve the jaw joint", "mechanism-without-claim"),
    ("jaw-pain", "much as it does with the injections for migraine", JUDGE),
    ("jaw-pain", "six to nine months", "unclaimed-figure"),
    ("jaw-pain", "licence status", "missing-part"),
    ("eyelid-spasm", "tighten when they should not", JUDGE),
    ("eyelid-spasm", "stops the lids", "banned-word"),
    ("eyelid-spasm", "stops the lids", "mechanism-without-claim"),
    ("eyelid-spasm", "few small needles", "unclaimed-figure"),
    ("eyelid-spasm", "half a year", "unclaimed-figure"),
    ("eyelid-spasm", "Side effects", "missing-part"),
    # the second page
    ("medical-uses", "its first home is the beauty business", JUDGE),
    ("medical-uses", "along a grid", JUDGE),
    ("medical-uses", "sweat glands to make sweat", JUDGE),
    ("medical-uses", "inside a week", "unclaimed-figure"),
    ("medical-uses", "six months at the most", "unchecked-claim"),
    ("medical-uses", "eight months", "claims-that-disagree"),
    ("medical-uses", "PAGE-TWO", "superseded-source"),
    ("medical-uses", "fresh nerves have grown", JUDGE),
    ("medical-uses", "keep spots at bay", JUDGE),
    ("medical-uses", "your face still moves", JUDGE),
    ("medical-uses", "as on the forehead", JUDGE),
    ("medical-uses", "age forty", "unclaimed-figure"),
    ("medical-uses", "ten minutes", "unclaimed-figure"),
    ("medical-uses", "takes years off", "banned-word"),
    ("medical-uses", "the face looks raised", JUDGE),
    ("medical-uses", "the jaw slims down", JUDGE),
    ("medical-uses", "lasts a year", "unclaimed-figure"),
    ("medical-uses", "the cheeks sit higher", JUDGE),
    ("medical-uses", "pulls it tight again", JUDGE),
    ("medical-uses", "right round the neck", JUDGE),
    ("medical-uses", "erases", "banned-word"),
    ("medical-uses", "the best answer", "banned-word"),
    ("medical-uses", "cords are eliminated", "banned-word"),
    ("medical-uses", "slackens the muscles of the head", JUDGE),
    ("medical-uses", "now and then, the nape", JUDGE),
    ("medical-uses", "people with many attacks", JUDGE),
    ("medical-uses", "a forehead that won't move", JUDGE),
    ("medical-uses", "When to get help now", "missing-shared-block"),
    ("medical-uses", "award-badge", "picture-without-alternative"),
    ("medical-uses", "Find out more", "link-text"),
    ("medical-uses", "Heavy sweating", "heading-order"),
]
PARTS_MISSING_IN_ALL = [
    "In one minute",
    "Who it may suit",
    "Who should not have it",
    "Side effects",
    "Other choices, doing nothing included",
    "What is not known",
    "licence status",
]


@pytest.fixture
def drafts():
    return {draft.slug: draft for draft in load()}


def test_each_fault_is_found_or_laid_before_the_clinician(drafts):
    findings = {slug: draft.findings() for slug, draft in drafts.items()}
    overlooked = [
        (slug, words, rule)
        for slug, words, rule in FAULTS
        if not any(f.rule == rule and words in f.sentence for f in findings[slug])
    ]
    assert overlooked == []


def test_each_treatment_page_lacks_what_the_two_clinics_left_out(drafts):
    for slug, draft in drafts.items():
        if draft.KIND == "treatment":
            findings = draft.findings()
            missing = " ".join(f.sentence for f in findings if f.rule == "missing-part")
            assert [part for part in PARTS_MISSING_IN_ALL if part not in missing] == [], slug
            assert any(f.rule == "missing-shared-block" for f in findings), slug


def test_none_of_the_drafts_can_be_submitted(drafts, editor):
    for draft in drafts.values():
        with pytest.raises(PublishingError):
            draft.submit(by=editor, change_note="As the clinics had it.")


def test_nothing_that_the_drafts_state_is_passed_over(drafts):
    """Each sentence is named in the report, but for questions and for two words or fewer."""
    for draft in drafts.values():
        told = " ".join(f.sentence for f in draft.findings())
        said = [s for section in draft.ordered_sections() for s in sentences(plain(section.body))]
        passed_over = [s for s in said if s not in told and not s.endswith("?") and len(s.split()) > 2]
        assert [s for s in passed_over if f"<h4>{s}</h4>" not in draft.ordered_sections()[0].body] == [], (
            draft.slug
        )


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_no_phrase_of_the_drafts_stands_in_a_rule():
    """No four words in a row: the rules know words of advertising, not these pages."""
    drafts = " ".join(str(tomllib.loads(path.read_text())) for path in HERE.glob("*.toml"))
    rules = " ".join(path.read_text() for path in Path(checks.__file__).parent.glob("*.py"))
    rules = re.sub(r"\\s[+*]?|\[[- ]+\]\??", " ", rules)  # a space, as patterns write it
    assert _runs(drafts, 4) & _runs(rules, 4) == set()


def test_the_report_in_the_documents_is_what_the_checks_say_today(drafts):
    """After a change: `python -m tests.editorial.demonstration > docs/demonstration.md`."""
    assert REPORT.read_text() == report(list(drafts.values()))

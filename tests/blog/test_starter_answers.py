"""The starter's answers: found where patients look, careful where they are in danger."""

import re
import tomllib
from pathlib import Path

import pytest

import blog.starter
from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.compose import plain
from clinic_site.publishing.models import Edition, Live
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
PLACE = Path(blog.starter.__file__).parent
ANSWERS = {path.stem: tomllib.loads(path.read_text()) for path in sorted(PLACE.glob("*.toml"))}
NEW = (
    "i-might-be-pregnant can-i-breastfeed-afterwards migraine-on-fewer-days injections-or-cgrp-medicines "
    "can-i-drive-with-blepharospasm is-my-sweating-a-sign-of-illness will-it-thin-my-jaw-bone "
    "do-i-stop-my-blood-thinner does-it-hurt exercise-alcohol-or-flying-afterwards has-it-stopped-working "
    "do-i-have-to-go-on-for-ever what-off-label-means-for-me does-the-brand-matter "
    "who-do-i-tell-about-a-bad-reaction aftercare"
).split()


def page_of(slug):
    return Live.objects.select_related("edition").get(slug=slug, kind="answer").edition.page


@pytest.mark.parametrize("slug", NEW)
def test_each_is_live_with_its_sources_and_the_urgent_help(slug, starter_site, client):
    html = client.get(f"/blog/{slug}/").content.decode()
    page = page_of(slug)
    assert page.sources
    assert page.urgent
    assert 'id="urgent"' in html
    assert "911" in html


@pytest.mark.parametrize("slug", NEW)
def test_links_between_pages_lead_somewhere(slug, starter_site, client):
    links = set(re.findall(r'href="(/[^"#]*)"', ANSWERS[slug]["answer"]))
    for link in links:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("slug", NEW)
def test_what_was_read_second_hand_is_told_so(slug, starter_site):
    """A claim that rests on copies alone has the lowest grade, and its source says that it's a copy."""
    keys = {note.key for note in page_of(slug).claims}
    for claim in Claim.objects.filter(key__in=keys, sources__key__in=_sources_of_answers()).distinct():
        sources = list(claim.sources.all())
        if all(source.is_secondary for source in sources):
            assert claim.grade == "C", claim.key
            assert all(source.note for source in sources), claim.key


def _sources_of_answers() -> list[str]:
    import clinic_site.evidence.starter as evidence

    text = (Path(evidence.__file__).parent / "sources-answers.toml").read_text()
    return [row["key"] for row in tomllib.loads(text)["source"]]


@pytest.mark.parametrize("slug", NEW)
def test_a_sign_of_danger_calls_the_emergency_number_and_nothing_weaker(slug, starter_site):
    for line in plain(page_of(slug).part("answer").html).splitlines():
        for sign in ("trouble breathing", "chest pain", "swollen face", "a wheeze"):
            if sign in line.lower():
                assert "emergency number" in line, line


def test_every_treatment_leads_to_what_to_do_afterwards(starter_site, client):
    for slug in Treatment.objects.values_list("slug", flat=True):
        html = client.get(f"/treatments/{slug}/").content.decode()
        assert 'href="/blog/aftercare/"' in html, slug
        assert html.index('id="urgent"') < html.index('href="/blog/aftercare/"')


SEEDS = [
    # what the older pages said, and what stands beside it
    ("6 to 9 months", "a few weeks to a few months"),
    ("similar to the migraine injections", "chewing muscles"),
    ("nerves of the jaw joint", "they do not go into the nerves"),
    ("6 months or longer", "about 3 months"),
    ("8 months", "Half of the people treated"),
    ("6 months", "Half of the people treated"),
    ("new nerves grow", "the nerve ending slowly recovers"),
    ("ten minutes", "takes days to relax"),
    ("a year", "6 to 9 months"),
    ("cheeks look lifted", "lift the cheeks"),
    ("jowls tight", "does not tighten"),
    ("rings off the neck", "not for flat lines"),
    ("keeps acne down", "not enough proof"),
    ("mainly for looks", "first approved for eye disorders"),
    ("A stiff forehead", "life-threatening"),
    ("frequent attacks", "14 or fewer"),
    ("relax the muscles of the head", "do not explain"),
]


@pytest.mark.parametrize(("said", "true"), SEEDS)
def test_each_figure_and_mechanism_of_the_older_pages_is_answered_by_name(said, true, starter_site):
    html = page_of("medical-uses-of-botox").part("answer").html
    html = html.partition("What our older pages had wrong")[2]
    lines = [line for line in plain(re.sub(r"<sup.*?</sup>", "", html)).splitlines() if said in line]
    assert lines, said
    assert any(true in line for line in lines), lines


def test_the_correction_above_the_answer_is_told_as_one(starter_site):
    edition = Edition.objects.get(slug="medical-uses-of-botox")
    assert edition.nature == "correction"
    assert "new nerves grow" in edition.page.correction
    assert Source.objects.filter(key="JW-2023", is_secondary=True).exists()

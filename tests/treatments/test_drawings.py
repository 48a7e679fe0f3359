"""The drawings of where injections go: every treatment has them, and picture and list say the same."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from clinic_site.pages.redaction import NOTICE
from clinic_site.pages.shapes import ClaimNote
from clinic_site.publishing.reading import read
from treatments.drawings import views_for
from treatments.injection_sites import VIEWS
from treatments.models import Treatment
from treatments.pages import TreatmentPage

SLUGS = [
    "chronic-migraine",
    "hyperhidrosis",
    "tmj-pain",
    "blepharospasm",
    "oily-skin-and-acne",
    "nose-tip",
    "jawline",
    "jowls",
    "neck-bands",
    "expression-lines",
]
FOLDER = settings.BASE_DIR / "templates" / "drawings"
PEOPLE = FOLDER / "three_faces.svg"  # their skin and hair have colours of their own
DRAWINGS = sorted(set(FOLDER.glob("*.svg")) - {PEOPLE})
EVERY_VIEW = [
    pytest.param(view, id=f"{slug}-{view.drawing}") for slug, views in VIEWS.items() for view in views
]


def page_with_every_claim(slug: str) -> TreatmentPage:
    keys = dict.fromkeys(site.rests_on for view in VIEWS[slug] for site in view.sites)
    notes = tuple(
        ClaimNote(key=key, kind="session", html="It goes there.", grade="A", sources=(7,)) for key in keys
    )
    return TreatmentPage(kind="treatment", slug=slug, title=slug, claims=notes)


def shown(page: TreatmentPage) -> ElementTree.Element:
    html = render_to_string("components/injection_sites.html", {"views": views_for(page)})
    return ElementTree.fromstring(f"<page>{html}</page>")


def texts(root: ElementTree.Element, name: str) -> list[str]:
    return [e.text for e in root.iter() if name in e.get("class", "").split()]


def test_every_treatment_has_its_drawings():
    assert sorted(VIEWS) == sorted(SLUGS)


@pytest.mark.django_db
def test_the_starter_pages_show_every_site(starter_site):
    for slug in SLUGS:
        every = [site for view in VIEWS[slug] for site in view.sites]
        marked = [row for numbered in views_for(read(Treatment, slug).page) for row in numbered.sites]
        assert [row.site for row in marked] == every, slug
        assert all(row.sources for row in marked), slug


@pytest.mark.parametrize("slug", SLUGS)
def test_picture_and_list_hold_the_same_numbers(slug):
    root = shown(page_with_every_claim(slug))
    in_pictures, in_lists = texts(root, "injection-sites__digit"), texts(root, "injection-sites__number")
    assert in_pictures == in_lists == [str(n) for n in range(1, len(in_lists) + 1)]
    starts = [int(ol.get("start")) for ol in root.iter("ol")]
    assert starts == [numbered.sites[0].number for numbered in views_for(page_with_every_claim(slug))]


@pytest.mark.parametrize("view", EVERY_VIEW)
def test_every_mark_lies_inside_its_picture(view):
    left, top, width, height = view.box
    for site in view.sites:
        reach = [(*site.at, view.disc, view.disc), *((x, y, view.dot, view.dot) for x, y in site.points)]
        for area in site.shades:
            turn = math.radians(area.turn)
            reach.append(
                (
                    area.x,
                    area.y,
                    math.hypot(area.across * math.cos(turn), area.down * math.sin(turn)),
                    math.hypot(area.across * math.sin(turn), area.down * math.cos(turn)),
                )
            )
        for x, y, across, down in reach:
            assert left <= x - across, site.name
            assert x + across <= left + width, site.name
            assert top <= y - down, site.name
            assert y + down <= top + height, site.name
        assert site.areas or site.dots, site.name


@pytest.mark.parametrize("view", EVERY_VIEW)
def test_numbers_do_not_cover_each_other(view):
    discs = [site.at for site in view.sites]
    for i, one in enumerate(discs):
        assert all(math.dist(one, other) > 2 * view.disc for other in discs[i + 1 :])


@pytest.mark.parametrize("view", EVERY_VIEW)
def test_numbers_are_legible_on_a_small_screen(view):
    picture_width = 320 - 2 * 16
    assert view.digit / view.box[2] * picture_width >= 12


@pytest.mark.parametrize("view", EVERY_VIEW)
def test_words_about_sites_carry_no_figure(view):
    for words in (view.title, view.shows, *(site.name for site in view.sites)):
        assert not re.search(r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|dozen)\b", words, re.I), (
            words
        )


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_is_light_and_leaves_colour_to_the_stylesheet(path):
    text = path.read_text()
    assert len(text.encode()) <= 5 * 1024
    names = {e.tag for e in ElementTree.fromstring(text).iter()}
    assert names <= {"g", "path", "circle", "ellipse", "use"}
    assert not re.search(r"style=|fill=|stroke=|#[0-9a-f]{3,6}\b", text)


def test_the_picture_of_people_is_light():
    assert len(PEOPLE.read_bytes()) <= 9 * 1024


def test_every_drawing_is_used():
    assert {view.drawing for views in VIEWS.values() for view in views} == {path.stem for path in DRAWINGS}


def test_no_id_stands_twice_even_with_every_treatment_on_one_page():
    roots = [shown(page_with_every_claim(slug)) for slug in SLUGS]
    ids = [
        e.get("id") for root in roots for e in root.iter() if e.get("id") and e.get("id") != "where-it-goes"
    ]
    assert len(ids) == len(set(ids))
    for root in roots:
        own = {e.get("id") for e in root.iter()}
        refers = [e.get("href")[1:] for e in root.iter("use")]
        labels = [name for e in root.iter("svg") for name in e.get("aria-labelledby").split()]
        assert own.issuperset(refers + labels)


def test_a_picture_has_a_role_a_title_and_a_description():
    for slug in SLUGS:
        for svg in shown(page_with_every_claim(slug)).iter("svg"):
            assert svg.get("role") == "img"
            assert svg[0].tag == "title"
            assert svg[0].text
            assert svg[1].tag == "desc"
            assert svg[1].text


def test_the_reader_is_told_that_it_is_no_plan():
    assert any(
        "not a plan for you" in note
        for note in texts(shown(page_with_every_claim("jawline")), "injection-sites__note")
    )


def test_the_mark_goes_with_its_claim():
    page = page_with_every_claim("expression-lines")
    stopped = tuple(replace(n, html=NOTICE) if n.key == "lines-forehead-points" else n for n in page.claims)
    [left] = views_for(replace(page, claims=stopped))
    assert [row.number for row in left.sites] == [1, 2]
    assert "lines-forehead-points" not in {row.site.rests_on for row in left.sites}
    assert not texts(shown(replace(page, claims=())), "where")


def test_a_page_without_drawings_shows_nothing():
    assert views_for(TreatmentPage(kind="treatment", slug="another", title="Another")) == []

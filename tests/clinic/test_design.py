"""The components page: it shows everything, to those who work on the site and to nobody else."""

import re
from itertools import pairwise

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from clinic_site.clinic import design
from clinic_site.operations.maintenance import TRY_AGAIN_AFTER

COMPONENTS = {path.stem for path in (settings.BASE_DIR / "templates" / "components").glob("*.html")}

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(editor):
    client = Client()
    client.force_login(editor)
    return client


def shown(html: str) -> set[str]:
    return set(re.findall(r'data-component="(\w+)"', html))


def test_every_component_is_shown(staff):
    html = staff.get("/design/").content.decode()
    assert COMPONENTS - shown(html) == set()


def test_no_specimen_is_empty(rf):
    request = rf.get("/design/")
    for specimen in design.specimens():
        html = specimen.drawn(request)
        assert len(re.sub(r"\s+", "", html)) > 40, specimen


def test_every_specimen_has_ids_of_its_own(staff):
    html = staff.get("/design/").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
    for names in re.findall(r'aria-(?:labelledby|describedby|controls)="([^"]+)"', html):
        assert set(names.split()) <= set(ids)


def test_its_html_is_sound(staff):
    html = staff.get("/design/").content.decode()
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        for value in re.findall(r'<input type="date"[^>]* value="([^"]*)"', html)
    )


def test_states_that_a_site_may_never_be_in(staff):
    html = staff.get("/design/").content.decode()
    for words in (
        "The review of this page is overdue",
        "This is an old edition",
        "This edition was withdrawn",
        "Sample edition",
        "being checked",
        "We have corrected this answer",
        "This question is from August 2017",
        "There is a problem",
        "no comparison group",
        "Why there is no chart here",
        "Kept clear",
        "Retracted",
        "Superseded",
        "999",
        "Nothing has moved yet",
    ):
        assert words.lower() in html.lower(), words


def test_it_is_for_those_who_work_on_the_site(client, staff, settings):
    assert client.get("/design/").status_code == 404
    assert staff.get("/design/").status_code == 200
    settings.DEBUG = True
    response = client.get("/design/")
    assert response.status_code == 200
    assert not response.cookies
    assert 'content="noindex"' in response.content.decode()


def test_it_asks_the_database_for_no_component(staff, client, settings, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # the session, its user and their second factor, the clinic
        staff.get("/design/")
    settings.DEBUG = True
    with django_assert_max_num_queries(1):
        client.get("/design/")


@pytest.mark.parametrize("template", ["500.html", "maintenance.html"])
def test_a_page_for_when_the_database_is_gone_asks_it_nothing(template, django_assert_num_queries):
    with django_assert_num_queries(0):
        html = render_to_string(template)
    assert html.count("<h1") == 1


def test_a_closed_site_says_so_and_is_still_alive(client, settings):
    settings.MIDDLEWARE = ["clinic_site.operations.maintenance.maintenance", *settings.MIDDLEWARE]
    closed = Client()
    for path in ("/", "/treatments/", "/admin/", "/readyz"):
        response = closed.get(path)
        assert response.status_code == 503
        assert response["Retry-After"] == str(TRY_AGAIN_AFTER)
        assert "closed for a short while" in response.content.decode()
    assert closed.get("/healthz").status_code == 200


def test_no_page_may_use_a_camera(client):
    header = client.get("/healthz")["Permissions-Policy"]
    assert "camera=()" in header
    assert "geolocation=()" in header


@pytest.mark.usefixtures("starter_site")
class TestHistory:
    def test_it_names_the_page_by_its_title(self, client):
        html = client.get("/treatments/hyperhidrosis/history/").content.decode()
        assert "How “Heavy sweating (hyperhidrosis)” has changed" in html

    def test_its_queries(self, client, django_assert_max_num_queries):
        client.get("/blog/medical-uses-of-botox/history/")
        with django_assert_max_num_queries(3):
            client.get("/blog/medical-uses-of-botox/history/")

    def test_it_says_which_edition_is_in_use_and_who_signed_it(self, client):
        html = client.get("/treatments/hyperhidrosis/history/").content.decode()
        assert html.count("in use now") == 1
        assert "Signed on" in html
        assert "Dr Sample Clinician" in html

    def test_what_was_posted_before_the_record_begins_says_so(self, client):
        assert "first posted on" not in client.get("/treatments/hyperhidrosis/history/").content.decode()
        html = client.get("/blog/medical-uses-of-botox/history/").content.decode()
        assert 'first posted on <time datetime="2017-08-24">24 August 2017</time>' in html
        assert "What it said until then is not kept here." in html

    def test_an_address_that_never_was(self, client):
        assert client.get("/blog/never-was/history/").status_code == 404

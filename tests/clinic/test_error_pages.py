"""Pages for when something is missing or broken, and a page's history."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from clinic_site.operations.maintenance import TRY_AGAIN_AFTER

pytestmark = pytest.mark.django_db


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

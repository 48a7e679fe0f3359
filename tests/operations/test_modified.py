"""Readers that ask by date get a list or the feed anew when its words changed, for whatever reason."""

import time

import pytest
from django.test import Client

from clinic_site.operations import modified
from clinic_site.publishing.models import Stop
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Sets the clock, in seconds after the test began."""
    began = time.time()

    def set_to(seconds):
        monkeypatch.setattr(modified.time, "time", lambda: began + seconds)

    set_to(0)
    return set_to


def asked_by_date(path, date):
    return Client().get(path, headers={"If-Modified-Since": date})


@pytest.mark.parametrize("path", ["/blog/feed/", "/blog/", "/sitemap.xml"])
def test_a_reader_that_asks_by_date_is_sent_nothing_twice(path, at, editor, clinician):
    draft = factories.answer("first", by=editor, checked_by=clinician)
    factories.live(draft, by=editor, signer=clinician)
    assert "Last-Modified" not in Client().get(path)  # what changes within this second would be missed
    at(60)
    first = Client().get(path)
    assert first["Cache-Control"] == "no-cache"  # a date alone would let a browser guess how long it's good
    assert asked_by_date(path, first["Last-Modified"]).status_code == 304


def test_a_stop_changes_the_feed_though_no_edition_did(at, editor, clinician):
    claim = factories.claim("lasts", checked_by=clinician, sentence="It lasts about three months.")
    draft = factories.answer("first", by=editor, checked_by=clinician)
    draft.summary = "How long: [[lasts]]"
    draft.save()
    factories.live(draft, by=editor, signer=clinician)
    Client().get("/blog/feed/")
    at(60)
    first = Client().get("/blog/feed/")
    assert "three months" in first.content.decode()
    Stop.objects.create(claim=claim, by=editor, because="It's in doubt.")
    at(61)
    again = asked_by_date("/blog/feed/", first["Last-Modified"])
    assert again.status_code == 200
    assert "three months" not in again.content.decode()
    at(120)
    assert asked_by_date("/blog/feed/", first["Last-Modified"]).status_code == 200
    assert asked_by_date("/blog/feed/", Client().get("/blog/feed/")["Last-Modified"]).status_code == 304


def test_what_is_asked_with_more_keeps_no_date(at, editor):
    at(60)
    for n in range(3):
        assert "Last-Modified" not in Client().get(f"/blog/?after={n}")

"""The drawing on the first page: numbers that lead where the lists lead."""

import re

import pytest

from treatments.body import BODY_MAP_POSITIONS, numbered
from treatments.models import Treatment
from treatments.views import treatment_cards

pytestmark = pytest.mark.django_db


def test_the_numbers_run_through_both_lists_and_down_the_drawing(starter_site):
    groups = numbered(treatment_cards())
    rows = groups["medical"] + groups["aesthetic"]
    assert [row.number for row in rows] == list(range(1, len(BODY_MAP_POSITIONS) + 1))
    for group in groups.values():
        heights = [row.disc[1] for row in group]
        assert heights == sorted(heights)


def test_the_picture_and_the_lists_hold_the_same(starter_site, client):
    html = client.get("/").content.decode()
    drawn = re.findall(
        r'class="body-map__mark" href="([^"]+)".*?class="body-map__digit"[^>]*>(\d+)<', html, re.S
    )
    listed = re.findall(
        r'class="body-map__number"[^>]*>(\d+)<.*?class="body-map__link" href="([^"]+)"', html, re.S
    )
    assert sorted(drawn) == sorted((address, number) for number, address in listed)
    assert len(drawn) == len(BODY_MAP_POSITIONS)


def test_a_treatment_that_is_not_live_has_no_mark(starter_site, client, editor):
    Treatment.objects.get(slug="jowls").withdraw(by=editor, because="No longer offered.")
    html = client.get("/").content.decode()
    assert "/treatments/jowls/" not in html
    assert html.count('class="body-map__mark"') == len(BODY_MAP_POSITIONS) - 1


def test_one_without_a_place_stands_in_its_list_without_a_number(starter_site, editor, clinician):
    from tests import factories

    factories.live(
        factories.treatment("elsewhere", by=editor, checked_by=clinician), by=editor, signer=clinician
    )
    [row] = [row for row in numbered(treatment_cards())["medical"] if row.card.edition.slug == "elsewhere"]
    assert row.number == 0


def test_every_place_is_on_the_drawing():
    for place, disc in BODY_MAP_POSITIONS.values():
        for x, y in (place, disc):
            assert 0 <= x <= 400
            assert 12 <= y <= 480

"""The drawing on the first page: its lines lead from where the list's labels stand."""

import re

import pytest
from django.conf import settings

from treatments.body import BODY_MAP_POSITIONS, placed
from treatments.models import Treatment
from treatments.views import treatment_cards

pytestmark = pytest.mark.django_db
DRAWN = re.compile(r'class="body-map__lead"')
LINES = sum(len(lines) for lines in BODY_MAP_POSITIONS.values())


def listed(html: str) -> list[str]:
    return re.findall(r'class="body-map__link body-map__link--\w+"\s+href="([^"]+)"', html)


def test_the_list_holds_every_treatment_and_what_is_medical_stands_first(starter_site, client):
    html = client.get("/").content.decode()
    assert sorted(listed(html)) == sorted(card.address for card in treatment_cards())
    groups = re.findall(r'class="body-map__link body-map__link--(\w+)"\s+href', html)
    assert groups == sorted(groups, reverse=True)
    assert len(DRAWN.findall(html)) == LINES


def test_a_treatment_that_is_not_live_has_no_line(starter_site, client, editor):
    Treatment.objects.get(slug="jowls").withdraw(by=editor, because="No longer offered.")
    html = client.get("/").content.decode()
    assert "/treatments/jowls/" not in html
    assert len(DRAWN.findall(html)) == LINES - len(BODY_MAP_POSITIONS["jowls"])


def test_one_without_a_place_stands_in_the_list_without_a_line(starter_site, client, editor, clinician):
    from tests import factories

    factories.live(
        factories.treatment("elsewhere", by=editor, checked_by=clinician), by=editor, signer=clinician
    )
    [row] = [row for row in placed(treatment_cards()) if row.slug == "elsewhere"]
    assert row.lines == ()
    assert "/treatments/elsewhere/" in listed(client.get("/").content.decode())


def test_every_place_is_on_the_drawing_and_has_a_label():
    css = (settings.BASE_DIR / "static" / "css" / "components" / "body_map.css").read_text()
    for slug, lines in BODY_MAP_POSITIONS.items():
        assert f".body-map__spot--{slug} {{" in css
        for _, (x, y) in lines:
            assert 0 <= x <= 700
            assert 0 <= y <= 520

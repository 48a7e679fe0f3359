"""The staff guide says what is there: its pages, its pictures, and what each page of the admin leads to."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse
from PIL import Image

from clinic_site.backoffice.guide import SCREENSHOTS, SHEETS
from clinic_site.backoffice.help_links import HELP_LINKS, help_link
from tests import factories
from tests.guide import taking


@pytest.mark.django_db
@pytest.mark.parametrize("sheet", SHEETS)
def test_all_staff_read_both_sheets(client, sheet):
    for role in factories.ROLES:
        client.force_login(factories.person(role))
        assert client.get(reverse("admin:guide", args=[sheet])).status_code == 200
    assert client.get("/admin/guide/nonsense/").status_code == 404
    client.logout()
    assert client.get(reverse("admin:guide", args=[sheet])).status_code == 302


@pytest.mark.django_db
def test_every_page_leads_to_a_part_that_is_there(client, manager):
    client.force_login(manager)
    parts = {
        f"{address}#{part}"
        for address in (reverse("admin:guide", args=[sheet]) for sheet in SHEETS)
        for part in re.findall(r'<h2 id="([\w-]+)"', client.get(address).content.decode())
    }
    assert {f"{reverse('admin:guide', args=[sheet])}#{part}" for _, sheet, part, _ in HELP_LINKS} <= parts
    names = [name for name in get_resolver().namespace_dict["admin"][1].reverse_dict if isinstance(name, str)]
    assert {help_link(name)["address"] for name in names} <= parts
    assert help_link("referrals_desk")["address"].endswith("/signing/#desk")
    assert (
        f'href="{help_link("publishing_edition_changelist")["address"]}"'
        in client.get("/admin/publishing/edition/").content.decode()
    )


def test_pictures_have_the_size_that_the_page_says_and_are_small():
    files = [Path(settings.BASE_DIR, "static", picture.file) for picture in SCREENSHOTS]
    for picture, file in zip(SCREENSHOTS, files, strict=True):
        with Image.open(file) as taken:
            assert taken.size == (picture.width, picture.height), (
                f"make guide: {picture.name} has changed its size"
            )
    assert sum(file.stat().st_size for file in files) < 600_000


@pytest.mark.browser
def test_what_the_guide_points_at_is_on_the_page(browser):
    with taking.at_work() as (address, sessions, places):
        for picture in SCREENSHOTS:
            with taking.opened(browser, address, sessions, places, picture) as tab:
                assert taking.missing(tab, picture) == [], (
                    f"{picture.name}: mend the guide's words, then make guide"
                )
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": sessions["editor"], "url": address}])
        tab = context.new_page()
        for sheet in SHEETS:
            tab.goto(f"{address}/admin/guide/{sheet}/", wait_until="networkidle")
            assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4"))) == 1, (
                f"{sheet} is more than one sheet"
            )
        context.close()

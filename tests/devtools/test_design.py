"""The components page: it shows everything, to those who work on the site and to nobody else."""

import os
import re
import subprocess
import sys
from itertools import pairwise

import pytest
from django.conf import settings

from clinic_site.devtools.specimens import specimens
from tests.admin_forms import as_

COMPONENTS = {path.stem for path in (settings.BASE_DIR / "templates" / "components").glob("*.html")}

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def staff(editor):
    return as_(editor)


def shown(html: str) -> set[str]:
    return set(re.findall(r'data-component="(\w+)"', html))


def test_every_component_is_shown(staff):
    html = staff.get("/design/").content.decode()
    assert COMPONENTS - shown(html) == set()


def test_no_specimen_is_empty():
    for specimen in specimens():
        html = specimen.drawn()
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


def test_it_is_off_where_patients_read_unless_a_setting_says_otherwise(tmp_path):
    asked = "from django.urls import resolve; import django; django.setup(); resolve('/design/')"
    for site, said, is_there in (
        ("https://clinic.example", {}, False),
        ("https://clinic.example", {"DESIGN_PAGE": "true"}, True),
        ("http://127.0.0.1", {}, True),
    ):
        env = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "clinic_site.settings",
            "SITE_URL": site,
            **said,
        }
        done = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=settings.BASE_DIR,
            env=env | {"DATA_DIR": str(tmp_path)},
            capture_output=True,
        )
        assert (done.returncode == 0) is is_there, done.stderr


def test_the_site_runs_without_the_package(tmp_path):
    asked = (
        "import sys; sys.modules['clinic_site.devtools'] = None\n"
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'clinic_site.devtools' else found(name, *a)\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('check')"
    )
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "clinic_site.settings",
        "SITE_URL": "http://127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=settings.BASE_DIR,
        env=env | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr

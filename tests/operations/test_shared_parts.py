"""Two machines that serve one site share its key, its cache and its pictures, or one of them refuses."""

import os
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from clinic_site.operations import shared_parts
from clinic_site.operations.models import SharedPart
from clinic_site.operations.shared_parts import ANOTHER_CACHE, ANOTHER_KEY, parts_are_shared
from tests import running
from tests.publishing.test_pictures import picture

pytestmark = pytest.mark.django_db


def ready():
    call_command("tick", verbosity=0)
    response = Client().get("/readyz")
    return response.status_code, response.json()


def test_a_site_that_is_whole_is_ready():
    assert ready() == (200, {"database": "ok", "migrations": "ok", "tick": "ok"})
    assert parts_are_shared(databases=["default"]) == []


def test_another_key_is_refused_by_check_readiness_and_start(settings):
    settings.SECRET_KEY = "the key of another machine " * 3
    assert ready() == (503, {"database": "ok", "migrations": "ok", "tick": "ok", "secret key": ANOTHER_KEY})
    [error] = parts_are_shared(databases=["default"])
    assert (error.msg, error.is_serious()) == (ANOTHER_KEY, True)
    with pytest.raises(CommandError, match="secret key isn't the one"):
        call_command("serve", port=1)


def test_a_key_of_before_hands_over_to_the_new_one(settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key " * 6
    assert shared_parts.fault_of_key() == ""
    shared_parts.note_key("default")
    settings.SECRET_KEY_FALLBACKS = []
    assert shared_parts.fault_of_key() == ""


def test_a_lost_key_can_be_left_behind(settings, capsys):
    settings.SECRET_KEY = "all that is left " * 4
    call_command("accept_key")
    assert ready()[0] == 200


def test_the_database_does_not_hold_the_key(settings):
    assert settings.SECRET_KEY not in SharedPart.objects.get(name="secret key").mark


def test_another_cache_is_noticed_and_an_emptied_one_is_not(settings, tmp_path):
    assert ready()[0] == 200
    cache.clear()
    assert ready()[0] == 200
    first = cache.get("operations.cache")
    cache.delete("operations.cache")
    assert ready()[0] == 200  # the other machine's: empty when it began
    cache.set("operations.cache", first, None)
    assert ready()[1]["cache"] == ANOTHER_CACHE
    [warning] = parts_are_shared(databases=["default"])
    assert not warning.is_serious()


def test_a_folder_without_the_pictures_is_noticed(editor):
    made = picture()
    assert ready()[0] == 200
    default_storage.delete(made.file.name)
    status, state = ready()
    assert status == 503
    assert "data folder" in state["pictures"]


def test_any_wsgi_server_refuses_to_start_with_another_key():
    with running.filled() as (env, _):

        def start(**more):
            command = [sys.executable, "-c", "import clinic_site.wsgi"]
            return subprocess.run(command, cwd=running.ROOT, env=env | more, capture_output=True, text=True)

        assert start().returncode == 0
        refused = start(SECRET_KEY="another " * 10)
        assert refused.returncode
        assert ANOTHER_KEY in refused.stderr
        handed_over = {"SECRET_KEY_FALLBACKS": (running.Path(env["DATA_DIR"]) / "secret.key").read_text()}
        assert start(SECRET_KEY="another " * 10, **handed_over).returncode == 0
        empty = {"DATA_DIR": os.path.join(env["DATA_DIR"], "new")}
        assert start(**empty).returncode == 0, "a database that isn't made yet knows no key"

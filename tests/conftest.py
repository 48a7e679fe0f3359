"""What every test stands on: staff by role, a site with the starter content, and no network beyond this
machine.
"""

import socket
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import transaction

from clinic_site import append_only
from tests import factories

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Only this machine may be reached."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise AssertionError(f"A test wanted to reach {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def flush_may_delete():
    """Emptying a test database is the one time when rows that are written once may go.

    For the session: it is emptied after a test's own fixtures are gone.
    """
    handle = flush.Command.handle

    def handle_without_triggers(self, *args, **options):
        append_only.remove(options.get("database") or "default")
        try:
            return handle(self, *args, **options)
        finally:
            append_only.install(options.get("database") or "default")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flush.Command, "handle", handle_without_triggers)
        yield


@pytest.fixture(autouse=True)
def kept_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    # what one test counted is not the next one's
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": tmp_path / "cache"}}


@pytest.fixture
def editor(db):
    return factories.person("editor")


@pytest.fixture
def clinician(db):
    return factories.person("clinician")


@pytest.fixture
def manager(db):
    return factories.person("manager")


@pytest.fixture
def desk(db):
    return factories.person("desk")


@pytest.fixture(scope="module")
def starter_site(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole starter content, live, as `make run` shows it: loaded once a module, gone after it.

    Each test's own changes are rolled back to it.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("starter", stdout=StringIO())
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)

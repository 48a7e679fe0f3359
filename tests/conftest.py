"""What every test stands on: staff by role, a site with the starter content, and no network beyond this
machine.
"""

import socket

import pytest
from django.core.management.commands import flush

from tests import factories, prepared, running

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


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """In place of pytest-django's: a copy of a database that is made once, not once a run (see
    tests/prepared.py).
    """

    def renew(command, *args, **options):
        prepared.renew()

    with pytest.MonkeyPatch.context() as patched:
        # what a test committed goes with the database that it went into: rows that are written once can't be
        # flushed
        patched.setattr(flush.Command, "handle", renew)
        with django_db_blocker.unblock():
            prepared.take("test")
        yield
        with django_db_blocker.unblock():
            prepared.leave()


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


@pytest.fixture
def draft(editor, clinician):
    """A treatment's draft that the checks have nothing against."""
    return factories.treatment("sweat", by=editor, checked_by=clinician)


@pytest.fixture
def waiting(draft, editor):
    """Its first edition, which nobody signed yet."""
    return draft.submit(by=editor, change_note="First edition.")


@pytest.fixture(scope="module")
def site():
    """The address of a served site with the starter content, for a browser."""
    with running.site() as address:
        yield address


@pytest.fixture(scope="module")
def starter_site(django_db_setup, django_db_blocker):
    """The whole starter content, live, as `make run` shows it, until the module ends."""
    with django_db_blocker.unblock():
        prepared.take("starter", with_starter=True)
    yield
    with django_db_blocker.unblock():
        prepared.leave()

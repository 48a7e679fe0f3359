"""Test databases that are made once and copied: the schema as `migrate` leaves it, and the same with the
starter content.

Each is named by a digest of all that it was made of, so a stale one is never found; they lie in `var/tests`,
on PostgreSQL beside the other databases. A run works on copies of its own. Whoever comes while one is being
made waits for it: the workers of a run, and another run beside it.
"""

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from clinic_site import append_only
from clinic_site.accounts import roles
from tests import kept

MAX_DATABASES = 8  # prepared databases that are kept of each engine
PREFIX = "clinic_prepared_"
_IMPORT = re.compile(rf"^(?:from|import) ((?:{'|'.join(kept.ROOMS)})\b[\w.]*)", re.MULTILINE)


# --- what they are made of ----------------------------------------------------------------------------------


def _source(module: str) -> list[Path]:
    """A module's file; of a package all files."""
    path = Path(find_spec(module).origin)
    return list(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]


def schema_files() -> set[Path]:
    """The migrations and what they import, and what is done before and after them (triggers, roles)."""
    ours = [
        Path(config.path) for config in apps.get_app_configs() if config.name.partition(".")[0] in kept.ROOMS
    ]
    migrations = {path for folder in ours for path in folder.glob("migrations/*.py")}
    imported = {name for path in migrations for name in _IMPORT.findall(path.read_text())}
    modules = {*imported, append_only.__name__, roles.__name__}
    files = {path for name in modules for path in _source(name)}
    return {
        Path(__file__),
        *migrations,
        *files,
        *(path for folder in ours for path in folder.glob("apps.py")),
    }


@cache
def schema_digest() -> str:
    """Of those files, of what is read from the models after a migration, and of the versions of all that's
    installed.
    """
    sqlite = connection.Database.sqlite_version if connection.vendor == "sqlite" else ""
    installed = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    named = ("label", "db_table", "verbose_name", "permissions", "default_permissions")
    models = [
        [str(getattr(model._meta, name)) for name in named]
        for model in apps.get_models(include_auto_created=True)
    ]
    triggers = [append_only.rules_of(model) for model in append_only.guarded_models()]
    return kept.digest(
        [sys.version, sqlite, installed, settings.INSTALLED_APPS, models, triggers], schema_files()
    )


def starter_digest() -> str:
    """Of all that the site is made of, for the starter content goes the way of every page; and of the day,
    for it's dated.
    """
    files = {Path(__file__), kept.ROOT / "tests" / "settings.py", *kept.files_in(*kept.ROOMS, "templates")}
    return kept.digest([schema_digest(), timezone.localdate()], files)


# --- where they lie -----------------------------------------------------------------------------------------


class _Files:
    """SQLite: a database is a file."""

    def prepared(self, digest: str) -> str:
        return str(kept.FOLDER / f"{PREFIX}{digest}.sqlite3")

    def own(self, name: str) -> str:
        return str(Path(settings.DATA_DIR) / f"{name}.sqlite3")

    def has(self, name: str) -> bool:
        return Path(name).exists()

    def make(self, name: str, copied_from: str | None) -> None:
        self.drop(name)
        if copied_from:
            os.utime(copied_from)
            shutil.copyfile(copied_from, name)

    def rename(self, old: str, new: str) -> None:
        os.replace(old, new)

    def drop(self, name: str) -> None:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(name + end).unlink(missing_ok=True)

    def remove_old(self) -> None:
        kept.remove_old(kept.FOLDER.glob(f"{PREFIX}*.sqlite3"), MAX_DATABASES)


class _Cluster:
    """PostgreSQL: a database is copied as a template."""

    def __init__(self, cursor):
        self.cursor = cursor

    def prepared(self, digest: str) -> str:
        return PREFIX + digest

    def own(self, name: str) -> str:
        return f"clinic_{name}_{os.getpid()}"

    def has(self, name: str) -> bool:
        self.cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return self.cursor.fetchone() is not None

    def make(self, name: str, copied_from: str | None) -> None:
        self.drop(name)
        self.cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copied_from or "template1"}"')

    def rename(self, old: str, new: str) -> None:
        self.cursor.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def drop(self, name: str) -> None:
        self.cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def remove_old(self) -> None:
        self.cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [PREFIX]
        )
        for (name,) in self.cursor.fetchall()[:-MAX_DATABASES]:
            self.drop(name)


@contextmanager
def _store() -> Iterator[_Files | _Cluster]:
    """The prepared databases, for one process at a time."""
    if connection.vendor == "sqlite":
        with kept.locked("databases"):
            yield _Files()
    else:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
            yield _Cluster(cursor)


# --- making and taking one ----------------------------------------------------------------------------------

_taken: list[tuple[str, bool]] = []  # the last is the one that's connected


def _connect(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _prepared(store: _Files | _Cluster, with_starter: bool) -> str:
    """The name of a prepared database, which is made where there's none.

    What breaks off in the making is never found.
    """
    # a run that asks for new ones (`--create-db`) has the same for all its workers
    digest = (starter_digest() if with_starter else schema_digest()) + os.environ.get("TESTS_CREATE_DB", "")
    name, making = store.prepared(digest), store.prepared("making")
    if store.has(name):
        return name
    if with_starter:
        store.make(making, copied_from=_prepared(store, with_starter=False))
    else:
        store.make(making, copied_from=None)
    _connect(making)
    if with_starter:
        call_command("starter", stdout=StringIO())
    else:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    connection.close()
    store.rename(making, name)
    store.remove_old()
    return name


def _fill(name: str, with_starter: bool) -> None:
    with _store() as store:
        prepared = _prepared(store, with_starter)
        connection.close()
        store.make(store.own(name), copied_from=prepared)
        _connect(store.own(name))


def take(name: str, *, with_starter: bool = False) -> None:
    """Connect to a new database of this process's own, until it is left."""
    _fill(name, with_starter)
    _taken.append((name, with_starter))


def take_empty(name: str) -> None:
    """Connect to a new database without a table, until it is left."""
    with _store() as store:
        connection.close()
        store.make(store.own(name), copied_from=None)
        _connect(store.own(name))
    _taken.append((name, False))


def renew() -> None:
    """The database that was taken last, as it was when it was taken."""
    _fill(*_taken[-1])


def leave() -> None:
    """Remove the database that was taken last, and connect to the one before."""
    name, _ = _taken.pop()
    with _store() as store:
        _connect(store.own(_taken[-1][0]) if _taken else "")
        store.drop(store.own(name))

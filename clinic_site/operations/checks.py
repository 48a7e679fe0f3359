from django.core import checks
from django.db import connections
from django.db.backends.sqlite3.base import Database  # type: ignore[attr-defined]  # the stubs hide it


@checks.register(checks.Tags.database)
def journal_is_sound(app_configs=None, databases=None, **kwargs):
    """WAL on a SQLite before 3.51.3 can corrupt the database (sqlite.org/wal.html, "the WAL-reset bug")."""
    found = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "sqlite" or Database.sqlite_version_info >= (3, 51, 3):
            continue
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        if mode == "wal":
            found.append(
                checks.Error(
                    f"SQLite {Database.sqlite_version} can corrupt a database in WAL mode.",
                    hint="Install the requirements, which bring a newer SQLite, or run `PRAGMA "
                    "journal_mode=DELETE` on it.",
                    id="clinic.E001",
                )
            )
    return found

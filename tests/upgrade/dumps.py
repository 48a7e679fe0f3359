"""A database's dump: small, and loaded into an empty database of the same engine.

SQLite: the database's own file, for that is what an upgrade finds, search index and all; its format is kept
for good. PostgreSQL: the statements that `migrate` made the tables with, and the rows as COPY writes them, so
that it takes neither `pg_dump` nor `psql`, and any newer server reads it.

Triggers are part of both, as of any site: `migrate` has to take them away, and to put in place those that
today's models want.
"""

import gzip
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.name for path in FOLDER.glob("[0-9]*"))
NAMES = {"sqlite": "sqlite3.gz", "postgresql": "postgresql.json.gz"}
_MAKES_TABLES = re.compile(r"(?:CREATE|ALTER|DROP)\b")
_MAKES_TRIGGERS = re.compile(r"CREATE OR REPLACE (?:FUNCTION|TRIGGER)\b")
# numbers that the database gives go on after the rows that were loaded
_NUMBERED = """
    SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 1)) FROM %I',
                  quote_ident(table_name), column_name, column_name, table_name)
    FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
"""


def path_of(version: str, vendor: str) -> Path:
    return FOLDER / version / NAMES[vendor]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements about tables that are made in the block, as they are made."""
    made: list[str] = []

    def note(execute, sql, params, many, context):
        if _MAKES_TABLES.match(sql):
            made.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield made


def write(path: Path, made: list[str]) -> None:
    """Dump the database that's connected, whose tables these statements made."""
    content = _file() if connection.vendor == "sqlite" else _tables(made)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0))


def load(path: Path) -> None:
    """Fill the database that's connected, which is empty."""
    content = gzip.decompress(path.read_bytes())
    if connection.vendor == "sqlite":
        connection.close()
        Path(connection.settings_dict["NAME"]).write_bytes(content)
        return
    dump = json.loads(content)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in dump["tables"]:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # tables come in any order
        for table, rows in dump["rows"].items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copying:
                copying.write(rows)
        cursor.execute(_NUMBERED)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in dump["triggers"]:
            cursor.execute(statement)


def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [f"{folder}/copy"])
        return Path(folder, "copy").read_bytes()


def _tables(made: list[str]) -> bytes:
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copying:
                lines = b"".join(copying).decode().split("\n")[:-1]
            rows[table] = "".join(f"{line}\n" for line in sorted(lines))
    triggers = [statement for statement in made if _MAKES_TRIGGERS.match(statement)]
    tables = [statement for statement in made if statement not in triggers]
    return json.dumps({"tables": tables, "rows": rows, "triggers": triggers}).encode()

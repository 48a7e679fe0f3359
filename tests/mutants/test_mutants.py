"""That `make mutants` changes what it says, and leaves no module of its rooms out."""

import tomllib
from pathlib import Path

import pytest

from clinic_site.text import saying
from tests.kept import ROOT
from tests.mutants.swap import Functions, NeedsImport

pytestmark = pytest.mark.one_engine
TABLE = tomllib.loads(Path(__file__).with_name("table.toml").read_text())
ROWS = {file: tests for room in TABLE["room"].values() for file, tests in room.items()}
SAYING = Path(saying.__file__)


def test_every_module_of_the_rooms_has_tests_beside_it():
    whole = {
        str(path.relative_to(ROOT))
        for room in ("editorial", "pages", "text")
        for path in (ROOT / "clinic_site" / room).glob("*.py")
        if path.name not in ("__init__.py", "apps.py")
    }
    assert whole <= set(ROWS)
    named = {*ROWS, *(test for tests in ROWS.values() for test in tests)}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_what_nobody_could_notice_has_a_reason_and_still_stands_there():
    for row in TABLE.get("equivalent", ()):
        assert row["reason"]
        lines = map(str.strip, (ROOT / row["file"]).read_text().splitlines())
        assert row["before"] in lines, row


def swap(functions, old, new):
    source = SAYING.read_text()
    assert old in source
    functions.swap(saying.__name__, source, source.replace(old, new), str(SAYING))


def test_a_function_is_changed_where_it_stands():
    before = saying.has_visible_letters.__code__
    try:
        swap(Functions(set()), '[0] == "L"', '[0] != "L"')
        assert not saying.has_visible_letters("letters")
        assert saying.has_visible_letters("12")
    finally:
        saying.has_visible_letters.__code__ = before


def test_what_runs_at_the_import_is_imported():
    ran = {(str(SAYING), saying._characters.__code__.co_firstlineno)}
    for functions, old, new in [
        (Functions(set()), '_SPACES = "', '_SPACES = "x'),
        (Functions(ran), "at += 3", "at += 2"),
    ]:
        with pytest.raises(NeedsImport):
            swap(functions, old, new)

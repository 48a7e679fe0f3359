import sys

from tests.metrics.__main__ import CODE, MOST_COMPLEX, MOST_LINES, lines, python_files
from tests.metrics.python import circles, functions, repeated_names
from tests.running import ROOT


def written(root, files):
    for name, code in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return sorted(root.rglob("*.py"))


def test_a_circle_is_found_through_a_function_and_through_type_checking(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", sys.path.copy())
    first = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from measured.second import b\n"
    second = "def b():\n    from measured.third import c\n"
    files = {
        "__init__": "",
        "first": first,
        "second": second,
        "third": "import measured.first\n",
        "alone": first,
    }
    written(tmp_path, {f"measured/{name}.py": code for name, code in files.items()})
    assert circles(tmp_path, ["measured"]) == ["3 files: measured.first, measured.second, measured.third"]


def test_no_file_imports_another_in_a_circle(monkeypatch):
    monkeypatch.setattr("sys.path", sys.path.copy())
    assert circles(ROOT, CODE) == []


def test_no_file_of_the_product_is_longer_than_can_be_read_at_once():
    files = [path for folder in CODE for path in python_files(ROOT, folder)]
    assert [str(path) for path in files if lines(path) > MOST_LINES] == []


def test_no_function_has_more_branches_than_can_be_kept_in_mind():
    files = [path for folder in CODE for path in python_files(ROOT, folder)]
    found = [one for path in files for one in functions(path) if one.complexity > MOST_COMPLEX]
    assert [one.place(ROOT) for one in found] == []


def test_a_name_occurs_twice_where_it_means_two_things(tmp_path):
    names = (
        "a/pages",
        "b/pages",
        "a/charts/__init__",
        "a/templatetags/charts",
        "a/admin",
        "b/admin",
        "a/gone",
        "b/gone",
    )
    paths = written(tmp_path, {f"{name}.py": "" for name in names})
    assert repeated_names(tmp_path, paths, ["gone"]) == ["pages: a/pages, b/pages"]


def test_methods_are_measured_and_classes_are_not(tmp_path):
    (path,) = written(tmp_path, {"one.py": "class A:\n    def b(self, c):\n        return 1 if c else 2\n"})
    assert [(f.name, f.lines, f.complexity) for f in functions(path)] == [("A.b", 2, 2)]

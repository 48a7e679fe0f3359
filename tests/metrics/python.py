"""What is measured of Python code: functions, circles of imports, names of modules, errors of types."""

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import grimp
from radon.complexity import cc_visit
from radon.raw import analyze
from radon.visitors import Function as RadonFunction

from tests.running import ROOT

# names that Django, Python or the registry give a module: each means the same in every room
SAME_EVERYWHERE = """
    admin apps checks context_processors feeds formats forms managers middleware models signals sitemaps
    templatetags tests urls views
    emails personal_data proofs scheduled_tasks starter triggers usages work_queue
""".split()
SHOWING = {"admin", "management", "templatetags", "views"}


@dataclass(frozen=True)
class Function:
    path: Path
    name: str
    line: int
    lines: int
    complexity: int

    def place(self, root: Path) -> str:
        return f"{self.path.relative_to(root)}:{self.line} {self.name}"


def functions(path: Path) -> list[Function]:
    """The functions and methods of a file, with radon's cyclomatic complexity: one, and one a branch."""
    return [
        Function(path, block.fullname, block.lineno, block.endline - block.lineno + 1, block.complexity)
        for block in cc_visit(path.read_text())
        if isinstance(block, RadonFunction)
    ]


def circles(root: Path, packages: Sequence[str]) -> list[str]:
    """Groups of files that reach each other by imports (within functions and for type checking too), largest
    first.
    """
    sys.path.insert(0, str(root))  # before this checkout, whose packages have the same names
    graph = grimp.build_graph(*packages, cache_dir=None)
    modules = {name for name in graph.modules if ".migrations" not in name}
    imports = {name: graph.find_modules_directly_imported_by(name) & modules for name in modules}
    reached = {name: _reached_from(name, imports) for name in modules}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in modules}
    found = sorted((sorted(group) for group in groups if group), key=lambda group: (-len(group), group))
    return [f"{len(group)} files: {', '.join(group)}" for group in found]


def _reached_from(name: str, imports: dict[str, set[str]]) -> set[str]:
    """Every module that this one imports, directly or not; itself only where a circle leads back."""
    reached: set[str] = set()
    waiting = set(imports[name])
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting |= imports[module] - reached
    return reached


def repeated_names(root: Path, paths: Iterable[Path], roles: Sequence[str]) -> list[str]:
    """Names that more than one module bears (a package counts by its folder), and where they stand.

    Commands, and the views, admin and template tags that are named for what they show, aren't looked at.
    """
    named = defaultdict(list)
    for path in paths:
        module = (path.parent if path.name == "__init__.py" else path.with_suffix("")).relative_to(root)
        if not SHOWING.intersection(module.parts) and module.name not in (*SAME_EVERYWHERE, *roles):
            named[module.name].append(str(module))
    return [f"{name}: {', '.join(found)}" for name, found in sorted(named.items()) if len(found) > 1]


def logical_lines(paths: Iterable[Path]) -> int:
    """How many statements there are (radon's count): the same at every width of a line."""
    return sum(analyze(path.read_text()).lloc for path in paths)


def mypy_errors(root: Path, packages: Sequence[str]) -> str:
    """How many errors mypy finds by this checkout's settings, or why that isn't known."""
    if find_spec("mypy") is None or find_spec("mypy_django_plugin") is None:
        return "mypy isn't installed"
    with tempfile.TemporaryDirectory(prefix="clinic-metrics-") as folder:
        cache = [] if root == ROOT else ["--cache-dir", os.devnull]
        options = ["--config-file", str(ROOT / "pyproject.toml"), *cache]
        settings = {"SITE_URL": "http://127.0.0.1:1", "DATA_DIR": folder, "PYTHONPATH": str(root)}
        said = subprocess.run(
            [sys.executable, "-m", "mypy", *options, *packages],
            cwd=root,
            env=os.environ | settings,
            capture_output=True,
            text=True,
        )
    last = (said.stdout.strip() or said.stderr.strip()).splitlines()[-1]
    if count := re.match(r"Found (\d+) errors?", last):
        return count[1]
    return "0" if last.startswith("Success") else f"mypy broke off: {last}"

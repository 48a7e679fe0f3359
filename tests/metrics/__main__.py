"""make metrics: the size and the tangles of the product code, so that two commits can be compared.

    python -m tests.metrics [--root FOLDER] [--role NAME ...]

Migrations are left out. `--root` measures another checkout, by this one's tool and its mypy settings. A name
that means the same in every room (`models`, `work_queue`) isn't told as occurring twice; `--role` adds one.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.metrics.python import Function, circles, functions, logical_lines, mypy_errors, repeated_names
from tests.running import ROOT

CODE = ("clinic_site", "treatments", "blog", "referrals")
MOST_LINES = 400  # of a product file
MOST_COMPLEX = 12  # a function of the product: one, and one a branch
INCLUDE = re.compile(r"{%-?\s*include\s[^%]*%}")
SUFFIXES = {"templates": ".html .txt .svg .xml", "static": ".css .js"}


def python_files(root: Path, folder: str) -> list[Path]:
    """The Python files of a folder of the checkout, without migrations; none where it isn't there."""
    return sorted(p for p in (root / folder).rglob("*.py") if "migrations" not in p.parts)


def lines(path: Path) -> int:
    return path.read_text().count("\n")


def room(path: Path) -> str:
    """The room of a file, its path given from the root: the first folder under `clinic_site`, `tests` or
    `templates`, else the top-level package.
    """
    first, *rest = path.parts
    if first not in ("clinic_site", "tests", "templates"):
        return first
    return rest[0] if len(rest) > 1 else f"{first}/*"


def by_room(root: Path, paths: list[Path]) -> Counter[str]:
    total: Counter[str] = Counter()
    for path in paths:
        total[room(path.relative_to(root))] += lines(path)
    return total


def print_rooms(root: Path, product: list[Path], tests: list[Path], templates: list[Path]) -> None:
    columns = [by_room(root, product), by_room(root, tests), by_room(root, templates)]
    print(f"{'lines by room':28}{'product':>9}{'tests':>9}{'templates':>11}")
    names = sorted(columns[0], key=lambda name: -columns[0][name])
    for name in [*names, *sorted((columns[1] | columns[2]).keys() - columns[0])]:
        print(f"  {name:26}{columns[0][name]:>9,}{columns[1][name]:>9,}{columns[2][name]:>11,}")
    print(f"  {'all':26}{columns[0].total():>9,}{columns[1].total():>9,}{columns[2].total():>11,}")


def print_functions(root: Path, found: list[Function]) -> None:
    complexities = sorted(f.complexity for f in found)
    longest = sorted(found, key=lambda f: -f.lines)
    print(f"\nfunctions: {len(found):,}, longest {longest[0].lines} lines")
    for one in longest[:5]:
        print(f"  {one.lines:>4}  {one.place(root)}")
    print(f"\ncomplexity: mean {sum(complexities) / len(found):.2f}, worst {complexities[-1]}")
    for one in sorted(found, key=lambda f: -f.complexity)[:10]:
        print(f"  {one.complexity:>4}  {one.place(root)}")


def print_list(title: str, rows: list[str]) -> None:
    print(f"\n{title}: {len(rows)}")
    for row in rows:
        print(f"  {row}")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.metrics")
    asked.add_argument("--root", type=Path, default=ROOT, help="another checkout of the project")
    asked.add_argument("--role", action="append", default=[], help="a name that means the same in every room")
    given = asked.parse_args()
    root = given.root.resolve()
    product = [path for folder in CODE for path in python_files(root, folder)]
    if not product:
        sys.exit(f"{root} holds none of {', '.join(CODE)}.")
    tests = python_files(root, "tests")
    others = defaultdict(list)
    for folder, suffixes in SUFFIXES.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix and path.suffix in suffixes.split():
                others[folder].append(path)

    print_rooms(root, product, tests, others["templates"])
    for suffix in (".css", ".js"):
        print(f"  {suffix:26}{sum(lines(path) for path in others['static'] if path.suffix == suffix):>9,}")
    everything = sum(map(lines, [*product, *tests]))
    print(f"  product and tests together: {everything:,}")
    print(f"statements: {logical_lines(product):,} in the product, {logical_lines(tests):,} in tests")

    large = sorted(((lines(path), path) for path in product if lines(path) > MOST_LINES), reverse=True)
    print_list(f"files above {MOST_LINES} lines", [f"{n:>4}  {path.relative_to(root)}" for n, path in large])
    print_functions(root, [one for path in product for one in functions(path)])
    print_list("circles between files", circles(root, CODE))
    print_list("module names that occur twice", repeated_names(root, product, given.role))

    skips = [sum(path.read_text().count("# fmt: skip") for path in paths) for paths in (product, tests)]
    print(f"\nfmt: skip: {skips[0]} in the product, {skips[1]} in tests")
    includes = [tag for path in others["templates"] for tag in INCLUDE.findall(path.read_text())]
    without = [tag for tag in includes if not re.search(r"\sonly\s*-?%}$", tag)]
    print(f"includes without only: {len(without)} of {len(includes)}")
    print(f"mypy errors: {mypy_errors(root, CODE)}")


if __name__ == "__main__":
    main()

"""make mutants: small changes to the code that keeps patients and money safe, and whether a test notices.

    python -m tests.mutants [--all] [--each N] [--only PART…] [--nearest N] [--seed N] [--jobs N]

A sample of `--each` changes of each module, the same for one seed; `--all` tries every one, which takes
hours. `--only`: modules whose path has one of these in it; `--nearest`: only so many files of tests, those
that stand first, which is quicker and notices less. Which modules, which tests are nearest to them,
and which changes change nothing: `tests/mutants/table.toml`. Works on a copy of the tree, on SQLite. Ends
with an error where a room notices fewer than nine of ten.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.kept import FOLDER, ROOMS, ROOT

TABLE = tomllib.loads(Path(__file__).with_name("table.toml").read_text(encoding="utf-8"))
LEAST = 0.9  # of the changes of a room
EACH = 8  # changes of a module: all modules in a quarter of an hour, on two cores that do nothing else
_IN_THE_COPY = "MUTANTS_COPY"


@dataclass
class Tried:
    change: object
    room: str
    tests: list[str]
    was_noticed: bool | None = None

    def told(self) -> dict:
        change = self.change
        return {"module": change.module, "file": change.file, "source": change.source, "tests": self.tests}


def in_a_copy(arguments: list[str]) -> int:
    """Run this in a copy of the tree, so that whoever goes on working changes nothing that is tried."""
    with tempfile.TemporaryDirectory(prefix="clinic-mutants-") as folder:
        for name in (*ROOMS, "templates", "static", "tests", "docs"):
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        for path in [path for path in ROOT.iterdir() if path.is_file()]:
            shutil.copy(path, folder)
        kept = Path(folder, FOLDER.relative_to(ROOT))
        kept.mkdir(parents=True)
        for database in FOLDER.glob("*.sqlite3"):
            shutil.copy2(database, kept)
        environment = {**os.environ, _IN_THE_COPY: folder}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "tests.mutants", *arguments]
        return subprocess.run(command, cwd=folder, env=environment).returncode


def chosen(options: argparse.Namespace) -> list[Tried]:
    from tests.mutants.changes import changes_of

    equivalent = {(row["file"], row["before"], row["after"]) for row in TABLE.get("equivalent", ())}
    found = []
    for room, modules in TABLE["room"].items():
        for file, tests in modules.items():
            if not any(part in file for part in options.only):
                continue
            for change in changes_of(file, None if options.all else options.each, options.seed):
                if (file, change.before, change.after) not in equivalent:
                    found.append(Tried(change, room, tests[: options.nearest]))
    return found


def run_pytest(job: dict, files: list[str], most: float | None = None) -> subprocess.CompletedProcess:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as told:
        json.dump(job, told)
        told.flush()
        command = [sys.executable, "-m", "pytest", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider"]
        return subprocess.run(
            [*command, "-x", "-q", "--reuse-db", *files],
            env={**os.environ, "MUTANTS": told.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=most,
        )


def swapped(tried: list[Tried]) -> tuple[list[Tried], str]:
    """Those that have to be imported to know what becomes of them; and the digest of the schema."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        job = {"changes": [one.told() for one in tried], "out": out.name}
        ran = run_pytest(job, sorted({file for one in tried for file in one.tests}))
        first, *rows = map(json.loads, out.read().splitlines()) if ran.returncode == 0 else [None]
        if first is None or len(rows) != len(tried):
            sys.exit(f"The tests did not run:\n{ran.stdout[-4000:]}")
    for row in rows:
        tried[row["number"]].was_noticed = {"noticed": True, "unnoticed": False}.get(row["what"])
        if os.environ.get("MUTANTS_TIMES"):
            print(row["took"], row["what"], tried[row["number"]].change, flush=True)
    return [one for one in tried if one.was_noticed is None], first["schema"]


def imported(one: Tried, schema: str) -> None:
    try:
        ran = run_pytest({"fresh": {**one.told(), "schema": schema}}, one.tests, most=600)
    except subprocess.TimeoutExpired:
        one.was_noticed = True
        return
    if ran.returncode == 5:
        sys.exit(f"No tests: {', '.join(one.tests)}")
    one.was_noticed = ran.returncode != 0


def try_all(tried: list[Tried], jobs: int) -> None:
    """Each in a fork, two at once; then those that a fork can't tell by themselves."""
    parts = [part for part in (tried[n::jobs] for n in range(jobs)) if part]
    with ThreadPoolExecutor(jobs) as pool:
        left = list(pool.map(swapped, parts))
        again = [(one, schema) for rest, schema in left for one in rest]
        list(pool.map(lambda pair: imported(*pair), again))


def report(tried: list[Tried]) -> int:
    rooms: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        rooms[one.room].append(one)
    poor = []
    for room, ones in rooms.items():
        missed = [one for one in ones if not one.was_noticed]
        print(f"\n{room}: {len(ones)} changes tried, {len(ones) - len(missed)} noticed")
        for one in missed:
            print(f"  {one.change}")
        if len(missed) > (1 - LEAST) * len(ones):
            poor.append(room)
    print(f"\nFewer than nine of ten noticed: {', '.join(poor) or 'in no room'}")
    return int(bool(poor))


def main(arguments: list[str]) -> int:
    if os.environ.get(_IN_THE_COPY) != str(ROOT):
        return in_a_copy(arguments)
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--nearest", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    tried = chosen(options)
    print(f"{len(tried)} changes, seed {options.seed}", flush=True)
    try_all(tried, options.jobs)
    return report(tried)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The ledger as it grows: a statement, the desk's search and a redemption beside themselves with a tenth of
the transfers, and how long `prove` takes. Each size has a database and a process of its own; they are asked
in turns.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.postgres import throwaway
from tests.running import ROOT, environment

SIZES = (10_000, 100_000)
MILLION = 1_000_000
FLAT = {100_000: 1.5, MILLION: 2.0}  # times as long as in the smallest
PROVE_SECONDS, PROVE_MB = 60, 500
ROUNDS = 6
ASKED = {  # what is measured, and what it must stay flat in
    "statement": "a member's statement",
    "search": "the desk's search",
    "redeem": "a redemption",
}
BESIDE = {"tick": "timed work with nothing due", "report": "what the clinic owes"}  # told, without a target


class Site:
    """A process with a database of `size` transfers, that measures what it's asked for (see
    `ledger_site`).
    """

    def __init__(self, size: int, env: dict[str, str]):
        self.env = {**env, "DJANGO_SETTINGS_MODULE": "clinic_site.settings"}
        command = [sys.executable, "-m", "tests.bench.ledger_site", str(size)]
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hear(self):
        line = self.running.stdout.readline()
        if not line:
            raise RuntimeError("The bench's site broke off.")
        return json.loads(line)

    def ask(self, what: str):
        self.running.stdin.write(f"{what}\n")
        self.running.stdin.flush()
        return self.hear()

    def close(self) -> None:
        self.running.stdin.close()
        self.running.wait()


@contextmanager
def _sites(sizes: list[int], postgresql: bool) -> Iterator[dict[int, Site]]:
    with (
        TemporaryDirectory(prefix="clinic-ledger-") as folder,
        throwaway() if postgresql else nullcontext() as url,
    ):
        sites = {}
        try:
            for size in sizes:
                more = {"DATABASE_URL": _database(url, size)} if url else {}
                sites[size] = Site(size, environment(Path(folder, str(size)), 8000, **more))
            yield sites
        finally:
            for site in sites.values():
                site.close()


def _database(url: str, size: int) -> str:
    """A database of its own in the cluster at `url`."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE ledger_{size}")
    return f"{url.rpartition('/')[0]}/ledger_{size}"


def prove(env: dict[str, str]) -> tuple[float, float, bool]:
    """(seconds, the most megabytes that it held, whether everything holds) of `manage.py prove`."""
    began = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, "manage.py", "prove"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, used.ru_maxrss / 1024, running.returncode == 0


def measure(*, postgresql: bool, million: bool, tell) -> bool:
    """Tell how each size does. Returns whether every target is met."""
    sizes, met = [*SIZES, *([MILLION] if million else [])], True
    clock = "by the clock on the wall" if postgresql else "of processor time"
    tell(f"The ledger by number of transfers: ms {clock}, and how many times those with {sizes[0]:,}.")
    with _sites(sizes, postgresql) as sites:
        for size, site in sites.items():
            tell(f"  {size:9,} transfers loaded in {site.hear():.0f} s")
        found = {(size, what): [] for size in sizes for what in ASKED | BESIDE}
        for _ in range(ROUNDS):
            for what in ASKED | BESIDE:
                for size, site in sites.items():
                    found[size, what] += site.ask(what)
        for what, name in (ASKED | BESIDE).items():
            small = median(found[sizes[0], what])
            said = []
            for size in sizes:
                typical = median(found[size, what])
                is_slow = what in ASKED and size in FLAT and typical / small > FLAT[size]
                met &= not is_slow
                said.append(
                    f"{typical:8.1f}"
                    + (f" ({typical / small:.2f})" if size in FLAT else "")
                    + " SLOW" * is_slow
                )
            tell(f"  {name:28} {'   '.join(said)}")
        for size, site in sites.items():
            seconds, megabytes, holds = prove(site.env)
            is_fine = holds and (size < MILLION or (seconds < PROVE_SECONDS and megabytes < PROVE_MB))
            met &= is_fine
            words = "" if is_fine else "   NOT within the target" if holds else "   BROKEN"
            tell(f"  prove, {size:9,} transfers     {seconds:6.1f} s, {megabytes:.0f} MB{words}")
    return met

"""How fast and how light the site is, beside a bare WSGI function and beside itself with more answers.

    make bench [ARGS="--rounds 5 --only lists --postgresql"]
    make bench ARGS="--only ledger --million"

Own servers, own data folders, this machine only. Exit 1 where a target isn't met.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.bench import ledger, throughput, wire
from tests.postgres import throwaway
from tests.running import ROOT, environment, filled, manage, serving

PAGES = {
    "a treatment": "/treatments/hyperhidrosis/",
    "an answer": "/blog/what-if-my-eyelid-droops/",
    "the list of answers": "/blog/",
}
PARTS = ("throughput", "calls", "wire", "lists", "ledger", "alike")
CALLS = """
import django
django.setup()
from tests.bench.inside import cost
for name, path in {pages!r}.items():
    found = cost(path)
    print(f"  {{name:24}} {{found.calls:6,}} calls, {{found.queries}} queries, {{found.typical:.1f}} ms")
"""


def python(env: dict[str, str], *arguments: str) -> bool:
    env = {**env, "DJANGO_SETTINGS_MODULE": "clinic_site.settings"}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env).returncode == 0


@contextmanager
def database(postgresql: bool) -> Iterator[dict[str, str]]:
    """What the environment says of a database: a throwaway PostgreSQL; else nothing, which is SQLite."""
    with throwaway() if postgresql else nullcontext() as url:
        yield {"DATABASE_URL": url} if url else {}


def tell(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    options = argparse.ArgumentParser(prog="make bench", description="Speed and size.")
    options.add_argument("--only", choices=PARTS, action="append", help="one part; may be repeated")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=2, help="of load on one page in one round")
    options.add_argument(
        "--postgresql", action="store_true", help="on a throwaway PostgreSQL instead of SQLite"
    )
    options.add_argument(
        "--million", action="store_true", help="the ledger with 1,000,000 transfers as well: some minutes"
    )
    chosen = options.parse_args()
    parts, met = chosen.only or PARTS, True

    with database(chosen.postgresql) as more:
        if {"throughput", "calls", "wire"} & set(parts):
            with filled(**more) as (env, port):
                manage(env, "collectstatic", "--noinput", "--verbosity=0")
                if "throughput" in parts:
                    met &= throughput.measure(PAGES, env, port, chosen.rounds, chosen.seconds, tell)
                if "calls" in parts:
                    tell("\nPython function calls of one page, warm, without the server.")
                    met &= python(env, "-c", CALLS.format(pages=PAGES))
                if "wire" in parts:
                    tell("")
                    serve = [sys.executable, "manage.py", "serve", "--port", str(port)]
                    with serving(serve, env, f"{env['SITE_URL']}/healthz"):
                        met &= wire.measure(PAGES, env["SITE_URL"], tell)
    if "lists" in parts:
        tell("")
        with database(chosen.postgresql) as more, tempfile.TemporaryDirectory() as folder:
            met &= python(environment(Path(folder), 8000, **more), "-m", "tests.bench.many")
    if "ledger" in parts:
        tell("")
        met &= ledger.measure(postgresql=chosen.postgresql, million=chosen.million, tell=tell)
    if "alike" in parts:
        tell("")
        with database(chosen.postgresql) as more, filled(**more) as (env, _):
            manage(env, "collectstatic", "--noinput", "--verbosity=0")
            met &= python(env, "-m", "tests.bench.alike")
    tell(f"\n{'Every target is met.' if met else 'A target is NOT met.'}")
    return 0 if met else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())

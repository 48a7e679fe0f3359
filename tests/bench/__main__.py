"""How fast and how light the site is, beside a bare WSGI function and beside itself with more answers.

    make bench [ARGS="--rounds 5 --only lists --postgresql"]

Own servers, own data folders, this machine only. Exit 1 where a target isn't met.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.bench import throughput, wire
from tests.postgres import throwaway
from tests.running import ROOT, environment, filled, manage, serving

PAGES = {
    "a treatment": "/treatments/hyperhidrosis/",
    "an answer": "/blog/what-if-my-eyelid-droops/",
    "the list of answers": "/blog/",
}
PARTS = ("throughput", "calls", "wire", "lists")
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


def tell(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    options = argparse.ArgumentParser(prog="make bench", description="Speed and size.")
    options.add_argument("--only", choices=PARTS, action="append", help="one part; may be repeated")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=2, help="of load on one page in one round")
    options.add_argument("--postgresql", action="store_true", help="on a throwaway PostgreSQL instead of SQLite")
    chosen = options.parse_args()
    parts, met = chosen.only or PARTS, True

    with throwaway() if chosen.postgresql else nullcontext() as database:
        more = {"DATABASE_URL": database} if database else {}
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
        with throwaway() if chosen.postgresql else nullcontext() as database, tempfile.TemporaryDirectory() as folder:
            more = {"DATABASE_URL": database} if database else {}
            met &= python(environment(Path(folder), 8000, **more), "-m", "tests.bench.many")
    tell(f"\n{'Every target is met.' if met else 'A target is NOT met.'}")
    return 0 if met else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main())

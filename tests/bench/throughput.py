"""Pages per second beside a bare WSGI function that returns the same bytes, in turns, under two servers."""

import json
import sys
import urllib.request
from pathlib import Path
from statistics import median

from tests.bench import load
from tests.machine import free_port
from tests.running import serving

TARGET = 0.14  # of bare, under gunicorn, before any page cache


def _servers(application: str, port: int) -> dict[str, list[str]]:
    return {
        "gunicorn": [
            sys.executable,
            "-m",
            "gunicorn",
            application,
            "--workers=2",
            f"--bind=127.0.0.1:{port}",
            "--log-level=warning",
            "--no-control-socket",
        ],
        "granian": [
            sys.executable,
            "-m",
            "granian",
            application,
            "--interface=wsgi",
            "--workers=2",
            "--blocking-threads=4",
            "--no-ws",
            f"--port={port}",
            "--log-level=warning",
        ],
    }


def _keep(pages: dict[str, str], address: str, folder: Path) -> None:
    """Store what the site answers, as `bare` wants it."""
    folder.mkdir(exist_ok=True)
    index = []
    for n, path in enumerate(pages.values()):
        with urllib.request.urlopen(address + path) as response:
            Path(folder, str(n)).write_bytes(response.read())
            index.append([path, response.headers["Content-Type"]])
    Path(folder, "pages.json").write_text(json.dumps(index))


def measure(pages: dict[str, str], env: dict[str, str], port: int, rounds: int, seconds: float, tell) -> bool:
    """Tell the ratios of `pages` (name: path) of the site in `env`.

    Returns whether each page meets the target.
    """
    folder, met = Path(env["DATA_DIR"], "bare"), True
    tell(
        f"Pages a second, {load.CONNECTIONS} connections, {rounds} rounds of {seconds:.0f} s each; load from "
        f"{load.name()}."
    )
    for server, command in _servers("clinic_site.wsgi:application", port).items():
        ours, bare_port = env["SITE_URL"], free_port()
        bare = f"http://127.0.0.1:{bare_port}"
        with serving(command, env, f"{ours}/healthz"):
            _keep(pages, ours, folder)
            bare_env = {**env, "BARE_PAGES": str(folder)}
            path = next(iter(pages.values()))
            with serving(_servers("tests.bench.bare:application", bare_port)[server], bare_env, bare + path):
                seen = {name: [] for name in pages}
                for _ in range(rounds):
                    for name, path in pages.items():
                        seen[name].append(
                            [load.pages_per_second(address + path, seconds) for address in (bare, ours)]
                        )
        tell(f"\n  {server + ', 2 workers':24} {'bare':>8} {'ours':>8} {'ratio':>7}   lowest, highest")
        for name, pairs in seen.items():
            ratios = [mine / floor for floor, mine in pairs]
            verdict = ""
            if server == "gunicorn":
                met &= median(ratios) >= TARGET
                verdict = "" if median(ratios) >= TARGET else f"   below {TARGET}"
            floor, mine = (median(column) for column in zip(*pairs, strict=True))
            tell(
                f"  {name:24} {floor:8.0f} {mine:8.0f} {median(ratios):7.3f}   {min(ratios):.3f}, "
                f"{max(ratios):.3f}{verdict}"
            )
    return met

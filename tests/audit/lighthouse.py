"""Lighthouse as a phone, where AUDIT_LIGHTHOUSE names its program: it needs Node, and is no part of the
project.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.machine import CHROMIUM_FLAGS, chromium

RUNS, TRIES = 3, 3  # a browser on a busy machine may lose a trace, which says nothing of the page
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}


def look(program: str, url: str) -> dict[str, float]:
    """The four scores out of 100. Raises RuntimeError where Lighthouse fails, and fails again."""
    for further in reversed(range(TRIES)):
        try:
            return _look_once(program, url)
        except RuntimeError:
            if not further:
                raise


def _look_once(program: str, url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="clinic-lighthouse-") as folder:
        report = Path(folder, "report.json")
        done = subprocess.run(
            [
                program,
                url,
                "--quiet",
                "--output=json",
                f"--output-path={report}",
                f"--only-categories={','.join(LEAST)}",
                "--chrome-flags=" + " ".join(["--headless", *CHROMIUM_FLAGS]),
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "CHROME_PATH": chromium()},
        )
        if done.returncode:
            raise RuntimeError(f"Lighthouse failed on {url}.\n{done.stderr}")
        categories = json.loads(report.read_text())["categories"]
    return {name: 100 * (categories[name]["score"] or 0) for name in LEAST}


def scores(address: str, paths: list[str]) -> dict[str, dict[str, int]]:
    """By path, the median of three looks; noughts where it failed. Empty where no Lighthouse was named."""
    program = os.environ.get("AUDIT_LIGHTHOUSE")
    found = {}
    for path in paths if program else []:
        print(f"Lighthouse: {path} ...", file=sys.stderr, flush=True)
        try:
            looks = [look(program, address + path) for _ in range(RUNS)]
        except RuntimeError as error:
            print(error, file=sys.stderr)
            looks = [dict.fromkeys(LEAST, 0)]
        found[path] = {name: round(statistics.median(one[name] for one in looks)) for name in LEAST}
    return found


def falls_short(found: dict[str, dict[str, int]]) -> list[str]:
    """The paths where a score is under the least that we want."""
    return [
        path for path, scores in found.items() if any(scores[name] < least for name, least in LEAST.items())
    ]


def table(found: dict[str, dict[str, int]]) -> list[str]:
    """Lines for the report."""
    if not found:
        return ["Lighthouse did not look: AUDIT_LIGHTHOUSE names none."]
    return [
        f"Lighthouse, median of {RUNS}: " + ", ".join(LEAST),
        *("  ".join(f"{scores[name]:3}" for name in LEAST) + f"  {path}" for path, scores in found.items()),
    ]

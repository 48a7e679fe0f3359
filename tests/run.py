"""The whole suite: on SQLite, then on PostgreSQL.

What is left out is said at the end; with CI=true that's an error.

python -m tests.run [arguments for pytest]
"""

import os
import re
import signal
import subprocess
import sys
from contextlib import nullcontext

from tests.machine import IS_CI, chromium, postgresql
from tests.postgres import throwaway

NO_TESTS = 5  # pytest's status where none was found
CLOSING = re.compile(r"^=*\s*(\d+ \w+.* in [\d.]+s.*?|no tests ran in .*?)\s*=*$")


def pytest(name: str, arguments: list[str], database_url: str | None) -> tuple[int, str]:
    """Run pytest, showing what it says. Returns its exit status and its closing line."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if database_url:
        environment["DATABASE_URL"] = database_url
    print(f"\n--- {name} ---", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", "2", *arguments]
    closing = "pytest broke off"
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            print(line, end="", flush=True)
            if match := CLOSING.match(line.strip()):
                closing = match[1]
    return running.returncode, closing


def main(arguments: list[str]) -> int:
    given = os.environ.get("DATABASE_URL", "")
    if given and not given.startswith(("postgres:", "postgresql:")):
        sys.exit("DATABASE_URL names no PostgreSQL: leave it out to test on SQLite alone.")
    results = {"SQLite": pytest("SQLite", arguments, None)}
    missing = [] if chromium() else ["Chromium: the browser journeys were left out"]
    if given or postgresql():
        with nullcontext(given) if given else throwaway() as url:
            only = ["-m", "not browser and not one_engine", *arguments]
            results["PostgreSQL"] = pytest("PostgreSQL", only, url)
    else:
        missing.append("PostgreSQL: nothing ran on it")

    print()
    for name, (_, closing) in results.items():
        print(f"{name}: {closing}")
    for what in missing:
        print(f"MISSING {what}")
    statuses = {status for status, _ in results.values()}
    # of some that were asked for, an engine may have none; not both
    failed = bool(statuses - {0, NO_TESTS}) or statuses == {NO_TESTS}
    return 1 if failed or (missing and IS_CI) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    sys.exit(main(sys.argv[1:]))

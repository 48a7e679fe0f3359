"""Dump a filled site of this version, on each engine: python -m tests.upgrade

The day is the version's own, as the changelog dates it, and chance is the same each time, so that the same
code makes the same dump. Once a version is released its dumps stay as they are: `--again` is for one that
isn't.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from tests import kept, machine
from tests.postgres import throwaway


def version() -> str:
    return tomllib.loads((kept.ROOT / "pyproject.toml").read_text())["project"]["version"]


def released_at() -> datetime:
    """Noon of the day on which the changelog dates this version."""
    changelog = (kept.ROOT / "CHANGELOG.md").read_text()
    if not (found := re.search(rf"^## {re.escape(version())} \((\d{{4}}-\d\d-\d\d)\)", changelog, re.M)):
        sys.exit(f"CHANGELOG.md has no dated heading for {version()}.")
    return datetime.fromisoformat(f"{found[1]}T12:00").replace(tzinfo=UTC)


def dump_this() -> None:
    """Dump one engine's: that of DATABASE_URL."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.upgrade.settings"
    os.environ["STARTER_PASSWORD"] = "no secret"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_test_environment

    from tests.upgrade import dumps, filling
    from tests.upgrade.clock import clock

    setup_test_environment()
    settings.MEDIA_ROOT = Path(settings.DATA_DIR) / "media"
    with clock(released_at()), filling.same_chances(), dumps.statements() as made:
        told = filling.fill()
    path = dumps.path_of(version(), connection.vendor)
    dumps.write(path, made)
    path.with_name(f"{connection.vendor}.json").write_text(json.dumps(told, indent=1) + "\n")
    print(f"{path.relative_to(kept.ROOT)}: {path.stat().st_size:,} bytes")


def main() -> None:
    arguments = argparse.ArgumentParser(
        prog="python -m tests.upgrade", description=__doc__.partition("\n")[0]
    )
    arguments.add_argument("--again", action="store_true", help="anew, for a version that isn't released")
    folder = Path(__file__).parent / version()
    if folder.exists() and not arguments.parse_args().again:
        sys.exit(f"{folder.name} has its dumps. A release keeps them: raise the version first.")
    if not machine.postgresql():
        sys.exit("There is no PostgreSQL server on this machine: a release needs the dumps of both engines.")
    command = [sys.executable, "-c", "from tests.upgrade.__main__ import dump_this; dump_this()"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["PYTHONHASHSEED"] = "1"  # sets go in one order
    subprocess.run(command, env=environment, check=True)
    with throwaway() as url:
        subprocess.run(command, env=environment | {"DATABASE_URL": url}, check=True)


if __name__ == "__main__":
    main()

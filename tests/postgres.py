"""A PostgreSQL of its own on loopback, for as long as a block or a command runs.

python -m tests.postgres pytest -k ledger
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.machine import free_port, postgresql

# what a cluster that is thrown away need not do
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
REACHED_BY = ("listen_addresses=127.0.0.1", "unix_socket_directories=")


def _owner() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root. None: whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def throwaway() -> Iterator[str]:
    """Start a cluster in a temporary folder and give its DATABASE_URL; stop and remove it at the end.

    Raises LookupError where no server is installed, and RuntimeError, with what it said, where it doesn't
    start.
    """
    programs, owner, port = postgresql(), _owner(), free_port()
    if programs is None:
        raise LookupError("There is no PostgreSQL server on this machine.")
    folder = Path(tempfile.mkdtemp(prefix="clinic-postgres-"))
    data = folder / "data"
    if owner:
        shutil.chown(folder, owner)

    def run(program: str, *arguments: str) -> None:
        # pg_ctl's server would keep a pipe open, so what is said goes to a file
        with open(folder / "said", "a+") as said:
            done = subprocess.run(
                [programs / program, *arguments], stdout=said, stderr=said, user=owner, cwd=folder
            )
            if done.returncode:
                said.seek(0)
                log = folder / "log"
                raise RuntimeError(
                    f"{program} failed.\n{said.read()}\n{log.read_text() if log.exists() else ''}"
                )

    try:
        run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "clinic",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = " ".join([f"-p {port}", *(f"-c {setting}" for setting in CARELESS + REACHED_BY)])
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgres://clinic@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    with throwaway() as url:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode)

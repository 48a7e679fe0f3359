"""A site of its own, filled with the starter content and served as patients get it: for what looks from
outside.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests import kept
from tests.kept import ROOT
from tests.machine import free_port

PASSWORD = "a passphrase for trying"  # the sample staff's
ZONE = ZoneInfo("America/Toronto")  # the settings' own: starter content is dated
COLLECT = "from clinic_site.operations.management.commands import serve; serve.collect_static_files(print)"
MAX_FOLDERS = 4  # filled data folders that are kept
# nothing of the developer's shell reaches the site, but for what a program needs to run at all
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


def environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    shell = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **shell,
        "DATA_DIR": str(data_dir),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def manage(env: dict[str, str], *arguments: str) -> None:
    """Run a management command in silence. Raises RuntimeError with what it said where it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed.\n{done.stdout}{done.stderr}")


def _fill(env: dict[str, str]) -> None:
    for command in ("migrate", "starter"):
        manage(env, command, "--verbosity=0")


def _copy_of_a_kept_one(folder: Path, more: dict[str, str]) -> None:
    """What it takes to migrate, to load the starter content and to collect the static files is done once for
    all.
    """
    installed = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    said = [sys.version, installed, datetime.now(ZONE).date(), sorted(more.items())]
    digest = kept.digest(said, kept.files_in(*kept.ROOMS, "templates", "static"))
    with kept.locked("sites"):
        filled, making = kept.FOLDER / f"site-{digest}", kept.FOLDER / "making-site"
        if not filled.exists():
            shutil.rmtree(making, ignore_errors=True)
            env = environment(making, 8000, **more)
            _fill(env)
            manage(env, "shell", "--no-imports", "--command", COLLECT)
            making.rename(filled)
            kept.remove_old(kept.FOLDER.glob("site-*"), MAX_FOLDERS)
        os.utime(filled)
        shutil.copytree(filled, folder, dirs_exist_ok=True)


@contextmanager
def filled(**more: str) -> Iterator[tuple[dict[str, str], int]]:
    """A data folder with the starter content: its environment, and a port for its server."""
    with tempfile.TemporaryDirectory(prefix="clinic-site-") as folder:
        port, more = free_port(), {"STARTER_PASSWORD": PASSWORD, **more}
        env = environment(Path(folder), port, **more)
        if "DATABASE_URL" in more:
            _fill(env)
        else:
            _copy_of_a_kept_one(Path(folder), more)
        yield env, port


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(
    command: list[str], env: dict[str, str], url: str, *, patience: float = 90, folder: Path = ROOT
) -> Iterator[None]:
    """Run a server until the block ends.

    `url` tells when it's up. Raises RuntimeError where it isn't in `patience` seconds.
    """
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=said)
        try:
            until = time.monotonic() + patience
            while not answers(url):
                if server.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    raise RuntimeError(f"{command} doesn't answer.\n{said.read()}")
                time.sleep(0.1)
            yield
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def site(script: str = "") -> Iterator[str]:
    """The address of a site with the starter content, served by `manage.py serve`.

    `script` is run in Django's shell first.
    """
    with filled() as (env, port):
        address = env["SITE_URL"]
        if script:
            manage(env, "shell", "--no-imports", "--command", script)
        with serving([sys.executable, "manage.py", "serve", "--port", str(port)], env, f"{address}/healthz"):
            yield address

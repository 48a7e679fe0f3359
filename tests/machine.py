"""What this machine has, and a pytest plugin that says what it lacks.

A test that needs a browser is marked `browser`. Without one it's skipped, by name in the summary; with
CI=true nothing may be missing.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from random import sample
from uuid import uuid4

import pytest

from tests import kept

if sys.dont_write_bytecode:
    # whoever wants no bytecode beside the sources has it there: compiling everything takes longer than most
    # tests
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(kept.FOLDER / "bytecode")

IS_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

# no sandbox: in a container, and as root, Chromium can't make one. It talks to nobody of its own accord.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium() -> str | None:
    """The path of the machine's own Chromium or Chrome."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def postgresql() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, of the newest server that is installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        if Path(said, "initdb").exists():
            return Path(said)
    # Debian keeps a server's own programs out of PATH
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else None


def free_port() -> int:
    """A port of this machine that nobody uses, below those that the kernel hands out to outgoing
    connections.
    """
    for port in sample(range(20000, 32000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("No free port between 20000 and 32000.")


@pytest.fixture(scope="session")
def browser():
    """The machine's Chromium, one for all tests of a process: Playwright can't be started twice in one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield started
        started.close()


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives the machine's Chromium; runs on SQLite only")
    config.addinivalue_line(
        "markers",
        "one_engine: about words, pictures, forms and rights, in which the databases can't differ; "
        "runs on SQLite only",
    )
    if config.getoption("create_db") and "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["TESTS_CREATE_DB"] = uuid4().hex


def pytest_collection_finish(session):
    # at the end its plugin would import Hypothesis, which takes a second, also where no test uses it
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")


def pytest_collection_modifyitems(config, items):
    if chromium():
        return
    if IS_CI and any(item.get_closest_marker("browser") for item in items):
        raise pytest.UsageError("CI=true, and there is no Chromium for the tests that need one.")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))

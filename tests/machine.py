"""What this machine has, and a pytest plugin that says what it lacks.

A test that needs a browser is marked `browser`. Without one it's skipped, by name in the summary; with
CI=true nothing may be missing.
"""

import os
import shutil
import socket
import subprocess
from pathlib import Path
from random import sample

import pytest

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


def pytest_collection_modifyitems(config, items):
    if chromium():
        return
    if IS_CI and any(item.get_closest_marker("browser") for item in items):
        raise pytest.UsageError("CI=true, and there is no Chromium for the tests that need one.")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))

"""`manage.py serve`, which `make run` ends in: what it refuses, what it repeats, and that it stops."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from django.core.management import CommandError

from clinic_site.operations.management.commands import serve
from tests.running import ROOT, answers, filled

pytestmark = pytest.mark.one_engine


def test_a_taken_port_is_told_in_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} .*make run PORT={port + 1}"):
            serve.refuse_a_taken_port("127.0.0.1", port)
    serve.refuse_a_taken_port("127.0.0.1", port)


def test_static_files_are_collected_when_one_changed_and_not_again(settings, tmp_path):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "clinic_site.operations.static_files.BundledStaticFilesStorage"},
    }
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.css").write_text("a { color: red }")
    told = []
    serve.collect_static_files(told.append)
    serve.collect_static_files(told.append)
    assert len(told) == 1
    (tmp_path / "source" / "a.css").write_text("a { color: green }")
    serve.collect_static_files(told.append)
    assert len(told) == 2


def test_tick_goes_on_after_one_that_failed(monkeypatch):
    stopping, ran = threading.Event(), []

    def tick(name):
        ran.append(name)
        if len(ran) == 3:
            stopping.set()
        raise [SystemExit("Failed: mail"), RuntimeError("no database"), ValueError()][len(ran) - 1]

    monkeypatch.setattr(serve, "call_command", tick)
    monkeypatch.setattr(serve, "TICK_EVERY", 0)
    monkeypatch.setattr(serve, "close_old_connections", lambda: None)  # the test has no database
    serve.tick_until(stopping)
    assert ran == ["tick"] * 3


@pytest.fixture(scope="module")
def prepared():
    with filled() as (env, port):
        yield env, port


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_serves_ticks_and_stops_with_everything_it_started(prepared, stop):
    env, port = prepared
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    # a session of its own stands for a terminal, whose Ctrl-C reaches every process
    server = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        until = time.monotonic() + 60
        while not answers(f"{env['SITE_URL']}/readyz") and time.monotonic() < until:
            time.sleep(0.2)
        assert answers(f"{env['SITE_URL']}/readyz")  # which needs a tick
        if stop == signal.SIGINT:
            os.killpg(server.pid, stop)
        else:
            server.send_signal(stop)
        said = server.communicate(timeout=30)[0]
    finally:
        server.kill()
    assert server.returncode == 0
    assert f"The site: {env['SITE_URL']}/" in said
    assert "clinician@clinic.example" in said
    assert not answers(f"{env['SITE_URL']}/healthz")

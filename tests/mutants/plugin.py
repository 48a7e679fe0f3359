"""A pytest plugin: the nearest tests of each change, each change in a process of its own.

Which, and where to say what came of it, stands in the file that MUTANTS names. In one of two ways: all tests
are collected once and each change is swapped into a fork; or one change is imported in place of its module.
"""

import json
import os
import signal
import sys
import time
import traceback
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.kept import ROOMS, ROOT
from tests.mutants.swap import Functions, NeedsImport

JOB = json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8"))
NOTICED, UNNOTICED, NOT_SWAPPED = "noticed", "unnoticed", "not swapped"
_POLL = 0.02  # seconds
_ran: set[tuple[str, int]] = set()  # what ran while the site was imported: file and line of each function


def _note(frame, event, argument):
    if event == "call":
        _ran.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


sys.setprofile(None if "fresh" in JOB else _note)


class _Changed:
    """Finds the changed module before the one on disk is found."""

    def __init__(self, module: str, file: str, source: str):
        self.module, self.path, self.source = module, Path(ROOT, file), source

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        loader = _Loader(name, str(self.path))
        loader.changed = self.source
        folders = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return spec_from_file_location(name, self.path, loader=loader, submodule_search_locations=folders)


class _Loader(SourceFileLoader):
    changed = ""

    def get_code(self, fullname):
        return compile(self.changed, self.path, "exec", dont_inherit=True)


if "fresh" in JOB:
    sys.meta_path.insert(0, _Changed(*(JOB["fresh"][name] for name in ("module", "file", "source"))))


def pytest_configure(config):
    # what fails once is enough, and a busy machine is no failure
    settings.register_profile(
        "mutants",
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    from tests import prepared

    sys.setprofile(None)
    if "fresh" in JOB:
        _compare_with_migrations()
        _keep_databases(prepared, JOB["fresh"]["schema"])


def _compare_with_migrations() -> None:
    """Columns and constraints come from migrations: `make check` notices a model that says something else."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None, ignore_no_initial=True)
    state = loader.project_state(), ProjectState.from_apps(apps)
    ours = {config.label for config in apps.get_app_configs() if config.name.partition(".")[0] in ROOMS}
    if ours & MigrationAutodetector(*state).changes(graph=loader.graph).keys():
        raise pytest.UsageError("A migration is missing.")


def _keep_databases(prepared, schema: str) -> None:
    """A change makes no database of its own: it takes the one that there is, with its triggers."""
    is_changed = prepared.schema_digest() != schema
    fill = prepared._fill

    def fill_and_install(name, with_starter):
        fill(name, with_starter)
        if is_changed:
            _install_triggers()

    prepared.schema_digest, prepared._fill = lambda: schema, fill_and_install


def _install_triggers() -> None:
    from django.db import connection

    from clinic_site import append_only

    with connection.cursor() as cursor:
        for name in append_only.present():
            cursor.execute(f'DROP TRIGGER "{name}"')
    append_only.install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    if "fresh" in JOB:
        return None  # as it always does
    _Forks(session).run()
    return True


class _Forks:
    def __init__(self, session):
        from tests import prepared

        self.session, self.items = session, session.items
        self.schema, self.prepared = prepared.schema_digest(), prepared
        self.functions = Functions(_ran)
        self.seconds: dict[str, float] = {}

    def run(self) -> None:
        with open(JOB["out"], "a", encoding="utf-8") as out:
            out.write(json.dumps({"schema": self.schema}) + "\n")
            for number, change in enumerate(JOB["changes"]):
                key = " ".join(change["tests"])
                if key not in self.seconds:
                    begin = time.monotonic()
                    if self._tried(None, change, 3600) != UNNOTICED:
                        raise pytest.UsageError(f"These tests fail without any change: {key}")
                    self.seconds[key] = time.monotonic() - begin
                most = 20 + 10 * self.seconds[key]
                begin = time.monotonic()
                what = self._tried(change["source"], change, most)
                took = round(time.monotonic() - begin, 2)
                out.write(json.dumps({"number": number, "what": what, "took": took}) + "\n")
                out.flush()

    def _tried(self, source: str | None, change: dict, most: float) -> str:
        """What became of the tests in a fork; who takes longer than `most` seconds has noticed."""
        child = os.fork()
        if not child:
            self._be_the_fork(source, change)
        end = time.monotonic() + most
        while time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                told = {0: UNNOTICED, 1: NOTICED, 2: NOT_SWAPPED}
                return told.get(os.waitstatus_to_exitcode(status), NOTICED)
            time.sleep(_POLL)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return NOTICED

    def _be_the_fork(self, source: str | None, change: dict) -> None:
        status = 1
        try:
            status = self._run(source, change)
        except NeedsImport:
            status = 2
        except BaseException:  # whatever it is, the change was noticed
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)

    def _run(self, source: str | None, change: dict) -> int:
        from _pytest.main import pytest_runtestloop

        if source is not None:
            before = Path(ROOT, change["file"]).read_text(encoding="utf-8")
            path = str(Path(ROOT, change["file"]))
            self.functions.swap(change["module"], before, source, path)
            _keep_databases(self.prepared, self.schema)
        wanted = {str(Path(ROOT, name)) for name in change["tests"]}
        self.session.items = [item for item in self.items if str(item.path) in wanted]
        try:
            pytest_runtestloop(self.session)
        except (self.session.Failed, self.session.Interrupted):
            return 1
        return int(self.session.testsfailed > 0)


def pytest_collection_modifyitems(config, items):
    items[:] = [item for item in items if not item.get_closest_marker("browser")]

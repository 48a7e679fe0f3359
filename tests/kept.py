"""What a test run leaves for the next, in `var/tests`: each thing named by a digest of what it was made
of.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "tests"
ROOMS = ("clinic_site", "treatments", "blog", "referrals")


def digest(said: object, files: Iterable[Path]) -> str:
    """Of some facts and of files' names and contents."""
    whole = hashlib.sha256(json.dumps(said, default=str).encode())
    for path in sorted(set(files)):
        whole.update(f"\0{path.relative_to(ROOT)}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:24]


def files_in(*folders: str) -> set[Path]:
    """Every file in these folders of the project, but for bytecode."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.*"))
    return {path for path in found if path.is_file() and path.suffix != ".pyc"}


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time: the workers of a run, and a run beside it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_old(paths: Iterable[Path], most: int) -> None:
    """All but the `most` that were used last."""
    for path in sorted(paths, key=lambda path: path.stat().st_mtime)[:-most]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()

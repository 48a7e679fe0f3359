"""The W3C's own HTML validator (vnu), where this machine has it: it is a Java program, and no part of the
project.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def command() -> list[str] | None:
    if jar := os.environ.get("VNU"):
        return ["java", "-Xss1m", "-jar", jar]
    return [found] if (found := shutil.which("vnu")) else None


def missing() -> str:
    """A line for the report, empty where there is a validator."""
    return "" if command() else "HTML was not validated: there is no vnu in the path, and VNU names none."


def complaints(pages: list) -> Iterator[tuple]:
    """(page, what is wrong with its HTML). Nothing where there is no validator."""
    if not command():
        return
    with tempfile.TemporaryDirectory(prefix="clinic-html-") as folder:
        files = {}
        for n, page in enumerate(pages):
            path = Path(folder, f"{n}.html")
            path.write_text(page.html)
            files[path.as_uri().replace("file:///", "file:/")] = page
        said = subprocess.run(
            [
                *command(),
                "--format",
                "json",
                "--exit-zero-always",
                *(str(Path(folder, f"{n}.html")) for n in range(len(pages))),
            ],
            capture_output=True,
            text=True,
        )
        for message in json.loads(said.stderr or '{"messages": []}')["messages"]:
            if message["type"] != "info" or message.get("subType") == "warning":
                yield (
                    files[message["url"].replace("file:///", "file:/")],
                    f"line {message.get('lastLine', '?')}: {message['message']}",
                )

"""What the checks say of the starter content: nothing that stops, and what is left to advise or to judge may
only become less.

`python -m tests.editorial.starter_findings` compares with starter_findings.toml beside it; `--write` keeps
today's lower counts there.
"""

import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.running import filled

HERE = "--here"  # what the process is told that counts, on the site of its environment
KEPT = Path(__file__).with_suffix(".toml")
HEADING = "# What is left to advise or judge on the starter content, by rule (see starter_findings.py)\n"


def counted(documents: Iterable) -> tuple[list[str], dict[str, int]]:
    """The findings that stop, a line each, and how many others each rule has."""
    stops, others = [], Counter()
    for document in documents:
        for finding in document.findings():
            if finding.stops:
                stops.append(f"{document.KIND}/{document.slug}: {finding.title}: {finding.sentence}")
            else:
                others[finding.rule] += 1
    return stops, dict(sorted(others.items()))


def risen(found: Mapping[str, int], kept: Mapping[str, int]) -> list[str]:
    """A line for each rule that found more than is kept."""
    return [
        f"{rule}: {count} findings, where {kept.get(rule, 0)} are kept"
        for rule, count in found.items()
        if count > kept.get(rule, 0)
    ]


def main(arguments: list[str]) -> int:
    from clinic_site.publishing.models import Document

    stops, found = counted(document.specific for document in Document.objects.all())
    kept = tomllib.loads(KEPT.read_text()) if KEPT.exists() else {}
    wrong = stops + ([] if "--write" in arguments else risen(found, kept))
    print(
        "\n".join(wrong)
        or f"Starter content: nothing stops it; {sum(found.values())} findings are left to judge."
    )
    if "--write" in arguments and not stops:
        KEPT.write_text(HEADING + "".join(f"{rule} = {count}\n" for rule, count in found.items()))
    elif not wrong and sum(found.values()) < sum(kept.values()):
        print("Fewer than are kept: keep that with `make starter-findings`.")
    return 1 if wrong else 0


def on_a_filled_site(arguments: list[str]) -> int:
    """Do it on a site with the starter content: the one that tests keep, and copy."""
    try:
        with filled() as (env, _):
            command = [sys.executable, "-m", "tests.editorial.starter_findings", HERE, *arguments]
            return subprocess.run(command, env=env).returncode
    except RuntimeError as error:  # the checks stop a page of it
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    if HERE in sys.argv:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "clinic_site.settings"
        django.setup()
        sys.exit(main(sys.argv[1:]))
    sys.exit(on_a_filled_site(sys.argv[1:]))

"""What the checks say of the starter content: nothing that stops, and what is left to advise or to judge may
only become less.

`python -m tests.editorial.starter_findings` compares with starter_findings.toml beside it; `--write` keeps
today's lower counts there.
"""

import io
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

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
    from django.core.management import call_command

    from clinic_site.publishing.models import Document

    call_command("migrate", verbosity=0)
    call_command("starter", verbosity=0, stdout=io.StringIO())
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


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.pop("DATABASE_URL", None)
    django.setup()
    sys.exit(main(sys.argv[1:]))

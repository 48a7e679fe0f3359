"""The starter's sources, claims and licences, read from the files beside this one."""

import tomllib
from pathlib import Path

from clinic_site.evidence.models import Claim, Licence, Source, Use
from clinic_site.registry import StarterRun, starter_content

HERE = Path(__file__).parent


def rows(pattern: str, table: str) -> list[dict]:
    return [
        row for path in sorted(HERE.glob(pattern)) for row in tomllib.loads(path.read_text()).get(table, [])
    ]


def fill(starter: StarterRun) -> None:
    for row in rows("sources-*.toml", "source"):
        row["is_secondary"] = row.pop("secondary", False)
        source = Source(**row)
        source.full_clean()
        source.save()
    sources = {s.key: s for s in Source.objects.all()}
    for row in rows("claims-*.toml", "claim"):
        keys = row.pop("sources")
        claim = Claim(**row)
        claim.full_clean()
        claim.save()
        claim.sources.set([sources[key] for key in keys])
        claim.note_save(by=starter.people["editor"])
        claim.mark_checked(by=starter.people["clinician"])
    for row in rows("licences-*.toml", "use"):
        Use.objects.create(**row)
    uses = {u.key: u for u in Use.objects.all()}
    for row in rows("licences-*.toml", "licence"):
        licence = Licence(**{**row, "use": uses[row["use"]], "source": sources[row["source"]]})
        licence.full_clean()
        licence.save()
    starter.report(
        f"{len(sources)} sources, {Claim.objects.count()} claims, {Licence.objects.count()} licence rows"
    )


starter_content.append(fill)

"""The starter's synonyms: what patients call things, and what the pages call them."""

import tomllib
from pathlib import Path

from clinic_site.registry import StarterRun, starter_content
from clinic_site.search.models import Synonym


def fill(starter: StarterRun) -> None:
    for row in tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text())["synonym"]:
        Synonym.objects.create(**row)


starter_content.append(fill)

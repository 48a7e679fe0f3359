"""The starter's synonyms: what patients call things, and what the pages call them."""

import tomllib
from pathlib import Path

from clinic_site.registry import Starter, starters
from clinic_site.search.models import Synonym


def fill(starter: Starter) -> None:
    for row in tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text())["synonym"]:
        Synonym.objects.create(**row)


starters.append(fill)

"""How sure we are, and where a use is licensed, as pages show it."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from django import template

from clinic_site.evidence.models import Claim, Source
from clinic_site.pages.shapes import ClaimNote, LicenceRow

register = template.Library()

GRADES = {grade.value: grade.label.partition(": ")[2] for grade in Claim.Grade}
SOURCE_KINDS = dict(Source.Kind.choices)
STATUSES = dict(Source.Status.choices)


@register.simple_tag
def evidence_grades() -> list[tuple[str, str]]:
    """[("A", what it means)], surest first."""
    return list(GRADES.items())


@register.filter
def rests_on(note: ClaimNote, copies: frozenset[int]) -> bool:
    """Whether a claim rests on nothing but sources that were read second-hand."""
    return bool(copies) and note.rests_on_copies(copies)


@register.filter
def source_kind(kind: str) -> str:
    """What a source is, in words. A kind from an old edition that is no more is shown as it stands."""
    return SOURCE_KINDS.get(kind, kind)


@register.filter
def by_use(rows: Iterable[LicenceRow], country: str) -> list[tuple[str, list[LicenceRow]]]:
    """[(name of the use, its licence rows)], the row of `country` first in each."""
    return [
        (name, sorted(group, key=lambda row: row.country != country))
        for name, group in groupby(rows, key=lambda row: row.use_name)
    ]


@register.filter
def in_country(rows: Iterable[Mapping[str, str]], country: str) -> list[Mapping[str, str]]:
    """The licence rows of a card that hold in `country`."""
    return [row for row in rows if row["country"] == country]


@register.filter
def entry(mapping: Mapping[str, str], key: str) -> str:
    """What a card holds under a key that the template has in a variable; empty if nothing."""
    return mapping.get(key, "")

"""What a visit is like: which of a page's facts and sections belong to which step.

The steps' words are the template's.
"""

from collections.abc import Iterable
from typing import Any

from clinic_site.charts.figures import Fact

AFTER = ("starts", "peaks", "lasts")


def visit(slug: str, facts: Iterable[Fact], anchors: Iterable[str]) -> dict[str, Any]:
    """The template's context: facts by slot, those of the weeks after in order, and the sections that can be
    linked to.
    """
    by_slot = {fact.slot: fact for fact in facts}
    return {
        "slug": slug,
        "injections": by_slot.get("visit"),
        "after": [by_slot[slot] for slot in AFTER if slot in by_slot],
        "again": by_slot.get("repeat"),
        "anchors": set(anchors),
    }

"""A component is told what it needs, and reads nothing else of the page that includes it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Node, Variable
from django.template.base import FilterExpression
from django.template.defaulttags import CsrfTokenNode, ForNode, RegroupNode, URLNode, WithNode
from django.template.library import SimpleNode
from django.template.loader import get_template
from django.template.loader_tags import IncludeNode

FOLDER = Path(settings.BASE_DIR, "templates")
# what a component does without, where it isn't told
OPTIONAL = {
    "admin/check_counts.html": {"wrong"},
    "admin/check_findings.html": {"wrong", "is_typed", "is_page"},
    "admin/claim_change.html": {"titles"},
    "admin/comparison.html": {"comparison_title", "is_folded"},
    "admin/findings.html": {"is_folded", "is_page"},
    "admin/referrals/referral_list.html": {"of_member"},
    "admin/referrals/search.html": {"found", "focus"},
    "admin/row_breadcrumbs.html": {"opts"},
    "admin/source_change.html": {"titles"},
    "admin/withdrawals.html": {"titles"},
    "components/answer_entry.html": {"reason"},
    "components/contents.html": {"cards"},
    "components/ask_for_visit.html": {"about", "is_old"},
    "components/breadcrumbs.html": {"parent", "parent_url"},
    "components/effect_axis.html": {"is_above"},
    "components/grade.html": {"is_second_hand"},
    "components/print_buttons.html": {"has_brief"},
    "components/reviewer_row.html": {"class"},
    "components/search_box.html": {"query"},
    "components/share.html": {"text"},
    "components/sources.html": {"is_folded", "is_old", "is_whole"},
    "components/sources_list.html": {"is_here"},
    "components/summary_row.html": {"class"},
    "forms/error_links.html": {"with_labels"},
}
TEMPLATES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in (".html", ".txt", ".svg")
)


@cache
def nodes_of(name: str) -> tuple[Node, ...]:
    return tuple(get_template(name).template.nodelist.get_nodes_by_type(Node))


def includes(name: str) -> list[IncludeNode]:
    return [node for node in nodes_of(name) if isinstance(node, IncludeNode)]


def variables(value: object) -> Iterator[str]:
    """The names that a node asks of its context, in its own arguments and not in the nodes within it."""
    if isinstance(value, Variable):
        if value.lookups:
            yield value.lookups[0]
    elif isinstance(value, FilterExpression):
        yield from variables(value.var)
        for _, arguments in value.filters:
            for is_looked_up, argument in arguments:
                if is_looked_up:
                    yield from variables(argument)
    elif isinstance(value, dict):
        for each in value.values():
            yield from variables(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from variables(each)
    elif hasattr(value, "first") or hasattr(value, "value"):  # a part of an `if`
        for part in ("first", "second", "value"):
            yield from variables(getattr(value, part, None))


def bound(node: Node) -> set[str]:
    """The names that a node gives to others."""
    match node:
        case ForNode():
            return {*node.loopvars, "forloop"}
        case WithNode():
            return set(node.extra_context)
        case RegroupNode():
            return {node.var_name}
        case URLNode():
            return {node.asvar}
        case SimpleNode():
            return {node.target_var}
    return set()


@cache
def read_by(name: str) -> frozenset[str]:
    """The names that a template asks of whoever includes it."""
    asked, given = set(), set()
    for node in nodes_of(name):
        given |= bound(node)
        if isinstance(node, CsrfTokenNode):
            asked.add("csrf_token")
        for field, value in vars(node).items():
            if not field.startswith("nodelist") and field not in ("origin", "token"):
                asked.update(variables(value))
    return frozenset(asked - given - {"block", "True", "False", "None"})


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_component_is_given_what_it_needs_and_nothing_else(name):
    for node in includes(name):
        included = node.template.var
        assert node.isolated_context, f"{name} includes {included} without `only`"
        if isinstance(included, str):
            told, asked = set(node.extra_context), read_by(included)
            assert told <= asked, f"{name} tells {included} what it doesn't ask for"
            assert asked - told <= OPTIONAL.get(included, set()), (
                f"{name} doesn't tell {included} all that it needs"
            )

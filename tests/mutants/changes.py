"""The small changes that are made to a module, one at a time.

Most come from Cosmic Ray. Regular expressions and SQL are text to it, and rules here stand in both: their
changes are the operators of this module, written as Cosmic Ray wants one.
"""

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

from tests.kept import ROOT

# those whose changes a program can notice: `is` for `==`, or a cache less, change nothing
_CORE = re.compile(
    r"AddNot|Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd|BreakWithContinue|ContinueWithBreak)"
    r"|NumberReplacer|ZeroIterationForLoop"
    r"|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|Lt_(LtE|Gt)|LtE_(Lt|Gt)|Gt_(GtE|Lt)|GtE_(Gt|Lt))"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Mul_Add|FloorDiv_Mul|BitOr_BitAnd|BitAnd_BitOr|Sub_BitAnd)"
    r"|ReplaceUnaryOperator_(Delete_Not|USub_UAdd)"
)


class _InText(Operator):
    """Some words of a text give way to others."""

    swaps: dict[str, str]
    found: re.Pattern[str]

    def takes(self, node) -> bool:
        return node.type in ("string", "fstring_string")

    def mutation_positions(self, node):
        for _ in self.found.finditer(node.value) if self.takes(node) else ():
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        match = list(self.found.finditer(node.value))[index]
        node.value = node.value[: match.start()] + self.swaps[match[0]] + node.value[match.end() :]
        return node


def _any_of(swaps: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(swaps, key=len, reverse=True))))


class Sql(_InText):
    swaps = {
        " AND ": " OR ",
        " OR ": " AND ",
        " IS NULL": " IS NOT NULL",
        " IS NOT NULL": " IS NULL",
        " IS TRUE": " IS FALSE",
        " IS NOT TRUE": " IS TRUE",
        " IS NOT FALSE": " IS FALSE",
        "NOT EXISTS": "EXISTS",
        "NOT LIKE": "LIKE",
        " <= ": " < ",
        " >= ": " > ",
        " < ": " <= ",
        " > ": " >= ",
        " <> ": " = ",
        " = ": " <> ",
    }
    found = _any_of(swaps)

    @classmethod
    def examples(cls):
        return ()


class Regex(_InText):
    swaps = {"*": "+", "+": "*", "?": "", r"\d": r"\w", r"\w": r"\d", r"\s": " ", "|": "", r"\Z": ""}
    found = re.compile(r"(?<=[\w)\]}.])[*+?](?!\?)|(?<!\\)(?:\\[dwsZ]|\|)")

    def takes(self, node) -> bool:
        # by the way they are written here: a raw text is a regular expression
        if node.type == "fstring_string":
            return node.parent.children[0].value.lower().startswith(("rf", "fr"))
        return node.type == "string" and node.value[:1].lower() == "r"

    @classmethod
    def examples(cls):
        return ()


class Membership(Operator):
    """`in` and `not in`, of which Cosmic Ray makes nothing."""

    def mutation_positions(self, node):
        for child in node.children[1::2] if node.type == "comparison" else ():
            if child.get_code().split() in (["in"], ["not", "in"]):
                yield child.start_pos, child.end_pos

    def mutate(self, node, index):
        places = [
            at
            for at in range(1, len(node.children), 2)
            if node.children[at].get_code().split() in (["in"], ["not", "in"])
        ]
        is_in = node.children[places[index]].get_code().split() == ["in"]
        node.children[places[index]] = parso.parse(" not in" if is_in else " in")
        return node

    @classmethod
    def examples(cls):
        return ()


def _operators() -> dict[str, type[Operator]]:
    provider = OperatorProvider()
    core = {name: provider[name] for name in provider if _CORE.fullmatch(name)}
    return {**core, "Sql": Sql, "Regex": Regex, "Membership": Membership}


OPERATORS = _operators()


@dataclass(frozen=True)
class Change:
    """One change to one module: its file, the line, what it read and reads."""

    file: str
    line: int
    before: str
    after: str
    source: str  # the whole module with the change

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def __str__(self):
        return f"{self.file}:{self.line}\n      - {self.before}\n      + {self.after}"


class _Bare(ast.NodeTransformer):
    """Without what says nothing when it runs: annotations and docstrings."""

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns = None
        return self.without_docstring(node)

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        return self.without_docstring(node)

    def visit_Module(self, node):
        self.generic_visit(node)
        return self.without_docstring(node)

    def without_docstring(self, node):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        node.annotation = ast.Constant(None)
        return node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str)


def _meaning(source: str) -> str | None:
    """What runs, to be compared; None of what can't run, which any test would notice."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_text(node.left):
            return None
    return ast.dump(_Bare().visit(tree))


def _changed_line(before: str, after: str) -> tuple[int, str, str]:
    old, new = before.splitlines(), after.splitlines()
    at = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    return at + 1, old[at].strip(), new[at].strip()


def changes_of(file: str, most: int | None, seed: int) -> Iterator[Change]:
    """The changes of a file, in a chance order that the seed decides: each place once before any comes again,
    `most` at the most.
    """
    source = Path(ROOT, file).read_text(encoding="utf-8")
    places: dict[object, list[tuple[str, int]]] = defaultdict(list)
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in OPERATORS.items():
        spots = [place for node in nodes for place in operator().mutation_positions(node)]
        for occurrence, place in enumerate(spots):
            places[place].append((name, occurrence))
    chance = random.Random(f"{seed} {file}")
    order = []
    for place in sorted(places):
        mixed = chance.sample(places[place], len(places[place]))
        order += [(turn, chance.random(), what) for turn, what in enumerate(mixed)]
    told, meant = 0, {_meaning(source), None}
    for _, _, (name, occurrence) in sorted(order):
        if most is not None and told >= most:
            return
        changed = mutate_code(source, OPERATORS[name](), occurrence)
        meaning = _meaning(changed)
        line = _changed_line(source, changed)
        # not a type alone, the size of a cache, or what another operator made
        if meaning not in meant and "lru_cache(" not in line[1]:
            meant.add(meaning)
            told += 1
            yield Change(file, *line, changed)

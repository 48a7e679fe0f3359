"""A changed module in place of the one that was imported.

Importing the whole site again takes longer than most tests. The function that's there gets the new code; only
what runs when a module is imported needs an import of its own.
"""

import gc
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from types import CodeType, FunctionType

from tests.kept import ROOMS

_OPTIMIZED = 0x1  # a function's code, not a class's or a module's


class NeedsImport(Exception):
    """The change is of something that runs at the import."""


class Functions:
    """Every function that the site has, by its code, and every cache. `ran`: file and first line of the code
    that ran when the site was imported.
    """

    def __init__(self, ran: set[tuple[str, int]]):
        self.ran = ran
        self.by_code: dict[tuple[str, CodeType], list[FunctionType]] = {}
        self.caches = []
        for thing in gc.get_objects():
            if type(thing) is FunctionType and _is_ours(thing.__globals__.get("__name__")):
                self.by_code.setdefault((thing.__globals__["__name__"], thing.__code__), []).append(thing)
            elif type(thing) is _lru_cache_wrapper and _is_ours(thing.__module__):
                self.caches.append(thing)

    def swap(self, module: str, before: str, after: str, path: str) -> None:
        """Raises NeedsImport."""
        codes = (compile(source, path, "exec", dont_inherit=True) for source in (before, after))
        for old, new in list(_different(*codes)):
            functions = self.by_code.get((module, old))
            if not functions:
                raise NeedsImport(old.co_name)
            for function in functions:
                if (function.__code__.co_filename, old.co_firstlineno) in self.ran:
                    raise NeedsImport(old.co_name)
                try:
                    function.__code__ = new
                except ValueError as error:  # it closes over something else
                    raise NeedsImport(old.co_name) from error
        for cache in self.caches:
            cache.cache_clear()


def _is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] in ROOMS


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _own(code: CodeType) -> tuple:
    told = tuple(repr(one) for one in code.co_consts if not isinstance(one, CodeType))
    return code.co_code, code.co_names, told


def _different(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions that differ in two versions of a module or class."""
    inner = _inner(old), _inner(new)
    if _own(old) != _own(new) or len(inner[0]) != len(inner[1]):
        raise NeedsImport(old.co_name)
    for one, other in zip(*inner, strict=True):
        if one == other:
            continue
        if not one.co_flags & _OPTIMIZED:
            yield from _different(one, other)
        elif one.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
            raise NeedsImport(one.co_name)
        else:
            yield one, other

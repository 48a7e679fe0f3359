"""Queries that every page makes, their SQL built once.

Building the SQL of a small query costs Django ten times what the database needs to answer it. A prepared
query is written as a queryset like any other, and compiled the first time that it's used on a connection's
engine.
"""

from collections.abc import Callable

from django.db import connection, models


class Prepared:
    """`make(*values)` returns the queryset; calling this with values of the same types returns its rows as
    instances.

    Values must end up unchanged as parameters of the SQL (text, whole numbers), each of them once or more.
    Everything else is fixed when it's compiled: what day it is must be asked of the database (`Now()`), not
    of Python.
    """

    def __init__(self, make: Callable[..., models.QuerySet], *types: type):
        self.make, self.types = make, types
        self.compiled: dict[str, tuple] = {}

    def _stand_ins(self) -> list:
        return [f"stand-in {n}" if t is str else -987_654_000 - n for n, t in enumerate(self.types)]

    def _compile(self) -> tuple:
        stand_ins = self._stand_ins()
        queryset = self.make(*stand_ins)
        sql, params = queryset.query.sql_with_params()
        slots = [stand_ins.index(p) if p in stand_ins else None for p in params]
        if set(range(len(stand_ins))) - set(slots):
            raise ValueError("A value doesn't stand in the SQL as it is.")
        return queryset.model, sql, params, slots

    def __call__(self, *values) -> list:
        if connection.vendor not in self.compiled:
            self.compiled[connection.vendor] = self._compile()
        model, sql, params, slots = self.compiled[connection.vendor]
        filled = [params[i] if slot is None else values[slot] for i, slot in enumerate(slots)]
        return list(model._default_manager.raw(sql, filled))


class Joined(models.Aggregate):
    """Texts in one value, each but the first after a `Value` that stands between them, on both engines:
    `Joined("key", Value(" "))`.
    """

    function = "GROUP_CONCAT"
    output_field = models.TextField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)


class SearchKeyField(models.CharField):  # type: ignore[type-arg]  # not generic when it runs
    """What another field of the row (`of`) is found by: `make` of it, whenever the row is written."""

    def __init__(self, *args: Any, of: str = "", make: Callable[[str], str] = str, **kwargs: Any):
        self.of, self.make = of, make
        super().__init__(
            *args, **{"max_length": 254, "blank": True, "editable": False, "db_index": True, **kwargs}
        )

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        # for a migration it's a column like any other
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = self.make(getattr(model_instance, self.of) or "")[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key


class SearchKeyQuerySet(models.QuerySet[Row]):
    """An update of what a key is made of updates the key."""

    def update(self, **values: Any) -> int:
        keys = {
            f.name: f.make(values[f.of])
            for f in self.model._meta.fields
            if isinstance(f, SearchKeyField) and f.of in values
        }
        return super().update(**values, **keys)


@models.CharField.register_lookup
class Prefix(models.Lookup):  # type: ignore[type-arg]  # not generic when it runs
    """`key__prefix="ann"`: begins with it, along the column's index on either engine. Case counts."""

    lookup_name = "prefix"

    def get_prep_lookup(self) -> str:
        return str(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*params, connection.ops.prep_for_like_query(self.rhs) + "%"]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        # SQLite's LIKE knows no case and so no index
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + "\U0010ffff"]

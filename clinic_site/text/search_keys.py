from collections.abc import Callable

from django.db import models


class SearchKeyField(models.CharField):
    """What another field of the row (`of`) is found by: `make` of it, whenever the row is written."""

    def __init__(self, *args, of: str = "", make: Callable[[str], str] | None = None, **kwargs):
        self.of, self.make = of, make
        super().__init__(
            *args, **{"max_length": 254, "blank": True, "editable": False, "db_index": True, **kwargs}
        )

    def deconstruct(self):
        # for a migration it's a column like any other
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance, add):
        key = self.make(getattr(model_instance, self.of) or "")[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key


class SearchKeyQuerySet(models.QuerySet):
    """An update of what a key is made of updates the key."""

    def update(self, **values):
        keys = {
            f.name: f.make(values[f.of])
            for f in self.model._meta.fields
            if isinstance(f, SearchKeyField) and f.of in values
        }
        return super().update(**values, **keys)

    update.alters_data = True


@models.CharField.register_lookup
class Prefix(models.Lookup):
    """`key__prefix="ann"`: begins with it, along the column's index on either engine. Case counts."""

    lookup_name = "prefix"

    def get_prep_lookup(self):
        return str(self.rhs)

    def as_sql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*params, connection.ops.prep_for_like_query(self.rhs) + "%"]

    def as_sqlite(self, compiler, connection):
        # SQLite's LIKE knows no case and so no index
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, self.rhs + "\U0010ffff"]

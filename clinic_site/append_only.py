"""Rows written once: refused by the ORM and by the database.

A model that inherits `WrittenOnce` may be inserted and never changed or deleted, but for the columns it
names in `stamps`: each of those may go from NULL to a value, once. One that `is_erasable` may be deleted too.
The rule stands three times: the model's
own methods, its queryset, and triggers in the database for everything that goes round both.

A model may add triggers of its own in `database_rules` (see `Rule`): a tuple, or a function that returns one
once every model is loaded. All of them are put in place after every migrate, because SQLite drops a table's
triggers silently when a migration rebuilds it, and a system check (`check --database default`) says when one
is missing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections, models

PREFIX = "keep_"
Row = TypeVar("Row", bound="WrittenOnce", covariant=True)


class WrittenOnceError(TypeError):
    """A row that is written once was to be changed or deleted."""


class WrittenOnceQuerySet(models.QuerySet[Row]):
    def update(self, **values: Any) -> NoReturn:
        raise WrittenOnceError(
            f"{self.model.__name__} rows are written once; they are stamped by their verbs."
        )

    def delete(self) -> tuple[int, dict[str, int]]:
        if not self.model.is_erasable:
            raise WrittenOnceError(f"{self.model.__name__} rows are never deleted.")
        return super().delete()

    def bulk_update(
        self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None
    ) -> NoReturn:
        raise WrittenOnceError(f"{self.model.__name__} rows are written once.")

    def stamp(self, **values: Any) -> int:
        """Set stamps on these rows.

        The database refuses a stamp that was set before. Returns the number of rows.
        """
        strange = set(values) - set(self.model.stamps)
        if strange:
            raise WrittenOnceError(f"Not a stamp of {self.model.__name__}: {', '.join(sorted(strange))}.")
        return super().update(**values)


class WrittenOnce(models.Model):
    stamps: tuple[str, ...] = ()
    is_erasable = False  # a row that says who somebody is may go, as a whole
    database_rules: "tuple[Rule, ...] | Callable[[], tuple[Rule, ...]]" = ()

    objects = WrittenOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnceError(f"{type(self).__name__} {self.pk} is written once.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if not self.is_erasable:
            raise WrittenOnceError(f"{type(self).__name__} {self.pk} is never deleted.")
        return super().delete(*args, **kwargs)

    def stamp(self, **values: Any) -> None:
        """Set stamps on this row, in the database and in memory."""
        type(self).objects.filter(pk=self.pk).stamp(**values)
        for name, value in values.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Rule:
    """One trigger: `when` the row that comes in makes `refused` true, the statement ends with `message`.

    `event` is INSERT, UPDATE or DELETE. `refused` is SQL that reads on both engines, with NEW and OLD; where
    it can't (they reckon with time differently), `refused_on_sqlite` says the same for SQLite.
    """

    name: str
    event: str
    refused: str
    message: str
    refused_on_sqlite: str = ""


def _written_once_rules(model: type[WrittenOnce]) -> list[Rule]:
    table = model._meta.db_table
    columns = {f.name: f.column for f in model._meta.local_concrete_fields}
    stamps = sorted(columns.pop(name) for name in model.stamps)
    different = "IS DISTINCT FROM"  # also SQLite, since 3.39
    changed = [f'OLD."{c}" {different} NEW."{c}"' for c in columns.values()]
    restamped = [f'(OLD."{c}" IS NOT NULL AND OLD."{c}" {different} NEW."{c}")' for c in stamps]
    kept = Rule("update", "UPDATE", " OR ".join(changed + restamped), f"{table} is written once")
    return [kept] if model.is_erasable else [kept, Rule("delete", "DELETE", "", f"{table} is never deleted")]


def rules_of(model: type[models.Model]) -> list[Rule]:
    """Every trigger that a model's table must have."""
    written_once = _written_once_rules(model) if issubclass(model, WrittenOnce) else []
    own = getattr(model, "database_rules", ())
    return [*written_once, *(own() if callable(own) else own)]


def guarded_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if rules_of(m)]


def _trigger(model: type[models.Model], rule: Rule) -> str:
    return f"{PREFIX}{model._meta.db_table}_{rule.name}"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _statements(vendor: str, model: type[models.Model], rule: Rule) -> list[str]:
    table, name, message = model._meta.db_table, _trigger(model, rule), _quote(rule.message)
    if vendor == "sqlite":
        refused = rule.refused_on_sqlite or rule.refused
        when = f"WHEN {refused}" if refused else ""
        return [
            f'DROP TRIGGER IF EXISTS "{name}"',
            f'CREATE TRIGGER "{name}" BEFORE {rule.event} ON "{table}" {when} BEGIN SELECT RAISE(ABORT, '
            f"{message}); END",
        ]
    condition = rule.refused or "TRUE"
    back = "OLD" if rule.event == "DELETE" else "NEW"
    statements = [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF ({condition}) THEN RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'restrict_violation'; "
        f"END IF; RETURN {back}; END $$",
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {rule.event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION '
        f'"{name}"()',
    ]
    if rule.event == "DELETE" and not rule.refused:
        statements += [
            f'CREATE OR REPLACE FUNCTION "{name}_all"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
            f"RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'restrict_violation'; END $$",
            f'CREATE OR REPLACE TRIGGER "{name}_all" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION '
            f'"{name}_all"()',
        ]
    return statements


def install(using: str = "default") -> None:
    """Put every trigger in place, as the models of today want it."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in guarded_models():
            if model._meta.db_table in tables:
                for rule in rules_of(model):
                    for statement in _statements(connection.vendor, model, rule):
                        cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Take every trigger away: while SQLite rebuilds tables in a migration, and for emptying a test
    database.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in guarded_models():
            if model._meta.db_table not in tables:
                continue
            for rule in rules_of(model):
                names = [_trigger(model, rule)]
                if connection.vendor != "sqlite":
                    names.append(names[0] + "_all")
                for name in names:
                    on = "" if connection.vendor == "sqlite" else f' ON "{model._meta.db_table}"'
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def present(using: str = "default") -> set[str]:
    """The names of the triggers that the database has, and that aren't switched off."""
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def missing(using: str = "default") -> list[str]:
    """The triggers that should be there and are not."""
    there, tables = present(using), set(connections[using].introspection.table_names())
    return [
        _trigger(model, rule)
        for model in guarded_models()
        if model._meta.db_table in tables
        for rule in rules_of(model)
        if _trigger(model, rule) not in there
    ]


@checks.register(checks.Tags.database)
def triggers_are_in_place(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"The trigger {name} is missing: rows that are written once could be changed.",
            hint="Run `python manage.py migrate`, which puts every trigger in place.",
            id="append_only.E001",
        )
        for alias in databases or []
        for name in missing(alias)
    ]

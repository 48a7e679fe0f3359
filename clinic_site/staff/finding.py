"""Finding a person by what somebody types of their name, address or telephone number: the forms in which two spellings are one.

They stand in columns of their own beside what was typed, each with an index, so that finding somebody takes as long among a
hundred thousand as among ten.
"""

import unicodedata
from collections.abc import Callable
from contextlib import suppress

from django.db import models


def folded(words: str) -> str:
    """Words without case, accents and apostrophes, one space between them: "Zoë  O'Neil" as "zoe oneil"."""
    letters = unicodedata.normalize("NFKD", words.replace("'", "").replace("’", "")).casefold()
    plain = "".join(c if c.isalnum() or c == "-" else " " for c in letters if not unicodedata.combining(c))
    return " ".join(plain.split())


def surname_first(name: str) -> str:
    """A name folded, its last word first: "Zoë Ann O'Neil" as "oneil zoe ann"."""
    *given, last = folded(name).split() or [""]
    return " ".join([last, *given])


def normal_email(email: str) -> str:
    """Two addresses with one normal form reach one person: case, "+tag", and the dots that Gmail leaves out of account."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    with suppress(UnicodeError):  # not a domain: compared as it was typed
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}" if domain else ""


def normal_phone(phone: str) -> str:
    """The last ten digits: with or without the country's code, spaces, brackets. Empty where there are fewer than seven."""
    digits = "".join(str(unicodedata.digit(c)) for c in phone.partition("x")[0] if unicodedata.digit(c, None) is not None)
    return digits[-10:] if len(digits) >= 7 else ""


class KeyField(models.CharField):
    """What another field of the row (`of`) is found by: `make` of it, whenever the row is written."""

    def __init__(self, *args, of: str = "", make: Callable[[str], str] | None = None, **kwargs):
        self.of, self.make = of, make
        super().__init__(*args, **{"max_length": 254, "blank": True, "editable": False, "db_index": True, **kwargs})

    def deconstruct(self):
        # for a migration it's a column like any other
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance, add):
        key = self.make(getattr(model_instance, self.of) or "")[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key


class KeysFollow(models.QuerySet):
    """An update of what a key is made of updates the key."""

    def update(self, **values):
        keys = {f.name: f.make(values[f.of]) for f in self.model._meta.fields if isinstance(f, KeyField) and f.of in values}
        return super().update(**values, **keys)

    update.alters_data = True


class Found(models.Model):
    """Mixed in before a model with `name` and `email`: the keys that it's found by."""

    name_key = KeyField(of="name", make=folded)
    surname_key = KeyField(of="name", make=surname_first)
    same_email = KeyField(of="email", make=normal_email)

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is not None:
            keys = (f for f in self._meta.fields if isinstance(f, KeyField))
            update_fields = {*update_fields, *(f.name for f in keys if f.of in update_fields)}
        super().save(*args, update_fields=update_fields, **kwargs)


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


def by_name(rows: models.QuerySet, typed: str, most: int, path: str = "") -> list:
    """At most `most` rows (they are, or lead by `path` to, a `Found`) whose name is meant by what was typed.

    Any first letters of the first or the last name, in any order: "ann", "oneil", "o'neil, ann".
    """
    words = folded(typed).split()[:5]
    if not words:
        return []
    name, surname = f"{path}name_key", f"{path}surname_key"
    if len(words) == 1:
        # one index after the other, each until there are enough: the time doesn't grow with the number of Anns
        first = [rows.filter(**{f"{key}__prefix": words[0]})[:most] for key in (surname, name)]
        return list({row.pk: row for found in first for row in found}.values())[:most]
    begins, holds = models.Q(), models.Q()
    for word in words:
        begins |= models.Q(**{f"{name}__prefix": word}) | models.Q(**{f"{surname}__prefix": word})
        holds &= (
            models.Q(**{f"{name}__prefix": word})
            | models.Q(**{f"{name}__contains": f" {word}"})
            | models.Q(**{f"{name}__contains": f"-{word}"})
        )
    return list(rows.filter(begins, holds)[:most])

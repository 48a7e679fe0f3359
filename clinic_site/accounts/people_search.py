"""Finding a person by what somebody types of their name, address or telephone number: the forms in which two
spellings are one.

They stand in columns of their own beside what was typed, each with an index, so that finding somebody takes
as long among a hundred thousand as among ten.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models

from clinic_site.accounts.phone_numbers import phone_key
from clinic_site.text.normalise import normal_email, plain_words, surname_first
from clinic_site.text.search_keys import SearchKeyField

Row = TypeVar("Row", bound=models.Model)


class PersonSearchKeys(models.Model):
    """Mixed in before a model with `name` and `email`: the keys that it's found by."""

    name_key = SearchKeyField(of="name", make=plain_words)
    surname_key = SearchKeyField(of="name", make=surname_first)
    same_email = SearchKeyField(of="email", make=normal_email)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            keys = (f for f in self._meta.fields if isinstance(f, SearchKeyField))
            update_fields = {*update_fields, *(f.name for f in keys if f.of in update_fields)}
        super().save(*args, update_fields=update_fields, **kwargs)


def people_like(rows: models.QuerySet[Any], typed: str) -> models.Q:
    """A condition: rows with a `name` that holds every word that was typed, in any spelling, or with that
    address or number.
    """
    words = plain_words(typed).split()[:5]
    columns = {field.name for field in rows.model._meta.fields}
    found = models.Q(pk__in=[])
    if "same_email" in columns and (email := normal_email(typed)):
        found |= models.Q(same_email=email)
    if "same_phone" in columns and (phone := phone_key(typed)):
        found |= models.Q(same_phone=phone)
    return found | _named_like(rows, words) if words else found


def _named_like(rows: models.QuerySet[Any], words: list[str]) -> models.Q:
    if any(field.name == "name_key" for field in rows.model._meta.fields):
        return models.Q(*(models.Q(name_key__contains=word) for word in words))
    named = rows.order_by().values_list("pk", "name")  # few: people who are invited
    return models.Q(pk__in=[pk for pk, name in named if all(word in plain_words(name) for word in words)])


def search_by_name(rows: models.QuerySet[Row], typed: str, most: int, path: str = "") -> list[Row]:
    """At most `most` rows whose name fits what was typed: `PersonSearchKeys`, or rows that `path` leads from.

    Any first letters of the first or the last name, in any order: "ann", "oneil", "o'neil, ann".
    """
    words = plain_words(typed).split()[:5]
    if not words:
        return []
    name, surname = f"{path}name_key", f"{path}surname_key"
    if len(words) == 1:
        # one index after the other, each until there are enough: the time doesn't grow with the number of
        # Anns
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

"""One form, sent twice, does one thing: public forms carry a token of their own."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django import forms
from django.core.cache import cache
from django.db import models

from clinic_site.accounts.rate_limits import keyed

Row = TypeVar("Row", bound=models.Model)
A_WHILE = 10 * 60  # seconds: less than a code is good for


class TokenField(forms.UUIDField):
    """What makes a form that is sent twice one.

    It comes unseen, so a garbled one is not held against anybody: it is new.
    """

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(**{"initial": uuid4, "required": False, **kwargs})

    def clean(self, value):
        try:
            return super().clean(value) or uuid4()
        except forms.ValidationError:
            return uuid4()


def take_once(
    rows: type[Row], token: UUID, *, also: Mapping[str, Any] | None = None, **typed: Any
) -> tuple[Row, bool]:
    """The row that a form makes, and whether it's new: the same form makes one, with other words in it
    another one. `rows` has a unique `token`; `also`: what a new row holds beside what was typed.
    """
    if rows._default_manager.filter(token=token).exclude(**typed).exists():
        token = uuid4()
    return rows._default_manager.get_or_create(token=token, defaults={**typed, **(also or {})})


class Sending:
    """What one form asks for: a mail, say. The same form with other words in it asks for something else."""

    def __init__(self, token: UUID, *typed: str):
        self.key = keyed("\n".join((str(token), *typed)))

    def begin(self) -> bool:
        """False where the same was sent a moment ago: it's done, or being done."""
        return cache.add(f"sending.{self.key}", True, A_WHILE)

    def undo(self) -> None:
        """Nothing was done, so that it may be sent again."""
        cache.delete(f"sending.{self.key}")

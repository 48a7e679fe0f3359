"""Telephone numbers in rows and forms, read by the clinic's country."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from clinic_site.registry import branding
from clinic_site.text import phones

ASK_FOR_A_NUMBER = "Write a phone number, such as 416 555 0100."
LONGEST = 30  # characters that are kept


def phone_key(typed: str) -> str:
    """What every spelling of a number has in common; empty where it's none. A query where it has no code of
    its country.
    """
    if not any(c.isdigit() for c in typed or ""):
        return ""
    has_code = phones.tidy(typed).startswith("+")
    return phones.phone_key(typed, "" if has_code else branding().country)


def validate_phone(typed: str) -> None:
    """Raises ValidationError unless it's a telephone number: any spelling, with or without an extension."""
    if not phone_key(typed):
        raise ValidationError(ASK_FOR_A_NUMBER)


class PhoneFormField(forms.CharField):
    """A number as somebody types or pastes it."""

    widget = forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"})

    def __init__(self, *, max_length: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        number = phones.tidy(super().to_python(value) or "")
        if number:
            validate_phone(number)
            if len(number) > LONGEST:
                number = phones.dialled(number).replace(";ext=", " x")
        return number


class PhoneField(models.CharField):
    """A telephone number, as it was typed."""

    default_validators = [*models.CharField.default_validators, validate_phone]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"max_length": LONGEST, "blank": True, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        # for a migration it's a column like any other
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PhoneFormField, **kwargs})

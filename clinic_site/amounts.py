"""Amounts of money as people type them. Everywhere else they are whole cents."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic_site.text.folding import seen

LARGEST = 10_000_00  # cents: more than that is a slip of the finger
SIGNS = "$£€"
FIGURES = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+(?=\.))?(?:\.\d*)?", re.ASCII)


def read_amount(typed: str) -> int:
    """The cents that were meant: "20", "20.5", "$20.00", "1,000.00". Raises ValidationError, with what to
    write instead, where that could be read in two ways or is no amount.
    """
    text = _without_sign(typed)
    if not FIGURES.fullmatch(text) or not any(c.isdigit() for c in text):
        if re.fullmatch(r"\d[\d.,\s]*", text, re.ASCII):
            raise ValidationError(
                f"“{text[:20]}” can be read in two ways. Write it with a point before the cents, and no "
                f"comma or space: {_with_a_point(text)[:20]}"
            )
        raise ValidationError("Write the amount in figures, such as 20 or 20.00.")
    whole, _, part = text.replace(",", "").partition(".")
    if len(part) > 2:
        raise ValidationError("There is no coin smaller than a cent: at most two figures after the point.")
    if (
        len(whole.lstrip("0")) > 12
        or (cents := int(whole or 0) * 100 + int(part.ljust(2, "0") or 0)) > LARGEST
    ):
        raise ValidationError(f"That is more than fits. The largest amount is {_written(LARGEST)}.")
    return cents


def _written(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _without_sign(typed: str) -> str:
    text = seen(typed).strip()
    if text[:1] in SIGNS or text[-1:] in SIGNS:
        text = text.strip(SIGNS).strip()
    if text[:1] in ("-", "−", "–"):
        raise ValidationError("Write an amount above zero, without a minus sign.")
    return text.removeprefix("+").strip()


def _with_a_point(text: str) -> str:
    """What was most likely meant."""
    return text.replace(",", ".") if re.fullmatch(r"\d+,\d\d", text) else re.sub(r"[.,\s]", "", text) + ".00"


class AmountField(forms.Field):
    """Typed as people write amounts, clean as cents. `least`: zero is refused unless it's 0."""

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40, "class": "vTextField amount"}
    )

    def __init__(self, *, least: int = 1, **kwargs: Any):
        self.least = least
        super().__init__(**{"error_messages": {"required": "Write an amount."}, **kwargs})

    def to_python(self, value: str | None) -> int | None:
        if not (value or "").strip():
            return None
        cents = read_amount(value or "")
        if cents < self.least:
            raise ValidationError("The amount is zero. Write one above zero.")
        return cents

    def prepare_value(self, value: Any) -> Any:
        return _written(value) if isinstance(value, int) else value

"""The fields of a bound form, as they were typed and as they are saved: compared by digests, and shown as
HTML.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.utils.html import escape, linebreaks

MAX_SHOWN = 2000  # characters of a text that was not accepted: all of it stays in the form


def canonical(value) -> str:
    """A field's value as text, the same whether it comes from the row or was cleaned from what was typed."""
    if isinstance(value, Model):
        return str(value.pk)
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | set) or hasattr(value, "all"):
        return "\n".join(sorted(canonical(one) for one in value))
    return str(value).replace("\r\n", "\n").strip()


def digest(value) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class EditedField:
    """One field of a bound form, as typed and as saved. `key` names it wherever it stands on the page."""

    key: str
    form: forms.ModelForm
    name: str

    @property
    def field(self) -> forms.Field:
        return self.form.fields[self.name]

    @property
    def label(self) -> str:
        return str(self.form[self.name].label)

    @property
    def saved(self):
        return self.form.get_initial_for_field(self.field, self.name)

    @property
    def typed(self):
        """As it was cleaned; as it was sent where it was not accepted (the form will say why)."""
        return self.form.cleaned_data[self.name] if self.is_accepted else self.form[self.name].data

    @property
    def is_accepted(self) -> bool:
        return self.name in self.form.cleaned_data

    @property
    def is_new_file(self) -> bool:
        return isinstance(self.field, forms.FileField) and isinstance(self.typed, UploadedFile)

    @property
    def is_prose(self) -> bool:
        """As against the end of an address, and a place in an order."""
        return not isinstance(self.field, forms.SlugField | forms.IntegerField)

    @property
    def saved_html(self) -> str:
        return self._as_html(self.saved)

    @property
    def typed_html(self) -> str:
        if self.is_accepted:
            return self._as_html(self.typed)
        sent = str(self.typed or "")
        words = re.sub(r"<[^<>]*>", " ", sent[:MAX_SHOWN])  # it was not cleaned
        return linebreaks(escape(words + ("…" if len(sent) > MAX_SHOWN else "")))

    def _as_html(self, value) -> str:
        words = self._as_text(value)
        is_cleaned = getattr(self.field, "is_html", False)
        return words if is_cleaned else linebreaks(escape(words))

    def _as_text(self, value) -> str:
        shown = self.field
        if isinstance(shown, forms.ModelMultipleChoiceField):
            return ", ".join(str(one) for one in value or ())
        if isinstance(shown, forms.ModelChoiceField) and value and not isinstance(value, Model):
            return str(shown.queryset.filter(pk=value).first() or value)  # type: ignore[union-attr]  # a field has one
        if isinstance(shown, forms.BooleanField):
            return "yes" if value else "no"
        if isinstance(shown, forms.ChoiceField):
            return str(dict(cast(Any, shown.choices)).get(value, value))
        return "" if value is None else str(value)


def fields_of(form, prefix: str = "") -> list[EditedField]:
    skipped = {"DELETE", form._meta.model._meta.pk.name}
    return [
        EditedField(f"{prefix}{name}", form, name)
        for name, shown in form.fields.items()
        if not (name in skipped or shown.disabled or isinstance(shown, forms.models.InlineForeignKeyField))
    ]

"""Text on its way in. What XML doesn't allow is taken out of what somebody typed or pasted, and refused
wherever else it comes from: by every field of a model or a form, and by the door of the database.

It's imported before the first field is made: see `apps`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from clinic_site.text.characters import is_blank, not_storable, not_storable_in_json, storable

REFUSED = "This holds a character that can't be seen or printed (%(character)s). Take it out."
BLANK = "Nothing of this can be seen. Write it in letters."


def validate_text(value: Any) -> None:
    """Raises ValidationError where a text holds what XML doesn't allow, or nothing that can be seen."""
    if character := not_storable(value):
        raise ValidationError(REFUSED, code="not_storable", params={"character": character})
    if isinstance(value, str) and is_blank(value):
        raise ValidationError(BLANK, code="blank")


def _with_subclasses(kinds: Iterable[Any]) -> Iterator[Any]:
    for kind in kinds:
        yield kind
        yield from _with_subclasses(kind.__subclasses__())


def guard_every_field() -> None:
    """Every text field there is gets the rule: also those of libraries, which know nothing of it."""
    kinds: tuple[Any, ...] = (models.CharField, models.TextField, models.JSONField, forms.CharField)
    for kind in dict.fromkeys(_with_subclasses(kinds)):
        own: Any = vars(kind).get("default_validators", () if kind not in kinds else kind.default_validators)
        if validate_text not in own and (own or kind in kinds):
            kind.default_validators = [*own, validate_text]


def _texts(params: Any, many: bool) -> Iterator[Any]:
    for row in params if many else (params,):
        yield from row.values() if isinstance(row, dict) else row or ()


def refuse_at_the_door(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Around each statement that writes: no way round the fields (`update`, `bulk_create`, raw SQL) stores
    such a character.
    """
    if sql.lstrip()[:6].upper() in ("INSERT", "UPDATE"):
        params = list(params) if many else params
        for value in _texts(params, many):
            is_json = isinstance(value, str) and value[:1] in ("{", "[", '"')
            found = not_storable_in_json(value) if is_json else not_storable(getattr(value, "obj", value))
            if found:
                raise ValidationError(REFUSED, code="not_storable", params={"character": found})
    return execute(sql, params, many, context)


@receiver(connection_created)
def guard_connection(connection: Any, **kwargs: Any) -> None:
    if refuse_at_the_door not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_at_the_door)


class TypedText:
    """Middleware: text as somebody sent it, without what XML doesn't allow; what shows nothing is empty.

    NUL is left to the forms, which refuse it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        # after the check of the form's token, which reads the form too
        if request.method != "POST":
            return
        changed = {}
        for name, values in request.POST.lists():
            cleaned = values if "password" in name else [_as_meant(value) for value in values]
            if cleaned != values:
                changed[name] = cleaned
        if changed:
            post = request.POST.copy()
            for name, cleaned in changed.items():
                post.setlist(name, cleaned)
            request.POST = post  # type: ignore[assignment]


def _as_meant(value: str) -> str:
    if "\x00" in value:
        return value
    return "" if value and is_blank(value) else storable(value)


guard_every_field()

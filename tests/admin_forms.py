"""Asking for pages of the admin, and what a browser would send back from their forms."""

import re
from html import unescape

from django.core.files import File
from django.db.models import Model
from django.test import Client
from django.urls import reverse


def as_(person) -> Client:
    """A client in which that person is signed in."""
    client = Client()
    client.force_login(person)
    return client


def address(row: Model, view: str = "change") -> str:
    """The admin's address of a row, or of another view of it."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


def filled(response, **changes) -> dict:
    """The fields of an admin form as the page holds them, with `changes`; a change to None leaves the field
    out.
    """
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False or field.field.disabled or isinstance(value, File):
                continue
            if isinstance(value, list | tuple) or hasattr(value, "all"):
                value = [one.pk if isinstance(one, Model) else one for one in value]
            data[field.html_name] = value
    if version := response.context.get("version"):
        data["_version"] = version
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def errors_of(response) -> str:
    """Everything that the form complains about."""
    found = dict(response.context["adminform"].form.errors)
    for inline in response.context["inline_admin_formsets"]:
        found[inline.formset.prefix] = [*inline.formset.errors, *inline.formset.non_form_errors()]
    return str(found)


def form_of(response) -> tuple[str, dict]:
    """Where the form of a page leads, and its hidden fields: what a browser sends when its button is
    pressed.
    """
    html = response.content.decode().partition('id="content-main"')[2]
    fields: dict = {}
    for name, value in re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)">', html):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return unescape(re.search(r'<form method="post"\s+action="([^"]+)"', html)[1]), fields

"""Names that outlive the code: databases, browsers, sealed links and people's mails hold them.

A rename that nothing here notices takes a right from a role, or breaks a link that somebody was sent. What
there is stands in `stored_names.json`. `python -m tests.test_stored_names` writes it anew, for names that are
new. (The fields of sealed pages: tests/publishing. Columns and constraints: tests/upgrade.)
"""

import ast
import json
import os
from functools import cache
from importlib import import_module
from pathlib import Path

from tests import kept

PLACE = Path(__file__).with_name("stored_names.json")
# what to do where a name of that kind is gone
WHAT_TO_DO = {
    "rights": "a right that is meant to go is a line of the changelog; a renamed permission needs a "
    "migration that renames its row, or the right is lost where it was given",
    "permissions": "write a migration that renames the rows of auth_permission",
    "tables": "a label or model renamed needs a migration of its table and of its row in "
    "django_content_type, or what points at it (log, permissions) is lost; keep `db_table` where you can",
    "choices": "rows hold this value: write a migration that changes them, or keep the value and change what "
    "it's called",
    "document types": "rows hold this name: keep it",
    "triggers": "the old trigger stands on in every database: write a migration that drops it",
    "salts": "links, locked second factors and cookies are signed with it: keep it, whatever the module is "
    "called",
    "cookies": "browsers hold it: whoever is signed in is signed out, or loses what they typed; keep it",
    "session keys": "sessions hold it: keep it, or read the old one for as long as a session lasts",
    "addresses": "mails that were sent lead there: keep it, or leave a redirect",
}


# --- what the code says -------------------------------------------------------------------------------------


def _modules():
    for room in kept.ROOMS:
        for path in sorted((kept.ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(kept.ROOT).with_suffix("").parts)
                yield name.removesuffix(".__init__"), ast.parse(path.read_text())


def _said(node: ast.expr, module: str) -> str:
    """The text that an expression gives, a name's by what stands under it; of an f-string and the like, the
    code.
    """
    match node:
        case ast.Constant(str()):
            return node.value
        case ast.Name():
            value = getattr(import_module(module), node.id, None)
        case ast.Attribute(ast.Name(id="settings")):
            from django.conf import settings

            value = getattr(settings, node.attr)
        case ast.Attribute():
            holders = [import_module(module), *vars(import_module(module)).values()]
            value = next(
                (vars(one)[node.attr] for one in holders if node.attr in getattr(one, "__dict__", ())), None
            )
        case _:
            value = None
    return value if isinstance(value, str) else ast.unparse(node)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


@cache
def _from_source() -> dict[str, list[str]]:
    found = {"salts": set(), "cookies": set(), "session keys": set(), "addresses": set()}
    for module, tree in _modules():
        for node in ast.walk(tree):
            match node:
                case ast.Call():
                    is_hmac = _called(node) == "salted_hmac"
                    salts = [*node.args[:1]] * is_hmac + [k.value for k in node.keywords if k.arg == "salt"]
                    found["salts"] |= {_said(salt, module) for salt in salts}
                    if _called(node) == "set_cookie":
                        found["cookies"].add(_said(node.args[0], module))
                    if _called(node) in ("get", "pop") and ast.unparse(node.func).endswith(
                        (".session.get", ".session.pop")
                    ):
                        found["session keys"].add(_said(node.args[0], module))
                case ast.Subscript() if ast.unparse(node.value).rpartition(".")[2] == "session":
                    found["session keys"].add(_said(node.slice, module))
                case ast.BinOp(ast.Attribute(attr="SITE_URL"), ast.Add(), ast.Call() as call) if (
                    _called(call) == "reverse"
                ):
                    found["addresses"].add(_address(call))
    return {kind: sorted(names) for kind, names in found.items()}


def _address(call: ast.Call) -> str:
    from django.urls import reverse

    given = [len(k.value.elts) for k in call.keywords if k.arg == "args"]
    return reverse(call.args[0].value, args=["x"] * sum(given))


# --- what the models and the database say -------------------------------------------------------------------


def _models():
    from django.apps import apps

    for config in apps.get_app_configs():
        if config.name.partition(".")[0] in kept.ROOMS:
            yield from config.get_models(include_auto_created=True)


def _documents(model):
    for one in model.__subclasses__():
        yield from _documents(one)
        if one.KIND and not one.__module__.startswith("tests."):
            yield one.KIND


def today() -> dict:
    """Every name by its kind."""
    from django.conf import settings

    from clinic_site import append_only
    from clinic_site.accounts.roles import ROLES
    from clinic_site.publishing.models import Document

    models = [model for model in _models() if not model.__module__.startswith("tests.")]
    choices = {
        f"{model._meta.label_lower}.{field.name}": sorted(str(value) for value, _ in field.flatchoices)
        for model in models
        for field in model._meta.local_fields
        if field.choices and not model._meta.proxy
    }
    of_the_tests = {right for right in set().union(*ROLES.values()) if right.startswith("notices.")}
    found = _from_source()
    return {
        "rights": {role: sorted(rights - of_the_tests) for role, rights in ROLES.items()},
        "permissions": sorted(
            f"{model._meta.app_label}.{codename}"
            for model in models
            for codename, _ in model._meta.permissions
        ),
        "tables": {
            model._meta.label_lower: model._meta.db_table
            for model in sorted(models, key=lambda one: one._meta.label)
        },
        "choices": choices,
        "document types": sorted(_documents(Document)),
        "triggers": sorted(
            append_only._trigger(model, rule) for model in models for rule in append_only.rules_of(model)
        ),
        **found,
        "cookies": sorted({*found["cookies"], settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}),
    }


def flat(names: dict) -> dict[str, set[str]]:
    """{kind: {"Editor: blog.add_answer", …}}"""
    return {
        kind: set(held)
        if isinstance(held, list)
        else {
            f"{key}: {one}"
            for key, some in held.items()
            for one in ([some] if isinstance(some, str) else some)
        }
        for kind, held in names.items()
    }


# --- tests --------------------------------------------------------------------------------------------------


def test_no_name_that_is_stored_was_renamed():
    now, before = flat(today()), flat(json.loads(PLACE.read_text()))
    assert now.keys() == before.keys() == WHAT_TO_DO.keys()
    gone = [
        f"{kind}: {', '.join(sorted(names - now[kind]))} gone. What to do: {WHAT_TO_DO[kind]}."
        for kind, names in before.items()
        if names - now[kind]
    ]
    assert not gone, "\n".join(gone)
    new = {kind: sorted(names - before[kind]) for kind, names in now.items() if names - before[kind]}
    assert not new, f"New names; note them with `python -m tests.test_stored_names`: {new}"


def test_the_database_has_these_names(db):
    from django.contrib.auth.models import Permission
    from django.db import connection

    from clinic_site import append_only

    stored = json.loads(PLACE.read_text())
    assert set(stored["tables"].values()) <= set(connection.introspection.table_names())
    assert set(stored["triggers"]) <= append_only.present()
    rights = Permission.objects.values_list("content_type__app_label", "codename")
    wanted = {*stored["permissions"], *(right for rights in stored["rights"].values() for right in rights)}
    assert wanted <= {f"{label}.{codename}" for label, codename in rights}


def test_each_way_to_name_something_stored_is_found():
    names = today()
    assert {"referrals.introduction", "staff.second_factor"} <= set(names["salts"])
    assert {"sessionid", "csrftoken", "saved"} <= set(names["cookies"])
    assert {"asked_with", "unsent", "code", "seen_at", "second_factor_of"} <= set(names["session keys"])
    assert {"/preview/x/", "/invitation/x/", "/r/x/", "/introduction/x/withdraw/"} <= set(names["addresses"])


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    PLACE.write_text(json.dumps(today(), indent=1) + "\n")

"""The table of rights, held against every address of the admin: one that has no line there fails."""

import re
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from tests import factories
from tests.backoffice.rights import USERS, parsed
from tests.notices import urls

pytestmark = [pytest.mark.one_engine, pytest.mark.django_db, pytest.mark.urls("tests.notices.urls")]

# What an action's form needs beside its initial values, so that its verb is asked. Empty: only the button.
SENT = {
    "submit": {"change_note": "New words."},
    "withdraw": {"because": "A new trial"},
    "stop": {"because": "A new trial"},
    "send-back": {"because": "Too long"},
    "sign": {"when": "now", "password": factories.PASSWORD},
    "publish": {"when": "now"},
    "preview-link": {"reader": "Our insurer"},
    "reset-second-factor": {"password": factories.PASSWORD},
    "attended": {"on": timezone.localdate().isoformat()},
    "declined": {"because": "never"},
    "closed": {"because": "never"},
    "redeem": {"amount": "1", "spent_on": "Sun cream", "invoice": "2026-77"},
    "adjust": {"way": "give", "amount": "1", "because": "Goodwill"},
    "reverse": {"because": "Not due"},
}
# pages of no model that need more than their address to be asked
ASKED = {
    "guide": (["writing"], {}),
    "referrals_report_csv": (["ledger"], {}),
    "view_on_site": ([0, 0], {}),
    "app_list": (["blog"], {}),
    "autocomplete": (
        [],
        {"term": "", "app_label": "treatments", "model_name": "treatmentclaim", "field_name": "claim"},
    ),
}
PAGES_SENT = {
    "referrals_late_mention": {"on": timezone.localdate().isoformat(), "visit_number": "V-77"},
}


# --- the addresses ------------------------------------------------------------------------------------------


def addresses() -> dict[str, list]:
    """Every address below the admin's: {"blog.answer change": [name, how many arguments]}.

    Found by walking the resolver.
    """
    models = {
        model._meta.label_lower.replace(".", "_"): model._meta.label_lower for model in admin.site._registry
    }

    def walk(patterns, names=()):
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, names)
            else:
                yield one

    [below] = [one for one in get_resolver().url_patterns if getattr(one, "namespace", None) == "admin"]
    found = {}
    for one in walk(below.url_patterns):
        if one.name is None:
            # a row's address without its view, and whatever has no page: neither shows anything
            assert one.callback.__name__ in ("view", "catch_all_view", "with_what_was_typed"), one
            continue
        room = next((label for begin, label in models.items() if one.name.startswith(f"{begin}_")), "-")
        view = one.name.removeprefix(f"{room.replace('.', '_')}_")
        found[f"{room} {view}"] = one.name
    return found


def test_every_address_of_the_admin_has_a_line_and_no_line_is_stale():
    found, lines = set(addresses()), set(parsed())
    missing = "\n".join(f"{name}   {' '.join('?' * len(USERS))}" for name in sorted(found - lines))
    assert not found - lines, (
        f"Add to TABLE in tests/backoffice/rights.py, with a mark for each of {', '.join(USERS)}:\n{missing}"
    )
    assert not lines - found, f"There is no such address any more: {sorted(lines - found)}"


def test_every_action_of_a_room_has_its_own_line():
    actions = {
        f"{model._meta.label_lower} {action.name}"
        for model, room in admin.site._registry.items()
        for action in getattr(room, "row_actions", ())
    }
    assert actions <= set(parsed())


# --- how they answer ----------------------------------------------------------------------------------------


def person_of(kind: str, furnished) -> User | None:
    if kind == "nobody":
        return None
    if kind == "member":
        return furnished["referrals.member"].user
    if kind in factories.ROLES:
        return factories.person(kind)
    user = User.objects.create_user(
        f"{kind}@clinic.test", factories.PASSWORD, name=f"Test {kind}", is_staff=True
    )
    User.objects.filter(pk=user.pk).update(is_superuser=kind == "root")
    return User.objects.get(pk=user.pk)


def is_sign_in(response) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith("/admin/login/")


class Asking:
    """One person at every address.

    Each request is undone again; whether a verb asked for a role in vain is noted.
    """

    def __init__(self, person, furnished, monkeypatch):
        self.person, self.client, self.furnished, self.asked, self.refused = (
            person,
            Client(),
            furnished,
            [],
            [],
        )
        if person:
            self.client.force_login(person)
        for error in (403, 404):  # its status is looked at, not its page
            page = HttpResponse(status=error)
            monkeypatch.setattr(urls, f"handler{error}", lambda request, exception, page=page: page)
        has_role_permission = User.has_role_permission

        def noted(user, permission):
            answer = has_role_permission(user, permission)
            (self.asked if answer else self.refused).append(permission)
            return answer

        monkeypatch.setattr(User, "has_role_permission", noted)

    def ask(self, method: str, address: str, sent: dict | None = None):
        with transaction.atomic():
            self.asked.clear()
            self.refused.clear()
            response = getattr(self.client, method)(address, sent or {})
            transaction.set_rollback(True)
        return response

    def mark(self, line: str, name: str) -> str:
        room, view = line.split()
        if room == "-":
            arguments, query = ASKED.get(name, ([], {}))
            sent = PAGES_SENT.get(name, {})
            if name == "referrals_late_mention":
                sent = {**sent, "who": self.furnished["referrals.member"].code, "token": str(uuid4())}
        else:
            needs_row = view not in ("changelist", "add", "personal_data")
            row = (
                self.furnished["referrals.member"].account
                if view in ("redeem", "adjust")
                else self.furnished[room]
            )
            arguments, query, sent = ([row.pk] if needs_row else []), {}, SENT.get(view, {})
        address = reverse(f"admin:{name}", args=arguments)
        shown = self.ask("get", address, query)
        if is_sign_in(shown):
            assert is_sign_in(self.ask("post", address, sent)), (
                f"{line}: a form is taken of somebody who isn't signed in"
            )
            return ">"
        if shown.status_code == 404:
            assert self.ask("post", address, sent).status_code == 404, (
                f"{line}: there's nothing to be seen, and it is taken"
            )
            return "-"
        if shown.status_code == 403:
            assert self.ask("post", address, sent).status_code in (403, 405), (
                f"{line}: shown to nobody, and taken"
            )
            return "."
        form = shown.context.get("form") if shown.context and view in self.actions(room) else None
        if (
            form is None and shown.context and "why_closed" in shown.context
        ):  # its page has no form: what is sent all the same
            form = self.actions(room)[view].form(row=row, by=self.person)
        if form is not None:
            made = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
            sent = {**made, **sent}
        taken = self.ask("post", address, sent)
        if taken.status_code in (403, 405):
            return "r"
        if form is not None:
            bound = taken.context.get("form") if taken.status_code == 422 else None
            is_asked = self.asked or self.refused or not (bound and bound.errors)
            assert is_asked, f"{line}: its verb wasn't asked: {bound.errors}. Say in SENT what its form needs"
        return "v" if (form is not None or sent) and self.refused else "o"

    def actions(self, room: str) -> dict:
        rooms = {model._meta.label_lower: model_admin for model, model_admin in admin.site._registry.items()}
        return {action.name: action for action in rooms[room].row_actions} if room in rooms else {}


OUTSIDE_THE_DOOR = {"- login", "- logout"}  # whoever signs in isn't signed in


@pytest.mark.parametrize("kind", USERS)
def test_each_address_answers_each_kind_of_person_as_the_table_says(kind, furnished, monkeypatch):
    asking = Asking(person_of(kind, furnished), furnished, monkeypatch)
    lines, answered = parsed(), {}
    for line, name in addresses().items():
        if line in lines and line not in OUTSIDE_THE_DOOR:
            answered[line] = asking.mark(line, name)
    wanted = {line: lines[line][kind] for line in answered}
    wrong = [
        f"{line}: the table says {wanted[line]}, {kind} gets {mark}"
        for line, mark in answered.items()
        if mark != wanted[line]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", factories.ROLES)
def test_no_page_leads_its_reader_to_one_that_refuses_them(role, furnished):
    client, refused = Client(), {}
    client.force_login(factories.person(role))
    shown = [reverse("admin:index"), reverse("admin:referrals_desk")]
    for model, row in furnished.items():
        views = (("changelist", []), ("change", [row.pk]), ("history", [row.pk]))
        shown += [reverse(f"admin:{model.replace('.', '_')}_{view}", args=args) for view, args in views]
    asked = {}
    for address in shown:
        page = client.get(address, follow=True)
        if page.status_code != 200:
            continue
        for led_to in set(re.findall(r'href="(/admin/[^"#?]*)', page.content.decode())) - {"/admin/logout/"}:
            if led_to not in asked:
                asked[led_to] = client.get(led_to).status_code
            if asked[led_to] == 403:
                refused[led_to] = address
    assert not refused, "\n".join(
        f"{address} leads {role} to {led_to}" for led_to, address in refused.items()
    )
    assert len(asked) > 20

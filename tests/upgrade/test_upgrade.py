"""Every site that an earlier version left is brought up to date by `migrate`, and stands."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from clinic_site import append_only
from clinic_site.accounts import roles
from clinic_site.accounts.models import User
from clinic_site.operations.models import Heartbeat
from clinic_site.publishing.models import Edition
from referrals.models import FormerRules, Transfer
from tests import prepared
from tests.upgrade import dumps
from tests.upgrade.clock import clock


@pytest.fixture(scope="module", params=dumps.VERSIONS)
def told(request, django_db_setup, django_db_blocker):
    """What was noted of that site when it was dumped. It's the database, brought up to date, an hour after.

    The day is that of the dump: what is overdue years later, or has ended, is no matter of an upgrade.
    """
    path = dumps.path_of(request.param, connection.vendor)
    with django_db_blocker.unblock():
        prepared.take_empty("upgrade")
        dumps.load(path)
        call_command("migrate", verbosity=0, interactive=False)
        with clock(Heartbeat.objects.get().at + timedelta(minutes=61)):
            call_command("tick", stdout=StringIO())
            yield json.loads(path.with_name(f"{connection.vendor}.json").read_text())
        prepared.leave()


@pytest.fixture
def site(told, db):
    return told


def test_prove_holds_and_the_ledger_is_that_of_then(site):
    call_command("prove", head=site["head"], stdout=StringIO())  # exits where a promise is broken


def test_what_was_moved_by_then_is_judged_by_the_rules_of_then(site):
    last = int(site["head"].partition(":")[0])
    assert FormerRules.objects.get().until == Transfer.objects.get(number=last).at


def test_triggers_are_those_of_todays_models(site):
    assert append_only.missing() == []
    wanted = {
        append_only._trigger(model, rule)
        for model in append_only.guarded_models()
        for rule in append_only.rules_of(model)
    }
    there = {
        name.removesuffix("_all") for name in append_only.present() if name.startswith(append_only.PREFIX)
    }
    assert there == wanted, "A migration has to drop a trigger that no model names any more."


def test_roles_have_the_rights_of_today(site):
    for name, wanted in roles.ROLES.items():
        rights = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
        assert {f"{label}.{codename}" for label, codename in rights} == wanted


def test_each_address_answers_as_it_did(site, client):
    """Pages of each kind, and links that somebody was sent."""
    answers = {address: client.get(address, follow=True).status_code for address in site["answers"]}
    assert answers == site["answers"]


def test_the_site_is_ready(site, client):
    state = client.get("/readyz").json()
    state.pop("pictures", None)  # a dump is a database alone
    assert set(state.values()) == {"ok"}, state


def test_what_was_scheduled_went_live_after_the_upgrade(site, client):
    assert client.get("/blog/scheduled/").status_code == 200


def test_each_page_says_what_was_sealed(site, client):
    for edition in Edition.objects.exclude(live=None):
        assert edition.is_intact
        assert edition.page.title in client.get(edition.document.specific.get_absolute_url()).content.decode()


def test_a_member_reads_their_statement(site, client):
    client.force_login(User.objects.get(email=site["member"]))
    assert client.get("/refer-a-friend/statement/").status_code == 200


@pytest.mark.parametrize("role", ["manager", "editor", "clinician", "desk"])
def test_staff_open_every_list_that_is_theirs(role, site, client):
    client.force_login(User.objects.get(email=f"{role}@clinic.example"))
    page = client.get("/admin/")
    assert page.status_code == 200
    shown = [model["admin_url"] for app in page.context["available_apps"] for model in app["models"]]
    assert {address: client.get(address, follow=True).status_code for address in shown} == dict.fromkeys(
        shown, 200
    )
    if role == "desk":
        assert client.get(reverse("admin:referrals_desk")).status_code == 200

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.audit_log import log
from clinic_site.audit_log.models import AuditEntry
from clinic_site.clinic import models as clinic
from clinic_site.publishing.models import Stop
from referrals import credit, rewards
from referrals.models import Switch
from tests import factories
from tests.admin_forms import errors_of, filled
from tests.backoffice.rights import opened_by

pytestmark = pytest.mark.django_db

SINGLE_ROWS = {"clinic.details", "publishing.urgenthelp", "publishing.beforetreatment"}
ROOMS = opened_by("changelist")  # model -> the roles that open its list


def address(model, view, row=None):
    return reverse(f"admin:{model.replace('.', '_')}_{view}", args=[row.pk] if row else [])


@pytest.mark.parametrize("role", ["manager", "editor", "clinician", "desk"])
def test_the_first_page_shows_a_role_its_rooms_only(role, furnished, client):
    client.force_login(factories.person(role))
    html = client.get("/admin/").content.decode()
    shown = {model for model in ROOMS if f'href="{address(model, "changelist")}"' in html}
    assert shown == {model for model, openers in ROOMS.items() if role in openers}
    assert "A clinic" in html


def test_a_superuser_opens_everything(furnished, client):
    client.force_login(User.objects.create_superuser("root@clinic.test", "a long password", name="Root"))
    for model, row in furnished.items():
        assert client.get(address(model, "changelist"), follow=True).status_code == 200
        assert client.get(address(model, "change", row)).status_code == 200


def test_strangers_are_led_to_the_sign_in(furnished, client):
    for model, row in furnished.items():
        assert client.get(address(model, "change", row)).headers["Location"].startswith("/admin/login/")


def test_people_sign_in_with_their_e_mail_address(editor, client):
    page = client.get("/admin/login/", follow=True)
    assert "E-mail address" in page.content.decode()
    client.post("/admin/account/login/", {"username": editor.email.upper(), "password": "a long password"})
    assert client.get("/admin/").status_code == 200


def test_no_list_asks_a_question_for_each_row(furnished, manager, clinician, editor, client):
    def questions(model):
        with CaptureQueriesContext(connection) as asked:
            client.get(address(model, "changelist"))
        return len(asked)

    client.force_login(manager)
    lists = [model for model in ROOMS if model not in SINGLE_ROWS]
    before = {model: questions(model) for model in lists}
    for name in ("sweat-more", "sweat-most"):
        made = factories.treatment(name, by=editor, checked_by=clinician)
        made.submit(by=editor, change_note="First edition.").sign(by=clinician)
        Stop.say(made.roles.first().claim, by=editor, because="A new trial")
        factories.answer(f"why-{name}", by=editor, checked_by=clinician)
        factories.person("clinician")
        clinic.Message.objects.create(
            name="Bo",
            email="bo@patients.test",
            words="Hello",
            answered_at=timezone.now(),
            answered_by=manager,
        )
        log.write("changed", made, by=editor, changes=[("title", "a", "b")])
        _more_credit(furnished["referrals.terms"])
    assert {model: questions(model) for model in lists} == before


def _more_credit(terms) -> None:
    """Of everything one more: a friend with credit of their own, a redemption, a reversal, an adjustment."""
    desk, manager = factories.person("desk"), factories.person("manager")
    member = factories.member(terms, confirmed_by=desk)
    factories.referral(member)
    reward = rewards.attend(factories.referral(member), by=desk, on=timezone.localdate())[0]
    credit.adjust(member.account, cents=1000, because="Goodwill", token=uuid4(), by=manager)
    credit.redeem(member.account, cents=500, spent_on="Sun cream", invoice="2026-1", token=uuid4(), by=desk)
    credit.reverse(reward, by=manager, because="Not due")
    Switch.objects.create(is_open=True, because="Once more", by=manager)


def test_odd_searches_are_answered(furnished, client):
    client.force_login(factories.person("manager"))
    for query in ("\x00", "a\x00b", "'\"%_", "x" * 10_000):
        for model in ROOMS:
            assert client.get(address(model, "changelist"), {"q": query}, follow=True).status_code == 200
    term = {"term": "\x00", "app_label": "treatments", "model_name": "treatmentclaim", "field_name": "claim"}
    assert client.get("/admin/autocomplete/", term).status_code == 200


def test_rows_that_are_not_there_are_no_error(furnished, client):
    client.force_login(factories.person("manager"))
    for model in ROOMS:
        for key in ("0", "-1", "x", "9" * 40, "1%00", "%2F"):
            assert client.get(f"{address(model, 'changelist')}{key}/change/").status_code in (302, 404), (
                model,
                key,
            )


# --- people -------------------------------------------------------------------------------------------------


def test_half_a_registration_is_said_in_words(manager, clinician, client):
    client.force_login(manager)
    page = client.get(address("accounts.user", "change", clinician))
    response = client.post(
        address("accounts.user", "change", clinician), filled(page, registration_number="")
    )
    assert "half can" in errors_of(response)


def test_nobody_becomes_a_superuser_through_the_admin(manager, client):
    client.force_login(manager)
    mine = address("accounts.user", "change", manager)
    response = client.post(mine, filled(client.get(mine), is_superuser="on", user_permissions=["1"]))
    assert response.status_code == 302
    manager.refresh_from_db()
    assert not manager.is_superuser
    assert not manager.user_permissions.exists()


def test_a_manager_cannot_touch_a_superuser(manager, client):
    root = User.objects.create_superuser("root@clinic.test", "a long password", name="Root")
    client.force_login(manager)
    assert (
        client.post(
            address("accounts.user", "change", root), {"email": "mine@clinic.test", "name": "Mine"}
        ).status_code
        == 403
    )
    root.refresh_from_db()
    assert root.email == "root@clinic.test"


def test_nobody_changes_their_own_roles_or_registration(manager, client):
    root = User.objects.create_superuser("root@clinic.test", "a long password", name="Root")
    clinician = Group.objects.get(name="Clinician")
    forged = {
        "groups": [clinician.pk],
        "registration_body": "Made up",
        "registration_number": "1",
        "is_active": "",
    }
    for person in (root, manager):
        client.force_login(person)
        mine = address("accounts.user", "change", person)
        page = client.get(mine)
        assert not {"groups", "is_staff", "is_active", "registration_body"} & set(
            page.context["adminform"].form.fields
        )
        assert "You can’t change this for yourself" in page.content.decode()
        assert client.post(mine, filled(page, name="Other", **forged)).status_code == 302
        before = list(person.groups.all())
        person.refresh_from_db()
        assert (person.name, person.is_active, person.registration_body) == ("Other", True, "")
        assert list(person.groups.all()) == before


def test_the_first_manager_takes_the_role_while_there_is_none(client):
    root = User.objects.create_superuser("root@clinic.test", "a long password", name="Root")
    client.force_login(root)
    mine = address("accounts.user", "change", root)
    manager = Group.objects.get(name="Manager")
    assert client.post(mine, filled(client.get(mine), groups=[manager.pk])).status_code == 302
    assert list(root.groups.all()) == [manager]
    clinician = Group.objects.get(name="Clinician")
    client.post(mine, filled(client.get(mine), groups=[manager.pk, clinician.pk]))
    assert list(root.groups.all()) == [manager]


def test_the_last_manager_stays(manager, client):
    client.force_login(User.objects.create_superuser("root@clinic.test", "a long password", name="Root"))
    theirs = address("accounts.user", "change", manager)
    response = client.post(theirs, filled(client.get(theirs), is_active=None))
    assert "last manager" in errors_of(response)


def test_people_are_not_deleted(manager, editor, client):
    client.force_login(manager)
    assert client.post(f"/admin/accounts/user/{editor.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(
        "/admin/accounts/user/", {"action": "delete_selected", "_selected_action": [editor.pk], "post": "yes"}
    )
    assert User.objects.filter(pk=editor.pk).exists()


def test_a_sample_stays_a_sample(manager, client):
    sample = factories.person("editor", is_sample=True)
    client.force_login(manager)
    page = client.get(address("accounts.user", "change", sample))
    client.post(address("accounts.user", "change", sample), filled(page, is_sample=None, name="Other"))
    sample.refresh_from_db()
    assert sample.name == "Other"
    assert sample.is_sample


def test_the_log_is_read_only(furnished, manager, client):
    client.force_login(manager)
    entry = furnished["audit_log.auditentry"]
    assert client.post(address("audit_log.auditentry", "change", entry), {"said": "x"}).status_code == 403
    assert client.post(f"/admin/audit_log/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).said == entry.said


def test_changing_ones_own_password_in_our_words(client, editor):
    client.force_login(editor)
    html = client.get("/admin/password_change/").content.decode()
    assert all(
        words in html for words in ("Change your password", "Current password", "Choose a new password")
    )
    assert "at least 8 characters" in html, "the rules are those of the settings"
    sent = {"old_password": "not this one", "new_password1": "12345", "new_password2": "12345"}
    html = client.post("/admin/password_change/", sent).content.decode()
    assert "isn’t changed yet" in html
    assert "too short" in html
    done = client.post(
        "/admin/password_change/",
        dict.fromkeys(sent, "a long and new one") | {"old_password": factories.PASSWORD},
        follow=True,
    )
    assert "Use the new one from now on." in done.content.decode()


def test_beside_a_choice_it_says_in_words_where_one_gets_to(client, draft, editor):
    client.force_login(editor)
    html = client.get(reverse("admin:treatments_treatment_change", args=[draft.pk])).content.decode()
    assert ">New claim<" in html
    assert ">Open it<" in html
    assert "icon-addlink" not in html.partition("related-widget-wrapper")[2]

"""People are invited: the link works once, its holder chooses the password, and nobody else learns
anything.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts.invitations import Invitation, InvitationError, UnknownInvitation
from clinic_site.accounts.models import User
from clinic_site.audit_log.models import AuditEntry
from clinic_site.privacy.personal_data import Person, erase_personal_data, export_personal_data
from tests import factories
from tests.admin_forms import as_, errors_of

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/accounts/invitation/", "/admin/accounts/invitation/add/"
WRITTEN = {"email": "Nell@Surgery.test", "name": "Nell Ferrow", "role": "Clinician", "title": "Dr"}
TYPED = {
    "name": "Nell Ferrow",
    "title": "Dr",
    "registration_body": "Test register",
    "registration_number": "77",
    "new_password1": "an evening by the sea",
    "new_password2": "an evening by the sea",
}


def invite(by, **fields) -> Invitation:
    return Invitation.invite(Invitation(**WRITTEN | {"email": "nell@surgery.test"} | fields), by=by)


def link() -> str:
    """The address in the newest mail."""
    return re.search(r"http://testserver(/invitation/[\w-]+/)", Email.objects.order_by("-pk")[0].message)[1]


def token() -> str:
    return link().split("/")[2]


def accept(**typed):
    fields = ("name", "title", "registration_body", "registration_number")
    return Invitation.accept(
        token(), password="an evening by the sea", **{name: TYPED[name] for name in fields} | typed
    )


# --- the way of it ------------------------------------------------------------------------------------------


def test_somebody_invited_chooses_a_password_and_signs_in(manager, client):
    # given a manager who invites a clinician
    response = as_(manager).post(ADD, WRITTEN)
    assert response.status_code == 302, errors_of(response)
    mail = Email.objects.get()
    assert mail.to == ["nell@surgery.test"]
    assert manager.name in mail.message
    assert "What it does: signs medical pages" in mail.message
    expires = mail.email_message().message()["Expires"]
    assert parsedate_to_datetime(expires) == Invitation.objects.get().ends_at.replace(microsecond=0)
    # when the clinician opens the link, and takes it
    page = client.get(link())
    html = page.content.decode()
    assert "signs medical pages" in html
    assert "This invitation is open until" in html
    assert 'value="Nell Ferrow"' in html
    # no other site learns the address; "no-referrer" would have the browser send the form without its origin
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("same-origin", "noindex")
    assert "no-store" in page["Cache-Control"]
    response = client.post(link(), TYPED, follow=True)
    # then they are signed in, in that role, with what they typed
    assert response.request["PATH_INFO"] == "/admin/"
    made = User.objects.get(email="nell@surgery.test")
    assert made.signature == "Dr Nell Ferrow (Test register, 77)"
    assert made.is_staff
    assert made.has_role_permission("publishing.sign_edition")
    assert [group.name for group in made.groups.all()] == ["Clinician"]
    assert Client().login(username="nell@surgery.test", password="an evening by the sea")
    assert Invitation.objects.get().accepted_by == made


def test_where_a_second_factor_is_demanded_they_set_it_up_first(manager, settings):
    settings.HTTPS = True
    invite(manager)
    client = Client()
    response = client.post(link(), TYPED, follow=True)
    assert response.request["PATH_INFO"] == "/admin/account/second-factor/"


@pytest.mark.parametrize("role", ["Manager", "Editor", "Clinician", "Front desk"])
def test_every_role_can_be_invited(manager, role):
    invite(manager, role=role)
    made = accept()
    assert {
        f"{p.content_type.app_label}.{p.codename}" for p in Group.objects.get(name=role).permissions.all()
    } == (made.get_all_permissions())


def test_what_is_wrong_is_said_and_what_was_typed_stays(manager, client):
    invite(manager)
    for change, words in {
        "new_password2": "didn’t match",
        "new_password1": "too common",
        "registration_number": "required",
        "name": "required",
    }.items():
        typed = TYPED | (
            {"new_password1": "password", "new_password2": "password"} if "common" in words else {change: ""}
        )
        response = client.post(link(), typed | {"title": "Prof"})
        assert response.status_code == 422
        assert 'value="Prof"' in response.content.decode()
    assert not User.objects.filter(email="nell@surgery.test").exists()


# --- one link, once -----------------------------------------------------------------------------------------


def test_used_ended_taken_back_and_unknown_are_one_page(manager, client):
    seen = {client.get("/invitation/never-was-one/").content}
    invite(manager, email="a@surgery.test").take_back(by=manager)
    seen.add(client.get(link()).content)
    invite(manager, email="b@surgery.test")
    accept()
    seen.add(Client().get(link()).content)
    with factories.ago(days=8):
        invite(manager, email="c@surgery.test")
    seen |= {client.get(link()).content, client.post(link(), TYPED).content}
    assert len(seen) == 1
    assert client.get(link()).status_code == 404


def test_two_tabs_make_one_account(manager):
    invite(manager)
    tabs = Client(), Client()
    assert [tab.get(link()).status_code for tab in tabs] == [200, 200]
    assert tabs[0].post(link(), TYPED).status_code == 302
    again = tabs[1].post(
        link(), TYPED | {"new_password1": "another evening out", "new_password2": "another evening out"}
    )
    assert again.status_code == 404
    assert "sign in" in again.content.decode()
    assert User.objects.get(email="nell@surgery.test").check_password("an evening by the sea")


def test_sending_again_makes_the_link_before_worthless(manager):
    with factories.ago(days=8):
        invitation = invite(manager)
    before = link()
    client = as_(manager)
    assert client.post(f"{LIST}{invitation.pk}/again/").status_code == 302
    assert Client().get(before).status_code == 404
    assert Client().get(link()).status_code == 200
    accept()
    refused = client.post(f"{LIST}{invitation.pk}/again/")
    assert refused.status_code == 422
    assert "accepted meanwhile" in refused.content.decode()
    assert client.post(f"{LIST}{invitation.pk}/take-back/").status_code == 422


def test_the_row_holds_no_token(manager):
    invitation = invite(manager)
    assert token() not in str(vars(invitation))
    assert len(token()) >= 43


# --- who may, and whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["editor", "clinician", "desk"])
def test_only_a_manager_invites(role, manager):
    somebody = factories.person(role)
    client = as_(somebody)
    assert client.post(ADD, WRITTEN).status_code == 403
    assert client.get(LIST).status_code == 403
    with pytest.raises(InvitationError):
        invite(somebody)
    with pytest.raises(InvitationError):
        invite(manager).take_back(by=somebody)


def test_nobody_types_another_persons_password_any_more(manager):
    client = as_(manager)
    assert client.get("/admin/accounts/user/add/").status_code == 403
    html = client.get("/admin/accounts/user/").content.decode()
    assert ADD in html
    assert "/admin/accounts/user/add/" not in html


def test_an_address_that_is_known_is_told_to_the_manager_alone(manager, editor, client):
    member = factories.member(factories.terms()).user
    invite(manager)
    mails, asked = Email.objects.count(), as_(manager)
    for email, words in {
        editor.email: "has an account with this address already",
        member.email: "member of refer-a-friend",
        "NELL+x@surgery.test": "invited already",
    }.items():
        response = asked.post(ADD, WRITTEN | {"email": email})
        assert words in errors_of(response)
        with pytest.raises(InvitationError, match=words):
            invite(manager, email=email)
    assert Email.objects.count() == mails


def test_an_address_that_found_a_sign_in_meanwhile(manager, client):
    invitation = invite(manager)
    User.objects.create_user("nell@surgery.test", name="Nell")
    response = client.post(link(), TYPED)
    assert response.status_code == 422
    assert "has a sign-in here by now" in response.content.decode()
    with pytest.raises(InvitationError, match="sign-in of its own"):
        invitation.send_again(by=manager)


def test_whoever_looks_while_signed_in_is_told_so_and_stays(manager):
    invite(manager)
    client = as_(manager)
    assert manager.email in client.get(link()).content.decode()
    assert client.get("/admin/").status_code == 200


# --- going round the code -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role": "Manager"}, "stays what it was"),
        ({"email": "other@surgery.test"}, "stays what it was"),
        ({"token_digest": None, "taken_back_at": timezone.now()}, "a_taking_back_has_a_name|CHECK"),
        ({"accepted_at": timezone.now() + timedelta(days=8)}, "while it is open"),
        ({"accepted_at": timezone.now()}, "an_acceptance_has_a_person|over_has_no_link"),
        ({"name": ""} | {"forgotten_at": timezone.now(), "token_digest": None}, "names_nobody"),
    ],
)
def test_the_database_holds_an_invitation_to_what_it_was(manager, change, words):
    invitation = invite(manager)
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(**change)


def test_the_database_lets_it_be_used_once_and_by_a_manager_alone_be_made(manager, editor):
    invitation = invite(manager)
    accept()
    for change in (
        {"accepted_at": timezone.now()},
        {"accepted_by": editor},
        {"accepted_at": None, "accepted_by": None},
    ):
        with pytest.raises(IntegrityError, match="once"), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**change)
    with pytest.raises(IntegrityError, match="a manager invites"), transaction.atomic():
        Invitation.objects.create(
            **WRITTEN, invited_by=editor, invited_at=timezone.now(), ends_at=timezone.now()
        )


def test_an_invitation_taken_back_is_never_accepted(manager):
    invitation = invite(manager)
    invitation.take_back(by=manager)
    with pytest.raises(UnknownInvitation):
        accept()
    made = User.objects.create_user("nell@surgery.test", name="Nell")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=made)


# --- what is kept -------------------------------------------------------------------------------------------


def test_name_and_address_go_thirty_days_after_the_end(manager):
    with factories.ago(days=36):
        ended = invite(manager, email="a@surgery.test")
    with factories.ago(days=38):
        old, accepted = invite(manager, email="b@surgery.test"), invite(manager, email="c@surgery.test")
        accept()
    call_command("tick")
    call_command("tick")
    assert {row.pk: row.email for row in Invitation.objects.all()} == {
        ended.pk: "a@surgery.test",
        old.pk: "",
        accepted.pk: "",
    }
    assert as_(manager).get(LIST).status_code == 200
    invite(manager, email="b@surgery.test")


def test_what_is_held_is_told_and_forgotten(manager):
    invitation = invite(manager)
    person = Person("nell@surgery.test")
    assert export_personal_data(person)["Invitations"][0]["Name"] == "Dr Nell Ferrow"
    erase_personal_data(person)
    invitation.refresh_from_db()
    assert (invitation.name, invitation.email, invitation.status) == ("", "", "taken back")
    assert export_personal_data(person) == {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=manager)


def test_the_log_names_nobody_who_is_invited(manager):
    as_(manager).post(ADD, WRITTEN)
    as_(manager).post(f"{LIST}{Invitation.objects.get().pk}/take-back/")
    said = " ".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "Invitation" in said
    assert "Nell" not in said
    assert "surgery" not in said.lower()


def test_the_list_stands_on_few_queries(manager, django_assert_max_num_queries):
    for n in range(12):
        invite(manager, email=f"n{n}@surgery.test")
    client = as_(manager)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("admin:accounts_invitation_changelist")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_make_one_account(manager):
    invite(manager)
    address, barrier = link(), Barrier(2)

    def one(_):
        try:
            barrier.wait(60)
            return Client().post(address, TYPED).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [302, 404]
    assert User.objects.filter(email="nell@surgery.test").count() == 1


def test_the_log_of_an_invitation_holds_nothing_that_only_machines_read(manager):
    invitation = invite(manager)
    as_(manager).post(f"{LIST}{invitation.pk}/again/")
    as_(manager).post(f"{LIST}{invitation.pk}/take-back/")
    told = [change[0] for entry in AuditEntry.objects.all() for change in entry.changes]
    assert "taken back at" in told
    assert not [field for field in told if "token" in field or "digest" in field]

"""Who forgot their password chooses a new one by a link to their own address: nobody else types it, nor
learns who works here.
"""

import re

import pytest
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import AuditEntry
from tests.admin_forms import as_, errors_of, filled
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "an evening by the sea", "new_password2": "an evening by the sea"}


def asked(email: str, client=None):
    return (client or Client()).post("/new-password/", {"email": email})


def link() -> str:
    """The address in the newest mail."""
    return re.search(r"http://testserver(/new-password/\S+)", Email.objects.order_by("-pk")[0].message)[1]


def chosen(address: str, client=None):
    """The form behind the link, sent. Django keeps the link's token in the session, out of the address."""
    client = client or Client()
    page = client.get(address, follow=True)
    return client.post(page.request["PATH_INFO"], NEW)


def test_whoever_forgot_it_chooses_a_new_one_and_signs_in(clinician):
    as_before = as_(clinician)
    # given somebody who asks, in whatever letters
    assert asked(clinician.email.upper()).status_code == 302
    mail = Email.objects.get()
    assert mail.to == [clinician.email]
    assert timezone.now() < mail.expires_at <= timezone.now() + timezone.timedelta(hours=1)
    # when they choose
    response = chosen(link())
    assert (response.status_code, response.url) == (302, "/admin/login/")
    # then the new one holds, the old one and their sessions don't, and they are told
    clinician.refresh_from_db()
    assert clinician.check_password(NEW["new_password1"])
    assert as_before.get("/admin/").status_code == 302
    assert Email.objects.order_by("-pk")[0].subject == "Your password was changed"
    entry = AuditEntry.objects.all()[0]
    assert (entry.person, entry.verb) == (clinician, "own password")


def test_the_link_signs_nobody_in(clinician):
    asked(clinician.email)
    client = Client()
    chosen(link(), client)
    assert "_auth_user_id" not in client.session


def test_the_link_works_once(clinician):
    asked(clinician.email)
    address = link()
    assert chosen(address).status_code == 302
    again = Client().get(address, follow=True)
    assert again.status_code == 404
    assert "no longer works" in again.content.decode()


def test_the_link_is_open_for_an_hour(clinician, monkeypatch):
    asked(clinician.email)
    from django.contrib.auth.tokens import default_token_generator

    later = default_token_generator._now() + timezone.timedelta(minutes=61)
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    assert Client().get(link(), follow=True).status_code == 404


@pytest.mark.parametrize("what", ["nobody", "member", "gone"])
def test_the_answer_tells_nobody_who_works_here(what, clinician, editor):
    if what == "member":
        User.objects.create_user("somebody@home.test", name="Some Body")
    if what == "gone":
        User.objects.create_user(
            "somebody@home.test", PASSWORD, name="Some Body", is_staff=True, is_active=False
        )
    known, other = asked(clinician.email), asked("somebody@home.test")
    assert (known.status_code, known.url) == (other.status_code, other.url)
    mail = Email.objects.order_by("-pk")[0]
    assert mail.to == ["somebody@home.test"]
    assert "/new-password/" not in mail.message


def test_a_link_that_was_sent_before_they_left_opens_nothing(clinician):
    asked(clinician.email)
    User.objects.filter(pk=clinician.pk).update(is_active=False)
    assert Client().get(link(), follow=True).status_code == 404


def test_asking_too_often_is_refused_in_a_sentence(clinician):
    answers = [asked(clinician.email) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [302] * 4 + [422]
    assert "Too many links" in answers[-1].content.decode()
    assert clinician.email in answers[-1].content.decode(), "what was typed stays"
    assert Email.objects.count() == 4


def test_a_bad_address_and_a_bad_password_get_a_sentence(clinician):
    assert "valid email address" in asked("no address").content.decode()
    asked(clinician.email)
    client = Client()
    page = client.get(link(), follow=True)
    answer = client.post(page.request["PATH_INFO"], {"new_password1": "short", "new_password2": "short"})
    assert answer.status_code == 422
    clinician.refresh_from_db()
    assert clinician.check_password(PASSWORD)


# --- what a manager may -------------------------------------------------------------------------------------


def test_a_manager_has_a_link_sent_and_types_nothing(manager, clinician):
    client = as_(manager)
    page = client.get(f"/admin/accounts/user/{clinician.pk}/change/").content.decode()
    assert "Send password reset link" in page
    assert 'name="password' not in page
    assert client.post(f"/admin/accounts/user/{clinician.pk}/new-password/", {}).status_code == 302
    mail = Email.objects.get()
    assert mail.to == [clinician.email]
    assert manager.name in mail.message
    # there is no address where one would type it
    for address in ("password/", "set-password/"):
        assert client.post(f"/admin/accounts/user/{clinician.pk}/{address}", NEW).status_code in (302, 404)
    clinician.refresh_from_db()
    assert clinician.check_password(PASSWORD)


def test_whose_address_is_changed_learns_of_it_at_the_old_one(manager, clinician):
    before, client = clinician.email, as_(manager)
    address = f"/admin/accounts/user/{clinician.pk}/change/"
    response = client.post(address, filled(client.get(address), email="elsewhere@clinic.test"))
    assert response.status_code == 302, errors_of(response)
    mail = Email.objects.get()
    assert (mail.to, manager.name in mail.message) == ([before], True)
    # saved as it was: nothing is told
    client.post(address, filled(client.get(address)))
    assert Email.objects.count() == 1


def test_nobody_finds_a_password_out_by_filtering(manager):
    assert as_(manager).get("/admin/accounts/user/?password__startswith=argon2").status_code in (302, 400)


# --- for the browser that keeps passwords -------------------------------------------------------------------


def test_pages_where_a_password_is_chosen_say_whose_it_is(clinician, manager):
    from clinic_site.accounts.invitations import Invitation

    signed_in = as_(clinician)
    asked(clinician.email)  # after it: a sign-in ends the links before
    Invitation.invite(Invitation(email="new@clinic.test", name="New Person", role="Editor"), by=manager)
    invited = re.search(r"/invitation/[\w-]+/", Email.objects.order_by("-pk")[0].message)[0]
    Email.objects.order_by("-pk")[0].delete()
    for client, address, whose in (
        (Client(), link(), clinician.email),
        (Client(), invited, "new@clinic.test"),
        (signed_in, "/admin/password_change/", clinician.email),
    ):
        page = client.get(address, follow=True).content.decode()
        assert re.search(
            rf'<input type="text"\s+name="username"\s+autocomplete="username"\s+value="{whose}"\s+'
            r"readonly\s+hidden>",
            page,
        )
        assert page.count('autocomplete="new-password"') == 2


def test_a_password_manager_finds_where_it_is_changed(clinician):
    member = User.objects.create_user("ann@home.test", name="Ann")
    where = "/.well-known/change-password"
    assert as_(clinician).get(where).url == "/admin/password_change/"
    assert Client().get(where).url == as_(member).get(where).url == "/new-password/"


def test_the_same_form_sent_twice_is_one_mail(clinician):
    token = re.search(r'name="token" value="([^"]+)"', Client().get("/new-password/").content.decode())[1]
    for _ in range(3):
        response = Client().post("/new-password/", {"email": clinician.email, "token": token})
        assert response["Location"] == "/new-password/sent/"
    assert Email.objects.count() == 1

"""A second factor: demanded where patients read the site, offered where it's tried, given once, and asked for
again to sign.
"""

import json
import logging
import re
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData
from post_office.models import Email

from clinic_site.accounts import second_factor
from clinic_site.accounts import sign_in as sign_in_pages
from clinic_site.accounts.models import User
from clinic_site.audit_log.models import AuditEntry
from clinic_site.publishing.models import Edition, EditionStatus
from tests import factories
from tests.admin_forms import as_, form_of

pytestmark = pytest.mark.django_db
LOGIN, CODE, PASSWORD_AGAIN, CODE_AGAIN, PASSKEY_AGAIN = (
    f"/admin/account/{page}"
    for page in ("login/", "login/second-factor/", "again/", "again/code/", "again/passkey/")
)
HOME, APP, REMOVE_APP, PASSKEY, CODES, NEW_CODES = (
    f"/admin/account/second-factor/{page}"
    for page in ("", "app/", "app/remove/", "passkey/", "recovery-codes/", "recovery-codes/new/")
)


class Clock:
    """The half minute that it is, for codes."""

    def __init__(self):
        self.counter = 1_000_000

    def passes(self):
        # codes of the half minutes beside this one fit as well
        self.counter += 3


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(
        totp, "yield_hotp_counters_from_time", lambda: (clock.counter + i for i in (-1, 0, 1))
    )
    return clock


@pytest.fixture
def demanded(settings):
    settings.HTTPS = True


def secret_on(page) -> str:
    return re.search(r'class="secret">([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")


def code_of(secret: str, clock: Clock) -> str:
    return format_hotp_value(hotp_value(secret, clock.counter))


def again(client: Client, **proof):
    """Shows who sits there, as pages about the second factor ask for it."""
    return client.post(CODE_AGAIN if "code" in proof else PASSWORD_AGAIN, {**proof, "next": HOME})


class Phone:
    """Somebody's authenticator app, and the paper with their recovery codes."""

    def __init__(self, client: Client, clock: Clock, proof: str = ""):
        assert again(client, **({"code": proof} if proof else {"password": factories.PASSWORD})).url == HOME
        self.clock, self.secret = clock, secret_on(client.get(APP))
        answer = client.post(APP, {"code": self.code})
        assert answer.status_code == 302, answer.content.decode()
        self.paper = codes_on(client.get(CODES))
        clock.passes()

    @property
    def code(self) -> str:
        return code_of(self.secret, self.clock)


def codes_on(page) -> list[str]:
    return re.findall(r"<code>(\d{4} \d{4})</code>", page.content.decode())


def sign_in(person, then: str = "/admin/") -> Client:
    client = Client()
    client.post(LOGIN, {"username": person.email, "password": factories.PASSWORD, "next": then})
    return client


@pytest.fixture
def phone(clinician, clock) -> Phone:
    """The clinician's."""
    return Phone(sign_in(clinician), clock)


@pytest.fixture
def waiting(editor):
    draft = factories.treatment("sweat", by=editor, checked_by=factories.person("clinician"))
    return draft.submit(by=editor, change_note="First edition.")


def sentence(response) -> str:
    context = response.context
    forms = [context["form"], *([context["webauthn_form"]] if "webauthn_form" in context else [])]
    return " ".join(words for form in forms for errors in form.errors.values() for words in errors)


# --- the gate -----------------------------------------------------------------------------------------------

ALWAYS = {"login", "logout"}
OWN = {
    one.name: reverse(one.name, args=[1] if "pk" in str(one.pattern) else [])
    for one in sign_in_pages.urlpatterns
}
SIGNING_IN = {"account_login", "mfa_authenticate"}
AGAIN = {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


def every_address() -> dict[str, str]:
    """Each address of the admin by its name, with some key where one belongs."""
    patterns = get_resolver().namespace_dict["admin"][1].reverse_dict
    addresses = {}
    for name in patterns:
        if isinstance(name, str):
            possible = patterns.getlist(name)[0][0][0]
            given = {key: "accounts" if key == "app_label" else "1" for key in possible[1]}
            addresses[name] = reverse(f"admin:{name}", kwargs=given)
    return addresses


ADDRESSES = {name: address for name, address in every_address().items() if name not in ALWAYS}


def test_the_list_of_addresses_holds_the_whole_admin():
    for model in admin.site._registry:
        assert f"{model._meta.app_label}_{model._meta.model_name}_changelist" in ADDRESSES
    assert {"index", "app_list", "autocomplete", "jsi18n", "password_change", "view_on_site"} <= set(
        ADDRESSES
    )
    assert "publishing_edition_sign" in ADDRESSES
    assert {page.name for page in admin.site.pages} <= set(ADDRESSES)


def test_no_page_of_the_library_stands_anywhere_that_is_not_named():
    def walk(patterns):
        for one in patterns:
            yield from walk(one.url_patterns) if hasattr(one, "url_patterns") else [one]

    found = {
        one.name
        for one in walk(get_resolver().url_patterns)
        if str(one.name).startswith(("account_", "mfa_"))
    }
    assert found == set(OWN)
    assert found == SIGNING_IN | AGAIN | {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
    }


def test_no_address_opens_by_password_alone_where_a_second_factor_is_demanded(demanded):
    client = sign_in(User.objects.create_superuser("root@clinic.test", factories.PASSWORD, name="Root"))
    for address in ADDRESSES.values():
        for ask in (client.get, client.post):
            response = ask(address)
            assert response.status_code == 302, address
            assert response.url.startswith(HOME), address
    again(client, password=factories.PASSWORD)
    for address in OWN.values():
        response = client.get(address, follow=True)  # some lead on, to one that opens
        if response.status_code == 404:  # there is none to be removed
            assert "remove" in address
            continue
        assert response.request["PATH_INFO"] in (HOME, *OWN.values()), address
        assert response.status_code == 200
        assert 'id="staff-nav"' not in response.content.decode(), address


@pytest.mark.parametrize("is_demanded", [True, False])
def test_no_address_opens_before_a_second_factor_that_somebody_has_is_given(is_demanded, settings):
    settings.HTTPS = is_demanded
    root = User.objects.create_superuser("root@clinic.test", factories.PASSWORD, name="Root")
    Authenticator.objects.create(user=root, type="totp", data={"secret": "", "last_counter": 0})
    client = sign_in(root)
    for name, address in {**ADDRESSES, **OWN}.items():
        for ask in (client.get, client.post):
            response = ask(address)
            if name not in SIGNING_IN:
                assert response.status_code == 302, name
                assert response.url.startswith("/admin/login/"), name
    assert client.get(LOGIN).url == CODE


@pytest.mark.parametrize("is_demanded", [True, False])
def test_no_address_opens_in_a_session_from_before_the_second_factor(is_demanded, settings, clock):
    root = User.objects.create_superuser("root@clinic.test", factories.PASSWORD, name="Root")
    client = sign_in(root)
    assert client.get("/admin/").status_code == 200
    phone = Phone(sign_in(root), clock)
    settings.HTTPS = is_demanded
    for name, address in {**ADDRESSES, **OWN}.items():
        for ask in (client.get, client.post):
            if name not in SIGNING_IN | AGAIN:
                response = ask(address)
                assert response.status_code == 302, name
                assert response.url.startswith(f"{CODE_AGAIN}?next="), name
    assert client.get(PASSWORD_AGAIN).url == CODE_AGAIN
    key = client.session.session_key
    assert client.post(f"{CODE_AGAIN}?next=/admin/blog/", {"code": phone.code}).url == "/admin/blog/"
    assert client.get("/admin/blog/").status_code == 404 or client.get("/admin/").status_code == 200
    assert client.session.session_key != key


def test_addresses_that_are_none_tell_nothing_either(demanded, editor):
    client = sign_in(editor)
    assert client.get("/admin/nothing/here/").url.startswith(HOME)
    assert client.get("/design/").status_code == 404


def test_where_the_site_is_tried_it_is_offered(editor):
    client = sign_in(editor)
    page = client.get("/admin/")
    assert f'href="{HOME}"' in page.content.decode()
    assert "it’s up to you" in client.get(HOME).content.decode()


def test_whoever_is_half_signed_in_can_sign_out(demanded, editor, phone, clinician):
    client = sign_in(editor)
    assert 'action="/admin/logout/"' in client.get(HOME).content.decode()
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session
    client = sign_in(clinician)
    assert 'action="/admin/logout/"' in client.get(CODE).content.decode()
    client.post("/admin/logout/")
    assert client.get(CODE).url == LOGIN


def test_members_and_strangers_never_see_these_pages():
    member, typed = User.objects.create_user("ann@home.test", factories.PASSWORD, name="Ann"), Client()
    client = as_(member)
    for somebody in (Client(), client):
        for name, page in OWN.items():
            if name not in SIGNING_IN:
                assert somebody.get(page).url.startswith("/admin/login/")
                assert somebody.post(page).url.startswith("/admin/login/")
    for page in ("/admin/login/", "/admin/login/?next=/admin/"):
        refused = client.get(page)
        assert refused.status_code == 403
        assert 'action="/admin/logout/"' in refused.content.decode()
    assert client.get(LOGIN, follow=True).status_code == 403
    refused = typed.post(LOGIN, {"username": member.email, "password": factories.PASSWORD})
    unknown = typed.post(LOGIN, {"username": "nobody@home.test", "password": factories.PASSWORD})
    assert (
        sentence(refused)
        == sentence(unknown)
        == "That is not the address and password of somebody who may sign in here."
    )
    assert "_auth_user_id" not in typed.session


def test_nobody_signs_in_past_the_second_factor_by_the_admins_own_form(phone, editor, clinician):
    client = sign_in(editor)
    client.post(
        "/admin/login/", {"username": clinician.email, "password": factories.PASSWORD, "next": "/admin/"}
    )
    assert client.session["_auth_user_id"] == str(editor.pk)


def test_one_is_set_up_and_then_the_admin_opens(demanded, editor, clock):
    client = sign_in(editor)
    assert "Set one up: then the admin opens" in client.get(HOME).content.decode()
    phone = Phone(client, clock)
    assert len(phone.paper) == 10
    assert client.get("/admin/").status_code == 200
    assert "Authenticator app" in client.get(HOME).content.decode()
    assert AuditEntry.objects.filter(by=editor, said__contains="authenticator app").count() == 1
    assert Email.objects.get().to == [editor.email]


def test_it_is_set_up_by_the_code_that_fits_and_by_the_right_password(editor, clock):
    client = sign_in(editor)
    assert client.get(APP).url.startswith(PASSWORD_AGAIN)
    assert "not your password" in sentence(again(client, password="another"))
    assert "Type your password" in sentence(again(client, password=""))
    assert client.post(APP, {"code": "123456"}).url.startswith(PASSWORD_AGAIN)
    again(client, password=factories.PASSWORD)
    secret = secret_on(client.get(APP))
    wrong = f"{(int(code_of(secret, clock)) + 1) % 10**6:06}"
    refused = client.post(APP, {"code": wrong})
    assert "not the code" in sentence(refused)
    assert secret_on(refused) == secret_on(client.get(APP)) == secret
    assert not Authenticator.objects.exists()
    assert secret not in str(dict(client.session))
    assert client.post(APP, {"code": code_of(secret, clock)}).status_code == 302
    assert Authenticator.objects.filter(user=editor, type="totp").exists()


def test_being_asked_again_holds_for_five_minutes(editor, monkeypatch):
    client = sign_in(editor)
    again(client, password=factories.PASSWORD)
    assert client.get(APP).status_code == 200
    later = time.time() + 301
    monkeypatch.setattr("time.time", lambda: later)
    assert client.get(APP).url.startswith(PASSWORD_AGAIN)
    assert client.post(APP, {"code": "123456"}).url.startswith(PASSWORD_AGAIN)
    assert "123456" not in str(dict(client.session))


def test_the_database_alone_gives_nobody_a_code(phone, settings, clinician):
    kept = connection.cursor()
    kept.execute("SELECT data FROM mfa_authenticator")
    assert phone.secret not in str(kept.fetchall())
    settings.SECRET_KEY = "another"
    client = sign_in(clinician)
    assert client.get(CODE).status_code in (200, 302)


def test_another_secret_key_locks_and_breaks_nothing(phone, settings, clinician):
    client = sign_in(clinician)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    assert client.post(CODE, {"code": phone.code}).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    client = sign_in(clinician)
    assert client.post(CODE, {"code": phone.paper[0]}).status_code == 422


# --- giving it ----------------------------------------------------------------------------------------------


def test_a_code_opens_the_page_that_was_wanted(phone, clinician):
    wanted = "/admin/publishing/edition/?status=live"
    client = sign_in(clinician, wanted)
    asked = client.get(wanted)
    assert asked.url.startswith("/admin/login/")
    assert client.get(asked.url, follow=True).request["PATH_INFO"] == CODE
    key = client.session.session_key
    response = client.post(CODE, {"code": f" {phone.code[:3]} {phone.code[3:]} "})
    assert response.url == wanted
    assert client.get(wanted).status_code == 200
    assert client.session.session_key != key


def test_it_leads_to_no_other_site(phone, clinician, editor, clock):
    for elsewhere in ("https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"):
        client = sign_in(clinician, elsewhere)
        assert client.post(CODE, {"code": phone.code, "next": elsewhere}).url == "/admin/"
        assert client.get("/admin/login/", {"next": elsewhere}).url == "/admin/"
        clock.passes()
    typed = {"username": editor.email, "password": factories.PASSWORD, "next": "//elsewhere.test/"}
    assert Client().post(LOGIN, typed).url == "/admin/"


@pytest.mark.parametrize("typed", ["", "123", "000000", "x" * 20, "١٢٣٤٥٦", "\x00", "12345678"])
def test_a_wrong_code_opens_nothing(typed, phone, clinician):
    client = sign_in(clinician)
    response = client.post(CODE, {"code": typed})
    assert response.status_code == 422
    assert sentence(response)
    assert client.get("/admin/").status_code == 302


def test_a_code_opens_nothing_twice_nor_after_a_newer_one(phone, clinician, clock):
    code, older = phone.code, format_hotp_value(hotp_value(phone.secret, clock.counter - 1))
    assert sign_in(clinician).post(CODE, {"code": code}).status_code == 302
    client = sign_in(clinician)
    assert "was used before" in sentence(client.post(CODE, {"code": code}))
    assert "was used before" in sentence(client.post(CODE, {"code": older}))
    clock.passes()
    assert client.post(CODE, {"code": code}).status_code == 422
    assert client.post(CODE, {"code": phone.code}).status_code == 302


def test_the_code_that_set_it_up_opens_nothing_more(editor, clock):
    client = sign_in(editor)
    again(client, password=factories.PASSWORD)
    code = code_of(secret_on(client.get(APP)), clock)
    client.post(APP, {"code": code})
    assert sign_in(editor).post(CODE, {"code": code}).status_code == 422


def test_a_recovery_code_opens_once(phone, clinician):
    assert sign_in(clinician).post(CODE, {"code": phone.paper[3]}).status_code == 302
    assert sign_in(clinician).post(CODE, {"code": phone.paper[3]}).status_code == 422
    client = sign_in(clinician)
    assert client.post(CODE, {"code": phone.paper[4].replace(" ", "-")}).status_code == 302
    assert "8 unused" in client.get(HOME).content.decode()


def test_a_used_recovery_code_is_told_on_the_page_in_the_log_and_by_mail(phone, clinician):
    client = sign_in(clinician)
    Email.objects.all().delete()
    client.post(CODE, {"code": phone.paper[0]})
    assert "That was a recovery code: 9 more are left." in client.get("/admin/").content.decode()
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.by, entry.person) == ("second factor", clinician, clinician)
    assert entry.said == "A recovery code was used in place of a second factor: 9 more are left."
    mail = Email.objects.get()
    assert mail.to == [clinician.email]
    assert "A recovery code was used in place of a second factor: 9 more are left." in mail.message
    for number in range(1, 10):
        sign_in(clinician).post(CODE, {"code": phone.paper[number]})
    assert AuditEntry.objects.first().said.endswith("it was the last one.")


def test_a_failed_second_step_is_of_the_person_whose_password_was_right(phone, clinician):
    sign_in(clinician).post(CODE, {"code": "000000"})
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.by, entry.person) == ("sign-in failed", clinician, clinician)
    assert "after signing in with the right password" in entry.said


def test_anothers_code_opens_nothing(phone, editor, clock):
    Phone(sign_in(editor), clock)
    assert sign_in(editor).post(CODE, {"code": phone.code}).status_code == 422
    assert sign_in(editor).post(CODE, {"code": phone.paper[0]}).status_code == 422


def test_guessing_ends_after_ten_codes_and_the_right_one_does_not_count(phone, clinician, clock):
    for _ in range(12):
        assert sign_in(clinician).post(CODE, {"code": phone.code}).status_code == 302
        clock.passes()
    wrong = f"{(int(phone.code) + 1) % 10**6:06}"
    for _ in range(10):
        assert "does not fit" in sentence(sign_in(clinician).post(CODE, {"code": wrong}))
    assert "Too many attempts" in sentence(sign_in(clinician).post(CODE, {"code": phone.code}))


def test_guessing_passwords_ends_after_ten(editor, manager):
    client = Client()
    for _ in range(10):
        page = client.post(LOGIN, {"username": editor.email, "password": "guess"})
        assert "Too many attempts" not in page.content.decode()
    page = client.post(LOGIN, {"username": editor.email.upper(), "password": factories.PASSWORD})
    assert "Too many attempts" in page.content.decode()
    assert client.get("/admin/").status_code == 302
    assert sign_in(manager).get("/admin/").status_code == 200


def test_signing_in_rightly_is_never_too_often(editor):
    for _ in range(15):
        assert sign_in(editor).get("/admin/").status_code == 200


# --- recovery codes -----------------------------------------------------------------------------------------


def test_recovery_codes_are_shown_until_they_are_kept_and_never_again(editor, clock):
    client = sign_in(editor)
    phone = Phone(client, clock)
    assert phone.paper[0] in client.get(CODES).content.decode()
    file = client.get(f"{CODES}download/")
    assert file.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert phone.paper[9] in file.content.decode()
    assert "no-store" in client.get(CODES).headers["Cache-Control"]
    other = sign_in(editor)
    other.post(CODE, {"code": phone.code})
    assert other.get(CODES).url == other.get(f"{CODES}download/").url == NEW_CODES
    client.post(CODES)
    assert client.get(CODES).url == client.get(f"{CODES}download/").url == NEW_CODES


def test_new_recovery_codes_take_the_place_of_the_old(phone, clinician, clock):
    client = sign_in(clinician)
    client.post(CODE, {"code": phone.code})
    assert client.post(NEW_CODES).url.startswith(CODE_AGAIN)
    assert again(client, code="000000").status_code == 422
    assert client.post(NEW_CODES).url.startswith(CODE_AGAIN)
    clock.passes()
    again(client, code=phone.code)
    assert client.post(NEW_CODES).url == CODES
    new = codes_on(client.get(CODES))
    assert len(new) == 10
    assert sign_in(clinician).post(CODE, {"code": phone.paper[0]}).status_code == 422
    assert sign_in(clinician).post(CODE, {"code": new[0]}).status_code == 302


# --- moving, removing, losing it ----------------------------------------------------------------------------


def test_a_new_phone_takes_the_place_of_the_old(phone, clinician, clock):
    client = sign_in(clinician)
    client.post(CODE, {"code": phone.paper[0]})
    newer = Phone(client, clock, proof=phone.paper[1])
    assert sign_in(clinician).post(CODE, {"code": phone.code}).status_code == 422
    assert sign_in(clinician).post(CODE, {"code": newer.code}).status_code == 302
    assert Authenticator.objects.filter(user=clinician, type="totp").count() == 1


def test_removing_it_takes_the_password_and_a_code(phone, clinician, clock):
    client = sign_in(clinician)
    client.post(CODE, {"code": phone.code})
    clock.passes()
    assert client.post(REMOVE_APP, {"password": factories.PASSWORD}).url.startswith(CODE_AGAIN)
    assert client.get(PASSWORD_AGAIN).url == CODE_AGAIN  # the password doesn't stand in for it
    assert "Give your second factor" in sentence(again(client, code=""))
    assert "does not fit" in sentence(again(client, code="000000"))
    again(client, code=phone.code)
    assert not sentence(client.get(REMOVE_APP))
    assert "Type your password" in sentence(client.post(REMOVE_APP))
    assert "not your password" in sentence(client.post(REMOVE_APP, {"password": "guess"}))
    assert client.post(REMOVE_APP, {"password": factories.PASSWORD}).url == HOME
    assert not Authenticator.objects.exists()
    assert "Removed a second factor: Authenticator app." in [entry.said for entry in AuditEntry.objects.all()]
    assert "was removed" in Email.objects.order_by("-pk")[0].message
    assert sign_in(clinician).get("/admin/").status_code == 200


def test_the_only_one_stays_where_one_is_demanded(phone, clinician, clock, settings):
    settings.HTTPS = True
    client = sign_in(clinician)
    client.post(CODE, {"code": phone.code})
    clock.passes()
    again(client, code=phone.code)
    assert REMOVE_APP not in client.get(HOME).content.decode()
    told = client.post(REMOVE_APP, {"password": factories.PASSWORD}, follow=True)
    assert "This is your only second factor" in told.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()
    assert Authenticator.objects.filter(type="recovery_codes").exists()
    # and with another one beside it, it goes
    Authenticator.objects.create(user=clinician, type="webauthn", data={"name": "My phone", "credential": {}})
    assert REMOVE_APP in client.get(HOME).content.decode()
    assert client.post(REMOVE_APP, {"password": factories.PASSWORD}).url == HOME
    assert [one.type for one in second_factor.factors_of(clinician)] == ["webauthn"]


def test_nobody_removes_anothers(device, clinician, editor):
    client = sign_in(editor)
    again(client, password=factories.PASSWORD)
    passkey = second_factor.factors_of(clinician).get()
    assert (
        client.post(
            reverse("mfa_remove_webauthn", args=[passkey.pk]), {"password": factories.PASSWORD}
        ).status_code
        == 404
    )
    assert client.post(REMOVE_APP, {"password": factories.PASSWORD}).status_code == 404
    assert second_factor.factors_of(clinician).exists()


def resetting(person) -> str:
    return reverse("admin:accounts_user_reset-second-factor", args=[person.pk])


def test_a_manager_resets_it_for_somebody_who_lost_their_phone(phone, clinician, manager):
    theirs = sign_in(clinician)
    theirs.post(CODE, {"code": phone.code})
    assert theirs.get("/admin/").status_code == 200
    client = sign_in(manager)
    assert (
        resetting(clinician)
        in client.get(reverse("admin:accounts_user_change", args=[clinician.pk])).content.decode()
    )
    assert client.post(resetting(clinician), {"password": "guess"}).status_code == 422
    assert Authenticator.objects.filter(user=clinician).exists()
    assert client.post(resetting(clinician), {"password": factories.PASSWORD}).status_code == 302
    assert not Authenticator.objects.filter(user=clinician).exists()
    assert theirs.get("/admin/").url.startswith("/admin/login/")
    assert AuditEntry.objects.filter(by=manager, person=clinician, verb="reset second factor").exists()
    assert Email.objects.filter(to=clinician.email).count() == 2  # set up, and reset
    assert client.get("/admin/").status_code == 200


def test_who_resets_none(phone, clinician, manager, editor, clock):
    assert sign_in(editor).post(resetting(clinician), {"password": factories.PASSWORD}).status_code == 403
    client = sign_in(manager)
    own = Phone(client, clock)
    response = client.post(resetting(manager), {"one_time_code": own.code})
    assert "at the top of the page" in str(response.context["refused"])
    root = User.objects.create_superuser("root@clinic.test", factories.PASSWORD, name="Root")
    Phone(sign_in(root), clock)
    response = client.post(resetting(root), {"one_time_code": own.code})
    assert "on the server" in str(response.context["refused"])
    assert Authenticator.objects.filter(type="totp").count() == 3


def test_the_last_manager_is_helped_on_the_server(phone, clinician):
    theirs = sign_in(clinician)
    theirs.post(CODE, {"code": phone.code})
    call_command("reset_second_factor", clinician.email.upper(), stdout=StringIO())
    assert not Authenticator.objects.exists()
    assert theirs.get("/admin/").url.startswith("/admin/login/")
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@clinic.test")


# --- signing ------------------------------------------------------------------------------------------------


def sign(client, edition, **proof):
    return client.post(reverse("admin:publishing_edition_sign", args=[edition.pk]), {"when": "now", **proof})


def is_signed(edition) -> bool:
    return Edition.objects.get(pk=edition.pk).is_signed


def test_signing_asks_for_a_code_again(waiting, phone, clinician, clock):
    client = sign_in(clinician)
    spent = phone.code
    client.post(CODE, {"code": spent})
    for proof in (
        {},
        {"password": factories.PASSWORD},
        {"one_time_code": "000000"},
        {"one_time_code": spent},
    ):
        response = sign(client, waiting, **proof)
        assert response.status_code == 422
        assert sentence(response)
        assert not is_signed(waiting)
    clock.passes()
    assert sign(client, waiting, one_time_code=phone.code).status_code == 302
    assert is_signed(waiting)


def test_signing_asks_whoever_has_none_for_the_password(waiting, clinician):
    client = sign_in(clinician)
    response = client.post(
        reverse("admin:publishing_edition_sign", args=[waiting.pk]),
        {"when": "later", "live_from": "2090-05-04T09:00", "password": "guess"},
    )
    assert "not your password" in sentence(response)
    html = response.content.decode()
    assert 'value="2090-05-04T09:00"' in html
    assert "guess" not in html
    assert not is_signed(waiting)
    assert sign(client, waiting, password=factories.PASSWORD).status_code == 302
    assert is_signed(waiting)


def test_no_code_is_spent_on_a_form_that_is_not_in_order(waiting, phone, clinician, clock):
    client = sign_in(clinician)
    client.post(CODE, {"code": phone.code})
    clock.passes()
    address = reverse("admin:publishing_edition_sign", args=[waiting.pk])
    response = client.post(address, {"when": "later", "live_from": "", "one_time_code": phone.code})
    assert "Choose the day and the time." in sentence(response)
    assert phone.code not in response.content.decode()
    assert sign(client, waiting, one_time_code=phone.code).status_code == 302


def test_guessing_at_a_signature_ends(waiting, clinician):
    client = sign_in(clinician)
    for _ in range(10):
        assert "not your password" in sentence(sign(client, waiting, password="guess"))
    assert "Too many attempts" in sentence(sign(client, waiting, password=factories.PASSWORD))
    assert not is_signed(waiting)


def test_what_was_typed_comes_back_after_the_second_factor_but_no_code(waiting, clinician, clock):
    # the session ended with the form open
    client, phone = sign_in(clinician), None
    phone = Phone(client, clock)
    client.post("/admin/logout/")
    address = reverse("admin:publishing_edition_sign", args=[waiting.pk])
    sent = {"when": "later", "live_from": "2090-05-04T09:00", "one_time_code": phone.code}
    carried = client.post(address, sent, headers={"Origin": "http://testserver"})
    assert carried.status_code == 403
    assert phone.code not in carried.content.decode()
    client.post(LOGIN, {"username": clinician.email, "password": factories.PASSWORD, "next": address})
    assert client.post(CODE, {"code": phone.code}).url == address
    again = client.post(*form_of(carried))
    assert again.status_code == 422
    assert 'value="2090-05-04T09:00"' in again.content.decode()
    assert Edition.objects.get(pk=waiting.pk).status == EditionStatus.WAITING


# --- passkeys -----------------------------------------------------------------------------------------------


class Device:
    """What keeps a passkey: it answers a page's challenge as a browser on `origin` would."""

    def __init__(self, origin="http://testserver"):
        self.origin, self.key, self.id = (
            origin,
            ec.generate_private_key(ec.SECP256R1()),
            b"a passkey of a test",
        )

    def _answer(self, page, kind: str, sign) -> str:
        held = json.loads(re.search(r'<script id="js_data"[^>]*>(.*?)</script>', page.content.decode())[1])
        options = next(iter(held.values()))["publicKey"]
        client_data = json.dumps(
            {"type": f"webauthn.{kind}", "challenge": options["challenge"], "origin": self.origin}
        ).encode()
        response = {name: websafe_encode(value) for name, value in sign(client_data).items()}
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": websafe_encode(client_data), **response},
            }
        )

    def made(self, page) -> str:
        """Present and verified, for this site, with the new key."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        told = sha256(b"testserver") + struct.pack(">BI", 0x45, 0) + credential
        return self._answer(
            page, "create", lambda _: {"attestationObject": AttestationObject.create("none", told, {})}
        )

    def used(self, page) -> str:
        told = sha256(b"testserver") + struct.pack(">BI", 0x05, 1)

        def sign(client_data):
            signature = self.key.sign(told + sha256(client_data), ec.ECDSA(hashes.SHA256()))
            return {"authenticatorData": told, "signature": signature}

        return self._answer(page, "get", sign)


@pytest.fixture
def device(clinician) -> Device:
    """The clinician's only second factor."""
    client, device = sign_in(clinician), Device()
    again(client, password=factories.PASSWORD)
    response = client.post(PASSKEY, {"name": "My phone", "credential": device.made(client.get(PASSKEY))})
    assert response.url == CODES
    return device


def test_a_passkey_opens_the_admin_and_signs(device, clinician, waiting):
    client = sign_in(clinician)
    client.post(CODE, {"credential": device.used(client.get(CODE))})
    assert "Passkey “My phone”" in client.get(HOME).content.decode()
    page = client.get(reverse("admin:publishing_edition_sign", args=[waiting.pk]))
    assert '<script src="/static/js/passkey.js" type="module"></script>' in page.content.decode()
    assert f'data-challenge="{PASSKEY_AGAIN}"' in page.content.decode()
    assert "not accepted" in sentence(sign(client, waiting, passkey="{}"))
    assert not is_signed(waiting)
    assert sign(client, waiting, passkey=device.used(client.get(PASSKEY_AGAIN))).status_code == 302
    assert is_signed(waiting)


def test_whoever_has_a_passkey_alone_is_asked_for_it_first(device, clinician, waiting):
    client = sign_in(clinician)
    page = client.get(CODE).content.decode()
    assert page.index("data-passkey") < page.index("<summary>Use a recovery code</summary>")
    assert page.index("<summary>") < page.index("Recovery code")
    client.post(CODE, {"credential": device.used(client.get(CODE))})
    # asked again, the passkey comes first as well
    factor = second_factor.factors_of(clinician).get()
    asked = client.get(reverse("mfa_remove_webauthn", args=[factor.pk]), follow=True)
    assert asked.request["PATH_INFO"] == PASSKEY_AGAIN
    signing = client.get(reverse("admin:publishing_edition_sign", args=[waiting.pk])).content.decode()
    assert 'data-before="one_time_code"' in signing


def test_whose_passkey_was_used_is_not_logged(settings):
    assert settings.LOGGING["loggers"]["fido2"]["level"] == "WARNING"
    assert not logging.getLogger("fido2.server").isEnabledFor(logging.INFO)


def test_a_passkey_is_asked_for_again_and_removed(device, clinician):
    client = sign_in(clinician)
    client.post(CODE, {"credential": device.used(client.get(CODE))})
    page = reverse("mfa_remove_webauthn", args=[second_factor.factors_of(clinician).get().pk])
    asked = client.get(page, follow=True)
    assert "Use your passkey" in asked.content.decode()
    refused = client.post(f"{PASSKEY_AGAIN}?next={page}", {"credential": "{}"}, follow=True)
    assert refused.request["PATH_INFO"] == PASSKEY_AGAIN
    assert "was not accepted" in refused.content.decode()
    assert (
        client.post(
            f"{PASSKEY_AGAIN}?next={page}", {"credential": device.used(client.get(PASSKEY_AGAIN))}
        ).url
        == page
    )
    assert client.post(page, {"password": factories.PASSWORD}).url == HOME
    assert not Authenticator.objects.exists()


def test_an_answer_of_a_passkey_opens_nothing_twice(device, clinician):
    client = sign_in(clinician)
    answer = device.used(client.get(CODE))
    assert client.post(CODE, {"credential": answer}).status_code == 302
    client = sign_in(clinician)
    client.get(CODE)
    assert "not accepted" in sentence(client.post(CODE, {"credential": answer}))
    assert sign_in(clinician).post(CODE, {"credential": answer}).status_code == 422


def test_a_passkey_that_answers_another_site_or_is_anothers_opens_nothing(device, clinician, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    client = sign_in(clinician)
    device.origin = "https://testserver.elsewhere.test"
    assert client.post(CODE, {"credential": device.used(client.get(CODE))}).status_code == 422
    device.origin = "https://testserver"
    device.key, own = Device().key, device.key
    assert client.post(CODE, {"credential": device.used(client.get(CODE))}).status_code == 422
    device.key = own
    assert client.post(CODE, {"credential": device.used(client.get(CODE))}).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        '{"id": "x"}',
        "[]",
        "[1]",
        '"x"',
        "{",
        '{"response": {}, "id": 1, "rawId": null}',
        "null",
        '{"response": 1}',
    ],
)
def test_no_nonsense_opens_anything_in_a_passkeys_name(sent, device, clinician):
    client = sign_in(clinician)
    client.get(CODE)
    assert client.post(CODE, {"credential": sent}).status_code == 422
    assert client.get("/admin/").status_code == 302


def test_nonsense_sets_up_no_passkey(editor):
    client = sign_in(editor)
    again(client, password=factories.PASSWORD)
    for sent in (
        '{"id": "x"}',
        "[1]",
        "{",
        "",
        "null",
        uuid4().hex,
        '{"response": {}, "id": 1}',
        '{"response": 1}',
    ):
        client.get(PASSKEY)
        page = client.post(PASSKEY, {"name": "Key", "credential": sent})
        assert page.status_code == 422
    assert not Authenticator.objects.exists()


def test_passkeys_are_offered_where_a_browser_makes_them(editor, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client = sign_in(editor)
    for host, scheme, works in (
        ("clinic.test", "https", True),
        ("clinic.test", "http", False),
        ("localhost:8000", "http", True),
        ("127.0.0.1:8000", "http", False),
        ("[::1]:8000", "http", False),
        ("203.0.113.9", "https", False),
    ):
        request = RequestFactory().get("/", secure=scheme == "https", headers={"host": host})
        assert second_factor.passkeys_work(request) is works, host
    assert f'href="{PASSKEY}"' not in client.get(HOME).content.decode()


# --- at once ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "paper"])
def test_of_many_who_give_one_code_at_once_one_comes_in(kind, clinician, clock):
    phone = Phone(sign_in(clinician), clock)
    code, barrier = phone.code if kind == "app" else phone.paper[0], Barrier(6)
    clients = [sign_in(clinician) for _ in range(6)]

    def give(client):
        barrier.wait(60)
        try:
            return client.post(CODE, {"code": code}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(give, clients)) == [302, 422, 422, 422, 422, 422]

"""Joining and signing in by code: what happens, what every address gets alike, and what is limited."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from post_office.mail import get_queued
from post_office.models import STATUS, Email

from clinic_site.accounts.models import User
from clinic_site.accounts.rate_limits import is_within
from clinic_site.accounts.scheduled_tasks import end_sessions
from clinic_site.notifications.scheduled_tasks import forget_mail
from referrals.errors import ReferralError
from referrals.membership import Code, newer_terms
from referrals.models import Acceptance, Account, Member, Switch
from tests import factories
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db

JOIN, SIGN_IN, CODE, NEW_CODE = (
    f"/refer-a-friend/{page}/" for page in ("join", "sign-in", "code", "code/new")
)
STATEMENT = "/refer-a-friend/statement/"
NOBODY = "nobody@home.test"


def join(client, terms, email=NOBODY, **typed):
    sent = {"name": "Ann Other", "email": email, "is_adult": "on", "has_read": "on", "terms": terms.pk}
    sent |= typed
    return client.post(JOIN, {name: value for name, value in sent.items() if value is not None})


def sign_in(client, email, **typed):
    return client.post(SIGN_IN, {"email": email, **typed})


def the_code() -> str:
    """The one in the newest mail."""
    return re.search(r"\d{4} \d{4}", Email.objects.latest("pk").message)[0]


def enter(client, code=None):
    return client.post(CODE, {"code": code or the_code()})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def close(manager):
    Switch.objects.create(is_open=False, because="Tests", by=manager)


# --- the way through ----------------------------------------------------------------------------------------


def test_somebody_takes_part_once_their_code_came_back(client, terms):
    assert join(client, terms, email="Ann.Other+x@Home.TEST").url == CODE
    assert not User.objects.filter(email__contains="home.test").exists(), (
        "until then nobody is in the database"
    )
    assert not Member.objects.exists()
    assert enter(client).url == STATEMENT
    member = Member.objects.get()
    assert (member.user.email, member.user.name) == ("ann.other+x@home.test", "Ann Other")
    assert not member.user.has_usable_password()
    assert not member.user.is_staff
    assert member.terms == terms
    assert Account.objects.filter(member=member).exists()
    assert is_signed_in(client)
    assert not EmailAddress.objects.exists(), "an address stands in one place"


def test_the_mail_holds_the_code_in_text_and_html_and_nothing_that_was_typed(client, terms):
    join(client, terms, name="Buy now at shop.test")
    mail = Email.objects.get()
    assert mail.to == [NOBODY]
    for words in (mail.message, mail.html_message):
        assert the_code() in words
        assert "shop.test" not in words
    assert "15 minutes" in mail.message


def test_a_member_who_joins_again_is_signed_in_and_keeps_their_name(client, terms):
    member = factories.member(terms)
    join(client, terms, email=member.user.email.upper(), name="Somebody Else")
    assert enter(client).url == STATEMENT
    assert User.objects.get(pk=member.user_id).name == member.user.name
    assert Member.objects.count() == 1


def test_a_member_signs_in_with_their_address_alone(client, terms):
    member = factories.member(terms)
    assert sign_in(client, member.user.email).url == CODE
    assert enter(client).url == STATEMENT
    assert client.session["_auth_user_id"] == str(member.user_id)


def test_a_member_who_left_comes_back_by_the_same_form(client, terms):
    member = factories.member(terms)
    member.leave()
    sign_in(client, member.user.email)
    enter(client)
    assert client.get(STATEMENT).status_code == 200, "their credit stays theirs"
    assert client.get(JOIN).status_code == 200, "signed in as they are"
    join(client, terms, email=member.user.email)
    enter(client)
    member.refresh_from_db()
    assert member.left_at is None
    assert Member.objects.count() == 1


def test_whoever_is_signed_in_needs_no_form(client, terms):
    client.force_login(factories.member(terms).user)
    for page in (JOIN, SIGN_IN, CODE):
        assert client.get(page).url == STATEMENT


def test_a_code_typed_with_spaces_or_in_other_digits_is_the_same_code(client, terms):
    for email, spell in (
        ("a@home.test", lambda code: f"  {code} \t"),
        ("b@home.test", lambda code: code.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})),
        ("c@home.test", lambda code: code.replace(" ", "-")),
    ):
        client.logout()
        join(client, terms, email=email)
        assert enter(client, spell(the_code())).url == STATEMENT


def test_the_page_that_was_wanted_is_shown_after_the_code_and_no_other_site(client, terms):
    member = factories.member(terms)
    asked = client.get("/refer-a-friend/card/")
    assert asked.url == f"{SIGN_IN}?next=/refer-a-friend/card/"
    assert 'value="/refer-a-friend/card/"' in client.get(asked.url).content.decode()
    sign_in(client, member.user.email, next="/refer-a-friend/card/")
    assert enter(client).url == "/refer-a-friend/card/"
    for elsewhere in ("https://elsewhere.test/", "//elsewhere.test", "javascript:alert(1)"):
        client.logout()
        sign_in(client, member.user.email, next=elsewhere)
        assert enter(client).url == STATEMENT
        cache.clear()


# --- every address gets the same ----------------------------------------------------------------------------


def addresses(terms) -> dict[str, str]:
    """An address of every kind, all of one length."""
    left = factories.member(terms, email="left@homehome.test")
    left.leave()
    factories.member(terms, email="member@homeho.test")
    closed = factories.member(terms, email="closed@homeho.test")
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    User.objects.create_user("bystander@hom.test", name="No Member")
    staff = factories.person("desk")
    User.objects.filter(pk=staff.pk).update(email="staff@homehom.test")
    return {
        "nobody": "nobody@homeho.test",
        "member": "member@homeho.test",
        "left": "left@homehome.test",
        "closed": "closed@homeho.test",
        "no member": "bystander@hom.test",
        "staff": "staff@homehom.test",
    }


def seen(response, email: str) -> tuple:
    """What a stranger sees of an answer, but for the address that they typed and what is random."""
    random = re.compile(r'(name="(?:csrfmiddlewaretoken|token|sent_at)" value=")[\w.-]+')
    body = random.sub(r"\1", response.content.decode()).replace(email, "ADDRESS")
    headers = {name: value for name, value in response.items() if name not in ("Expires", "Date")}
    cookies = {name: (cookie["max-age"], cookie["path"]) for name, cookie in response.cookies.items()}
    return response.status_code, body, headers, cookies


def work(queries) -> list[str]:
    """The statements, without their values and the names of savepoints."""
    return [
        re.sub(r"""'(?:[^']|'')*'|\b\d+\b|\bNULL\b|"s\d+_x\d+\"""", "?", query["sql"]) for query in queries
    ]


def every_step(ask, email: str) -> list[tuple]:
    """Each answer, and the work for it, from asking for a code to the last wrong try."""
    client, steps = Client(), []

    def step(send):
        with CaptureQueriesContext(connection) as queries:
            response = send()
        steps.append((seen(response, email), work(queries), Email.objects.count() - before))

    before = Email.objects.count()
    step(lambda: ask(client, email))
    step(lambda: client.get(CODE))
    step(lambda: client.post(NEW_CODE))
    for _ in range(5):
        step(lambda: client.post(CODE, {"code": "00000000", "email": email}))
    step(lambda: client.get(CODE))
    cache.clear()
    return steps


@pytest.mark.parametrize("page", ["join", "sign in"])
def test_known_and_unknown_addresses_get_the_same_answers_for_the_same_work(page, terms, monkeypatch):
    monkeypatch.setattr("allauth.account.adapter.generate_user_code", lambda **_: "12345678")

    def ask(client, email):
        return join(client, terms, email=email) if page == "join" else sign_in(client, email)

    found = {kind: every_step(ask, email) for kind, email in addresses(terms).items()}
    assert [mails for _, _, mails in found["nobody"]] == [1, 1, 2, 2, 2, 2, 2, 2, 2]
    for kind, steps in found.items():
        for number, (step, expected) in enumerate(zip(steps, found["nobody"], strict=True)):
            assert step == expected, f"{kind}, step {number}"


def test_the_mails_differ_where_the_answers_do_not(client, terms):
    found = {}
    for kind, email in addresses(terms).items():
        for page, ask in (
            ("join", lambda email: join(Client(), terms, email=email)),
            ("sign in", lambda email: sign_in(Client(), email)),
        ):
            ask(email)
            mail = Email.objects.latest("pk")
            assert mail.to == [email]
            found[page, kind] = (
                "code"
                if re.search(r"\d{4} \d{4}", mail.message)
                else "staff"
                if "/admin/" in mail.message
                else "nobody"
            )
        cache.clear()
    kinds = "nobody", "member", "left", "closed", "no member", "staff"
    joining = "code", "code", "code", "code", "code", "staff"
    signing_in = "nobody", "code", "code", "nobody", "nobody", "staff"
    assert found == {
        **{("join", kind): mail for kind, mail in zip(kinds, joining, strict=True)},
        **{("sign in", kind): mail for kind, mail in zip(kinds, signing_in, strict=True)},
    }


def test_too_much_is_refused_alike_for_known_and_unknown_addresses(terms):
    found = []
    for email in addresses(terms).values():
        cache.clear()
        for _ in range(6):
            join(Client(), terms, email=email)
        queued = Email.objects.count()
        response = join(Client(), terms, email=email)
        assert Email.objects.count() == queued
        found.append(seen(response, email))
    assert found[0][0] == 429
    assert found.count(found[0]) == len(found)


# --- staff --------------------------------------------------------------------------------------------------


def test_staff_get_no_code_that_could_be_typed_or_guessed(client, terms, desk):
    for ask in (join, lambda client, terms, email: sign_in(client, email)):
        ask(client, terms, email=desk.email)
        awaited = client.session[Code.KEY]
        assert awaited["code"] == ""
        for code in ("", "00000000"):
            client.post(CODE, {"code": code})
        assert not is_signed_in(client)


def with_session(state) -> Code:
    client = Client()
    request = RequestFactory().post(CODE)
    request.session = client.session
    return Code(request, state)


def test_staff_are_refused_even_with_a_right_code(terms, desk):
    for under in (None, terms.pk):
        code = with_session({"email": desk.email, "name": "Test", "terms": under, "then": STATEMENT})
        with pytest.raises(ReferralError):
            code.finish()
    assert not Member.objects.exists()


def test_an_account_that_was_closed_is_not_opened_by_a_code(client, terms):
    member = factories.member(terms)
    User.objects.filter(pk=member.user_id).update(is_active=False)
    join(client, terms, email=member.user.email)
    assert "You cannot sign in with this address" in enter(client).content.decode()
    assert not is_signed_in(client)


def test_staff_read_why_these_pages_are_not_for_them(client, terms, desk):
    client.force_login(desk)
    for page in (JOIN, SIGN_IN, STATEMENT):
        response = client.get(page)
        assert response.status_code == 403
        assert "Staff do not take part" in response.content.decode()


def test_somebody_signed_in_who_takes_no_part_is_led_to_the_form(client, terms):
    client.force_login(User.objects.create_user("bystander@home.test", name="No Member"))
    assert client.get(STATEMENT).url == JOIN
    assert client.get(JOIN).status_code == 200


def test_none_of_the_librarys_own_pages_for_members_has_an_address(client, terms):
    pages = "signup reset_password email request_login_code confirm_login_code change_password set_password"
    for name in (*(f"account_{page}" for page in pages.split()), "account_logout", "mfa_login_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert client.get("/accounts/login/").status_code == 404
    assert client.get(reverse("account_login")).request["PATH_INFO"].startswith("/admin/")  # the staff's


# --- codes --------------------------------------------------------------------------------------------------


def test_five_wrong_codes_end_the_matter(client, terms):
    join(client, terms)
    right = the_code()
    wrong = "00000000" if right != "0000 0000" else "11111111"
    for left in (4, 3, 2, 1):
        assert f"Tries left: {left}" in enter(client, wrong).content.decode()
    assert "too many times" in enter(client, wrong).content.decode()
    assert enter(client, right).status_code == 422
    assert not Member.objects.exists()


def test_a_slip_of_the_finger_is_not_a_try(client, terms):
    join(client, terms)
    for typed in ("1234", "123456789", "abc", ""):
        assert client.post(CODE, {"code": typed}).status_code == 422
    assert client.session[Code.KEY]["failed_attempts"] == 0


def test_a_code_runs_out_and_the_form_for_a_new_one_is_filled_in(client, terms):
    join(client, terms)
    session = client.session
    session[Code.KEY] = session[Code.KEY] | {"at": time.time() - 15 * 60 - 1}
    session.save()
    page = enter(client).content.decode()
    assert "Ask for a new code" in page
    for typed in ("Ann Other", NOBODY):
        assert f'value="{typed}"' in page
    assert not Member.objects.exists()


def test_a_code_works_once(client, terms):
    join(client, terms)
    used = the_code()
    enter(client, used)
    assert enter(client, used).url == STATEMENT, "somebody who presses twice is signed in once"
    other = Client()
    assert other.post(CODE, {"code": used}).status_code == 422
    assert not is_signed_in(other)


def test_a_code_opens_nothing_in_another_browser(client, terms):
    join(client, terms)
    thief = Client()
    join(thief, terms, email="thief@home.test")
    mine = the_code()
    Email.objects.latest("pk").delete()
    assert enter(thief, the_code()).status_code == 422
    assert enter(thief, mine).url == STATEMENT
    assert Member.objects.get().user.email == "thief@home.test"


def test_only_the_newest_code_counts(client, terms):
    join(client, terms)
    first = the_code()
    assert client.post(NEW_CODE).url == f"{CODE}?new"
    assert "Only its code counts" in client.get(f"{CODE}?new").content.decode()
    if first != the_code():
        assert enter(client, first).status_code == 422
    assert enter(client).url == STATEMENT


def test_new_codes_are_sent_three_times_and_wrong_tries_stay_counted(client, terms):
    join(client, terms)
    enter(client, "00000000")
    for _ in range(3):
        client.post(NEW_CODE)
    assert client.session[Code.KEY]["failed_attempts"] == 1
    assert "Send a new code" not in client.get(CODE).content.decode()
    assert client.post(NEW_CODE).status_code == 429
    assert Email.objects.count() == 4


def test_a_page_for_a_code_that_nobody_asked_for_shows_the_way(client, terms):
    for response in (client.get(CODE), client.get(NEW_CODE), client.post(NEW_CODE)):
        assert "Ask for a new code" in response.content.decode()
        assert JOIN in response.content.decode()


def test_where_the_session_is_gone_meanwhile_the_address_is_not(client, terms):
    join(client, terms)
    client.cookies.pop("sessionid")
    page = client.post(CODE, {"code": the_code(), "email": NOBODY})
    assert page.status_code == 422
    assert f'value="{NOBODY}"' in page.content.decode()


def test_a_mail_with_a_code_is_not_sent_when_the_code_has_run_out(client, terms):
    join(client, terms)
    mail = Email.objects.get()
    assert mail.expires_at <= timezone.now() + timedelta(minutes=15)
    Email.objects.update(expires_at=timezone.now() - timedelta(seconds=1), scheduled_time=None)
    assert not get_queued().exists()
    Email.objects.update(created=timezone.now() - 31 * DAY)
    assert forget_mail(timezone.now()) == 1, "nor is the address kept that it was for"


# --- forms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": " "}, "Write your name."),
        ({"email": ""}, "Write your e-mail address."),
        ({"is_adult": None}, "Say that you are 18 or over."),
        ({"has_read": None}, "Say that you have read the terms."),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "a\0b"}, "Null"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(client, terms, typed, words):
    response = join(client, terms, **typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    if "name" not in typed:
        assert 'value="Ann Other"' in response.content.decode()
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("ANN@Home.Test", "ann@home.test"),
        (" ann+tag@home.test ", "ann+tag@home.test"),
        ("a.n.n@home.test", "a.n.n@home.test"),
        ("ann@BÜCHER.test", "ann@bücher.test"),
        ("ann@xn--bcher-kva.test", "ann@bücher.test"),
        ("ａｎｎ@home.test", "ann@home.test"),
        ("ann@home.test.", "ann@home.test"),
        ("o'neil@home.test", "o'neil@home.test"),
    ],
)
def test_an_address_is_one_however_it_is_spelled(client, terms, typed, email):
    join(client, terms, email=typed)
    assert Email.objects.get().to == [email]
    enter(client)
    member = Member.objects.get()
    assert member.user.email == email
    client.logout()
    sign_in(client, typed)
    enter(client)
    assert client.session["_auth_user_id"] == str(member.user_id)


def test_what_cannot_be_seen_is_no_part_of_an_address(client, terms):
    assert join(client, terms, email="ann\0\u200e@home.test").status_code == 302
    assert Email.objects.get().to == ["ann@home.test"]


@pytest.mark.parametrize(
    "typed",
    [
        "ann",
        "@",
        "ann@",
        "@home.test",
        "ann@home",
        "a@b@c.test",
        "ann@home.test,bea@home.test",
        '"a,b"@home.test',
        "ann@home.test\nBcc: bea@home.test",
        "ann@home..test",
        "ann@" + "x" * 64 + ".test",
        "x" * 250 + "@home.test",
        "Ann <ann@home.test>",
        "ann@[127.0.0.1]x",
        "ä@home.test",
        "{{ 7|add:7 }}@home.test",
        "😀@home.test",
    ],
)
def test_what_is_no_address_is_refused_in_words(client, terms, typed):
    for response in (join(client, terms, email=typed), sign_in(client, typed)):
        assert response.status_code == 422
    assert not Email.objects.exists()


def test_terms_that_changed_while_the_form_was_open_are_shown_first(client, terms):
    older = factories.terms(from_on=timezone.localdate() - DAY, member_cents=100)
    response = join(client, older)
    page = response.content.decode()
    assert response.status_code == 422
    assert "The terms have changed meanwhile" in page
    assert f'name="terms" value="{terms.pk}"' in page
    assert 'value="Ann Other"' in page
    (tick,) = re.findall(r'<input type="checkbox" name="has_read"[^>]*>', page)
    assert "checked" not in tick, "the new ones are to be read first"
    assert "checked" in re.findall(r'<input type="checkbox" name="is_adult"[^>]*>', page)[0]


def test_a_closed_programme_says_so_and_keeps_its_promises(client, terms, manager):
    member = factories.member(terms)
    close(manager)
    assert "closed for now" in client.get(JOIN).content.decode()
    assert join(client, terms).status_code == 409
    sign_in(client, member.user.email)
    assert enter(client).url == STATEMENT


def test_a_programme_that_closes_before_the_code_came_back_takes_nobody(client, terms, manager):
    join(client, terms)
    close(manager)
    assert "takes no new members" in enter(client).content.decode()
    assert not User.objects.filter(email=NOBODY).exists()
    assert not is_signed_in(client)


# --- limits -------------------------------------------------------------------------------------------------


def test_a_thousand_joins_over_one_connection_are_limited_with_a_sentence(client, terms):
    answers = [join(Client(), terms, email=f"ann{n}@home.test").status_code for n in range(31)]
    assert answers == [302] * 30 + [429]
    response = join(client, terms, email="last@home.test")
    assert response.status_code == 429
    assert response["Retry-After"] == "3600"
    page = response.content.decode()
    assert "Too many codes were asked for" in page
    for typed in ("Ann Other", "last@home.test"):
        assert f'value="{typed}"' in page
    assert Email.objects.count() == 30
    assert sign_in(client, "last@home.test").status_code == 429, "joining and signing in count together"


def test_one_mailbox_gets_six_codes_an_hour_whatever_is_added_to_its_name(terms):
    spellings = "ann@gmail a.nn@gmail ann+1@gmail ann+2@googlemail ANN@gmail ann@gmail"
    for email in spellings.split():
        assert join(Client(), terms, email=f"{email}.com").status_code == 302
    assert join(Client(), terms, email="ann+3@gmail.com").status_code == 429
    assert join(Client(), terms, email="bea@gmail.com").status_code == 302


def test_codes_are_not_guessed_from_many_browsers(terms):
    answers = []
    for _ in range(5):
        client = Client()
        join(client, terms)
        answers += [enter(client, "00000000").status_code for _ in range(5)]
    assert answers == [422] * 20 + [429] * 5


def test_guesses_sent_all_at_once_are_counted_one_by_one(terms):
    def guess(_):
        return is_within(RequestFactory().post(CODE), "enter_code", "ann@home.test")

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(guess, range(60))) == 20


def test_of_many_who_take_a_lock_of_the_cache_one_gets_it():
    for n in range(30):
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(lambda _, n=n: cache.add(f"lock{n}", True, 10), range(8))) == 1
    cache.add("short", True, 0.05)
    time.sleep(0.1)
    assert cache.add("short", True, 10)


def test_network_addresses_and_mailboxes_are_kept_nowhere(client, terms, settings, caplog):
    client.post(JOIN, {"email": NOBODY}, REMOTE_ADDR="203.0.113.77")
    join(Client(REMOTE_ADDR="203.0.113.77"), terms)
    kept = [
        path.name.encode() + path.read_bytes() for path in settings.CACHES["default"]["LOCATION"].iterdir()
    ]
    assert kept
    for secret in (b"203.0.113.77", b"nobody", b"home.test"):
        assert not any(secret in file for file in kept)
    with CaptureQueriesContext(connection) as queries:
        join(Client(REMOTE_ADDR="203.0.113.77"), terms)
    assert not any("203.0.113.77" in query["sql"] for query in queries)
    for secret in ("203.0.113.77", "nobody", the_code()):
        assert secret not in caplog.text


def test_addresses_that_a_visitor_claims_to_come_from_count_behind_proxies_only(terms, settings):
    def from_(claimed, n):
        return (
            join(Client(), terms, email=f"ann{n}@home.test")
            if claimed is None
            else Client().post(
                JOIN,
                {"name": "A", "email": f"ann{n}@home.test", "is_adult": 1, "has_read": 1, "terms": terms.pk},
                headers={"X-Forwarded-For": claimed},
            )
        )

    assert [from_(f"203.0.113.{n}", n).status_code for n in range(31)][-1] == 429
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert from_("203.0.113.1", 40).status_code == 302
    assert from_("spoofed, 203.0.113.2", 41).status_code == 302
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    for odd in ("203.0.113.1", "nonsense, more nonsense", None):
        assert from_(odd, 42).status_code in (302, 429), "never an error of ours"


# --- sessions -----------------------------------------------------------------------------------------------


def signed_in(terms) -> Client:
    client = Client()
    join(client, terms)
    enter(client)
    return client


def test_signing_out_is_a_button_and_never_a_link(terms):
    client = signed_in(terms)
    assert client.get("/refer-a-friend/sign-out/").url == STATEMENT
    assert is_signed_in(client)
    assert "You are signed out." in client.post("/refer-a-friend/sign-out/", follow=True).content.decode()
    assert client.get(STATEMENT).url == f"{SIGN_IN}?next={STATEMENT}"


def test_a_member_who_does_nothing_for_an_hour_is_signed_out(terms):
    client = signed_in(terms)
    ends = Session.objects.get(session_key=client.session.session_key).expire_date
    assert timedelta(minutes=59) < ends - timezone.now() <= timedelta(hours=1)
    session = client.session
    session["seen_at"] = time.time() - 600
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=50))
    client.get(STATEMENT)
    ends = Session.objects.get(session_key=client.session.session_key).expire_date
    assert ends - timezone.now() > timedelta(minutes=59), "whoever is there stays signed in"


def test_what_was_typed_for_a_code_that_never_came_back_goes_with_the_session(client, terms):
    join(client, terms)
    assert Session.objects.count() == 1
    assert end_sessions(timezone.now()) == 0
    assert end_sessions(timezone.now() + timedelta(hours=1, seconds=1)) == 1


def test_the_session_has_another_key_once_somebody_is_signed_in(client, terms):
    join(client, terms)
    before = client.session.session_key
    enter(client)
    assert client.session.session_key != before
    assert not {Code.KEY, "asked_with"} & set(client.session.keys())


def test_pages_of_a_member_are_kept_by_no_cache(terms):
    client = signed_in(terms)
    for page in (STATEMENT, JOIN, CODE):
        assert "no-store" in client.get(page)["Cache-Control"]


def test_a_form_that_was_sent_after_the_session_had_ended_is_sent_after_signing_in(terms):
    client = signed_in(terms)
    member = Member.objects.get()
    client.logout()
    asked = client.post(
        "/refer-a-friend/link-name/", {"named_as": "Ann <b>", "save": "1", "csrfmiddlewaretoken": "x"}
    )
    assert asked.url == f"{SIGN_IN}?next=/refer-a-friend/unsent/"
    sign_in(client, member.user.email, next="/refer-a-friend/unsent/")
    page = client.get(enter(client).url).content.decode()
    assert 'action="/refer-a-friend/link-name/"' in page
    assert 'name="named_as" value="Ann &lt;b&gt;"' in page
    assert "<li>Ann &lt;b&gt;</li>" in page
    assert client.get("/refer-a-friend/unsent/").url == STATEMENT, "once"


def test_a_flood_sent_by_nobody_is_not_kept(client, terms):
    client.post("/refer-a-friend/terms/", {"words": "x" * 100_000})
    assert client.session["unsent"]["typed"] == []


# --- newer terms --------------------------------------------------------------------------------------------


def test_a_member_agrees_to_the_newer_terms_that_they_were_shown(terms, manager):
    member = factories.member(factories.terms(from_on=timezone.localdate() - 9 * DAY))
    client = Client()
    client.force_login(member.user)
    assert newer_terms(member) == terms
    client.post("/refer-a-friend/terms/", {"terms": terms.pk + 100})
    assert newer_terms(member) == terms, "not to others than were shown"
    assert client.get("/refer-a-friend/terms/").url == STATEMENT
    assert Acceptance.objects.filter(member=member).count() == 1
    for _ in range(2):
        client.post("/refer-a-friend/terms/", {"terms": terms.pk})
    member = Member.objects.get(pk=member.pk)
    assert newer_terms(member) is None
    assert Acceptance.objects.filter(member=member).count() == 2


def test_whoever_left_is_asked_nothing(terms):
    member = factories.member(factories.terms(from_on=timezone.localdate() - 9 * DAY))
    member.leave()
    assert newer_terms(member) is None


# --- a form that was not taken ------------------------------------------------------------------------------


def refused(headers, path=JOIN, **typed):
    sent = {
        "name": 'Ann "<i>" Other',
        "email": NOBODY,
        "is_adult": "on",
        "password": "hidden",
        "code": "12345678",
        **typed,
    }
    return Client(enforce_csrf_checks=True).post(path, sent, headers=headers)


def test_what_was_typed_survives_a_form_that_was_open_for_too_long():
    response = refused({"Origin": "http://testserver"})
    page = response.content.decode()
    assert response.status_code == 403
    assert f'action="{JOIN}"' in page
    assert 'name="name" value="Ann &quot;&lt;i&gt;&quot; Other"' in page
    assert f"<li>{NOBODY}</li>" in page
    assert "<li>on</li>" not in page
    assert "hidden</li>" not in page
    assert "12345678" not in page
    assert 'value="hidden"' not in page


def test_another_site_cannot_have_its_words_sent_with_one_press_of_a_button_here():
    for headers in (
        {"Origin": "https://elsewhere.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {},
    ):
        page = refused(headers).content.decode()
        assert NOBODY not in page
        assert "Send it now" not in page


def test_a_form_sent_again_arrives(terms):
    client = Client(enforce_csrf_checks=True)
    sent = {"name": "Ann", "email": NOBODY, "is_adult": "on", "has_read": "on", "terms": terms.pk}
    page = client.post(JOIN, sent, headers={"Origin": "http://testserver"})
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()))
    assert client.post(JOIN, again, headers={"Origin": "http://testserver"}).url == CODE


# --- mail ---------------------------------------------------------------------------------------------------


def test_while_the_mail_server_is_down_the_page_answers_and_the_mail_waits(
    client, terms, settings, django_capture_on_commit_callbacks, monkeypatch
):
    started = []
    # no thread runs here that would give its place back to the tests after this one
    monkeypatch.setattr("clinic_site.notifications.mail._threads", BoundedSemaphore(4))
    monkeypatch.setattr(
        "clinic_site.notifications.mail.Thread",
        lambda target, args, daemon: type("T", (), {"start": lambda self: started.append(args)})(),
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert join(client, terms).url == CODE
    mail = Email.objects.get()
    assert started == [(mail.pk,)], "it is tried at once, in a thread of its own"
    assert mail.status == STATUS.queued
    assert mail.scheduled_time - mail.created <= timedelta(minutes=1), "tick tries it soon, if that failed"
    assert mail.scheduled_time < mail.expires_at
    for n in range(10):
        with django_capture_on_commit_callbacks(execute=True):
            assert join(client, terms, email=f"ann{n}@home.test").url == CODE
    assert len(started) == 4, "a server that doesn't answer holds a few threads and no more"


# --- one form, one mail -------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_sends_one_code(client, terms):
    token = str(uuid4())
    for _ in range(3):
        assert join(client, terms, token=token)["Location"] == CODE
    assert Email.objects.count() == 1
    enter(client)
    assert is_signed_in(client)


def test_so_it_is_for_signing_in_and_for_the_button_that_sends_a_new_one(client, terms):
    token = str(uuid4())
    for _ in range(3):
        assert sign_in(client, NOBODY, token=token)["Location"] == CODE
    assert Email.objects.count() == 1
    sent_at = re.search(r'name="sent_at" value="([^"]+)"', client.get(CODE).content.decode())[1]
    for _ in range(3):
        assert client.post(NEW_CODE, {"sent_at": sent_at}).status_code == 302
    assert Email.objects.count() == 2


def test_a_form_with_another_address_is_another_one(client, terms):
    token = str(uuid4())
    for email in (NOBODY, "other@home.test"):
        join(client, terms, email=email, token=token)
    assert [mail.to for mail in Email.objects.order_by("pk")] == [[NOBODY], ["other@home.test"]]


def test_a_form_that_was_refused_may_be_sent_again(client, terms, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"send_code": "1/h/ip"}
    sign_in(client, "first@home.test")
    token = str(uuid4())
    assert sign_in(client, NOBODY, token=token).status_code == 429
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"send_code": "9/h/ip"}
    assert sign_in(client, NOBODY, token=token).status_code == 302
    assert Email.objects.count() == 2

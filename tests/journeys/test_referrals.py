"""Refer a friend in a browser: a member with a phone, and what comes out of the printer."""

import re
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests import running
from tests.journeys.test_reader import violations

pytestmark = pytest.mark.browser
STATEMENT, CARD, NAME = "/refer-a-friend/statement/", "/refer-a-friend/card/", "/refer-a-friend/link-name/"

# a member of long standing, with as much to say as fits, and one whose friend waits; the key of a session
# goes where the test finds it, and so does who is at the desk
LIFE = """
from datetime import timedelta
from pathlib import Path
from uuid import uuid4
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from referrals import credit, emails, rewards
from referrals.codes import spoken
from tests import factories

now = timezone.now()
desk, manager = factories.person("desk"), factories.person("manager")
with emails.held_back():
    start = now - timedelta(days=400)
    terms = factories.terms(from_on=timezone.localdate(start), hold_days=30, expiry_days=150, cap_per_year=90)
    bo = factories.member(terms, confirmed_by=desk, now=start, email="bo@home.test", name="Bo Sample")
    long_ago = now - timedelta(days=140)
    referral = factories.referral(bo, now=long_ago)
    rewards.attend(referral, by=desk, on=timezone.localdate(long_ago), now=long_ago)
    factories.referral(bo, now=now, name="Cleo Sample", email="cleo@home.test", phone="416 555 0133")
    member = factories.member(terms, confirmed_by=desk, now=start, email="ann@home.test", name="Ann Sample")
    for days in range(130, 1, -5):
        at = now - timedelta(days=days)
        referral = factories.referral(member, now=at, name=f"Friend of day {days}", may_tell=bool(days % 2))
        if days % 15:
            rewards.attend(referral, by=desk, on=timezone.localdate(at), now=at)
        if days % 10 == 0:
            credit.adjust(
                member.account, cents=-100, token=uuid4(), by=manager, now=at,
                because="A rather long reason, as people write them who want to be clear: " * 2,
            )
    credit.redeem(
        member.account, cents=2500, spent_on="Sun cream", invoice="2026-1", token=uuid4(), by=desk, now=now
    )
session = SessionStore()
session[SESSION_KEY] = str(member.user_id)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
session.save()
Path(settings.DATA_DIR, "session").write_text(session.session_key)
Path(settings.DATA_DIR, "desk").write_text(f"{desk.email} {spoken(bo.code)}")
"""


@pytest.fixture(scope="module")
def served():
    """The environment of a served site with a member in it."""
    with running.filled() as (env, port):
        running.manage(env, "shell", "--command", LIFE)
        with running.serving(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            env,
            f"{env['SITE_URL']}/healthz",
            patience=120,
        ):
            yield env


@pytest.fixture(scope="module")
def member_site(served):
    """The address of that site, and the cookie that signs the member in."""
    key, address = Path(served["DATA_DIR"], "session").read_text(), served["SITE_URL"]
    return address, {"name": "sessionid", "value": key, "url": address}


@pytest.fixture
def phone(member_site, browser):
    """The member's phone: `phone(...)` opens a page there, in a context with these settings."""
    address, cookie = member_site
    opened = []

    def opens(path, *, width=390, script="", permissions=(), **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, permissions=list(permissions), **settings
        )
        context.add_cookies([cookie])
        if script:
            context.add_init_script(script)
        opened.append(context)
        page = context.new_page()
        page.complaints = []
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address + path)
        return page

    yield opens
    for context in opened:
        context.close()


def sheets(page, paper: str) -> int:
    """How many sheets of that paper the page fills."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", [STATEMENT, CARD, NAME, "/refer-a-friend/leave/"])
def test_a_members_page_keeps_its_promises_to_every_reader(phone, path, width):
    page = phone(path, width=width)
    assert page.locator("h1").count() == 1
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_a_member_hands_on_the_link_from_a_phone(phone):
    # given a phone that can share
    page = phone(
        STATEMENT,
        script="navigator.share = (what) => { window.shared = what; return Promise.resolve(); }",
        permissions=["clipboard-read", "clipboard-write"],
    )
    link = page.get_by_label("Link", exact=True).input_value()
    # when the member copies and shares
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_text("The link is copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.get_by_role("button", name="Copy the words").click()
    page.get_by_text("The words are copied, with the link.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Share…").click()
    shared = page.evaluate("window.shared")
    # then each way tells the reward
    assert copied == f"{shared['text']} {shared['url']}"
    assert "I get $50 credit" in shared["text"]
    assert shared["url"] == link
    # and a camera reads the same link from the screen
    assert codes_on(page.screenshot(full_page=True)) == {link: 1}


def codes_on(png: bytes) -> dict[str, int]:
    read = [code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(png)))]
    return {text: read.count(text) for text in read}


def test_a_member_hands_on_the_link_without_a_script(phone):
    page = phone(STATEMENT, java_script_enabled=False)
    link = page.get_by_label("Link", exact=True).input_value()
    assert page.get_by_label("Words to send with it").input_value().endswith(f"I get $50 credit. {link}")
    assert page.get_by_role("button", name="Copy").count() == 0
    for way in ("By e-mail", "By text message", "On paper, to tear off"):
        assert page.get_by_role("link", name=way).is_visible()
    # and leads through the list of transfers
    page.get_by_role("navigation", name="Transfers").get_by_role("link", name="Older").click()
    assert "Page 2 of 2" in page.get_by_role("navigation", name="Transfers").inner_text()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_statement_prints_on_one_sheet_and_says_that_there_is_more(phone, paper):
    page = phone(STATEMENT, width=1280)
    assert sheets(page, paper) == 1
    page.emulate_media(media="print")
    shown = page.locator("main").inner_text()
    count = page.locator("main tbody tr:visible").count()
    assert count == 10
    assert re.search(r"On paper: the newest 10 of \d+ transfers", shown)
    assert "is on hold until" in shown
    assert page.get_by_role("button").count() == 0


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_card_fills_one_sheet_with_codes_that_a_camera_reads(phone, paper):
    page = phone(CARD, width=794)
    assert sheets(page, paper) == 1
    page.emulate_media(media="print")
    read = codes_on(page.screenshot(full_page=True, scale="css"))
    assert [count for link, count in read.items()] == [9]
    assert not page.locator("header.site-header").is_visible()


def test_a_member_puts_their_name_on_the_link_by_keyboard(phone, member_site, browser):
    page = phone(STATEMENT)
    page.get_by_role("link", name="Change the name on your link").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Your name, as friends know you")
    # a name that isn't one comes back with the reason, and with what was typed
    field.fill("Botox Ann")
    page.keyboard.press("Enter")
    page.get_by_text("There is a problem").wait_for()
    assert field.input_value() == "Botox Ann"
    assert violations(page) == []
    # how it reads is shown before it's kept
    field.fill("Ann")
    page.get_by_role("button", name="Show how it reads").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing is saved yet.").wait_for()
    assert "Ann gave you this link" in page.locator(".reads__words").inner_text()
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Your link now names you as “Ann”.").wait_for()
    # and that is what a friend reads
    link = page.get_by_label("Link", exact=True).input_value()
    friend = browser.new_context()
    there = friend.new_page()
    there.goto(link)
    assert "Ann gave you this link" in there.locator("main").inner_text()
    friend.close()


# --- joining ------------------------------------------------------------------------------------------------


def code_sent_to(address: str, served) -> str:
    """The code of the newest mail to that address, as soon as it has gone out."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for path in sorted(Path(served["DATA_DIR"], "mail").glob("*.log"), reverse=True):
            mail = path.read_text()
            if f"To: {address}" in mail and (code := re.search(r"\b\d{4} \d{4}\b", mail)):
                return code[0]
        time.sleep(0.1)
    raise AssertionError(f"No mail with a code went to {address}.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_somebody_joins_on_a_phone_and_comes_back(served, browser, scripts):
    site, email = served["SITE_URL"], f"ann+{scripts}@home.test".lower()
    # given a patient with a phone, on the programme's page
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, java_script_enabled=scripts, reduced_motion="reduce"
    )
    page, complaints = context.new_page(), []
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text) if said.type == "error" and "422" not in said.text else None
        ),
    )

    def looks_right():
        if scripts:
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320

    page.goto(site + "/refer-a-friend/")
    assert context.cookies() == []
    # when they join, forgetting half of it
    page.get_by_role("link", name="Join", exact=True).click()
    looks_right()
    page.get_by_label("Your name").fill("Ann Sample")
    page.get_by_role("button", name="Join").click()
    looks_right()
    page.get_by_role("link", name="Write your e-mail address.").click()
    assert page.evaluate("document.activeElement.name") == "email"
    page.keyboard.type(email.upper())
    page.get_by_label("18 or over").check()
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Join").click()
    # then a code is asked for, with the keyboard that has digits
    looks_right()
    code = page.get_by_label("The code")
    assert (code.get_attribute("autocomplete"), code.get_attribute("inputmode")) == (
        "one-time-code",
        "numeric",
    )
    code.fill("1234 567")
    code.press("Enter")
    page.get_by_role("link", name="The code has 8 digits.").wait_for()
    looks_right()
    code.fill(code_sent_to(email, served))
    code.press("Enter")
    # and the mail's code leads to their statement
    page.wait_for_url(site + STATEMENT)
    # when they sign out, the back button shows nothing of it, and their address alone brings them back
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    looks_right()
    page.go_back()
    page.wait_for_url("**/sign-in/?next=/refer-a-friend/statement/")
    for mail in Path(served["DATA_DIR"], "mail").glob("*.log"):
        mail.unlink()
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code").fill(code_sent_to(email, served))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(site + STATEMENT)
    assert complaints == []
    context.close()


def test_what_was_typed_survives_a_lost_cookie(served, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(served["SITE_URL"] + "/refer-a-friend/join/")
    page.get_by_label("Your name").fill("Bea <b> Sample")
    page.get_by_label("Your e-mail address").fill("bea@home.test")
    page.get_by_label("18 or over").check()
    page.get_by_label("I have read the terms").check()
    context.clear_cookies()
    page.get_by_role("button", name="Join").click()
    page.get_by_text("Bea <b> Sample").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Send it now").click()
    page.get_by_role("heading", name="Enter the code").wait_for()
    page.get_by_role("link", name="Change it").click()
    assert page.get_by_label("Your name").input_value() == "Bea <b> Sample"
    assert page.get_by_label("Your e-mail address").input_value() == "bea@home.test"
    context.close()


# --- the friend ---------------------------------------------------------------------------------------------


@pytest.fixture
def link(phone):
    return phone(STATEMENT).locator("#share-box-address").input_value()


@pytest.fixture
def friend(browser):
    """A friend's own phone: `friend(...)` is a page in a context with these settings, where nobody is signed
    in.
    """
    opened = []

    def opens(url, *, width=390, **settings):
        context = browser.new_context(viewport={"width": width, "height": 844}, **settings)
        opened.append(context)
        page = context.new_page()
        page.goto(url)
        return page

    yield opens
    for context in opened:
        context.close()


def is_for_everybody(page, width):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "noindex" in page.locator("meta[name=robots]").get_attribute("content")


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


@pytest.mark.parametrize(("width", "scripts"), [(320, False), (390, True), (1280, True)])
def test_a_friend_introduces_themself_and_takes_it_back(friend, link, width, scripts):
    # given a friend who opens the link that they got
    page = friend(link, width=width, java_script_enabled=scripts)
    look = is_for_everybody if scripts else lambda *args: None
    look(page, width)
    # then they read what there is in it for whom, and nothing is left on their phone
    assert "$50" in page.locator("main").inner_text()
    assert page.context.cookies() == []
    # when they send a form in which something is missing
    page.get_by_role("link", name="Introduce yourself").click()
    look(page, width)
    page.get_by_label("Your name").fill("Sample Friend")
    page.get_by_label("I am 18 or over.").check()
    press(page, "Introduce myself")
    # then they are told what, and what they typed is still there
    look(page, width)
    assert "Write an e-mail address or a phone number" in page.locator(".error-summary").inner_text()
    assert page.get_by_label("Your name").input_value() == "Sample Friend"
    assert page.get_by_label("I am 18 or over.").is_checked()
    assert not page.get_by_label("Whoever gave me this link").is_checked()
    # when they mend it
    page.get_by_label("Your phone number").fill("416 555 0177")
    page.get_by_label("The clinic may contact me").check()
    press(page, "Introduce myself")
    # then they have a number, and a way back
    look(page, width)
    reference = page.locator(".reference").inner_text()
    assert re.fullmatch(r"F[0-9A-Z]{7}", reference)
    page.get_by_role("link", name="Withdraw").click()
    look(page, width)
    assert page.locator(".reference").inner_text() == reference
    address = page.url
    press(page, "Withdraw and erase")
    look(page, width)
    assert "What you typed is erased" in page.locator("main").inner_text()
    # and the same link says so once more
    page.goto(address)
    look(page, width)
    assert "Nothing stands behind this link" in page.locator("h1").inner_text()
    assert {cookie["name"] for cookie in page.context.cookies()} == {"csrftoken"}


def test_a_friend_needs_no_mouse(friend, link):
    page = friend(link)
    page.get_by_role("link", name="Introduce yourself").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Your name").focus()
    for word in ("Sample Friend", "friend@home.test", "", "mornings"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the choice that is theirs
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Your introduction has arrived"


def test_a_form_that_stood_open_for_too_long_is_sent_once_more(friend, link):
    page = friend(link + "introduce/")
    page.get_by_label("Your name").fill("Sample Friend")
    page.get_by_label("Your phone number").fill("416 555 0178")
    page.get_by_label("I am 18 or over.").check()
    page.get_by_label("The clinic may contact me").check()
    page.context.clear_cookies()
    press(page, "Introduce myself")
    assert page.locator("h1").inner_text() == "The form was open for too long"
    assert "416 555 0178" in page.locator("main").inner_text()
    with page.expect_navigation():
        page.locator("main form button").click()
    assert page.locator("h1").inner_text() == "Your introduction has arrived"


def test_a_link_that_leads_nowhere_is_kind(friend, member_site):
    page = friend(member_site[0] + "/r/ABCDEFG/", width=320)
    is_for_everybody(page, 320)
    assert page.locator("h1").inner_text() == "This link is not in use"


# --- the desk -----------------------------------------------------------------------------------------------

DESK = "/admin/referrals/desk/"


@pytest.fixture(scope="module")
def at_the_desk(served):
    """The address of the site, somebody at its desk, and the code of a member with $50 and a friend who
    waits.
    """
    return served["SITE_URL"], *Path(served["DATA_DIR"], "desk").read_text().split()


def sign_in(page, email):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("a long password")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_fit_for_the_desk(page, width):
    assert [said for said in page.complaints if "422" not in said] == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # the admin's links fade from one colour to the other
        assert violations(page) == []
    page.complaints.clear()  # axe looks for the style sheets of style sheets, not always where they are
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_a_friend_comes_and_a_member_pays_with_credit(at_the_desk, browser, width):
    site, email, code = at_the_desk
    context = browser.new_context(viewport={"width": width, "height": 844})
    invoice = f"2026-{width}"  # the member is the same at both widths
    page = context.new_page()
    page.complaints = []
    page.on(
        "console",
        lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    # given somebody at the desk, who types a code as it was read out to them
    page.goto(site + DESK)
    sign_in(page, email)
    is_fit_for_the_desk(page, width)
    page.keyboard.type(f" {code.lower().replace('0', 'o')} ")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    is_fit_for_the_desk(page, width)
    page.get_by_role("link", name=f"Bo Sample, {code}").click()
    is_fit_for_the_desk(page, width)
    if width == 360:
        # when the friend has come
        page.get_by_role("link", name="Cleo Sample").click()
        is_fit_for_the_desk(page, width)
        page.get_by_label("Number of the visit").fill("V-1042")
        press(page, "Record the visit")
        is_fit_for_the_desk(page, width)
        # then the screen says what that brought
        assert f"{code} got $50.00; it can be used from" in page.locator(".messagelist").inner_text()
        page.get_by_role("link", name=f"Bo Sample, {code}").click()
    # when the member pays with credit, and the button is pressed twice
    amount = page.get_by_label("How much?")
    amount.fill("20,00")
    page.get_by_label("Sun cream").check()
    page.get_by_label("Invoice number").fill(invoice)
    press(page, "Redeem")
    is_fit_for_the_desk(page, width)
    assert "can be read in two ways" in page.locator(".errorlist").inner_text()
    assert page.get_by_label("Invoice number").input_value() == invoice
    amount.fill("20.00")
    with page.expect_navigation(url="**/receipt/"):
        page.get_by_role("button", name="Redeem").dblclick()
    # then there is one receipt, which prints on a sheet without the buttons
    is_fit_for_the_desk(page, width)
    receipt = page.locator(".receipt").inner_text()
    for words in ("$20.00", invoice, "Sun cream"):
        assert words in receipt
    assert page.get_by_role("button", name="Print").is_visible()
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Print").is_visible()
    assert sheets(page, "A4") == 1
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Back to the account").click()
    assert page.get_by_role("link", name="Receipt").count() == (1 if width == 360 else 2)
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(at_the_desk, browser, scripts):
    site, email, code = at_the_desk
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site}{DESK}late-mention/?to={code}")
    sign_in(page, email)
    page.get_by_label("Number of the visit").fill("not a visit")
    context.clear_cookies(name="sessionid")
    press(page, "Save")
    assert "Your sign-in had run out" in page.locator("#content-main").inner_text()
    other = context.new_page()
    other.goto(site + DESK)
    sign_in(other, email)
    press(page, "Continue")
    press(page, "Send it now")
    assert "Up to three letters and six digits" in page.locator(".errornote").inner_text()
    assert page.get_by_label("Number of the visit").input_value() == "not a visit"
    assert page.get_by_label("Who sent them?").input_value() == code
    # and in another tab, somebody signs in anew meanwhile: the form is an old one then
    context.clear_cookies(name="sessionid")
    other.goto(site + DESK)
    sign_in(other, email)
    press(page, "Save")
    press(page, "Send it now")
    assert page.get_by_label("Number of the visit").input_value() == "not a visit"
    assert "Up to three letters and six digits" in page.locator(".errornote").inner_text()
    context.close()

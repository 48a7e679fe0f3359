"""Signing in and signing an edition in a real browser, with an app's code, a passkey and a recovery code,
under the site's own security policy. A browser makes passkeys for `localhost`, never for a number.
"""

import base64
import hashlib
import hmac
import re
import struct
import sys
import time

import pytest

from tests import running
from tests.running import PASSWORD

pytestmark = pytest.mark.browser
WAITING = """
from clinic_site.accounts.models import User
from tests import factories
editor = User.objects.get(email="editor@clinic.example")
draft = factories.answer("signed-by-passkey", by=editor, checked_by=factories.person("clinician"))
draft.submit(by=editor, change_note="First edition.")
"""


@pytest.fixture(scope="module")
def site():
    with running.filled() as (env, port):
        env["SITE_URL"] = f"http://localhost:{port}"
        running.manage(env, "shell", "--command", WAITING)
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with running.serving(command, env, f"{env['SITE_URL']}/healthz"):
            yield env["SITE_URL"]


class Desk:
    """A clinician's browser, what it complained of, and a device in it that keeps passkeys."""

    def __init__(self, browser, site):
        self.site, self.context, self.complaints = site, browser.new_context(), []
        self.page = self.tab()
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})

    def tab(self):
        page = self.context.new_page()
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sign_in(self, then: str = "/admin/"):
        self.page.goto(f"{self.site}/admin/login/?next={then}")
        self.page.get_by_label("E-mail address").fill("clinician@clinic.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_out(self):
        self.page.goto(f"{self.site}/admin/")
        self.page.locator(".account > summary").click()
        self.page.get_by_role("button", name="Log out").click()
        self.page.wait_for_selector("text=signed out")

    def reads(self, words: str):
        self.page.get_by_text(words).first.wait_for()


@pytest.fixture
def at(browser, site):
    desk = Desk(browser, site)
    yield desk
    desk.context.close()


def code_of(secret: str) -> str:
    """RFC 6238, as an app does it."""
    counted = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = counted[-1] & 15
    return f"{(struct.unpack('>I', counted[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_back_after_a_refused_signature_sends_nothing_again(at):
    page = at.page
    at.sign_in("/admin/publishing/edition/")
    page.get_by_role("link", name=re.compile("signed-by-passkey")).first.click()
    page.goto(page.url.replace("change/", "sign/"))
    address = page.url
    # given a signature that was refused, and a note that was begun then
    page.locator("#sign input[type=submit]").click()
    page.locator(".error-summary").wait_for()
    page.locator("#send-back textarea").first.fill("A note that took long to write.")
    # when its writer looks at something else, and goes back
    page.locator(".staff-header__name").click()
    page.wait_for_url("**/admin/")
    answer = page.go_back()
    # then the page is asked for, not sent, and the note stands in it
    assert (page.url, answer.status, answer.request.method) == (address, 200, "GET")
    page.wait_for_function("() => document.querySelector('#send-back textarea').value.startsWith('A note')")


def test_a_clinician_signs_in_and_signs_with_each_kind_of_second_factor(at):
    page = at.page
    # given a password alone, on a site that is tried
    at.sign_in()
    page.wait_for_url("**/admin/")
    page.locator(".account > summary").click()
    page.get_by_role("link", name="Second factor").click()
    # when they set up an app: the password is asked for again first
    page.get_by_role("link", name="An authenticator app").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 100
    page.get_by_label("The code that the app shows now").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    at.reads("The authenticator app is your second factor now.")
    paper = page.locator(".recovery-codes code").all_inner_texts()
    with page.expect_download() as file:
        page.get_by_role("link", name="Download as a file").click()
    assert paper[9] in file.value.path().read_text()
    page.get_by_role("button", name="I have saved these codes").click()
    # and a passkey, within the five minutes
    page.get_by_role("link", name="A passkey").click()
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Make a passkey").click()
    at.reads("The passkey is your second factor now.")
    at.reads("Passkey “My phone”")
    # then a recovery code lets them in once
    at.sign_out()
    at.sign_in("/admin/publishing/edition/")
    page.get_by_label("Code from your authenticator app").fill(paper[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/admin/publishing/edition/")
    at.reads("That was a recovery code: 9 more are left.")
    at.sign_out()
    at.sign_in()
    page.get_by_label("Code from your authenticator app").fill(paper[0])
    page.get_by_role("button", name="Continue").click()
    at.reads("does not fit, or was used before")
    # and the passkey does, with the same page open in another tab, which takes nothing away
    other = at.tab()
    other.goto(page.url)
    other.get_by_role("button", name="Use your passkey").wait_for()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/admin/")
    # and the passkey signs an edition
    page.goto(f"{at.site}/admin/publishing/edition/")
    page.get_by_role("link", name=re.compile("signed-by-passkey")).first.click()
    page.goto(page.url.replace("change/", "sign/"))
    page.get_by_role("button", name="Use your passkey").click()
    at.reads("is signed.")
    refused = [words for words in at.complaints if "422" not in words]
    assert not refused

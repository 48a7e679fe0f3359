"""An invitation, from the manager's form to the invited person's first page, in a real browser."""

import re
import sys
import time
from pathlib import Path

import pytest

from tests import running

pytestmark = pytest.mark.browser
CHOSEN = "an evening by the sea"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/invitation/[\w-]+/")


@pytest.fixture(scope="module")
def site():
    with running.filled() as (env, port):
        address = env["SITE_URL"]
        with running.serving(
            [sys.executable, "manage.py", "serve", "--port", str(port)], env, f"{address}/healthz"
        ):
            yield address, Path(env["DATA_DIR"]) / "mail"


def link_in(folder: Path) -> str:
    """The address in the mail that was sent; it goes beside the answer."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for file in folder.glob("*"):
            if found := LINK.search(file.read_text().replace("=\n", "")):
                return found[0]
        time.sleep(0.2)
    raise AssertionError("No mail with a link was sent")


def test_somebody_is_invited_and_comes_in_once(site, browser):
    address, mails = site
    # given a manager who invites somebody to the front desk
    manager = browser.new_page()
    manager.goto(f"{address}/admin/login/?next=/admin/accounts/user/")
    manager.fill("#id_username", "manager@clinic.example")
    manager.fill("#id_password", running.PASSWORD)
    manager.click("input[type=submit]")
    manager.click("text=Invite somebody")
    manager.fill("#id_email", "nell@surgery.example")
    manager.fill("#id_name", "Nell Ferrow")
    manager.check("input[name=role][value='Front desk']")
    manager.click("input[name=_save]")
    manager.wait_for_selector("text=Invited.")
    manager.close()
    # when they open the link on a phone, in two tabs, and accept in the first
    context = browser.new_context(viewport={"width": 360, "height": 780})
    phone, tab = context.new_page(), context.new_page()
    for one in (phone, tab):
        one.goto(link_in(mails))
        one.fill("#id_new_password1", CHOSEN)
        one.fill("#id_new_password2", CHOSEN)
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.click("input[value=Accept]")
    # then they are in, and the second tab says in words that the link was for once
    phone.wait_for_url(f"{address}/admin/")
    assert phone.locator("text=Welcome. You sign in with nell@surgery.example").count() == 1
    tab.click("input[value=Accept]")
    tab.click("text=Send it now")  # accepting signed them in, and this form is from before
    tab.wait_for_selector("text=This link doesn’t work")
    context.close()

"""The pages of the admin that staff use most, on a phone in the light and on a desk in the dark."""

import pytest

from tests.audit.looking import look
from tests.audit.pages import Page
from tests.running import PASSWORD

pytestmark = pytest.mark.browser
MOST_USED = (
    "/admin/",
    "/admin/publishing/edition/",
    "/admin/publishing/edition/1/change/",
    "/admin/publishing/edition/1/withdraw/",
    "/admin/evidence/claim/add/",
    "/admin/referrals/desk/",
)


@pytest.fixture(scope="module")
def session(browser, site):
    """The key of a session in which the sample manager is signed in."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{site}/admin/")
    tab.get_by_label("E-mail address").fill("manager@clinic.example")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_text("Sample Manager").wait_for()
    key = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sessionid")
    context.close()
    return key


@pytest.mark.parametrize("path", MOST_USED)
def test_a_page_that_staff_use_every_day_is_sound(browser, site, session, path):
    page = Page(path, session=session, for_staff=True)
    look(browser, site, page, 360, "light", None)
    look(browser, site, page, 1280, "dark", None)
    assert not {column: found for column, found in page.found.items() if found}


def test_the_sign_in_is_sound(browser, site):
    page = Page("/admin/login/", for_staff=True)
    look(browser, site, page, 360, "light", None)
    assert not {column: found for column, found in page.found.items() if found}

"""A browser before a site with the starter content, as patients get it."""

import pytest

from tests import machine, running


@pytest.fixture(scope="session")
def site():
    """The address of a served site. Each of pytest's workers has its own."""
    with running.site() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=machine.chromium(), args=machine.CHROMIUM_FLAGS)
        yield chromium
        chromium.close()

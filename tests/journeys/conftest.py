"""A browser before a site with the starter content, as patients get it."""

import pytest

from tests import running


@pytest.fixture(scope="session")
def site():
    """The address of a served site. Each of pytest's workers has its own."""
    with running.site() as address:
        yield address

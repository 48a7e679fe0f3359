"""Whatever stands behind the question mark of a public page, the answer is a page."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter_site")]

PAGES = {
    "/search/": ("q", "typed"),
    "/blog/": ("after", "before"),
    "/blog/2025/": ("after",),
    "/blog/topics/side-effects/": ("before",),
    "/treatments/": ("whole",),
    "/treatments/compare/": ("with",),
    "/treatments/jawline/": ("whole",),
    "/contact/sent/": ("reference",),
    "/r/": ("code",),
    "/refer-a-friend/sign-in/": ("next", "signed-out"),
    "/refer-a-friend/join/": ("next",),
}
VALUES = (
    "word " * 995,
    "x" * 20_000,
    "\x00",
    "9" * 40,
    "-1",
    '"(*:^' * 50,
    "2025-99-99_1",
    "//evil.example",
    "\ufffe",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_fault_of_ours(path):
    for name in PAGES[path]:
        for value in VALUES:
            assert Client().get(path, {name: value}).status_code < 500, (name, value[:30])

"""Which pages there are, and how a visitor gets to each: those in the sitemap, and those that stand in
none.
"""

import json
import re
import sys
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page as Tab
from playwright.sync_api import Response

from tests.running import filled, manage, serving

COLUMNS = ("axe", "html", "console", "hosts", "cookies", "too wide", "shifts", "keyboard", "weight")
ANSWER, TREATMENT = "/blog/medical-uses-of-botox/", "/treatments/hyperhidrosis/"
FIVE = "&with=".join(("hyperhidrosis", "chronic-migraine", "jowls", "nose-tip", "tmj-pain"))
# found by a choice or a search, or kept for the record
BESIDE_THE_SITEMAP = (
    "/treatments/compare/?with=hyperhidrosis",
    "/treatments/compare/?with=hyperhidrosis&with=chronic-migraine",
    f"/treatments/compare/?with={FIVE}",  # one more than fit
    "/treatments/compare/?with=nonsense",
    "/search/",
    "/search/?q=sweaty+hands",
    "/search/?q=xylophone",
    "/search/?q=hyperhydrosis",
    "/search/?q=i+cannot+breathe",
    "/treatments/history/",
    "/treatments/history/1/",
    f"{TREATMENT}history/",
    f"{TREATMENT}history/1/",
    f"{ANSWER}history/",
    f"{ANSWER}history/1/",
    "/privacy/history/",
    "/privacy/history/1/",
    "/refer-a-friend/join/",
    "/refer-a-friend/sign-in/",
    "/refer-a-friend/code/",
    "/introduction-withdrawn/",
    "/visit/?about=hyperhidrosis",
    "/visit/taken-back/",
)
OF_A_MEMBER = ("statement", "card", "link-name", "leave", "be-forgotten")
DESIGN = "/design/"
WAYS_INTO_ANSWERS = re.compile(r'href="(/blog/topics/[\w-]+/|/blog/\d{4}/|\?after=[^"]+)"')

# a member with some history: the code of their link, and the key of a session in which they are signed in
JOIN = """
from pathlib import Path
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from clinic_site.accounts.models import User
from referrals import emails, rewards
from referrals.models import Terms
from tests import factories

now, desk = timezone.now(), User.objects.get(email__startswith="desk@")
with emails.held_back():
    member = factories.member(Terms.objects.in_force().first(), confirmed_by=desk, now=now, name="Ann Sample")
    told = factories.referral(member, now=now, may_tell=True)
    rewards.attend(told, by=desk, on=timezone.localdate(now), now=now)
    factories.referral(member, now=now)
session = SessionStore()
session[SESSION_KEY] = str(member.user_id)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
session.save()
Path(settings.DATA_DIR, "member").write_text(f"{member.code} {session.session_key}")
"""
WITHDRAW = f"""
from clinic_site.publishing.models import Live
from clinic_site.accounts.models import User
Live.objects.get(kind="answer", slug="{ANSWER.split("/")[2]}").edition.withdraw(
    by=User.objects.get(email__startswith="editor@"),
    because="A source was found to be wrong. A new answer is being written.",
)
"""
# somebody who has the database, and not the signer's right
FALSIFY = f"""
from django.db import connection
from clinic_site import append_only
append_only.remove()
connection.cursor().execute(
    "UPDATE publishing_edition SET page_text = replace(page_text, 'sweat', 'swet') "
    "WHERE slug = '{TREATMENT.split("/")[2]}'"
)
"""
BREAK = """
from django.db import connection
connection.cursor().execute("ALTER TABLE publishing_live RENAME TO publishing_lost")
"""


def open_it(tab: Tab, url: str) -> Response:
    return tab.goto(url, wait_until="load", timeout=30_000)


def send(tab: Tab) -> Response:
    with tab.expect_navigation() as gone:
        tab.locator("main form[method=post i] [type=submit]").last.click()
    return gone.value


def send_nothing(tab: Tab, url: str) -> Response:
    open_it(tab, url)
    return send(tab)


def send_a_message(tab: Tab, url: str) -> Response:
    """The answer is the page that one is led to."""
    open_it(tab, url)
    for label, words in (
        ("Your name", "Ann"),
        ("Your e-mail address", "ann@example.com"),
        ("Your message", "Is there a lift?"),
    ):
        tab.get_by_label(label).fill(words)
    return send(tab)


def send_without_the_cookie(tab: Tab, url: str) -> Response:
    open_it(tab, url)
    tab.context.clear_cookies()
    return send(tab)


@dataclass
class Page:
    """What was found on one page: by column, each finding with the places where it was seen."""

    path: str
    status: int = 200
    state: str = ""  # in words, where the path alone doesn't say it
    go: Callable[[Tab, str], Response] = open_it
    session: str = ""  # its key, where somebody is signed in
    for_staff: bool = False
    found: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {column: {} for column in COLUMNS})
    html: str = ""  # as served
    requests: int = 0  # of the first view, and the bytes that travelled for them, without photographs
    bytes: int = 0

    @property
    def name(self) -> str:
        return f"{self.path} ({self.state})" if self.state else self.path

    @property
    def is_clean(self) -> bool:
        return not any(self.found.values())

    @property
    def may_be_indexed(self) -> bool:
        """As a search engine sees it: it's there, it doesn't refuse, and it calls this address its own."""
        own = re.search(r'<link rel="canonical" href="([^"]+)"', self.html)
        return (
            self.status == 200
            and '"noindex"' not in self.html
            and own is not None
            and urlsplit(own[1]).path == self.path
        )

    def fetch(self, address: str) -> None:
        """What a page says that is opened by its path alone, without a browser."""
        if self.go is open_it and self.status == 200 and not self.session:
            self.html = fetched(address + self.path)

    def add(self, column: str, finding: str, where: str) -> None:
        self.found[column].setdefault(finding, []).append(where)


def fetched(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def public(address: str) -> list[Page]:
    """Every page of a working site, and every state that a visitor can bring one into."""
    listed = [
        urlsplit(e.text).path
        for e in ET.fromstring(fetched(f"{address}/sitemap.xml")).iter()
        if e.tag.endswith("loc")
    ]
    if not listed:
        raise SystemExit("The sitemap is empty.")
    ways = [
        f"/blog/{way}" if way.startswith("?") else way
        for way in WAYS_INTO_ANSWERS.findall(fetched(f"{address}/blog/"))
    ]
    return [
        *(Page(path) for path in dict.fromkeys((*listed, *ways, *BESIDE_THE_SITEMAP))),
        Page("/contact/", 422, "sent empty", send_nothing),
        Page("/contact/", 200, "sent", send_a_message),
        Page("/contact/", 403, "sent without its cookie", send_without_the_cookie),
        Page("/visit/", 422, "sent empty", send_nothing),
        Page("/visit/nobody/", 404),
        Page("/refer-a-friend/join/", 422, "sent empty", send_nothing),
        Page("/refer-a-friend/join/", 403, "sent without its cookie", send_without_the_cookie),
        Page("/not-here/", 404),
        Page("/r/NOBODY/", 404),
        Page("/introduction/nobody/", 404),
    ]


def of_a_member(code: str, session: str) -> list[Page]:
    """What a member sees who is signed in, and what a friend sees behind that member's link."""
    return [
        *(Page(f"/refer-a-friend/{name}/", state="signed in", session=session) for name in OF_A_MEMBER),
        Page(f"/r/{code}/", state="a member's link"),
        Page(f"/r/{code}/introduce/", state="a friend's form"),
        Page(f"/r/{code}/introduce/", 422, "a friend's form, sent empty", send_nothing),
    ]


def send_wrong(tab: Tab, url: str) -> Response:
    """A form of the admin with all its texts emptied: it comes back with what is wrong."""
    open_it(tab, url)
    for box in tab.locator(
        "main form[method=post i] :is(input[type=text], input[type=password], textarea):visible"
    ).all():
        box.fill("")
    with tab.expect_navigation() as gone:
        tab.locator("main form[method=post i] [type=submit]").first.click()
    return gone.value


def sign_out(tab: Tab, url: str) -> Response:
    open_it(tab, url)
    tab.locator(".account > summary").click()
    with tab.expect_navigation() as gone:
        tab.get_by_role("button", name="Log out").click()
    return gone.value


def of_staff(env: dict[str, str]) -> tuple[list[Page], list[str]]:
    """Every page of the admin as each role meets it, in a site at work; and the addresses that no link led
    to.
    """
    manage(env, "shell", "--command", "from tests.audit import at_work; at_work.tell()")
    told = json.loads(Path(env["DATA_DIR"], "at-work.json").read_text())
    pages = [
        Page(path, state=person, session=session, for_staff=True)
        for person, session, paths in told["people"]
        for path in paths
    ]
    first = {person: session for person, session, _ in told["people"]}
    by_manager = {"session": first["manager"], "for_staff": True}
    wrong = [
        Page(path, state="sent empty", go=send_wrong, **by_manager)
        for path in dict.fromkeys(page.path for page in pages if page.path.endswith("/add/"))
    ]
    beside = [
        Page("/admin/login/", state="signed out", for_staff=True),
        Page("/admin/login/", 422, "sent empty", go=send_wrong, for_staff=True),
        Page("/admin/not-here/", 404, "signed in", **by_manager),
        Page(
            "/admin/referrals/desk/", 403, "a right that they lack", session=first["editor"], for_staff=True
        ),
        Page("/admin/", state="signed out just now", go=sign_out, session=first["desk"], for_staff=True),
    ]
    return [*pages, *wrong, *beside], told["missed"]


def at_work(only: list[str] | None = None) -> Iterator[tuple[str, list[Page]]]:
    """(address, pages) of a site at work, as its staff see it.

    With `only`, the pages whose paths begin so.
    """
    with filled() as (env, port):
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with serving(command, env, f"{env['SITE_URL']}/healthz", patience=120):
            pages, missed = of_staff(env)
            if missed:
                raise SystemExit(
                    f"No link leads to these, and tests/audit/at_work.py doesn't say why: {', '.join(missed)}"
                )
            yield env["SITE_URL"], [page for page in pages if not only or page.path.startswith(tuple(only))]


def every_state(only: list[str] | None = None) -> Iterator[tuple[str, list[Page]]]:
    """(address, pages) of a site with the starter content, which is as these pages want it until the next are
    asked for.

    With `only`, the pages with these paths.
    """

    def wanted(*pages: Page) -> list[Page]:
        return [
            page
            for page in pages
            if not only or page.path in only or page.path.startswith("/r/") and "/r/" in only
        ]

    with filled() as (env, port):
        address, command = env["SITE_URL"], [sys.executable, "manage.py", "serve", "--port", str(port)]

        def served(**more: str):
            return serving(command, env | more, f"{address}/healthz", patience=120)

        with served():
            yield address, wanted(*public(address))
            if not only or any(path.startswith(("/r/", "/refer-a-friend/")) for path in only):
                manage(env, "shell", "--command", JOIN)
                yield address, wanted(*of_a_member(*Path(env["DATA_DIR"], "member").read_text().split()))
            for page, way in (
                (Page(ANSWER, 410, "withdrawn"), WITHDRAW),
                (Page(TREATMENT, 503, "not as it was signed"), FALSIFY),
            ):
                if wanted(page):
                    manage(env, "shell", "--command", way)
                    yield address, [page]
        if pages := wanted(Page(DESIGN)):
            with served(DEBUG="true"):  # it's for those who work on the site
                yield address, pages
        if pages := wanted(Page("/", 503, "closed for maintenance")):
            with served(MAINTENANCE="true"):
                yield address, pages
        if pages := wanted(Page("/treatments/", 500, "broken")):
            with served():
                manage(env, "shell", "--command", BREAK)
                yield address, pages

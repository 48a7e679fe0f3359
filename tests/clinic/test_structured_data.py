"""What machines read: nothing that a patient can't see, and only of pages that are live."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from clinic_site.clinic.models import Details
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Live, Stop
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

PAGES = {
    "/": {"MedicalClinic"},
    "/contact/": {"MedicalClinic", "BreadcrumbList"},
    "/visit/": {"BreadcrumbList"},
    "/about/": {"MedicalClinic", "BreadcrumbList"},
    "/privacy/": {"BreadcrumbList"},
    "/treatments/": {"MedicalWebPage", "BreadcrumbList"},
    "/treatments/compare/": {"BreadcrumbList"},
    "/treatments/chronic-migraine/": {"MedicalWebPage", "BreadcrumbList"},
    "/treatments/jawline/": {"MedicalWebPage", "BreadcrumbList"},
    "/blog/": {"BreadcrumbList"},
    "/blog/topics/side-effects/": {"BreadcrumbList"},
    "/blog/2025/": {"BreadcrumbList"},
    "/blog/medical-uses-of-botox/": {"Article", "BreadcrumbList"},
    "/blog/will-it-clear-my-acne/": {"Article", "BreadcrumbList"},
    "/refer-a-friend/": {"BreadcrumbList"},
    "/accreditations/": {"BreadcrumbList"},
    "/corrections/": {"BreadcrumbList"},
    "/testimonials/": {"BreadcrumbList"},
}
UNLISTED = [
    "/search/?q=jaw",
    "/contact/sent/?reference=M2345678",
    "/nothing/",
    "/treatments/jawline/history/",
    "/treatments/jawline/history/1/",
    "/treatments/history/1/",
    "/blog/medical-uses-of-botox/history/",
    "/blog/medical-uses-of-botox/history/1/",
    "/about/history/1/",
]
# words of the format for kinds and names of things: they say nothing of their own
GRAMMAR = {"@context", "@type", "@id"}


class Seen(HTMLParser):
    """What a reader sees of a page: its words, the days of its <time> elements, where its links lead; and its
    data blocks.
    """

    def __init__(self, html: str):
        super().__init__()
        self.words, self.days, self.links, self.blocks, self.robots, self.inside = (
            [],
            set(),
            set(),
            [],
            "",
            None,
        )
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "style", "template", "title"):
            self.inside = attrs.get("type") or tag
        elif tag == "time":
            self.days.add(attrs.get("datetime"))
        elif tag in ("a", "link") and "href" in attrs and attrs.get("rel") in (None, "canonical"):
            self.links.add(attrs["href"])
        elif attrs.get("name") == "robots":
            self.robots = attrs["content"]

    def handle_endtag(self, tag):
        if tag in ("script", "style", "template", "title"):
            self.inside = None

    def handle_data(self, data):
        if self.inside == "application/ld+json":
            self.blocks.append(json.loads(data))
        elif self.inside is None:
            self.words.append(data)


def see(client, path) -> Seen:
    return Seen(client.get(path).content.decode())


def values(data):
    """Every string of some structured data."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name not in GRAMMAR:
                yield from values(value)
    elif isinstance(data, list):
        for value in data:
            yield from values(value)
    elif isinstance(data, str):
        yield data


def is_seen(value: str, page: Seen) -> bool:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value in page.days
    if re.match(r"https?://", value):
        return value in page.links or value.removeprefix("http://testserver") in page.links
    return " ".join(value.split()) in page.text


def block(page: Seen, kind: str) -> dict:
    return next(data for data in page.blocks if data["@type"] == kind)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_its_data_and_every_value_stands_on_the_page(path, starter_site, client):
    page = see(client, path)
    assert {data["@type"] for data in page.blocks} == PAGES[path]
    assert [value for data in page.blocks for value in values(data) if not is_seen(value, page)] == []


def test_every_live_page_says_nothing_unseen(starter_site, client):
    for live in Live.objects.all():
        page = see(client, live.get_absolute_url())
        unseen = [value for data in page.blocks for value in values(data) if not is_seen(value, page)]
        assert (live.get_absolute_url(), unseen) == (live.get_absolute_url(), [])


@pytest.mark.parametrize("path", UNLISTED)
def test_what_is_not_listed_has_no_data(path, starter_site, client):
    page = see(client, path)
    assert page.robots == "noindex"
    assert page.blocks == []


def test_nothing_that_is_not_ours_to_say(starter_site, client):
    for path in PAGES:
        found = json.dumps(see(client, path).blocks)
        for word in ("QAPage", "FAQPage", "Rating", 'Review"', "Offer"):
            assert word not in found


def test_a_treatment_names_who_reviewed_it_and_its_sources(starter_site, client):
    data = block(see(client, "/treatments/chronic-migraine/"), "MedicalWebPage")
    edition = Live.objects.get(slug="chronic-migraine").edition
    assert data["reviewedBy"] == {"@type": "Person", "name": edition.signed_name}
    assert data["lastReviewed"] == timezone.localdate(edition.signed_at).isoformat()
    assert data["about"] == {"@type": "MedicalCondition", "name": "Chronic migraine"}
    assert [c["name"] for c in data["citation"]] == [s.title for s in edition.page.sources]


def test_an_answer_keeps_its_three_dates_apart(starter_site, client):
    data = block(see(client, "/blog/medical-uses-of-botox/"), "Article")
    edition = Live.objects.get(slug="medical-uses-of-botox").edition
    assert data["datePublished"] == "2017-08-24"
    assert data["dateModified"] == timezone.localdate(edition.live_from).isoformat()
    assert data["mainEntityOfPage"]["lastReviewed"] == timezone.localdate(edition.signed_at).isoformat()


def test_a_data_block_cannot_be_broken_out_of(editor, clinician, client):
    Details(name="Clinic </script><script>alert(1)</script>").save()
    answer = factories.answer("out", by=editor, checked_by=clinician, title="Out </script><b>&amp;?")
    factories.live(answer, by=editor, signer=clinician)
    html = client.get("/blog/out/").content.decode()
    assert "<script>alert" not in html + client.get("/").content.decode()
    assert block(Seen(html), "Article")["headline"] == "Out </script><b>&amp;?"


def test_a_stopped_claim_is_not_said_to_machines_either(starter_site, clinician, client):
    live = Live.objects.get(slug="chronic-migraine")
    for claim in Claim.objects.filter(key__in=live.edition.marks.filter(kind="claim").values("key")):
        Stop.say(claim, by=clinician, because="Under review.")
    page = see(client, "/treatments/chronic-migraine/")
    assert [value for data in page.blocks for value in values(data) if not is_seen(value, page)] == []


# --- lists --------------------------------------------------------------------------------------------------


def test_the_sitemap_has_every_live_page_and_the_day_its_words_went_live(
    starter_site, client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(2):
        response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {
        url.findtext(f"{space}loc"): url.findtext(f"{space}lastmod")
        for url in ET.fromstring(response.content)
    }
    for live in Live.objects.select_related("edition"):
        day = timezone.localdate(live.edition.live_from).isoformat()
        assert found.pop(f"http://testserver{live.get_absolute_url()}") == day
    assert "http://testserver/" in found
    for address in found:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200


def test_a_withdrawn_page_leaves_the_sitemap(starter_site, clinician, client):
    Live.objects.get(slug="jowls").document.withdraw(by=clinician, because="Being rewritten.")
    assert b"/treatments/jowls/" not in client.get("/sitemap.xml").content


def test_robots_may_read_all_but_the_admin_and_searches(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert [line for line in lines if line.startswith("Disallow")] == [
        "Disallow: /admin/",
        "Disallow: /search/",
    ]
    assert "Sitemap: http://testserver/sitemap.xml" in lines


# --- pictures -----------------------------------------------------------------------------------------------


def test_each_page_names_a_picture_that_is_there(starter_site, client):
    paths = (
        "/",
        "/treatments/",
        "/treatments/expression-lines/",
        "/blog/",
        "/blog/medical-uses-of-botox/",
        "/about/",
        "/contact/",
    )
    for path in paths:
        html = client.get(path).content.decode()
        address = re.search(r'property="og:image"\s+content="http://testserver([^"]+)"', html)[1]
        response = client.get(address)
        assert response["Content-Type"] == "image/png"
        assert Image.open(BytesIO(response.content)).size == (1200, 630)
        assert len(response.content) < 100_000


def test_a_picture_is_kept_until_its_words_change(starter_site, client):
    address = "/og/treatment/jowls.png"
    first = client.get(address)
    assert "max-age=86400" in first["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Details.objects.update(name="Another name")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/og/treatment/nothing.png", "/og/nothing/jowls.png", "/og/answer/jowls.png"]
)
def test_only_live_pages_have_a_picture(address, starter_site, client):
    assert client.get(address).status_code == 404


def test_the_longest_title_fits_its_picture(editor, clinician, client):
    answer = factories.answer(
        "long", by=editor, checked_by=clinician, title=("Wordinesses " * 14)[:159] + "?"
    )
    factories.live(answer, by=editor, signer=clinician)
    assert client.get("/og/answer/long.png").status_code == 200


def test_the_icon(client):
    response = client.get("/favicon.ico")
    assert Image.open(BytesIO(response.content)).format == "ICO"
    assert "max-age" in response["Cache-Control"]


# --- the feed -----------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client):
    feed = ET.fromstring(client.get("/blog/feed/").content)
    return feed, {e.findtext(f"{ATOM}title"): e for e in feed.findall(f"{ATOM}entry")}


def test_the_feed_is_whole(starter_site, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        feed, found = entries(client)
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == "http://testserver/blog/feed/"
    assert len(found) == min(30, Live.objects.filter(kind="answer").count())
    for entry in found.values():
        assert entry.find(f"{ATOM}link").get("href").startswith("http://testserver/blog/")
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
    assert len({entry.findtext(f"{ATOM}id") for entry in found.values()}) == len(found)
    entry = found["Besides wrinkles, what can Botox treat?"]
    assert entry.findtext(f"{ATOM}published").startswith("2017-08-24")
    assert "What changed: Rewritten" in entry.findtext(f"{ATOM}summary")


def test_a_correction_moves_updated_and_says_what_changed(editor, clinician, client, monkeypatch):
    answer = factories.answer("moved", by=editor, checked_by=clinician, title="What moved?")
    factories.live(answer, by=editor, signer=clinician)
    _, found = entries(client)
    first = found["What moved?"]
    assert "What changed" not in first.findtext(f"{ATOM}summary")

    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer.summary, answer.slug = "In other words.", "moved-again"
    answer.save()
    factories.live(answer, by=editor, signer=clinician, note="The summary was unclear.")
    feed, found = entries(client)
    second = found["What moved?"]
    assert second.findtext(f"{ATOM}updated") > first.findtext(f"{ATOM}updated")
    assert second.findtext(f"{ATOM}published") == first.findtext(f"{ATOM}published")
    assert second.findtext(f"{ATOM}id") == first.findtext(f"{ATOM}id")
    assert second.findtext(f"{ATOM}summary") == "In other words. What changed: The summary was unclear."
    assert feed.findtext(f"{ATOM}updated") == second.findtext(f"{ATOM}updated")

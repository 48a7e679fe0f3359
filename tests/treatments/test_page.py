"""A treatment page as it's sent: what is folded and what never is, and what is laid over the sealed words."""

import re
from html.parser import HTMLParser

import pytest

from clinic_site.clinic.models import Details
from clinic_site.evidence.models import Source
from treatments.models import Treatment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter_site")]

TREATMENT, ANSWER = "/treatments/tmj-pain/", "/blog/where-do-jaw-injections-go/"


class Outline(HTMLParser):
    """The ids of a page, each with whether it's inside something folded; and where links within the page
    lead.
    """

    VOID = ("meta", "link", "br", "img", "input", "hr", "source", "wbr")

    def __init__(self, html: str):
        super().__init__()
        self.within: list[tuple[str, bool]] = []
        self.folded: dict[str, bool] = {}
        self.led_to: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.VOID:
            self.within.append((tag, tag == "details" and "open" not in attrs))
        handles = any(tag == "summary" for tag, _ in self.within)
        if "id" in attrs:
            self.folded[attrs["id"]] = not handles and any(folded for _, folded in self.within)
        if attrs.get("href", "").startswith("#"):
            self.led_to.add(attrs["href"][1:])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.within.pop()

    def handle_endtag(self, tag):
        while self.within and self.within.pop()[0] != tag:
            pass


@pytest.fixture
def outline(client):
    return lambda path: Outline(client.get(path).content.decode())


def test_the_whole_is_folded_and_what_must_be_seen_is_not(outline):
    folded = outline(TREATMENT).folded
    for anchor in Treatment.PARTS:
        assert folded[anchor] == (anchor != "in-brief"), anchor
        assert anchor == "in-brief" or not folded[f"{anchor}-title"], anchor
    for anchor in ("key-facts", "urgent", "review-title", "licence-title", "sources-title"):
        assert not folded[anchor], anchor


def test_an_old_edition_lies_open(outline):
    assert not any(
        folded
        for anchor, folded in outline(f"{TREATMENT}history/1/").folded.items()
        if anchor in Treatment.PARTS
    )


@pytest.mark.parametrize("path", [TREATMENT, "/treatments/hyperhidrosis/", "/treatments/", ANSWER])
def test_every_link_within_a_page_leads_somewhere(outline, path):
    page = outline(path)
    assert "urgent" in page.led_to
    assert page.led_to <= set(page.folded)


@pytest.mark.parametrize("path", [TREATMENT, "/treatments/", ANSWER])
def test_the_number_to_call_is_the_clinics_of_today(client, path):
    # given a page that was read, and kept as it was rendered
    before = client.get(path).content.decode()
    urgent = re.compile(r'<section class="urgent".*?</section>', re.S)
    assert "Call the clinic on" in urgent.search(before)[0]
    # when the clinic moves
    Details.objects.update(phone="555 0199", country="GB")
    # then its number and its country's are there at once
    block = urgent.search(client.get(path).content.decode())[0]
    assert '<a href="tel:5550199">555\N{NO-BREAK SPACE}0199</a>' in block
    assert '<a href="tel:999">999</a>' in block
    # and a clinic without a telephone is not called on nothing
    Details.objects.update(phone="")
    block = urgent.search(client.get(path).content.decode())[0]
    assert "Call the clinic if" in " ".join(block.split())
    assert "{" not in block


def test_no_source_on_any_page_pretends_to_be_one_click_away(client):
    from clinic_site.publishing.models import Edition

    copies = set(Source.objects.filter(is_secondary=True).values_list("key", flat=True))
    for edition in Edition.objects.filter(kind="treatment"):
        html = client.get(Treatment.address_of(edition.slug)).content.decode()
        listed = {
            int(number): words
            for number, words in re.findall(
                r'id="source-(\d+)".*?(<(?:a href|cite).*?)<a class="sources__close"', html, re.S
            )
        }
        assert len(listed) == len(edition.page.sources)
        for source in edition.page.sources:
            words = listed[source.number]
            titled_as_link = words.startswith("<a")
            assert titled_as_link == bool(source.href and not source.front_page), source.key
            assert ("No public link" in words) == (not source.href), source.key
            assert ("Read in a secondary copy" in words) == (source.key in copies), source.key

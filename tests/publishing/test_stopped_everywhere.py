"""A claim that is stopped is said nowhere: every place where patients, search engines or somebody outside
could read it.
"""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site.evidence.models import Claim
from clinic_site.pages.compose import plain
from clinic_site.publishing.models import Edition, Live, Mark, PreviewLink, PublishingError, Section, Stop
from tests import factories
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
NOTICE = "This statement is being checked"


def body_of(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def words_of(address: str) -> str:
    """Everything that stands at an address, structured data and attributes too, as one line of plain
    words.
    """
    text = unescape(body_of(address))
    for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S):
        text += json.dumps(json.loads(data), ensure_ascii=False)
    return " ".join((plain(re.sub(r"<sup.*?</sup>", "", text)) + text).split())


@pytest.fixture
def place(editor, clinician):
    """A live treatment and an answer that say one fact in every place they have, the summary included; an
    older edition too.
    """
    treatment = factories.treatment(
        "sweat", by=editor, checked_by=clinician, summary="It fades: [[sweat-lasts]]"
    )
    factories.live(treatment, by=editor, signer=clinician)
    section = Section.objects.get(document=treatment, anchor="timing")
    section.body += "<p>And then [[sweat-lasts]].</p>"
    section.save()
    treatment.submit(by=editor, change_note="A sentence more.").sign(by=clinician)
    answer = factories.answer(
        "sun",
        by=editor,
        checked_by=clinician,
        about=[treatment],
        summary="In short, [[sweat-lasts]]",
        correction="<p>Once: [[sweat-lasts]]</p>",
        body="<p>Know that [[sweat-lasts]]</p>",
    )
    factories.live(answer, by=editor, signer=clinician)
    other = factories.answer("rain", by=editor, checked_by=clinician, about=[treatment])
    factories.live(other, by=editor, signer=clinician)
    return treatment


@pytest.fixture
def stop(place, editor):
    return Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A newer trial.")


def preview_link(slug):
    edition = Edition.objects.filter(slug=slug).order_by("-number").first()
    link = PreviewLink.make(
        edition, by=factories.person("editor"), reader="x", ends_at=timezone.now() + timedelta(days=1)
    )
    return reverse("preview", args=[link.token])


# where it would stand, and whether a notice stands in its place
PAGES = {
    "the page, its structured data and its sheet of paper": ("/treatments/sweat/", True),
    "an old edition": ("/treatments/sweat/history/1/", True),
    "the edition in use": ("/treatments/sweat/history/2/", True),
    "the history": ("/treatments/sweat/history/", False),
    "the answer": ("/blog/sun/", True),
    "an answer beside it": ("/blog/rain/", True),
    "the list of answers": ("/blog/", True),
    "a topic": ("/blog/topics/side-effects/", True),
    "a year": (lambda: f"/blog/{timezone.localdate().year}/", True),
    "the feed": ("/blog/feed/", True),
    "the first page": ("/", True),
    "the comparison": ("/treatments/compare/?with=sweat", True),
    "the choice of what to compare": ("/treatments/compare/", False),
    "what a search finds": ("/search/?q=sweat", False),
    "a search with slips": ("/search/?q=swaet+effect", False),
    "a search that finds nothing": ("/search/?q=monthz", False),
    "the sitemap": ("/sitemap.xml", False),
    "a preview link": (lambda: preview_link("sweat"), True),
    "a link to the answer": (lambda: preview_link("sun"), True),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_stopped_claim_is_said_nowhere_until_the_stop_is_lifted(name, stop, clinician):
    address, has_notice = PAGES[name]
    address = address() if callable(address) else address
    stopped = words_of(address)
    assert "three months" not in stopped.lower()
    assert (NOTICE in stopped) == has_notice
    stop.lift(by=clinician)
    lifted = words_of(address)
    assert NOTICE not in lifted
    if has_notice:
        assert "three months" in lifted.lower()


def test_no_search_finds_a_page_by_the_words_of_a_stopped_claim(place, editor, clinician):
    assert "/treatments/sweat/" in body_of("/search/?q=three+months")
    stop = Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="x")
    assert "/treatments/sweat/" not in body_of("/search/?q=three+months")
    # nor one that was due to go live while the stop stands: it waits until the stop is lifted
    section = Section.objects.get(document=place, anchor="try-first")
    section.body += "<p>Cool water comes first.</p>"
    section.save()
    stop.lift(by=clinician)
    edition = place.submit(by=editor, change_note="More.")
    edition.sign(by=clinician, live_from=timezone.now() + timedelta(seconds=1))
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="x")
    with pytest.raises(PublishingError, match="stopped meanwhile: sweat-lasts"):
        edition.go_live()
    assert "/treatments/sweat/" not in body_of("/search/?q=cool+water")
    assert "/treatments/sweat/" not in body_of("/search/?q=three+months")
    Stop.objects.open().get().lift(by=clinician)
    edition.go_live()
    assert "/treatments/sweat/" in body_of("/search/?q=cool+water")


def test_a_page_signed_again_without_it_has_neither_the_claim_nor_a_notice(place, stop, editor, clinician):
    other = factories.claim("sweat-wanes", checked_by=clinician, sentence="It wanes slowly.", phrase="slowly")
    Edition.objects.get(slug="sun").withdraw(by=editor, because="It says the same.")
    place.roles.filter(claim__key="sweat-lasts").update(claim=other)
    place.sections.update(body="<p>It wanes [[sweat-wanes]].</p>")
    Treatment.objects.filter(pk=place.pk).update(summary="How it wanes.")
    again = Treatment.objects.get(pk=place.pk).submit(
        by=editor, change_note="Without what is being checked.", was_wrong=False
    )
    again.sign(by=clinician)
    for address in ("/treatments/sweat/", "/", "/treatments/compare/?with=sweat"):
        words = words_of(address)
        assert "three months" not in words.lower()
        assert NOTICE not in words


def test_no_claim_of_the_starter_site_is_left_anywhere_when_all_are_stopped(starter_site):
    manager = factories.person("manager")
    used = Claim.objects.filter(key__in=Mark.objects.filter(kind=Mark.Kind.CLAIM).values("key"))
    for claim in used:
        Stop.objects.create(claim=claim, by=manager, because="x")
    pages = [live.get_absolute_url() for live in Live.objects.all()]
    every = "&".join(f"with={live.slug}" for live in Live.objects.filter(kind="treatment"))
    lists = ["/", "/blog/", "/blog/feed/", f"/treatments/compare/?{every}", "/treatments/compare/"]
    said = [plain(claim.sentence) for claim in used]
    assert len(said) > 100
    for address in [*pages, *(f"{page}history/1/" for page in pages), *lists]:
        words = words_of(address)
        assert not [sentence for sentence in said if sentence in words], address

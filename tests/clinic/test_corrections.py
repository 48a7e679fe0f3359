"""Patients are told what was wrong, what a page says now, and since when."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from clinic_site import append_only
from clinic_site.clinic.corrections import PAGE_SIZE
from clinic_site.evidence.models import Claim
from clinic_site.publishing.change_notes import Nature
from clinic_site.publishing.models import Edition, Section, Stop
from clinic_site.search.results import find
from tests import factories
from tests.publishing.test_change_notes import raw

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def correct(editor, clinician):
    """Makes a live answer, and an edition that puts its figure right: `correct(slug)`."""

    def made(slug: str, note: str = "We had the share wrong.", nature=Nature.CORRECTION, **how):
        answer = factories.answer(slug, by=editor, checked_by=clinician)
        factories.live(answer, by=editor, signer=clinician)
        Claim.objects.filter(key=f"{slug}-fact").update(
            sentence="About 7% had a sore arm.", phrase="about 7% of people"
        )
        claim = Claim.objects.get(key=f"{slug}-fact")
        claim.mark_checked(by=clinician)
        was_wrong = None if nature == Nature.CORRECTION else False
        edition = answer.submit(by=editor, change_note=note, nature=nature, was_wrong=was_wrong)
        edition.sign(by=clinician, **how)
        return edition

    return made


def text_of(client, path="/corrections/") -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).content.decode()).split())


def test_a_correction_is_told_with_what_it_said_and_says_and_since_when(client, correct):
    correct("sore")
    told = text_of(client)
    today = timezone.localdate()
    assert "What about sore?" in told
    assert "We had the share wrong." in told
    assert "About 5% had a sore arm." in told
    assert "It says now: About 7% had a sore arm." in told
    assert f"Corrected on {today.day} {today:%B %Y}" in told
    assert 'href="/blog/sore/"' in client.get("/corrections/").content.decode()


def test_the_newest_comes_first(client, correct):
    for slug in ("first", "second", "third"):
        correct(slug)
    html = client.get("/corrections/").content.decode()
    found = re.findall(r'editions__title"><a href="/blog/(\w+)/"', html)
    assert found == ["third", "second", "first"]


def test_updates_rewordings_and_what_never_went_live_are_not_listed(client, correct):
    correct("newer", note="A newer trial.", nature=Nature.UPDATE)
    correct("held", note="Wrong, and not read yet.", hold=True)
    told = text_of(client)
    assert "We have corrected nothing yet." in told
    assert "A newer trial" not in told
    assert "not read yet" not in told


def test_a_page_that_was_withdrawn_since_stays_listed(client, correct, editor):
    edition = correct("sore")
    edition.document.withdraw(by=editor, because="Under review.")
    assert "We had the share wrong." in text_of(client)
    assert client.get("/blog/sore/history/").status_code == 200


def test_a_stop_is_laid_over_it(client, correct, editor):
    correct("sore")
    Stop.say(Claim.objects.get(key="sore-fact"), by=editor, because="Look again.")
    for path in ("/corrections/", "/corrections/feed/"):
        told = text_of(client, path)
        assert "7%" not in told
        assert "5%" not in told
        assert "being checked" in told


def test_words_that_are_not_the_sealed_ones_are_not_told(client, correct):
    edition = correct("sore")
    append_only.remove()
    try:
        raw(
            "UPDATE publishing_edition SET card_text = REPLACE(card_text, '7%%', '9%%') WHERE id = %s",
            edition.pk,
        )
    finally:
        append_only.install()
    assert "9%" not in text_of(client)
    assert client.get("/corrections/feed/").status_code == 200


def test_the_feed_tells_the_same_and_its_entries_keep_their_names(client, correct):
    edition = correct("sore")
    response = client.get("/corrections/feed/")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.find("a:title", ATOM).text == "Corrected: What about sore?"
    assert f"correction/{edition.pk}" in entry.find("a:id", ATOM).text
    told = entry.find("a:summary", ATOM).text
    assert "We had the share wrong." in told
    assert "It says now: About 7% had a sore arm." in told
    dates = {entry.find(f"a:{name}", ATOM).text for name in ("updated", "published")}
    assert len(dates) == 1
    assert entry.find("a:link", ATOM).get("href").endswith("/blog/sore/")


def test_a_long_list_is_read_page_by_page_in_few_queries(client, correct, django_assert_max_num_queries):
    for n in range(PAGE_SIZE + 1):
        correct(f"one-{n:02}")
    client.get("/corrections/")
    with django_assert_max_num_queries(4):
        html = client.get("/corrections/").content.decode()
    assert html.count('class="editions__one"') == PAGE_SIZE
    assert 'href="?page=2"' in html
    older = client.get("/corrections/?page=2").content.decode()
    assert older.count('class="editions__one"') == 1
    assert "/blog/one-00/" in older
    for wrong in ("0", "3", "x", "-1", "1" * 40):
        assert client.get("/corrections/", {"page": wrong}).status_code == 404


def test_reading_it_sets_no_cookie(client, correct):
    correct("sore")
    for path in ("/corrections/", "/corrections/feed/"):
        assert not client.get(path).cookies


def test_an_answer_tells_its_correction_in_its_own_words(client, editor, clinician):
    answer = factories.answer(
        "old",
        by=editor,
        checked_by=clinician,
        first_posted=timezone.localdate(),
        correction="It said that nobody had a sore arm.",
    )
    edition = answer.submit(by=editor, change_note="Rewritten.", nature=Nature.CORRECTION)
    edition.sign(by=clinician)
    assert "It said that nobody had a sore arm." in text_of(client)
    Section.objects.filter(document=answer).update(body="<p>Other words: [[old-fact]].</p>")
    answer.submit(by=editor, change_note="Plainer.", nature=Nature.REWORDING).sign(by=clinician)
    assert Edition.objects.filter(nature="correction").count() == 1


def test_the_starter_content_leads_to_it(starter_site, client):
    assert 'href="/corrections/"' in client.get("/").content.decode()
    assert 'href="/corrections/"' in client.get("/how-we-write/").content.decode()
    assert "/corrections/</loc>" in client.get("/sitemap.xml").content.decode()
    assert find("corrections").results[0].address == "/corrections/"
    told = text_of(client)
    assert "Besides wrinkles, what can Botox treat?" in told
    assert "new nerves grow" in told
    assert "Sample edition" in told

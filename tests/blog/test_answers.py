"""Lists of answers: by key, each answer once, whichever way a reader walks."""

from datetime import date, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from blog.feeds import AnswersFeed
from blog.models import AFTERCARE
from blog.paging import by_key
from blog.views import live_answers, ways_in
from clinic_site.publishing.models import Live, Section
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(editor, clinician):
    """Twelve live answers, several of them posted on one day."""
    made = []
    for n in range(12):
        answer = factories.answer(
            f"question-{n:02}",
            by=editor,
            checked_by=clinician,
            first_posted=date(2025, 1, 1) + timedelta(days=n // 3),
        )
        factories.live(answer, by=editor, signer=clinician)
        made.append(answer)
    return made


@pytest.mark.parametrize("size", [1, 2, 5, 11, 12, 13])
def test_walking_to_the_end_and_back_meets_each_answer_once(answers, size):
    everything = list(live_answers().order_by("-posted_on", "-pk"))
    seen, page = [], by_key(live_answers(), size=size)
    assert not page.newer
    pages = [page]
    while page.older:
        page = by_key(live_answers(), after=page.older, size=size)
        pages.append(page)
    for page in pages:
        seen += page.rows
    assert seen == everything
    back = pages[-1]
    for expected in reversed(pages[:-1]):
        back = by_key(live_answers(), before=back.newer, size=size)
        assert back.rows == expected.rows
    assert not back.newer


def test_a_draft_stands_in_no_list(answers, editor, clinician, client):
    factories.answer("only-a-draft", by=editor, checked_by=clinician)
    waiting = factories.answer("waiting", by=editor, checked_by=clinician)
    waiting.submit(by=editor, change_note="x")
    html = client.get("/blog/").content.decode()
    assert "question-11" in html
    assert "only-a-draft" not in html
    assert "What about waiting?" not in html


def test_topics_and_years_come_in_one_query(answers, django_assert_num_queries):
    with django_assert_num_queries(1):
        ways = ways_in()
    assert ways["topics"] == [("side-effects", "Side effects")]
    assert ways["years"] == [2025]
    Live.objects.filter(slug__in=["question-00", "question-05"]).update(posted_on=date(2019, 12, 31))
    assert ways_in()["years"] == [2025, 2019]


def test_related_answers_say_why(answers, client, editor, clinician):
    html = client.get("/blog/question-00/").content.decode()
    assert "Also about side effects" in html
    lonely = factories.answer("lonely", by=editor, checked_by=clinician, topics=("choosing-care",))
    factories.live(lonely, by=editor, signer=clinician)
    assert "Also about" not in client.get("/blog/lonely/").content.decode()


def test_a_corrected_answer_moves_in_the_feed_and_says_what_changed(answers, client, editor, clinician):
    import re

    def entry():
        feed = client.get("/blog/feed/").content.decode()
        return next(e for e in feed.split("<entry>") if "question-00" in e)

    before = re.search(r"<updated>(.*?)</updated>", entry())[1]
    Section.objects.filter(document=answers[0]).update(
        body="<p>Put right: it happens to [[question-00-fact]].</p>"
    )
    answers[0].submit(by=editor, change_note="We had the share wrong.").sign(by=clinician)
    after = entry()
    assert re.search(r"<updated>(.*?)</updated>", after)[1] > before
    assert "We had the share wrong." in after
    assert "<published>2025-01-01" in after


def test_three_dates_that_differ(client, editor, clinician):
    answer = factories.answer("old", by=editor, checked_by=clinician, first_posted=date(2019, 5, 4))
    factories.live(answer, by=editor, signer=clinician)
    html = client.get("/blog/old/").content.decode()
    today = timezone.localdate().isoformat()
    assert 'datetime="2019-05-04"' in html
    assert f'datetime="{today}"' in html
    assert "more than three years ago" in html


def test_the_urgent_block_stands_on_every_answer(client, editor, clinician):
    treatment = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(treatment, by=editor, signer=clinician)
    factories.live(
        factories.answer("about-sweat", by=editor, checked_by=clinician, about=[treatment]),
        by=editor,
        signer=clinician,
    )
    for slug, topic in (("general", "getting-started"), ("harms", "side-effects")):
        answer = factories.answer(slug, by=editor, checked_by=clinician, topics=(topic,))
        factories.live(answer, by=editor, signer=clinician)
    assert "Get help now" in client.get("/blog/about-sweat/").content.decode()
    general = client.get("/blog/general/").content.decode()
    assert "Get help now" in general
    assert "Explore now" in general
    # but nobody is led to treatments from what can go wrong
    assert "Explore now" not in client.get("/blog/harms/").content.decode()


def test_answers_about_a_treatment_stand_on_its_page(client, editor, clinician):
    treatment = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(treatment, by=editor, signer=clinician)
    factories.live(
        factories.answer("about-sweat", by=editor, checked_by=clinician, about=[treatment]),
        by=editor,
        signer=clinician,
    )
    assert "/blog/about-sweat/" in client.get("/treatments/sweat/").content.decode()
    Live.objects.get(slug="about-sweat").document.withdraw(by=editor, because="Wrong.")
    assert "/blog/about-sweat/" not in client.get("/treatments/sweat/").content.decode()


def test_a_treatment_leads_to_aftercare_only_while_that_can_be_read(editor, clinician, client):
    treatment = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(treatment, by=editor, signer=clinician)
    others = [
        factories.answer(f"other-{n}", by=editor, checked_by=clinician, about=[treatment]) for n in range(6)
    ]
    aftercare = factories.answer(AFTERCARE, by=editor, checked_by=clinician, about=[treatment])
    for answer in (aftercare, *others):
        factories.live(answer, by=editor, signer=clinician)
    html = client.get("/treatments/sweat/").content.decode()
    assert html.count('href="/blog/aftercare/"') == 1
    assert html.count('class="answer-entry"') == 5
    aftercare.withdraw(by=editor, because="Under review.")
    html = client.get("/treatments/sweat/").content.decode()
    assert "/blog/aftercare/" not in html
    assert html.count('class="answer-entry"') == 5
    old = client.get("/treatments/sweat/history/1/")
    assert "/blog/aftercare/" not in old.content.decode()


# --- the feed -----------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client):
    """The entries of the feed by their links, as a feed reader takes them in."""
    feed = ElementTree.fromstring(client.get("/blog/feed/").content)
    found = {}
    for entry in feed.iter(f"{ATOM}entry"):
        told = {child.tag.removeprefix(ATOM): child for child in entry}
        found[urlsplit(told["link"].get("href")).path] = told
    return found


def test_an_entry_keeps_its_id_whatever_changes(client, editor, clinician):
    answer = factories.answer("sun", by=editor, checked_by=clinician, first_posted=date(2019, 5, 4))
    factories.live(answer, by=editor, signer=clinician)
    before = entries(client)["/blog/sun/"]["id"].text
    answer.first_posted, answer.slug, answer.title = date(2018, 3, 31), "sunshine", "What about sunshine?"
    answer.save()
    answer.submit(by=editor, change_note="It was posted earlier.").sign(by=clinician)
    assert entries(client)["/blog/sunshine/"]["id"].text == before
    answer.withdraw(by=editor, because="Wrong.")
    answer.submit(by=editor, change_note="Back again.").sign(by=clinician)
    assert entries(client)["/blog/sunshine/"]["id"].text == before


def test_published_is_never_ahead_nor_after_updated(client, editor, clinician):
    for slug, posted in {"early": date(2019, 5, 4), "today": None}.items():
        answer = factories.answer(slug, by=editor, checked_by=clinician, first_posted=posted)
        with factories.ago(hours=1):
            factories.live(answer, by=editor, signer=clinician)
    for told in entries(client).values():
        published, updated = (datetime.fromisoformat(told[name].text) for name in ("published", "updated"))
        assert published <= updated <= timezone.now()


def test_a_day_to_come_that_was_sealed_before_days_were_looked_at_is_not_published_ahead():
    at, ahead = timezone.now(), timezone.localdate() + timedelta(days=400)
    card = SimpleNamespace(posted_on=ahead, edition=SimpleNamespace(went_live_at=at, live_from=at))
    assert AnswersFeed().item_pubdate(card) == at


def test_entries_have_each_their_own_update(client, editor, clinician):
    for hours, slug in ((30, "first"), (20, "second")):
        answer = factories.answer(slug, by=editor, checked_by=clinician)
        with factories.ago(hours=hours):
            factories.live(answer, by=editor, signer=clinician)
    updated = {path: told["updated"].text for path, told in entries(client).items()}
    assert updated["/blog/first/"] < updated["/blog/second/"]


def test_a_summary_with_angle_brackets_is_read_as_it_was_written(client, editor, clinician):
    answer = factories.answer("dose", by=editor, checked_by=clinician, summary="A <low dose> & more.")
    factories.live(answer, by=editor, signer=clinician)
    summary = entries(client)["/blog/dose/"]["summary"]
    assert summary.get("type") == "html"
    assert unescape(summary.text) == "A <low dose> & more."
    assert "<low" not in summary.text

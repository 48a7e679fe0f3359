"""Preview links: what they show, to whom, until when, and that nothing else opens."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site import append_only
from clinic_site.append_only import WrittenOnceError
from clinic_site.audit_log.models import AuditEntry
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Edition, PreviewLink, PublishingError, Section, Stop
from clinic_site.publishing.models.preview_link import MOST_DAYS
from tests import factories
from tests.admin_forms import as_
from tests.upgrade.clock import clock

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def link(waiting, editor):
    return PreviewLink.make(waiting, by=editor, reader="our insurer", ends_at=in_days(7))


def opened(link, client=None):
    return (client or Client()).get(reverse("preview", args=[link.token]))


def raw(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


# --- what is shown ------------------------------------------------------------------------------------------


def test_somebody_outside_reads_the_sealed_words_and_that_nobody_signed_them(draft, link):
    Section.objects.filter(document=draft).update(body="<p>Changed since.</p>")
    response = opened(link)
    html = response.content.decode()
    assert response.status_code == 200
    assert "about three months" in html
    assert "Changed since" not in html
    assert "A preview for our insurer, not yet signed." in html
    assert "This link ends on" in html
    assert "Medically reviewed on" not in html
    assert "Next review due" not in html


def test_nothing_of_it_is_kept_told_or_listed(link):
    response = opened(link)
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert link.token not in Client().get("/sitemap.xml").content.decode()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert 'src="http' not in response.content.decode()


def test_it_shows_one_edition_and_goes_on_showing_it_when_it_is_signed(
    draft, waiting, link, editor, clinician
):
    waiting.sign(by=clinician)
    Section.objects.filter(document=draft, anchor="timing").update(
        body="<p>Newer words about [[sweat-lasts]].</p>"
    )
    draft.submit(by=editor, change_note="Newer.").sign(by=clinician)
    html = opened(link).content.decode()
    assert "Newer words" not in html
    assert f"A preview for our insurer, signed by {clinician.signature}." in html.replace("\n", " ").replace(
        "  ", ""
    )


def test_a_stop_is_laid_over_it(link, editor):
    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="A newer trial.")
    html = opened(link).content.decode()
    assert "three months" not in html.lower()
    assert "being checked" in html


def test_a_sent_back_edition_says_so(waiting, link, clinician):
    waiting.send_back(by=clinician, because="Shorter.")
    assert "sent back" in opened(link).content.decode()
    assert "Shorter." not in opened(link).content.decode()


@pytest.mark.parametrize("kind", ["answer", "overview", "policy"])
def test_every_kind_of_page_is_shown(kind, starter_site):
    edition = Edition.objects.filter(kind=kind).first()
    shown = opened(
        PreviewLink.make(edition, by=factories.person("editor"), reader="the college", ends_at=in_days(1))
    )
    assert shown.status_code == 200
    assert not shown.cookies


# --- when nothing is shown ----------------------------------------------------------------------------------


def test_after_its_end_it_leads_nowhere(link, monkeypatch):
    later = link.ends_at + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    response = opened(link)
    assert response.status_code == 410
    assert "three months" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


def test_taken_back_it_leads_nowhere_at_once(link, clinician):
    link.take_back(by=clinician)
    assert opened(link).status_code == 410
    with pytest.raises(PublishingError, match="already"):
        link.take_back(by=clinician)


def test_a_withdrawn_edition_is_shown_to_nobody_outside_either(waiting, link, editor, clinician):
    waiting.sign(by=clinician)
    assert opened(link).status_code == 200
    waiting.withdraw(by=editor, because="A fault.")
    assert opened(link).status_code == 410
    with pytest.raises(PublishingError, match="withdrawn"):
        PreviewLink.make(waiting, by=editor, reader="the college", ends_at=in_days(1))


def test_a_broken_seal_is_not_shown(waiting, link):
    append_only.remove()
    raw(
        "UPDATE publishing_edition SET page_text = REPLACE(page_text, 'three months', 'three years') WHERE "
        "id = %s",
        waiting.pk,
    )
    append_only.install()
    response = opened(link)
    assert response.status_code == 503
    assert "three years" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


def test_no_other_token_opens_anything_and_every_refusal_reads_alike(link, waiting, editor):
    ended = PreviewLink.make(waiting, by=editor, reader="the college", ends_at=in_days(1))
    ended.take_back(by=editor)
    closed = opened(ended).content.decode()
    digest = link.token.partition("-")[2]
    others = [
        f"{link.pk + 1}-{digest}",
        f"{link.pk}-{'0' * 64}",
        digest,
        f"{link.pk}",
        "x",
        f"0{link.token}",
        link.token + "0",
        f"{10**17}-{digest}",
        f"{link.pk}-{digest.upper()}",
        f"{'9' * 400}-{digest}",
    ]
    for token in others:
        response = Client().get(f"/preview/{token}/")
        assert response.status_code == 404, token
        assert response.content.decode().replace(f"/{token}/", "") == closed.replace(
            f"/{ended.token}/", ""
        ), token
    assert Client().get("/preview/%00/").status_code == 404


def test_the_token_stands_in_no_table(link):
    digest = link.token.partition("-")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM publishing_previewlink")
        assert digest not in repr(cursor.fetchall())


# --- the rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "days", "said"),
    [
        (" ", 1, "for whom"),
        ("pat@home.test", 1, "telephone numbers"),
        ("Pat, 416 555 0100", 1, "telephone numbers"),
        ("our insurer", -1, "passed"),
        ("our insurer", MOST_DAYS + 2, "at the most"),
    ],
)
def test_a_link_that_cannot_be_is_refused_in_words(waiting, editor, reader, days, said):
    with pytest.raises(PublishingError, match=said):
        PreviewLink.make(waiting, by=editor, reader=reader, ends_at=in_days(days))


def test_the_longest_link_is_made_in_the_first_hour_of_a_day_though_the_clocks_go_back(waiting, editor):
    with clock(datetime(2027, 10, 20, 4, 10, tzinfo=UTC)):  # ten past midnight
        last = timezone.localdate() + timedelta(days=MOST_DAYS)
        ends_at = timezone.make_aware(datetime.combine(last, time(23, 59, 59)))
        link = PreviewLink.make(waiting, by=editor, reader="our insurer", ends_at=ends_at)
        assert timezone.localdate(link.ends_at) == last
        with pytest.raises(PublishingError, match="at the most"):
            PreviewLink.make(waiting, by=editor, reader="x", ends_at=ends_at + timedelta(minutes=1))


def test_the_desk_makes_and_takes_back_none(waiting, link, desk):
    with pytest.raises(PublishingError):
        PreviewLink.make(waiting, by=desk, reader="our insurer", ends_at=in_days(1))
    with pytest.raises(PublishingError):
        link.take_back(by=desk)


@pytest.mark.parametrize(
    "change", ["reader = 'x'", "ends_at = '2090-01-01'", "edition_id = edition_id + 1", "made_by_id = made_by_id + 1"]
)
def test_a_link_is_written_once(link, change):
    with pytest.raises(IntegrityError):
        raw(f"UPDATE publishing_previewlink SET {change}")


def test_a_link_is_neither_deleted_nor_opened_again(link, editor):
    link.take_back(by=editor)
    with pytest.raises(IntegrityError, match="written once"):
        raw("UPDATE publishing_previewlink SET taken_back_at = NULL, taken_back_by_id = NULL")
    with pytest.raises(IntegrityError, match="never deleted"):
        raw("DELETE FROM publishing_previewlink")
    with pytest.raises(WrittenOnceError):
        PreviewLink.objects.all().delete()


def test_the_database_wants_an_end_a_reader_and_a_name(waiting, editor):
    now = timezone.now()
    whole = {"edition": waiting, "reader": "x", "made_at": now, "made_by": editor, "ends_at": in_days(1)}
    for wrong in (
        {"ends_at": now},
        {"reader": ""},
        {"taken_back_at": now},
        {"taken_back_at": now, "taken_back_by": editor},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PreviewLink.objects.create(**whole | wrong)


# --- in the admin -------------------------------------------------------------------------------------------


def action(row, name):
    return reverse(f"admin:publishing_{row._meta.model_name}_{name}", args=[row.pk])


def test_a_link_is_made_listed_copied_and_taken_back_on_the_editions_page(waiting, editor, clinician):
    client = as_(editor)
    day = timezone.localdate() + timedelta(days=3)
    client.post(action(waiting, "preview-link"), {"reader": "Our insurer", "last_day": day.isoformat()})
    link = PreviewLink.objects.get()
    assert timezone.localtime(link.ends_at).date() == day
    html = client.get(action(waiting, "change")).content.decode()
    assert link.address in html
    assert link.address in as_(clinician).get(action(link, "change")).content.decode()
    assert Client().get(link.address).status_code == 200
    response = client.post(action(link, "take-back"))
    assert response.headers["Location"] == action(waiting, "change")
    html = client.get(action(waiting, "change")).content.decode()
    assert link.token not in html
    assert "taken back" in html
    assert link.token not in client.get(action(link, "change")).content.decode()
    logged = " ".join(f"{entry.said} {entry.changes}" for entry in AuditEntry.objects.all())
    assert "The link for Our insurer is made" in logged
    assert "no longer works" in logged
    assert link.token not in logged


@pytest.mark.parametrize("typed", ["", "2001-01-01", "9999-12-31", "0001-01-01", "31 February"])
def test_a_wrong_day_is_said_and_the_words_stay(waiting, editor, typed):
    response = as_(editor).post(action(waiting, "preview-link"), {"reader": "Our insurer", "last_day": typed})
    assert response.status_code == 422
    assert 'value="Our insurer"' in response.content.decode()
    assert not PreviewLink.objects.exists()


def test_the_desk_sees_no_links(link, desk):
    client = as_(desk)
    for address in (
        action(link, "change"),
        action(link, "take-back"),
        reverse("admin:publishing_previewlink_changelist"),
    ):
        assert client.get(address).status_code == 403


def test_the_list_is_one_query_however_long(waiting, editor, django_assert_max_num_queries):
    for _ in range(30):
        PreviewLink.make(waiting, by=editor, reader="our insurer", ends_at=in_days(1))
    client = as_(editor)
    with django_assert_max_num_queries(12):
        assert (
            client.get(reverse("admin:publishing_previewlink_changelist"), {"state": "open"}).status_code
            == 200
        )

"""When a page is due for review, and what becomes of one that nobody reviewed."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from blog.admin import AnswerAdmin
from blog.models import Answer
from clinic_site import append_only
from clinic_site.clinic.models import Policy
from clinic_site.publishing.models import Edition, Live, PublishingError
from clinic_site.publishing.proofs import signed_by_another, went_by_themselves
from clinic_site.publishing.reading import read
from clinic_site.publishing.review_dates import SPREAD, UNLISTED_AFTER, WITHDRAWN_AFTER
from tests import factories
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 3, 2)


@pytest.fixture
def page(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(draft, by=editor, signer=clinician)
    return draft


@pytest.fixture
def after(monkeypatch):
    """Puts the clock so many days behind a page's review date."""
    now = timezone.now

    def put(page, days: int):
        monkeypatch.setattr(timezone, "now", now)
        ahead = (page.live.edition.review_due_on - timezone.localdate()).days + days
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=ahead))

    return put


@pytest.mark.parametrize(("kind", "days"), [(Treatment, 365), (Answer, 730), (Policy, 365)])
def test_reviews_are_spread_over_eight_weeks_and_never_later_than_the_interval(kind, days):
    early = Counter(
        (SIGNED + timedelta(days=days) - kind.due_on(key, SIGNED)).days for key in range(1, 10 * SPREAD + 1)
    )
    assert set(early) == set(range(57))
    assert set(early.values()) == {10}
    # neighbours, which were written one after the other, don't fall into one week
    assert all(
        abs((kind.due_on(key, SIGNED) - kind.due_on(key + 1, SIGNED)).days) > 7 for key in range(1, 200)
    )


def test_every_place_tells_the_same_day(page, client, manager):
    due = Treatment.due_on(page.pk, timezone.localdate(page.live.edition.signed_at))
    assert read(Treatment, "sweat").review_due_on == page.live.edition.review_due_on == due
    assert f'datetime="{due}"' in client.get("/treatments/sweat/").content.decode()
    client.force_login(manager)
    listed = client.get("/admin/treatments/treatment/").content.decode()
    assert f"{due:%b}" in listed
    assert (
        f"Review due on {due:%-d %B %Y}"
        in client.get(f"/admin/treatments/treatment/{page.pk}/change/").content.decode()
    )


def test_a_list_by_review_date_is_in_that_order(editor, clinician, client, manager):
    for n in range(6):
        factories.live(
            factories.answer(f"why-{n}", by=editor, checked_by=clinician), by=editor, signer=clinician
        )
    client.force_login(manager)
    column = AnswerAdmin.list_display.index("review_due_on")
    for sign, order in (("", sorted), ("-", lambda dates: sorted(dates, reverse=True))):
        listed = client.get(f"/admin/blog/answer/?o={sign}{column}").context["cl"].result_list
        due = [answer.live.edition.review_due_on for answer in listed]
        assert due == order(due)
        assert len(set(due)) == 6


def test_overdue_begins_the_day_after(page, after):
    after(page, 0)
    assert not read(Treatment, "sweat").is_overdue
    assert Edition.objects.overdue() == []
    after(page, 1)
    assert read(Treatment, "sweat").is_overdue
    assert [edition.days_overdue for edition in Edition.objects.overdue()] == [1]


def test_a_long_overdue_page_leaves_the_search_engines_and_comes_back_when_signed(
    page, client, after, editor, clinician
):
    unlisted = '<meta name="robots" content="noindex">'
    after(page, UNLISTED_AFTER)
    assert unlisted not in client.get("/treatments/sweat/").content.decode()
    assert "/treatments/sweat/" in client.get("/sitemap.xml").content.decode()
    after(page, UNLISTED_AFTER + 1)
    assert unlisted in client.get("/treatments/sweat/").content.decode()
    assert "/treatments/sweat/" not in client.get("/sitemap.xml").content.decode()
    # reviewed, and found right as it is: nothing has to be changed for that
    page.submit(by=editor, change_note="Reviewed. Nothing had to change.").sign(by=clinician)
    assert unlisted not in client.get("/treatments/sweat/").content.decode()
    assert "/treatments/sweat/" in client.get("/sitemap.xml").content.decode()


def test_an_unchanged_page_is_signed_anew_when_its_review_is_near_and_not_before(page, after, editor):
    after(page, -57)
    with pytest.raises(PublishingError, match="Nothing changed"):
        page.submit(by=editor, change_note="Again.")
    after(page, -56)
    edition = page.submit(by=editor, change_note="Reviewed.")
    with pytest.raises(PublishingError, match="Nothing changed"):  # it waits already
        page.submit(by=editor, change_note="Reviewed.")
    assert edition.is_waiting


def test_a_withdrawn_page_comes_back_unchanged(page, editor, clinician):
    page.withdraw(by=editor, because="By mistake.")
    page.submit(by=editor, change_note="It is back.").sign(by=clinician)
    assert Live.objects.filter(document=page).exists()


def test_nothing_goes_by_itself_unless_the_clinic_wants_it(page, after, settings):
    after(page, WITHDRAWN_AFTER + 100)
    call_command("tick", verbosity=0)
    assert Live.objects.filter(document=page).exists()
    settings.WITHDRAW_OVERDUE = True
    after(page, WITHDRAWN_AFTER)
    call_command("tick", verbosity=0)
    assert Live.objects.filter(document=page).exists()


def test_a_page_that_nobody_reviewed_goes_by_itself_and_says_why(
    page, client, after, settings, manager, editor, clinician
):
    settings.WITHDRAW_OVERDUE = True
    after(page, WITHDRAWN_AFTER + 1)
    due = page.live.edition.review_due_on
    call_command("tick", verbosity=0)
    call_command("tick", verbosity=0)
    edition = page.editions.get()
    assert (edition.withdrawn_by, edition.withdrawn_overdue_days) == (None, WITHDRAWN_AFTER + 1)
    gone = client.get("/treatments/sweat/")
    assert gone.status_code == 410
    assert f"was due on {due:%-d %B %Y}, and it was overdue" in gone.content.decode()
    assert signed_by_another()[1] == []
    assert went_by_themselves() == (1, [])
    client.force_login(manager)
    for address in (
        f"/admin/publishing/edition/{edition.pk}/change/",
        f"/admin/treatments/treatment/{page.pk}/change/",
    ):
        assert "By itself, because its review was overdue" in client.get(address).content.decode()
    page.submit(by=editor, change_note="Reviewed.").sign(by=clinician)
    assert client.get("/treatments/sweat/").status_code == 200


def test_a_page_that_went_by_itself_too_early_is_proven_wrong(page, after, settings):
    edition = page.live.edition
    settings.WITHDRAW_OVERDUE = True
    after(page, WITHDRAWN_AFTER + 1)
    call_command("tick", verbosity=0)
    append_only.remove()
    with connection.cursor() as cursor:
        early = timezone.now() - timedelta(days=30)
        cursor.execute("UPDATE publishing_edition SET withdrawn_at = %s WHERE id = %s", [early, edition.pk])
    append_only.install()
    count, broken = went_by_themselves()
    assert (count, len(broken)) == (1, 1)
    assert "wasn't overdue for more than 180 days" in broken[0]


def test_what_was_signed_anew_in_that_moment_stays(page, after, editor, clinician):
    after(page, WITHDRAWN_AFTER + 1)
    old = page.live.edition
    page.submit(by=editor, change_note="Reviewed.").sign(by=clinician)
    with pytest.raises(PublishingError):
        old.withdraw_overdue()
    assert Live.objects.get(document=page).edition_id != old.pk


@pytest.mark.parametrize(
    "stamps",
    [
        "withdrawn_overdue_days = 181",
        "withdrawn_at = CURRENT_TIMESTAMP, withdrawn_because = 'x'",
        "withdrawn_at = CURRENT_TIMESTAMP, withdrawn_because = 'x', withdrawn_overdue_days = 180",
        "withdrawn_at = CURRENT_TIMESTAMP, withdrawn_because = 'x', withdrawn_overdue_days = 200, "
        "withdrawn_by_id = signed_by_id",
        "withdrawn_at = CURRENT_TIMESTAMP, withdrawn_overdue_days = 200",
    ],
)
def test_a_withdrawal_by_nobody_says_so_in_the_database(page, stamps):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE publishing_edition SET {stamps}")

"""The weekly mail of staff, and their calendars."""

import re
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts.models import User
from clinic_site.append_only import WrittenOnceError
from clinic_site.clinic.models import Accreditation, Message
from clinic_site.notifications import calendar_feed
from clinic_site.notifications.models import CalendarAddress, WeeklyMail
from clinic_site.notifications.weekly_digest import tell_weekly
from clinic_site.registry import CalendarEvent
from tests import factories
from tests.admin_forms import as_

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
MONDAY = timezone.make_aware(
    datetime.combine(TODAY + timedelta(days=7 - TODAY.weekday()), time(7))
)  # the next one


@pytest.fixture
def message():
    return Message.objects.create(name="Zed Quixote", email="zed@quixote.test", words="About my treatment")


# --- the mail -----------------------------------------------------------------------------------------------


def test_each_is_told_once_a_week_what_waits_and_nobody_gets_an_empty_mail(message, desk, manager, editor):
    assert tell_weekly(MONDAY) == 2  # the editor has nothing to do
    assert tell_weekly(MONDAY) == tell_weekly(MONDAY + timedelta(days=6, hours=16)) == 0
    assert {mail.to[0] for mail in Email.objects.all()} == {desk.email, manager.email}
    assert tell_weekly(MONDAY + timedelta(days=7)) == 2


def test_it_comes_on_monday_morning_in_the_clinics_own_time(message, desk):
    assert tell_weekly(MONDAY - timedelta(minutes=1)) == 0
    assert tell_weekly(MONDAY) == 1


def test_who_begins_after_a_monday_waits_for_the_next(message, desk):
    User.objects.filter(pk=desk.pk).update(joined_at=MONDAY + timedelta(days=5))
    assert tell_weekly(MONDAY + timedelta(days=5, minutes=1)) == 0
    assert tell_weekly(MONDAY + timedelta(days=7)) == 1


def test_who_chooses_it_in_the_middle_of_a_week_waits_for_the_next_monday(message, desk, monkeypatch):
    User.objects.filter(pk=desk.pk).update(wants_weekly_mail=False)
    monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(days=2))
    client = signed_in(desk)
    for _ in range(2):
        assert "from the next one on" in client.post(OWN, {"do": "mail"}, follow=True).content.decode()
    assert tell_weekly(MONDAY + timedelta(days=2, minutes=1)) == 0
    assert tell_weekly(MONDAY + timedelta(days=7)) == 1


def test_the_first_address_of_a_calendar_ends_none(desk):
    client = signed_in(desk)
    assert "no longer works" not in client.post(OWN, {"do": "address"}, follow=True).content.decode()
    page = client.post(OWN, {"do": "address"}, follow=True).content.decode()
    assert "The old address no longer works" in page


def test_it_holds_counts_and_links_and_nothing_of_a_patient(message, desk):
    tell_weekly(MONDAY)
    mail = Email.objects.get()
    assert mail.subject == "You have one task"
    assert "Unanswered messages (1)" in mail.message
    assert "http://testserver/admin/clinic/message/?" in mail.message
    assert "http://testserver/admin/mail-and-calendar/" in mail.message
    for said in (mail.message, mail.html_message, mail.subject):
        assert not re.search(f"Quixote|quixote|{message.reference}|About my", said)


def test_only_staff_who_work_here_and_want_it_are_told(message, desk):
    for changes in (
        {"is_active": False},
        {"is_staff": False},
        {"is_sample": True},
        {"wants_weekly_mail": False},
    ):
        User.objects.filter(pk=factories.person("desk").pk).update(**changes)
    assert tell_weekly(MONDAY) == 1
    assert Email.objects.get().to == [desk.email]


def test_a_week_is_told_once_by_any_route(desk):
    row = WeeklyMail.objects.create(user=desk, week=MONDAY.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyMail.objects.bulk_create([WeeklyMail(user=desk, week=MONDAY.date())])
    with pytest.raises(WrittenOnceError):
        row.delete()


def test_where_the_mail_cannot_be_queued_the_week_is_not_spent(message, desk, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("out of paper")

    with monkeypatch.context() as patched:
        patched.setattr("clinic_site.notifications.weekly_digest.queue", broken)
        with pytest.raises(RuntimeError):
            tell_weekly(MONDAY)
    assert tell_weekly(MONDAY) == 1


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_tell_once():
    Message.objects.create(name="Ann", phone="416 555 0100", words="Hello")
    for _ in range(3):
        factories.person("desk")
    barrier, counts = Barrier(2), []

    def tick():
        try:
            barrier.wait()
            counts.append(tell_weekly(MONDAY))
        finally:
            connection.close()

    threads = [Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == Email.objects.count() == WeeklyMail.objects.count() == 3


def test_a_week_that_is_told_costs_one_query(message, desk, django_assert_num_queries):
    tell_weekly(MONDAY)
    with django_assert_num_queries(1):
        tell_weekly(MONDAY)


def test_it_is_a_part_of_tick(message, desk, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    call_command("tick", verbosity=0)
    call_command("tick", verbosity=0)
    assert [mail.to for mail in Email.objects.all()] == [[desk.email]]


# --- one's own page -----------------------------------------------------------------------------------------

OWN = "/admin/mail-and-calendar/"


def signed_in(person) -> Client:
    return as_(person)


@pytest.mark.parametrize("role", ["manager", "editor", "clinician", "desk"])
def test_whoever_works_here_stops_their_mail_and_chooses_it_again(role):
    person, other = factories.person(role), factories.person(role)
    client = signed_in(person)
    assert "Stop the weekly mail" in client.get(OWN).content.decode()
    page = client.post(OWN, {"do": "no-mail"}, follow=True).content.decode()
    assert "You get no weekly mail any more." in page
    assert "Send me the weekly mail" in page
    assert [User.objects.get(pk=one.pk).wants_weekly_mail for one in (person, other)] == [False, True]
    client.post(OWN, {"do": "mail"})
    assert User.objects.get(pk=person.pk).wants_weekly_mail


def test_the_page_is_for_staff_alone_and_takes_no_other_deed(client, desk):
    assert client.get(OWN)["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("ann@home.test", name="Ann"))
    assert client.post(OWN, {"do": "address"})["Location"].startswith("/admin/login/")
    assert not CalendarAddress.objects.exists()
    assert signed_in(desk).post(OWN, {"do": "what"}).status_code == 422


# --- the calendar -------------------------------------------------------------------------------------------


@pytest.fixture
def page(editor, clinician):
    draft = factories.treatment(
        "sweat", by=editor, checked_by=clinician, title="Sweat; hands, feet \\ and “more” " + "é" * 60
    )
    factories.live(draft, by=editor, signer=clinician)
    return draft


def path_of(address: str) -> str:
    assert address.startswith("http://testserver/calendar/")
    return address.removeprefix("http://testserver")


def parsed(content: bytes) -> list[dict]:
    """The events of a calendar, by a strict reader of what RFC 5545 demands: it trusts nothing of the
    writer.
    """
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    for line in content.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    lines = content.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    events, open_parts, components = [], [], 0
    for line in lines:
        found = re.fullmatch(r"([A-Z][A-Z0-9-]*)((?:;[A-Z-]+=[^;:,\"]+)*):(.*)", line)
        assert found, line
        name, params, value = found.groups()
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        if name == "BEGIN":
            components += bool(open_parts)
            open_parts.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert open_parts.pop() == value
        elif open_parts[-1] == "VEVENT":
            assert name not in events[-1], "once at most"
            if name == "SUMMARY":
                assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value)
                value = re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)
            elif name == "DTSTAMP" or name == "DTSTART" and not params:
                value = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            elif name == "DTSTART":
                assert params == ";VALUE=DATE"
                value = datetime.strptime(value, "%Y%m%d").date()
            events[-1][name] = value
    assert open_parts == []
    assert components, "a calendar holds a component at least"
    assert all({"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= event.keys() for event in events)
    assert len({event["UID"] for event in events}) == len(events)
    return events


def test_the_calendar_holds_reviews_publications_and_what_runs_out(page, client, editor, clinician, manager):
    later = timezone.now().replace(microsecond=0) + timedelta(days=9)
    other = factories.answer("why", by=editor, checked_by=clinician)
    edition = other.submit(by=editor, change_note="First.")
    edition.sign(by=clinician, live_from=later)
    award = Accreditation.objects.create(
        name="An award",
        issuer="A body",
        number="1",
        awarded_on="2020-01-01",
        published_on=timezone.localdate(),
        valid_until=date(2030, 1, 2),
    )
    answer = client.get(path_of(calendar_feed.make_address(manager)))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["X-Robots-Tag"] == "noindex"
    assert not client.cookies
    events = {event["UID"]: event for event in parsed(answer.content)}
    assert set(events) == {
        f"review-{page.pk}@testserver",
        f"edition-{edition.pk}@testserver",
        f"accreditation-{award.pk}@testserver",
    }
    review = events[f"review-{page.pk}@testserver"]
    assert review["SUMMARY"] == f"Review due: {page.title}"
    assert review["DTSTART"] == page.live.edition.review_due_on
    assert review["URL"] == f"http://testserver/admin/treatments/treatment/{page.pk}/change/"
    assert events[f"edition-{edition.pk}@testserver"]["DTSTART"] == later
    assert events[f"accreditation-{award.pk}@testserver"]["DTSTART"] == date(2030, 1, 2)
    # the same thing has the same name when it's told again
    assert client.get(path_of(calendar_feed.address_of(manager))).content == answer.content


def test_a_calendar_holds_what_its_owner_may_act_on(page, client, desk, editor):
    assert parsed(client.get(path_of(calendar_feed.make_address(desk))).content) == []
    assert len(parsed(client.get(path_of(calendar_feed.make_address(editor))).content)) == 1


@pytest.mark.parametrize(
    "words", ["a" * 300, "é" * 200, "ﷺ😀" * 60, "a\r\nEND:VEVENT\nb", "a;b,c\\d\\", "", "\x00x"]
)
def test_whatever_a_title_holds_the_calendar_stays_whole(words):
    event = CalendarEvent("key", date(2026, 3, 1), words, "/admin/", timezone.now())
    (read,) = parsed(calendar_feed.calendar("A clinic; and, more", [event]).encode())
    assert read["SUMMARY"] == words.replace("\r", "").replace("\x00", "")


def test_an_address_is_seen_again_and_replaced_and_the_old_one_is_dead_at_once(client, editor):
    own = signed_in(editor)
    assert "/calendar/" not in own.get(OWN).content.decode()
    page = own.post(OWN, {"do": "address"}, follow=True).content.decode()
    first = calendar_feed.address_of(editor)
    assert f'value="{first}"' in page
    assert first in own.get(OWN).content.decode()
    assert client.get(path_of(first)).status_code == 200
    own.post(OWN, {"do": "address"})
    second = calendar_feed.address_of(editor)
    assert second != first
    assert client.get(path_of(first)).status_code == 404
    assert client.get(path_of(second)).status_code == 200
    own.post(OWN, {"do": "no-address"})
    assert client.get(path_of(second)).status_code == 404


def test_the_database_alone_opens_no_calendar(client, editor, settings):
    address = calendar_feed.make_address(editor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, digest FROM notifications_calendaraddress")
        kept = cursor.fetchone()
    assert not any(word in address for word in kept)
    for word in kept:
        assert client.get(f"/calendar/{word}.ics").status_code == 404
    settings.SECRET_KEY = "another one"
    assert calendar_feed.address_of(editor) == ""


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_left_has_no_calendar_and_the_answer_is_that_to_any_wrong_address(client, editor, change):
    path = path_of(calendar_feed.make_address(editor))
    User.objects.filter(pk=editor.pk).update(**change)
    gone, unknown = client.get(path), client.get("/calendar/nobody.ics")
    assert gone.status_code == unknown.status_code == 404
    assert gone.content.replace(path.encode(), b"") == unknown.content.replace(b"/calendar/nobody.ics", b"")
    assert not client.cookies


def test_a_calendar_takes_as_many_queries_for_many_pages(
    page, client, editor, clinician, django_assert_max_num_queries
):
    path = path_of(calendar_feed.make_address(editor))
    for _ in range(3):
        factories.live(factories.answer(by=editor, checked_by=clinician), by=editor, signer=clinician)
    with django_assert_max_num_queries(7):
        assert len(parsed(client.get(path).content)) == 4

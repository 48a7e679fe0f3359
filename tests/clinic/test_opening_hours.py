"""When the clinic is open: rows that don't overlap, said as people say them, on every page in one query."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.clinic.models import Closure, Details, OpeningHours
from clinic_site.clinic.models.opening_hours import said
from clinic_site.clinic.structured_data import clinic_data
from tests.admin_forms import as_, filled

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def clinic():
    Details(
        name="Test Clinic", street="1 Sample Street", town="Sampleton", hours="Evenings by appointment"
    ).save()
    for day in range(4):
        OpeningHours.objects.create(weekday=day, opens=time(9), closes=time(17))
    OpeningHours.objects.create(weekday=4, opens=time(13), closes=time(17, 30))
    OpeningHours.objects.create(weekday=4, opens=time(9), closes=time(12))
    return Details.objects.get()


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(9), "9 am"),
        (time(9, 5), "9:05 am"),
        (time(12), "noon"),
        (time(12, 30), "12:30 pm"),
        (time(17, 30), "5:30 pm"),
        (time(0), "midnight"),
        (time(0, 15), "12:15 am"),
    ],
)
def test_a_time_is_said_as_people_say_it(at, words):
    assert said(at) == words


def test_days_with_the_same_hours_are_told_together(clinic):
    week = [(days.name, [span[2:] for span in days.spans]) for days in Details.current().week]
    assert week == [
        ("Monday to Thursday", [("9 am", "5 pm")]),
        ("Friday", [("9 am", "noon"), ("1 pm", "5:30 pm")]),
        ("Saturday and Sunday", []),
    ]


def test_every_page_tells_them_in_the_clinics_own_query(clinic, client, django_assert_num_queries):
    Closure.objects.create(name="Sample holiday", first_day=TODAY, last_day=TODAY + timedelta(days=2))
    Closure.objects.create(name="Long over", first_day=date(2020, 1, 1), last_day=date(2020, 1, 2))
    Details.current()
    with django_assert_num_queries(1):
        current = Details.current()
        assert current.week
        assert [row.name for row in current.next_closures] == ["Sample holiday"]
    html = client.get("/").content.decode()
    for words in ("Monday to Thursday", "Evenings by appointment", "Sample holiday: closed"):
        assert words in html
    assert "Long over" not in html
    assert 'data-hours="0/09:00/17:00 1/09:00/17:00' in html
    assert 'data-zone="America/Toronto"' in html
    OpeningHours.objects.all().delete()
    assert "Monday to Thursday" not in client.get("/").content.decode()


def test_machines_are_told_the_same(clinic):
    Closure.objects.create(name="Sample holiday", first_day=TODAY, last_day=TODAY)
    data = clinic_data(Details.current())
    told = [(row["dayOfWeek"], row["opens"], row["closes"]) for row in data["openingHoursSpecification"]]
    assert told == [
        (["Monday", "Tuesday", "Wednesday", "Thursday"], "09:00", "17:00"),
        (["Friday"], "09:00", "12:00"),
        (["Friday"], "13:00", "17:30"),
    ]
    (closed,) = data["specialOpeningHoursSpecification"]
    assert closed["validFrom"] == closed["validThrough"] == TODAY.isoformat()
    OpeningHours.objects.all().delete()
    assert "openingHoursSpecification" not in clinic_data(Details.current())


def test_the_database_refuses_hours_the_wrong_way_round(clinic):
    for wrong in (
        OpeningHours(weekday=5, opens=time(17), closes=time(9)),
        OpeningHours(weekday=7, opens=time(9), closes=time(17)),
        OpeningHours(weekday=0, opens=time(9), closes=time(10)),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.create(name="Backwards", first_day=TODAY, last_day=TODAY - timedelta(days=1))


def test_a_holidays_name_is_held_to_the_rules_of_unsigned_words(clinic):
    with pytest.raises(ValidationError):
        Closure.objects.create(name="Guaranteed results", first_day=TODAY, last_day=TODAY)


def sent(rows: list[tuple[str, str, str]]) -> dict[str, str]:
    form = {"name": "Test Clinic", "country": "CA", "accent": "pine", "show_fees": "on"}
    for prefix, count in (("opening_hours", len(rows)), ("closures", 0)):
        form |= {f"{prefix}-TOTAL_FORMS": str(count), f"{prefix}-INITIAL_FORMS": "0"}
    for n, (day, opens, closes) in enumerate(rows):
        form |= {
            f"opening_hours-{n}-weekday": day,
            f"opening_hours-{n}-opens": opens,
            f"opening_hours-{n}-closes": closes,
            f"opening_hours-{n}-clinic": "1",
        }
    return form


def test_staff_fill_them_in_and_are_told_of_an_overlap(editor):
    Details(name="Test Clinic").save()
    staff, address = as_(editor), reverse("admin:clinic_details_change", args=[1])
    for rows, words in (
        ([("0", "09:00", "12:00"), ("0", "11:00", "17:00")], "overlap"),
        ([("0", "17:00", "09:00")], "closes before it opens"),
    ):
        response = staff.post(address, filled(staff.get(address)) | sent(rows))
        assert words in response.content.decode()
        assert not OpeningHours.objects.exists()
    response = staff.post(
        address, filled(staff.get(address)) | sent([("0", "09:00", "12:00"), ("0", "12:00", "17:00")])
    )
    assert response.status_code == 302, response.content.decode()
    assert OpeningHours.objects.count() == 2


@pytest.mark.parametrize(
    ("service", "host"),
    [("osm", "www.openstreetmap.org"), ("google", "www.google.com"), ("apple", "maps.apple.com")],
)
def test_a_plain_link_leads_to_the_map_that_staff_chose(service, host, clinic, client):
    assert "another site" not in client.get("/contact/").content.decode()
    Details.objects.update(map_service=service)
    html = client.get("/contact/").content.decode()
    assert f'href="https://{host}/' in html
    assert "1%20Sample%20Street%2C%20Sampleton" in html


def test_parking_and_access_stand_where_people_look_for_the_door(clinic, client):
    Details.objects.update(parking="Behind the building.", access="No step.")
    html = client.get("/contact/").content.decode()
    assert "Behind the building." in html
    assert "No step." in html
    clinic.access = "It lasts 4 months."
    with pytest.raises(ValidationError):
        clinic.save()

"""The starter's clinic: a sample of everything, labelled as one."""

import tomllib
from datetime import date, time
from pathlib import Path

from django.utils import timezone

from clinic_site.clinic.models import (
    Accreditation,
    Details,
    OpeningHours,
    Policy,
    Profile,
    Testimonial,
    Weekday,
)
from clinic_site.publishing.starter import add_sections, publish
from clinic_site.registry import StarterRun, starter_content
from treatments.models import Treatment

HERE = Path(__file__).parent


def fill(starter: StarterRun) -> None:
    Details(
        name="Sample Clinic",
        strapline="Passion | Precision | Perfection",
        lead="Providing Expert Medical and Aesthetic Treatments to the Southwest",
        street="1 Sample Street",
        town="Sampleton",
        region="Ontario",
        postcode="",
        phone="555 0100",
        email="desk@clinic.example",
        hours="Closed on public holidays",
        directions="There is a bus stop across the road.",
        parking="You can park behind the building.",
        access="The entrance is on the street side and has no step. A lift goes to each floor.",
    ).save()
    for day in (Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY):
        closes = time(13) if day == Weekday.FRIDAY else time(17)
        OpeningHours.objects.create(weekday=day, opens=time(9), closes=closes)
    for slug in Policy.ADDRESSES:
        text = tomllib.loads((HERE / f"{slug}.toml").read_text())
        policy = Policy.objects.create(slug=slug, title=text["title"], summary=text["summary"])
        add_sections(policy, {}, text["section"])
        publish(policy, starter)
    for key, days, training in (
        ("clinician", "Monday, Tuesday and Thursday (sample)", "Where this person was trained (sample)"),
        ("manager", "Monday to Friday (sample)", ""),
    ):
        profile = Profile.objects.create(
            person=starter.people[key],
            is_shown=True,
            order=10 if key == "clinician" else 20,
            languages="English and French (sample)",
            days=days,
            training=training,
            maker_money="None declared (sample)" if key == "clinician" else "",
        )
        if key == "clinician":
            profile.treats.set(Treatment.objects.filter(group=Treatment.Group.MEDICAL))
    for words, name in (
        (
            "Sample review: this is where a patient's own words about their visit would stand.",
            "Sample patient A",
        ),
        (
            "Sample review: the clinic shows such words only while the patient's written consent stands.",
            "Sample patient B",
        ),
    ):
        Testimonial.objects.create(
            words=words,
            said_by=name,
            consented_on=timezone.localdate(),
            consent_scope="Sample, no real person",
            is_sample=True,
        )
    Accreditation.objects.create(
        name="Sample accreditation",
        issuer="Sample Accreditation Body",
        number="SAMPLE-0000",
        awarded_on=date(2026, 1, 1),
        published_on=timezone.localdate(),
        is_sample=True,
    )
    Accreditation.objects.create(
        name="WhatClinic Patient Service Award",
        issuer="WhatClinic",
        note="Named on the old website without a number or a date. Find both before it is shown.",
    )


starter_content.append(fill)

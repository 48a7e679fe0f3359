"""A sample treatment and answer, as pages, editions and list entries. In code, so that the components page
needs no content and shows states that a live site may never be in.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from blog.pages import AnswerPage
from clinic_site.clinic.models import Accent, Details
from clinic_site.clinic.models.details import MapService
from clinic_site.pages.redaction import NOTICE
from clinic_site.pages.shapes import (
    BeforeTreatment,
    ClaimNote,
    Emergencies,
    Figure,
    LicenceRow,
    Part,
    SourceNote,
    Urgent,
)
from clinic_site.publishing.models import Edition
from clinic_site.publishing.reading import Card, Reading
from treatments.body import Placed
from treatments.pages import ChoiceRow, KeyFact, ProblemFact, TreatmentPage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=5 * 365)
NEVER = timedelta(days=36500)

CLINIC: Any = Details(
    name="Sample Clinic",
    street="1 Sample Street",
    town="Sampleton",
    region="Ontario",
    postcode="A1A 1A1",
    country="CA",
    phone="555 0100",
    email="desk@clinic.example",
    hours="Evenings by appointment",
    directions="The bus stop is across the road.",
    parking="Behind the building.",
    access="No step at the door.",
    map_service=MapService.OPENSTREETMAP,
    accent=Accent.PINE,
)
CLINIC.offer_cents = 5000
CLINIC.told_hours = "\x1e".join(f"{day}\x1f09:00:00\x1f17:00:00" for day in range(4))
CLINIC.told_closures = "2999-12-24\x1f2999-12-26\x1fA sample holiday"
CLINIC_IN_BRITAIN = Details(name="Sample Clinic", country="GB")


def words_of(key: str, words: str, source: int = 1) -> str:
    """A claim's words as a page holds them: with its key and the number of its source."""
    return (
        f'<span class="claim" data-claim="{key}">{words}'
        f'<sup class="ref"><a href="#source-{source}" aria-label="Source {source}">{source}</a></sup></span>'
    )


def claim(key: str, words: str, *, kind: str = "timing", grade: str = "A", **figure) -> ClaimNote:
    return ClaimNote(
        key=key,
        kind=kind,
        html=words_of(key, words),
        grade=grade,
        sources=(1,),
        figure=Figure(**figure) if figure else None,
    )


STARTS = claim(
    "sample-starts",
    "Within about a week",
    measure="time until it starts",
    low=3,
    high=7,
    unit="days",
    comparator="none",
)
PEAKS = claim(
    "sample-peaks",
    "2 to 4 weeks after the injections",
    measure="time of most effect",
    low=2,
    high=4,
    unit="weeks",
)
LASTS = claim(
    "sample-lasts",
    "About four months (two after dummy injections)",
    measure="time until it has worn off",
    low=16,
    high=20,
    unit="weeks",
    comparator="placebo",
    comparator_low=8,
    population="sample adults",
    n=320,
)
AGAIN = claim(
    "sample-again",
    "No sooner than 16 weeks later",
    grade="B",
    measure="time until the next visit",
    low=16,
    unit="weeks",
)
POINTS = tuple(
    claim(
        f"sample-week-{week}",
        f"At week {week}, {treated}% responded; after dummy injections {dummy}% did",
        kind="benefit",
        measure="people who responded",
        low=treated,
        unit="percent",
        comparator="placebo",
        comparator_low=dummy,
        population="sample adults",
        n=320,
        at_days=7 * week,
    )
    for week, treated, dummy in ((4, 80, 35), (8, 72, 31), (16, 44, 26))
)
ALONE = tuple(
    claim(
        f"sample-alone-{day}",
        f"{value} days a month",
        kind="benefit",
        grade="B",
        measure="days with a headache",
        low=value,
        unit="days-per-month",
        comparator="none",
        population="sample adults",
        at_days=day,
    )
    for day, value in ((0, 19), (84, 11.5))
)
BENEFIT = claim(
    "sample-benefit",
    "At week 4, 80% of people responded. After dummy injections, 35% did.",
    kind="benefit",
    at_days=28,
    measure="people who responded",
    low=80,
    unit="percent",
    comparator="placebo",
    comparator_low=35,
    population="sample adults",
    n=320,
)
RANGE = claim(
    "sample-range",
    "Between 0.5% and 4% of people had a drooping eyelid. After dummy injections, none had.",
    kind="side-effect",
    grade="B",
    measure="people with a drooping eyelid",
    low=0.5,
    high=4,
    unit="percent",
    comparator="placebo",
    comparator_low=0,
)
UNDRAWN = claim("sample-undrawn", "Some people have a sore spot for a day.", kind="side-effect", grade="C")
COPIED = replace(
    UNDRAWN,
    key="sample-copied",
    grade="A",
    sources=(2,),
    html=words_of("sample-copied", "Some are tired.", 2),
)
STOPPED = replace(BENEFIT, key="sample-stopped", html=NOTICE, figure=None)

FACTS = (
    KeyFact(slot="starts", label="Starts", html=STARTS.html, claim=STARTS),
    KeyFact(slot="peaks", label="Is strongest", html=PEAKS.html, claim=PEAKS),
    KeyFact(slot="lasts", label="Lasts", html=LASTS.html, claim=LASTS),
    KeyFact(slot="repeat", label="Repeated", html=AGAIN.html, claim=AGAIN),
    KeyFact(slot="visit", label="The visit", gap="Our sources do not say."),
)
SOURCES = (
    SourceNote(
        number=1,
        key="S-1",
        title="A sample trial",
        publisher="A journal",
        year=2020,
        href="#",
        kind="trial",
        locator="Table 2",
    ),
    SourceNote(
        number=2,
        key="S-2",
        title="A sample label",
        publisher="A regulator",
        year=2015,
        kind="label",
        is_secondary=True,
    ),
    SourceNote(
        number=3,
        key="S-3",
        title="An older guideline",
        publisher="A college",
        year=2009,
        kind="guideline",
        status="superseded",
    ),
    SourceNote(
        number=4,
        key="S-4",
        title="A trial taken back",
        publisher="A journal",
        year=2011,
        kind="trial",
        status="retracted",
    ),
    SourceNote(
        number=5,
        key="S-5",
        title="A release",
        publisher="A maker",
        year=2024,
        kind="company",
        href="https://maker.example/",
    ),
    SourceNote(
        number=6,
        key="S-6",
        title="A leaflet",
        publisher="A library of copies",
        kind="leaflet",
        href="https://copies.example",
        is_secondary=True,
        note="Read as a copy.",
    ),
)
LICENCES = tuple(
    LicenceRow(
        use="sample",
        use_name="A sample use",
        country=code,
        country_name=name,
        status=status,
        status_name=label,
        since=since,
        detail=detail,
        source=source,
    )
    for code, name, status, label, since, detail, source in (
        ("CA", "Canada", "licensed", "Approved", "2001-08-31", "One brand only.", 1),
        ("US", "United States", "off-label", "Off-label", "", "", 2),
        ("GB", "United Kingdom", "not-approved", "Not approved", "", "", 0),
    )
)
URGENT = Urgent(
    title="When to get help now",
    lead="Call {emergency} at once if, after your injections, you notice any of these signs.",
    signs=(
        "Trouble breathing",
        "Trouble swallowing or speaking",
        "New weakness all over your body",
        "Double or blurred vision",
    ),
    closing=(
        f"These signs are rare. {words_of('sample-urgent', 'They can begin weeks after the injections')}. "
        "For anything else that worries you, call {clinic}."
    ),
)
BEFORE_TREATMENT = BeforeTreatment(
    title="Before treatment",
    avoid_lead="Don't have these injections if you have one of these:",
    avoid=("An allergy to the medicine", "A muscle disorder"),
    tell_lead="Tell the clinician first:",
    tell=("If you are pregnant, might be, or breastfeed", "About every medicine that you take"),
    closing="Don't stop a medicine by yourself.",
)
PAGE = TreatmentPage(
    kind="treatment",
    slug="sample",
    title="A sample treatment",
    short="Sample",
    group="medical",
    facts=FACTS,
    licences=LICENCES,
    summary="What it is, what trials found, what can go wrong, and what else there is.",
    parts=(
        Part(
            anchor="in-brief",
            heading="In one minute",
            html=(
                f"<ul><li><strong>When it works:</strong> {LASTS.html}.</li>"
                f"<li><strong>How much it helps:</strong> {BENEFIT.html}</li></ul>"
            ),
        ),
        Part(
            anchor="what-it-is",
            heading="What it is",
            html=(
                f"<p>Running text with a claim: {STARTS.html}. And one that is stopped: {NOTICE}</p>"
                "<h3>A heading within</h3><ul><li>A list</li><li>of two</li></ul>"
                "<blockquote><p>Words of somebody else.</p></blockquote>"
            ),
        ),
        Part(anchor="side-effects", heading="Side effects", html="<p>Text.</p>"),
        Part(anchor="who-should-not", heading="Who should not have it", html="<p>Text.</p>"),
        Part(anchor="on-the-day", heading="What happens on the day", html="<p>Text.</p>"),
    ),
    benefits=(BENEFIT,),
    side_effects=(RANGE, UNDRAWN),
    problem_facts=(ProblemFact(problem="Palms", slot="lasts", label="Lasts", html=LASTS.html),),
    choices=(
        ChoiceRow(
            name="Doing nothing", kind="nothing", works="No study.", strength="none", problem="Armpits"
        ),
        ChoiceRow(
            name="The injections",
            kind="own",
            what="In the skin",
            works=BENEFIT.html,
            lasts=LASTS.html,
            risks=RANGE.html,
            available="Ask us.",
            strength="strong",
            problem="Armpits",
        ),
        ChoiceRow(name="A lotion", works=NOTICE, lasts="While used.", strength="some", problem="Palms"),
    ),
    sources=SOURCES,
    urgent=URGENT,
    emergencies=Emergencies(
        lead="Call {emergency} for these as well.",
        signs=("A headache that is sudden and the worst of your life",),
    ),
    before_treatment=BEFORE_TREATMENT,
)
ANSWER = AnswerPage(
    kind="answer",
    slug="sample",
    title="A sample question?",
    summary="A sample answer, in one sentence.",
    answered_by="Sample Editor",
)


_next = count(1)


def edition(kind: str = "treatment", **fields) -> Edition:
    """An edition that was never saved."""
    made = {
        "kind": kind,
        "slug": "sample",
        "number": 3,
        "signed_at": NOON,
        "live_from": NOON,
        "went_live_at": NOON,
        "posted_on": date(2026, 3, 2),
        "digest": f"sample {next(_next)}",
        "card_digest": f"sample {next(_next)}",
        "signed_name": "Dr Sample Clinician (Sample register, SAMPLE-0000)",
        "signed_as_sample": False,
    }
    return Edition(**made | fields)


READING = Reading(PAGE, edition())
SAMPLE = Reading(PAGE, edition(signed_as_sample=True))
OVERDUE = Reading(PAGE, edition(signed_at=LONG_AGO, live_from=LONG_AGO))
LISTED: Any = Reading(PAGE, edition())
LISTED.edition.signer_slug = "ann-sample"  # as the page asks for it
CURRENT: Any = Reading(PAGE, edition())
CURRENT.edition.is_current = True  # as the history asks for it
WITHDRAWN = Reading(PAGE, edition(withdrawn_at=NOON, withdrawn_because="A figure was wrong."))
SELF_REVIEW = Reading(PAGE, edition(self_review_because="The clinic has one doctor."))
AGED = Reading(ANSWER, edition("answer", posted_on=date(2017, 8, 24), live_from=NOON))
CARD = Card(PAGE.card(), edition())
TREATMENT_CARD = Card(
    PAGE.card()
    | {
        "licences": [vars(row) for row in LICENCES],
        "facts": {fact.slot: fact.html or fact.gap for fact in FACTS},
    },
    edition(),
)
ANSWER_CARD = Card(ANSWER.card(), edition("answer", posted_on=date(2026, 3, 2)))
AGED_CARD = Card(ANSWER.card(), edition("answer", posted_on=date(2017, 8, 24), signed_as_sample=True))

BODY = [
    Placed(Card(PAGE.card() | {"title": "Jaw muscle pain"}, edition(slug="tmj-pain"))),
    Placed(Card(PAGE.card() | {"title": "Without a place"}, edition())),
    Placed(Card(PAGE.card() | {"title": "Neck bands", "group": "aesthetic"}, edition(slug="neck-bands"))),
]

"""Every component in every state, drawn from samples made here: what designers look at, and what tests
compare.

The samples are in code, so that the page needs no content and shows states that a live site may never be in.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from blog.pages import AnswerPage
from blog.paging import Paged
from clinic_site.charts.effect import effect_chart
from clinic_site.charts.overview import overview_chart, timeline
from clinic_site.charts.people import out_of_100
from clinic_site.charts.visit import visit
from clinic_site.clinic.models import Accent, Accreditation, Details, Testimonial
from clinic_site.pages.redaction import NOTICE
from clinic_site.pages.shapes import ClaimNote, Figure, Image, LicenceRow, Part, SourceNote, Urgent
from clinic_site.publishing.models import Edition
from clinic_site.publishing.reading import Card, Reading
from treatments.body import Numbered
from treatments.drawings import VIEWS, NumberedSite, NumberedView
from treatments.pages import KeyFact, TreatmentPage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=5 * 365)
NEVER = timedelta(days=36500)

CLINIC = Details(
    name="Sample Clinic",
    street="1 Sample Street",
    town="Sampleton",
    region="Ontario",
    postcode="A1A 1A1",
    country="CA",
    phone="555 0100",
    email="desk@clinic.example",
    hours="Monday to Thursday, 9 am to 5 pm\nFriday, 9 am to 1 pm",
    accent=Accent.PINE,
)
CLINIC.offer_cents = 5000
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


# --- a sample treatment -------------------------------------------------------------------------------------

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
                f"<p>Running text with a claim: {STARTS.html}. And one that is stopped: {NOTICE}</p><h3>A "
                "heading within</h3>"
                "<ul><li>A list</li><li>of two</li></ul><blockquote><p>Words of somebody "
                "else.</p></blockquote>"
            ),
        ),
        Part(anchor="side-effects", heading="Side effects", html="<p>Text.</p>"),
        Part(anchor="who-should-not", heading="Who should not have it", html="<p>Text.</p>"),
        Part(anchor="on-the-day", heading="What happens on the day", html="<p>Text.</p>"),
    ),
    benefits=(BENEFIT,),
    side_effects=(RANGE, UNDRAWN),
    sources=SOURCES,
    urgent=URGENT,
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
CURRENT = Reading(PAGE, edition())
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

BODY = {
    "medical": [
        Numbered(Card(PAGE.card() | {"title": "Jaw muscle pain"}, edition(slug="tmj-pain")), 1),
        Numbered(Card(PAGE.card() | {"title": "Without a place"}, edition())),
    ],
    "aesthetic": [Numbered(Card(PAGE.card() | {"title": "Neck bands"}, edition(slug="neck-bands")), 2)],
}


# --- the forms pack -----------------------------------------------------------------------------------------


FAULTS = {
    "name": "Write your name.",
    "phone": "Write your phone number.",
    "reason": "Choose what it is about.",
    "answer": "Choose how we answer.",
    "days": "Choose at least one day.",
    "born": "Write your date of birth.",
    "visits": "Write how often you came.",
    "words": "Write your message.",
    "agreed": "Tick the box if you agree.",
}


class SampleForm(forms.Form):
    """One field of each kind that our forms have."""

    name = forms.CharField(label="your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="your e-mail address", required=False, help_text="Leave it empty if you would rather be called."
    )
    phone = forms.CharField(
        label="your phone number", widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})
    )
    reason = forms.ChoiceField(
        label="what it is about",
        choices=[("", "Choose one"), ("visit", "A visit"), ("page", "A page on this site")],
        help_text="We send it to whoever knows most about it.",
    )
    answer = forms.ChoiceField(
        label="how we answer",
        choices=[("mail", "By e-mail"), ("phone", "By phone")],
        widget=forms.RadioSelect,
        help_text="Choose one.",
    )
    days = forms.MultipleChoiceField(
        label="when we can reach you",
        choices=[
            ("week", "On weekdays"),
            ("evening", "In the evening, and then only if it cannot wait until the next morning"),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose as many as you like.",
    )
    born = forms.DateField(
        label="your date of birth",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        help_text="As on your health card.",
    )
    visits = forms.IntegerField(
        label="how often you have been here",
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    words = forms.CharField(
        label="your message", widget=forms.Textarea(attrs={"rows": 4}), help_text="Without medical details."
    )
    agreed = forms.BooleanField(
        label="I agree that the clinic keeps this message",
        help_text="You can take this back at any time: call or write to us.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": True}
        self.helper.form_method = "get"
        self.helper.disable_csrf = True  # nothing is sent: reading this page sets no cookie
        self.helper.add_input(Submit("send", "Send it"))
        for name, words in FAULTS.items():
            self.fields[name].error_messages["required"] = words
        self.fields["email"].error_messages["invalid"] = "Write an e-mail address, such as name@example.com."
        self.fields["visits"].error_messages["min_value"] = "Write a number from 0 up."


FILLED = {
    "name": "Ann Sample",
    "email": "ann@example.com",
    "phone": "555 0100",
    "reason": "page",
    "answer": "mail",
    "days": ["week"],
    "born": "1970-02-28",
    "visits": "3",
    "words": "Is there a lift?",
    "agreed": "on",
}
WRONG = {"email": "not an address", "visits": "-1"}


def form_in(state: str) -> SafeString:
    data = {"empty": None, "filled": FILLED, "with faults": WRONG}[state]
    if data is not None:
        data = {f"{state.split()[0]}-{name}": value for name, value in data.items()}
    return render_crispy_form(SampleForm(data, prefix=state.split()[0]))


# --- what the member's pages show ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Credit:
    balance: int
    usable: int
    unconfirmed: int = 0
    on_hold: tuple[tuple[date, int], ...] = ()
    expired: int = 0
    expiring: tuple[tuple[date, int], ...] = ()

    @property
    def is_all_usable(self) -> bool:
        return self.usable == self.balance


@dataclass(frozen=True)
class Terms:
    member_cents: int = 5000
    friend_cents: int = 0
    cap_per_year: int = 10
    late_mention_days: int = 60
    hold_days: int = 14
    expiry_days: int | None = None
    spendable: tuple[str, ...] = ("Sun cream", "Skin care products from our shelf")
    from_on: date = date(2026, 1, 1)


@dataclass(frozen=True)
class StatementRow:
    on: date
    reason: str
    cents: int
    balance: int
    note: str = ""


@dataclass(frozen=True)
class Stage:
    name: str
    state: str  # done, now, ahead or ended
    on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Referral:
    title: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Receipt:
    title: str
    amount: str
    rows: tuple[tuple[str, str], ...]


CREDITS = {
    "all of it usable": Credit(8750, 8750),
    "less than all, for every reason": Credit(
        127000,
        3750,
        on_hold=((date(2026, 5, 18), 105000), (date(2026, 5, 20), 5000)),
        expired=13250,
        expiring=((date(2026, 5, 30), 3750),),
    ),
    "waiting for the desk": Credit(5000, 0, unconfirmed=5000),
    "none": Credit(0, 0),
}
STATEMENT = (
    StatementRow(date(2026, 6, 1), "Reward for a referral", 5000, 10250, "On hold until 15 June 2026"),
    StatementRow(date(2026, 5, 29), "Expired", -1250, 5250, "Credit of 29 May 2025"),
    StatementRow(date(2026, 5, 21), "Taken off by the clinic", -500, 6500, "Counted twice in March"),
    StatementRow(date(2026, 5, 20), "Added by the clinic", 2000, 7000, "Goodwill after a long wait"),
    StatementRow(date(2026, 5, 12), "Reward taken back: the referral did not count after all", -5000, 5000),
    StatementRow(
        date(2026, 5, 6), "Given back: sun cream, invoice 2026-1", 1250, 10000, "It came back unopened"
    ),
    StatementRow(date(2026, 5, 4), "Spent on sun cream, invoice 2026-1", -1250, 8750),
    StatementRow(date(2026, 4, 2), "Reward for a referral", 5000, 10000),
    StatementRow(date(2026, 3, 2), "Reward for a referral", 5000, 5000),
)
TOLD, CAME = Stage("Your friend told us", "done", date(2026, 3, 2)), Stage("First visit", "done")
HELD, YOURS = Stage("Credit on hold", "done"), Stage("Yours to use", "ahead")
REFERRALS = (
    Referral(
        "A friend, 2 March 2026",
        (TOLD, Stage("First visit", "now", words="Not noted yet."), replace(HELD, state="ahead"), YOURS),
    ),
    Referral("Ben Sample", (TOLD, CAME, replace(HELD, state="now", words="until 3 April 2026"), YOURS)),
    Referral("A friend, 2 March 2026", (TOLD, CAME, HELD, replace(YOURS, state="done", on=date(2026, 4, 3)))),
    Referral(
        "A friend, 2 March 2026",
        (TOLD, CAME, HELD, replace(YOURS, state="now", words="once the front desk has seen who you are")),
    ),
    Referral("A friend, 2 March 2026", (TOLD, CAME, HELD, Stage("Expired", "ended", date(2026, 5, 29)))),
    Referral("A friend, 2 March 2026", (TOLD, CAME, Stage("Credit taken back", "ended", date(2026, 5, 12)))),
    Referral(
        "A friend, 2 March 2026",
        (
            replace(TOLD, words="at the front desk"),
            CAME,
            Stage("No credit", "ended", words="You had the 10 rewards that the terms allow in a year."),
        ),
    ),
    Referral("A friend, 2 March 2026", (TOLD, Stage("Did not qualify", "ended", date(2026, 3, 9)))),
    Referral(
        "A friend, 2 March 2026",
        (TOLD, Stage("Withdrawn", "ended", date(2026, 3, 9), "Your friend took it back.")),
    ),
)
RECEIPT = Receipt(
    "Receipt R-000123",
    "$12.50",
    (
        ("Used for", "Sun cream"),
        ("On", "4 May 2026"),
        ("At the desk", "Sample Desk"),
        ("Left on your account", "$1,087.50"),
    ),
)


# --- the page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Specimen:
    """A component in one state: its template's name, what the state is, and the context that puts it
    there.
    """

    component: str
    state: str
    context: dict = field(default_factory=dict)
    html: str = ""  # for what isn't a template of ours

    def drawn(self, request) -> SafeString:
        html = self.html or render_to_string(
            f"components/{self.component}.html",
            {"clinic": CLINIC, "request": request, "canonical": "", "csrf_token": "sample", **self.context},
        )
        return apart(html, re.sub(r"[^a-z0-9_]+", "-", f"{self.component}-{self.state}".lower()))


_NAMED = re.compile(r'\b(id|for|aria-labelledby|aria-describedby|aria-controls|href)="(#?)([^"]+)"')


def apart(html: str, name: str) -> SafeString:
    """`html` with its ids made its own: a page that shows one component in three states would have each id
    three times.
    """

    def own(match: re.Match) -> str:
        attribute, mark, value = match.groups()
        if attribute == "href" and not (mark and value):
            return match[0]
        return f'{attribute}="{mark}{" ".join(f"{name}-{each}" for each in value.split())}"'

    return mark_safe(_NAMED.sub(own, html))


def numbered(slug: str) -> list[NumberedView]:
    """The drawings of a treatment with every site marked."""
    views, number = [], 0
    for n, view in enumerate(VIEWS[slug], 1):
        sites = tuple(NumberedSite(number + i, site, (1,)) for i, site in enumerate(view.sites, 1))
        number += len(sites)
        views.append(NumberedView(f"where-{slug}-{n}", view, sites))
    return views


def specimens() -> list[Specimen]:
    """Every component of `templates/components/`, in every state that it has."""
    lines = [
        timeline(PAGE.card(), "#"),
        replace(timeline(PAGE.card(), ""), name="Another"),
        replace(timeline(PAGE.card(), ""), name="Without figures", facts=()),
    ]
    marks = effect_chart("marks", FACTS, ()).drawn
    plain = {"page": PAGE, "reading": READING}
    return [
        *(Specimen("form", state, html=form_in(state)) for state in ("empty", "filled", "with faults")),
        Specimen("site_header", "everything switched on"),
        Specimen("site_header", "without the programme", {"clinic": CLINIC_IN_BRITAIN}),
        Specimen("mark", "alone"),
        Specimen("curve", "alone"),
        Specimen("banner", "with an offer"),
        Specimen(
            "crumbs", "on a page", {"parent_url": "#", "parent": "Treatments", "here": "A sample treatment"}
        ),
        Specimen("crumbs", "on a list", {"here": "Answers"}),
        Specimen("search_box", "empty", {"id": "q", "label": "What would you like to know?"}),
        Specimen(
            "search_box",
            "filled",
            {"id": "q", "label": "What would you like to know?", "query": "sweaty hands"},
        ),
        Specimen("terms", "without an end", {"terms": Terms()}),
        Specimen(
            "terms",
            "both are rewarded, and it runs out",
            {"terms": Terms(friend_cents=2500, expiry_days=365)},
        ),
        Specimen(
            "send_again",
            "with what was typed",
            {
                "path": "#",
                "typed": [("sent-again-name", "Ann Sample")],
                "words": ["Ann Sample", "Two lines\nof a message"],
            },
        ),
        Specimen("danger", "words of danger were typed", {"words": "Do not read on first."}),
        Specimen("ways_on", "where a page is missing"),
        Specimen("body", "with numbers", {"groups": BODY}),
        Specimen("body_list", "one without a place", {"rows": BODY["medical"]}),
        Specimen(
            "notices",
            "sample",
            {"reading": Reading(PAGE, edition(signed_as_sample=True, signed_at=NOON + NEVER))},
        ),
        Specimen("notices", "overdue", {"reading": OVERDUE}),
        Specimen("notices", "old edition", {"reading": READING, "is_old": True}),
        Specimen("notices", "the edition in use, from the history", {"reading": CURRENT, "is_old": True}),
        Specimen("notices", "old and withdrawn", {"reading": WITHDRAWN, "is_old": True}),
        Specimen("aged", "an answer of 2017", {"reading": AGED}),
        Specimen(
            "correction",
            "an answer that was wrong",
            {"page": replace(ANSWER, correction="It named the wrong muscle. It no longer does.")},
        ),
        Specimen("byline", "signed", {"reading": READING}),
        Specimen("byline", "signed as a sample", {"reading": SAMPLE}),
        Specimen("lengths", "of a treatment", {"brief": PAGE.parts[0], "whole": PAGE.parts[1]}),
        Specimen(
            "lengths",
            "whole, without a script",
            {"brief": PAGE.parts[0], "whole": PAGE.parts[1], "is_whole": True},
        ),
        Specimen(
            "fold",
            "open",
            html=render_to_string("components/fold.html") + '<p id="whole-page">What it folds.</p>',
        ),
        Specimen("contents", "of a treatment", plain),
        Specimen("key_facts", "with a gap", plain),
        Specimen("part", "in one minute", {"part": PAGE.parts[0]}),
        Specimen("part", "running text with a stopped claim", {"part": PAGE.parts[1]}),
        Specimen("urgent_link", "under a title", plain),
        Specimen("urgent", "in Canada", plain),
        Specimen("urgent", "in the United Kingdom", {**plain, "clinic": CLINIC_IN_BRITAIN}),
        Specimen(
            "where_it_goes",
            "dots and shaded areas",
            {"views": numbered("hyperhidrosis") + numbered("expression-lines")},
        ),
        Specimen(
            "where_it_goes", "from the side and the neck", {"views": numbered("tmj-pain") + numbered("jowls")}
        ),
        Specimen("where_it_goes", "with places kept clear", {"views": numbered("blepharospasm")}),
        Specimen("where_it_goes", "from behind", {"views": numbered("chronic-migraine")[1:]}),
        Specimen(
            "visit_timeline",
            "with figures",
            {"visit": visit("sample", FACTS, [part.anchor for part in PAGE.parts])},
        ),
        Specimen("visit_timeline", "without figures", {"visit": visit("bare", (), ())}),
        Specimen(
            "effect_chart", "times and measured points", {"chart": effect_chart("sample", FACTS, POINTS)}
        ),
        Specimen("effect_chart", "no comparison group", {"chart": effect_chart("alone", FACTS[:2], ALONE)}),
        Specimen(
            "effect_chart",
            "nothing to draw",
            {"chart": effect_chart("none", (KeyFact(slot="lasts", label="Lasts", gap="Not known."),), ())},
        ),
        Specimen("effect_axis", "in weeks", {"axis": effect_chart("axis", FACTS, ()).axis}),
        *(Specimen("effect_mark", mark.slot, html=_in_a_strip(mark)) for mark in marks),
        Specimen("effect_overview", "three treatments", {"chart": overview_chart(lines)}),
        Specimen("icon_array", "a benefit", {"chart": out_of_100(BENEFIT)}),
        Specimen("icon_array", "a harm, as a range", {"chart": out_of_100(RANGE)}),
        Specimen(
            "claims",
            "drawn, undrawn and stopped",
            {
                "id": "sample",
                "heading": "In figures",
                "notes": (BENEFIT, COPIED, UNDRAWN, STOPPED),
                "copies": PAGE.copies,
            },
        ),
        *(Specimen("grade", grade, {"grade": grade}) for grade in "ABC"),
        Specimen("grade", "read in a copy", {"grade": "A", "is_second_hand": True}),
        Specimen("grades", "the three letters"),
        Specimen("licences", "in Canada", plain),
        Specimen("sources", "of every status", plain),
        Specimen("sources_list", "of a comparison", {"sources": PAGE.sources}),
        Specimen("review", "signed", {**plain, "reading": READING}),
        Specimen("review", "overdue, posted long ago", {**plain, "reading": OVERDUE}),
        Specimen("review", "written and signed by one clinician", {**plain, "reading": SELF_REVIEW}),
        Specimen(
            "share",
            "of a page",
            {"address": "https://clinic.example/treatments/sample/", "title": "A sample treatment"},
        ),
        Specimen("paper", "of a page in two lengths", {"has_brief": True}),
        Specimen("paper", "of an answer"),
        Specimen("treatment_card", "in a list", {"card": TREATMENT_CARD}),
        Specimen("answer_card", "new", {"card": ANSWER_CARD, "reason": "Also about a sample"}),
        Specimen("answer_card", "old, and a sample", {"card": AGED_CARD}),
        Specimen("answer_dates", "posted and updated", {"reading": AGED, "page": ANSWER}),
        Specimen("paging", "between two pages", {"paging": Paged([], "2026-03-02-2", "2026-03-02-1")}),
        Specimen("explore", "alone"),
        Specimen(
            "testimonial",
            "with consent",
            {
                "testimonial": Testimonial(
                    words="They were on time.", said_by="A. P.", consented_on=date(2026, 3, 2)
                )
            },
        ),
        Specimen(
            "testimonial",
            "sample",
            {"testimonial": Testimonial(words="Sample words.", said_by="Sample patient", is_sample=True)},
        ),
        Specimen(
            "accreditation",
            "with dates",
            {
                "accreditation": Accreditation(
                    name="A sample accreditation",
                    issuer="A sample body",
                    number="S-1",
                    awarded_on=date(2026, 1, 1),
                    valid_until=date(2029, 1, 1),
                    url="https://clinic.example/register",
                    is_sample=True,
                )
            },
        ),
        Specimen("picture", "with its credit", html=_with_a_picture()),
        Specimen("card_picture", "of a page that has one", html=_card_picture()),
        *(
            Specimen(
                "credit",
                state,
                {"sums": credit, "sign": "$", "spendable": ["Sun cream", "Skin care"], "code": "7KQ-M4TX"},
            )
            for state, credit in CREDITS.items()
        ),
        Specimen(
            "statement", "every kind of row", {"caption": "Newest first", "rows": STATEMENT, "sign": "$"}
        ),
        Specimen("statement", "empty", {"caption": "Newest first", "rows": (), "sign": "$"}),
        Specimen("referral_stages", "every stage", {"referrals": REFERRALS}),
        Specimen("referral_stages", "empty", {"referrals": ()}),
        Specimen(
            "share_box",
            "of a member",
            {
                "address": "https://clinic.example/r/7KQM4TX/",
                "code": "7KQM4TX",
                "title": "Sample Clinic",
                "words": "Here is a link to Sample Clinic. If you come to a first visit, I get $50 credit.",
                "card_url": "#",
                "qr_url": "#",
            },
        ),
        Specimen("receipt", "of credit used", {"receipt": RECEIPT}),
        Specimen("site_footer", "of the clinic"),
    ]


def _in_a_strip(mark) -> str:
    inner = render_to_string("components/effect_mark.html", {"mark": mark})
    strip = (
        '<svg class="effect-chart__strip" width="100%" height="3em" role="img" '
        f'aria-label="{mark.label}">{inner}</svg>'
    )
    return f'<div class="effect-chart">{strip}</div>'


def _with_a_picture() -> str:
    """A picture of our own: samples have no upload."""
    image = Image(name="sample", width=160, height=160, alt="The clinic’s mark", credit="Drawn for this site")
    html = render_to_string("components/picture.html", {"image": image})
    return html.replace(reverse("media", args=[image.name]), static("img/favicon.svg"))


def _card_picture() -> str:
    html = render_to_string("components/card_picture.html", {"sizes": [[160, "sample"]]})
    return html.replace(reverse("media", args=["sample"]), static("img/favicon.svg"))


@require_safe
def design(request):
    """For staff, and for developers: 404 for everybody else."""
    if not (settings.DEBUG or admin.site.has_permission(request)):
        raise Http404
    shown = [(specimen, specimen.drawn(request)) for specimen in specimens()]
    return render(request, "clinic/design.html", {"specimens": shown, "accents": Accent.choices})

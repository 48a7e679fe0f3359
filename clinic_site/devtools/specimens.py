"""Every component in every state, drawn from samples."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from blog.paging import Paged
from clinic_site.accounts.models import User
from clinic_site.charts.effect import effect_chart
from clinic_site.charts.overview import overview_chart, timeline
from clinic_site.charts.people import out_of_100
from clinic_site.charts.visit import visit
from clinic_site.clinic.models import Accreditation, Fee, Profile, Testimonial
from clinic_site.devtools.sample_credit import CREDITS, RECEIPT, REFERRALS, STATEMENT, SampleTerms
from clinic_site.devtools.sample_form import form_in
from clinic_site.devtools.sample_pages import (
    AGED,
    AGED_CARD,
    ALONE,
    ANSWER,
    ANSWER_CARD,
    BENEFIT,
    BODY,
    CLINIC,
    CLINIC_IN_BRITAIN,
    COPIED,
    CURRENT,
    FACTS,
    LISTED,
    OVERDUE,
    PAGE,
    POINTS,
    RANGE,
    READING,
    SAMPLE,
    SELF_REVIEW,
    STOPPED,
    TREATMENT_CARD,
    UNDRAWN,
    WITHDRAWN,
)
from clinic_site.pages.shapes import Image
from treatments.drawings import NumberedSite, NumberedView
from treatments.injection_sites import VIEWS
from treatments.offerings import Offering
from treatments.pages import KeyFact, Strength

FEES = [
    Fee(kind=Fee.Kind.CONSULTATION, low_cents=0, not_charged="The talk before", changed_on=date(2026, 3, 2)),
    Fee(kind=Fee.Kind.TREATMENT, low_cents=0, high_cents=1000, plans="A part", changed_on=date(2026, 3, 2)),
]
PLAIN = {"page": PAGE, "reading": READING}


@dataclass(frozen=True)
class Specimen:
    """A component in one state: its template's name, the state's name, and the context that puts it there."""

    component: str
    state: str
    context: dict = field(default_factory=dict)
    html: str = ""  # for what isn't a template of ours

    def drawn(self) -> SafeString:
        html = self.html or render_to_string(
            f"components/{self.component}.html",
            {"clinic": CLINIC, "path": "/design/", "csrf_token": "sample", **self.context},
        )
        return apart(html, re.sub(r"[^a-z0-9_]+", "-", f"{self.component}-{self.state}".lower()))


_NAMED = re.compile(r'\b(id|for|aria-labelledby|aria-describedby|aria-controls|href)="(#?)([^"]+)"')


def apart(html: str, name: str) -> SafeString:
    """`html` with ids of its own: a page with one component in three states would have each id thrice."""

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


def of(component: str, state: str, **context: Any) -> Specimen:
    return Specimen(component, state, context)


def specimens() -> list[Specimen]:
    """Every component of `templates/components/`, in every state that it has."""
    return [
        *_of_the_clinic(),
        *_of_treatments(),
        *_of_pages(),
        *_of_charts(),
        *_of_evidence(),
        *_of_answers(),
        *_of_referrals(),
    ]


def _of_the_clinic() -> list[Specimen]:
    question = {"id": "q", "label": "What would you like to know?"}
    testimonial = Testimonial(words="They were on time.", said_by="A. P.", consented_on=date(2026, 3, 2))
    colleague = Profile(
        person=User(
            name="Ann Sample",
            title="Dr",
            position="Clinician",
            registration_body="A sample register",
            registration_number="S-1",
            is_sample=True,
        ),
        slug="ann-sample",
        languages="English and French",
    )
    offered = Offering(brands="A sample brand", visit_low=30, visit_high=45)
    sample = Testimonial(words="Sample words.", said_by="Sample patient", is_sample=True)
    accreditation = Accreditation(
        name="A sample accreditation",
        issuer="A sample body",
        number="S-1",
        awarded_on=date(2026, 1, 1),
        valid_until=date(2029, 1, 1),
        url="https://clinic.example/register",
        is_sample=True,
    )
    return [
        *(Specimen("form", state, html=form_in(state)) for state in ("empty", "filled", "with faults")),
        of("site_header", "everything switched on"),
        of("site_header", "without the programme", clinic=CLINIC_IN_BRITAIN),
        of("logo", "alone"),
        of("ribbon", "a page", is_sample=True, is_document=True),
        of("ribbon", "a list", is_all=True),
        of("foot_bar", "with a telephone"),
        of("ask_question", "alone"),
        of("ask_for_visit", "about a treatment", about="hyperhidrosis"),
        of("site_links", "in a list"),
        of("banner", "with an offer"),
        of("breadcrumbs", "on a page", parent_url="#", parent="Treatments", here="A sample treatment"),
        of("breadcrumbs", "on a list", here="Answers"),
        of("search_box", "empty", **question),
        of("search_box", "filled", **question, query="sweaty hands"),
        of(
            "send_again",
            "with what was typed",
            path="#",
            typed=[("sent-again-name", "Ann Sample")],
            words=["Ann Sample", "Two lines\nof a message"],
        ),
        of("emergency_notice", "words of danger were typed", words="Do not read on first."),
        of("next_steps", "where a page is missing"),
        of("call_to_action", "alone"),
        of("fee_rows", "a range, a price, no charge", fees=FEES),
        of("fee_box", "of a treatment", fees=FEES[:1]),
        of("opening_hours", "with a holiday"),
        of("find_us", "with a map"),
        of("offering", "offered here", offering=offered),
        of("offering", "explained only", offering=Offering(is_offered=False)),
        of("portrait", "drawn", image=None, initials="AS"),
        of("person_entry", "of somebody", profile=colleague),
        of("testimonial", "with consent", testimonial=testimonial),
        of("testimonial", "sample", testimonial=sample),
        of("accreditation", "with dates", accreditation=accreditation),
        of("site_footer", "of the clinic"),
    ]


def _of_treatments() -> list[Specimen]:
    return [
        of("body_map", "one without a place", places=BODY),
        of(
            "injection_sites",
            "dots and shaded areas",
            views=numbered("hyperhidrosis") + numbered("expression-lines"),
        ),
        of("injection_sites", "from the side and the neck", views=numbered("tmj-pain") + numbered("jowls")),
        of("injection_sites", "with places kept clear", views=numbered("blepharospasm")),
        of("injection_sites", "from behind", views=numbered("chronic-migraine")[1:]),
        of("treatment_entry", "in a list", card=TREATMENT_CARD),
    ]


def _of_pages() -> list[Specimen]:
    wrong = replace(ANSWER, correction="It named the wrong muscle. It no longer does.")
    folds = render_to_string("components/expand_all.html") + '<p id="whole-page">What it folds.</p>'
    brief, whole = PAGE.parts[:2]
    return [
        of("notices", "overdue", reading=OVERDUE),
        of("notices", "old edition", reading=READING, is_old=True),
        of("notices", "the edition in use, from the history", reading=CURRENT, is_old=True),
        of("notices", "old and withdrawn", reading=WITHDRAWN, is_old=True),
        of("age_notice", "an answer of 2017", reading=AGED),
        of("correction", "an answer that was wrong", page=wrong),
        of("byline", "signed", reading=READING),
        of("byline", "signed as a sample", reading=SAMPLE),
        of("length_switch", "of a treatment", brief=brief, whole=whole),
        of("length_switch", "whole, without a script", brief=brief, whole=whole, is_whole=True),
        Specimen("expand_all", "open", html=folds),
        of("contents", "of a treatment", **PLAIN),
        of("key_facts", "with a gap", **PLAIN),
        of("part", "in one minute", part=brief),
        of("part", "running text with a stopped claim", part=whole),
        of("before_treatment", "of every treatment", **PLAIN),
        of("urgent_link", "under a title", **PLAIN),
        of("something_wrong", "on a page without a warning"),
        of("urgent", "in Canada", **PLAIN),
        of("urgent", "in the United Kingdom", **PLAIN, clinic=CLINIC_IN_BRITAIN),
        Specimen("summary_row", "in a list", html=_in_a_list("summary_row", value="In words")),
        of("reviewer", "with a page of their own", reading=LISTED),
        Specimen("reviewer_row", "in a list", html=_in_a_list("reviewer_row", reading=SAMPLE)),
        of("warning_sign", "in a link", size=20),
        of("review", "signed", page=PAGE, reading=READING),
        of("review", "overdue, posted long ago", page=PAGE, reading=OVERDUE),
        of("review", "written and signed by one clinician", page=PAGE, reading=SELF_REVIEW),
        of(
            "share",
            "of a page",
            address="https://clinic.example/treatments/sample/",
            title="A sample treatment",
        ),
        of("print_buttons", "of a page in two lengths", has_brief=True),
        of("print_buttons", "of an answer"),
        Specimen("picture", "with its credit", html=_with_a_picture()),
        Specimen("entry_picture", "of a page that has one", html=_entry_picture()),
    ]


def _of_charts() -> list[Specimen]:
    card = PAGE.card()
    lines = [
        timeline(card, "#"),
        replace(timeline(card, ""), name="Another"),
        replace(timeline(card, ""), name="Without figures", facts=()),
    ]
    not_known = (KeyFact(slot="lasts", label="Lasts", gap="Not known."),)
    marks = effect_chart("marks", FACTS, ()).drawn
    return [
        of(
            "visit_timeline",
            "with figures",
            visit=visit("sample", FACTS, [part.anchor for part in PAGE.parts]),
        ),
        of("visit_timeline", "without figures", visit=visit("bare", (), ())),
        of("effect_chart", "times and measured points", chart=effect_chart("sample", FACTS, POINTS)),
        of("effect_chart", "no comparison group", chart=effect_chart("alone", FACTS[:2], ALONE)),
        of("effect_chart", "nothing to draw", chart=effect_chart("none", not_known, ())),
        of("effect_axis", "in weeks", axis=effect_chart("axis", FACTS, ()).axis),
        *(Specimen("effect_mark", mark.slot, html=_in_a_strip(mark)) for mark in marks),
        of("effect_overview", "three treatments", chart=overview_chart(lines)),
        of("icon_array", "a benefit", chart=out_of_100(BENEFIT)),
        of("icon_array", "a harm, as a range", chart=out_of_100(RANGE)),
    ]


def _of_evidence() -> list[Specimen]:
    return [
        of(
            "claims",
            "drawn, undrawn and stopped",
            id="sample",
            heading="In figures",
            notes=(BENEFIT, COPIED, UNDRAWN, STOPPED),
            copies=PAGE.copies,
        ),
        of("choices", "of two problems", problems=PAGE.problems, address=""),
        *(
            of("strength", strength.label.lower(), strength=strength.value, name=strength.label)
            for strength in Strength
        ),
        *(of("grade", grade, grade=grade) for grade in "ABC"),
        of("grade", "read in a copy", grade="A", is_second_hand=True),
        of("grade_legend", "the three letters"),
        of("licences", "in Canada", **PLAIN),
        of("sources", "of every status", **PLAIN),
        of("sources_list", "of a comparison", sources=PAGE.sources),
    ]


def _of_answers() -> list[Specimen]:
    return [
        of("answer_entry", "new", card=ANSWER_CARD, reason="Also about a sample"),
        of("answer_entry", "old, and a sample", card=AGED_CARD),
        of("pagination", "between two pages", paging=Paged([], "2026-03-02-2", "2026-03-02-1")),
    ]


def _of_referrals() -> list[Specimen]:
    credit = {"sign": "$", "spendable": ["Sun cream", "Skin care"], "code": "7KQ-M4TX"}
    statement = {"caption": "Newest first", "sign": "$"}
    both = SampleTerms(friend_cents=2500, expiry_days=365)
    return [
        of("terms", "without an end", terms=SampleTerms()),
        of("terms", "both are rewarded, and it runs out", terms=both),
        *(of("credit", state, sums=sums, **credit) for state, sums in CREDITS.items()),
        of("statement", "every kind of row", rows=STATEMENT, **statement),
        of("statement", "empty", rows=(), **statement),
        of("referral_stages", "every stage", referrals=REFERRALS),
        of("referral_stages", "empty", referrals=()),
        of(
            "share_box",
            "of a member",
            address="https://clinic.example/r/7KQM4TX/",
            code="7KQM4TX",
            title="Sample Clinic",
            words="Here is a link to Sample Clinic. If you come to a first visit, I get $50 credit.",
            card_url="#",
            qr_url="#",
        ),
        of("receipt", "of credit used", receipt=RECEIPT),
    ]


def _in_a_list(row: str, **context) -> str:
    html = render_to_string(f"components/{row}.html", {"term": "A term", **context})
    return f'<dl class="review__list">{html}</dl>'


def _in_a_strip(mark) -> str:
    inner = render_to_string("components/effect_mark.html", {"mark": mark})
    size = f'width="100%" height="3em" role="img" aria-label="{mark.label}"'
    return f'<div class="effect-chart"><svg class="effect-chart__strip" {size}>{inner}</svg></div>'


def _with_a_picture() -> str:
    """A picture of our own: samples have no upload."""
    image = Image(name="sample", width=160, height=160, alt="The clinic’s mark", credit="Drawn for this site")
    html = render_to_string("components/picture.html", {"image": image})
    return html.replace(reverse("media", args=[image.name]), static("img/favicon.svg"))


def _entry_picture() -> str:
    html = render_to_string("components/entry_picture.html", {"sizes": [[160, "sample"]]})
    return html.replace(reverse("media", args=["sample"]), static("img/favicon.svg"))

"""Every component in every state, drawn from samples."""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from blog.paging import Paged
from clinic_site.charts.effect import effect_chart
from clinic_site.charts.overview import overview_chart, timeline
from clinic_site.charts.people import out_of_100
from clinic_site.charts.visit import visit
from clinic_site.clinic.models import Accreditation, Testimonial
from clinic_site.devtools.sample_credit import CREDITS, RECEIPT, REFERRALS, STATEMENT, Terms
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
    NEVER,
    NOON,
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
    edition,
)
from clinic_site.pages.shapes import Image
from clinic_site.publishing.reading import Reading
from treatments.drawings import NumberedSite, NumberedView
from treatments.injection_sites import VIEWS
from treatments.pages import KeyFact


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
        Specimen("logo", "alone"),
        Specimen("curve", "alone"),
        Specimen("banner", "with an offer"),
        Specimen(
            "breadcrumbs",
            "on a page",
            {"parent_url": "#", "parent": "Treatments", "here": "A sample treatment"},
        ),
        Specimen("breadcrumbs", "on a list", {"here": "Answers"}),
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
        Specimen("emergency_notice", "words of danger were typed", {"words": "Do not read on first."}),
        Specimen("next_steps", "where a page is missing"),
        Specimen("body_map", "with numbers", {"groups": BODY}),
        Specimen("body_map_list", "one without a place", {"rows": BODY["medical"]}),
        Specimen(
            "notices",
            "sample",
            {"reading": Reading(PAGE, edition(signed_as_sample=True, signed_at=NOON + NEVER))},
        ),
        Specimen("notices", "overdue", {"reading": OVERDUE}),
        Specimen("notices", "old edition", {"reading": READING, "is_old": True}),
        Specimen("notices", "the edition in use, from the history", {"reading": CURRENT, "is_old": True}),
        Specimen("notices", "old and withdrawn", {"reading": WITHDRAWN, "is_old": True}),
        Specimen("age_notice", "an answer of 2017", {"reading": AGED}),
        Specimen(
            "correction",
            "an answer that was wrong",
            {"page": replace(ANSWER, correction="It named the wrong muscle. It no longer does.")},
        ),
        Specimen("byline", "signed", {"reading": READING}),
        Specimen("byline", "signed as a sample", {"reading": SAMPLE}),
        Specimen("length_switch", "of a treatment", {"brief": PAGE.parts[0], "whole": PAGE.parts[1]}),
        Specimen(
            "length_switch",
            "whole, without a script",
            {"brief": PAGE.parts[0], "whole": PAGE.parts[1], "is_whole": True},
        ),
        Specimen(
            "expand_all",
            "open",
            html=render_to_string("components/expand_all.html") + '<p id="whole-page">What it folds.</p>',
        ),
        Specimen("contents", "of a treatment", plain),
        Specimen("key_facts", "with a gap", plain),
        Specimen("part", "in one minute", {"part": PAGE.parts[0]}),
        Specimen("part", "running text with a stopped claim", {"part": PAGE.parts[1]}),
        Specimen("urgent_link", "under a title", plain),
        Specimen("urgent", "in Canada", plain),
        Specimen("urgent", "in the United Kingdom", {**plain, "clinic": CLINIC_IN_BRITAIN}),
        Specimen(
            "injection_sites",
            "dots and shaded areas",
            {"views": numbered("hyperhidrosis") + numbered("expression-lines")},
        ),
        Specimen(
            "injection_sites",
            "from the side and the neck",
            {"views": numbered("tmj-pain") + numbered("jowls")},
        ),
        Specimen("injection_sites", "with places kept clear", {"views": numbered("blepharospasm")}),
        Specimen("injection_sites", "from behind", {"views": numbered("chronic-migraine")[1:]}),
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
        Specimen("grade_legend", "the three letters"),
        Specimen("licences", "in Canada", plain),
        Specimen("sources", "of every status", plain),
        Specimen("sources_list", "of a comparison", {"sources": PAGE.sources}),
        Specimen("summary_row", "in a list", html=_in_a_list("summary_row", value="In words")),
        Specimen("reviewer_row", "in a list", html=_in_a_list("reviewer_row", reading=SAMPLE)),
        Specimen("warning_sign", "in a link", {"size": 20}),
        Specimen("review", "signed", {**plain, "reading": READING}),
        Specimen("review", "overdue, posted long ago", {**plain, "reading": OVERDUE}),
        Specimen("review", "written and signed by one clinician", {**plain, "reading": SELF_REVIEW}),
        Specimen(
            "share",
            "of a page",
            {"address": "https://clinic.example/treatments/sample/", "title": "A sample treatment"},
        ),
        Specimen("print_buttons", "of a page in two lengths", {"has_brief": True}),
        Specimen("print_buttons", "of an answer"),
        Specimen("treatment_entry", "in a list", {"card": TREATMENT_CARD}),
        Specimen("answer_entry", "new", {"card": ANSWER_CARD, "reason": "Also about a sample"}),
        Specimen("answer_entry", "old, and a sample", {"card": AGED_CARD}),
        Specimen("answer_dates", "posted and updated", {"reading": AGED, "page": ANSWER}),
        Specimen("pagination", "between two pages", {"paging": Paged([], "2026-03-02-2", "2026-03-02-1")}),
        Specimen("call_to_action", "alone"),
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
        Specimen("entry_picture", "of a page that has one", html=_entry_picture()),
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

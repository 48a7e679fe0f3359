"""Pictures by property: whatever the claims say, a picture says the same, and no more."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinic_site.charts import bands, effect, figures, panels, people
from clinic_site.charts.axes import time_axis, value_axis, visits_axis
from clinic_site.charts.overview import overview_chart, timeline
from clinic_site.evidence.models import DAYS_IN
from clinic_site.pages.redaction import NOTICE, redact
from clinic_site.pages.shapes import ClaimNote, Figure, SourceNote, canonical, seal, unseal
from treatments.pages import KeyFact, TreatmentPage

pytestmark = pytest.mark.one_engine

# drawing takes milliseconds, on a busy machine many
by_property = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SVG_MARKS = {"rect", "circle", "line", "path", "text"}

# --- pages of every kind ------------------------------------------------------------------------------------

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=30
).filter(str.strip)
values = st.floats(0, 400, allow_nan=False).map(lambda value: round(value, 2))
shares = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 2))
grades = st.sampled_from("ABC")
no_day = st.none()
slots = st.lists(st.sampled_from(["starts", "peaks", "lasts", "repeat", "visit"]), unique=True, max_size=5)


def ranges(numbers):
    single = numbers.map(lambda low: (low, None))
    return single | st.tuples(numbers, numbers).map(lambda pair: tuple(sorted(pair)))


@st.composite
def some_figures(draw, *, units, numbers=values, at_days=no_day, measure=words):
    low, high = draw(ranges(numbers))
    comparator = draw(st.sampled_from(["", "placebo", "other", "none"]))
    other_low, other_high = (
        draw(ranges(numbers)) if comparator in ("placebo", "other") and draw(st.booleans()) else (None, None)
    )
    return Figure(
        measure=draw(measure),
        low=low,
        high=high,
        unit=draw(st.sampled_from(units)),
        comparator=comparator,
        comparator_low=other_low,
        comparator_high=other_high,
        population=draw(st.just("") | words),
        n=draw(st.none() | st.integers(1, 5000)),
        at_days=draw(at_days),
    )


def note(key, figure, *, kind="timing", grade="A", is_measured=False):
    html = (
        f'<span class="claim" data-claim="{key}">words of {key}<sup class="ref"><a '
        'href="#source-1">1</a></sup></span>'
    )
    return ClaimNote(
        key=key, kind=kind, html=html, grade=grade, sources=(1,), figure=figure, is_measured=is_measured
    )


times = some_figures(units=list(DAYS_IN))
people_measures = st.sampled_from(["people with ", "share who ", "share with ", "women who "]).flatmap(
    lambda start: words.map(lambda rest: start + rest)
)
shares_of_people = some_figures(units=["percent"], numbers=shares, measure=people_measures)
measured = some_figures(
    units=["percent", "days-per-month", "points"],
    numbers=shares,
    at_days=st.sampled_from([0, 1, 2, 14, 28, 30, 90, 365]),
    measure=st.sampled_from(["share with less", "fall in pain", "days of pain"]),
)


@st.composite
def pages(draw):
    facts = []
    for slot in draw(slots):
        figure = draw(st.none() | times)
        claim = draw(
            st.none()
            | st.just(note(f"fact-{slot}", figure, grade=draw(grades), is_measured=draw(st.booleans())))
        )
        html = claim.html if claim else ""
        facts.append(
            KeyFact(
                slot=slot, label=slot.capitalize(), html=html, claim=claim, gap="" if claim else draw(words)
            )
        )
    points = [
        note(
            f"point-{n}",
            figure,
            kind=draw(st.sampled_from(["benefit", "timing"])),
            grade=draw(grades),
            is_measured=draw(st.booleans()),
        )
        for n, figure in enumerate(draw(st.lists(measured, max_size=5)))
    ]
    counted = [
        note(
            f"people-{n}", figure, kind=draw(st.sampled_from(["benefit", "side-effect"])), grade=draw(grades)
        )
        for n, figure in enumerate(draw(st.lists(shares_of_people, max_size=3)))
    ]
    return TreatmentPage(
        kind="treatment",
        slug="a-page",
        title="A page",
        short=draw(words),
        group="medical",
        facts=tuple(facts),
        benefits=tuple(counted),
        claims=(*(f.claim for f in facts if f.claim), *points, *counted),
    )


# --- reading a picture --------------------------------------------------------------------------------------


def drawn(template: str, **context) -> ElementTree.Element:
    """The rendered HTML as XML: that it parses is itself a promise."""
    html = Template("{% load charts %}" + template).render(Context(context))
    return ElementTree.fromstring(f"<div>{html}</div>")


def all_of(page) -> ElementTree.Element:
    return drawn(
        "{% effect_over_time page %}{% effect_overview pages %}{% visit_timeline page %}"
        "{% for note in page.benefits %}{% out_of_100 note page.copies %}{% endfor %}",
        page=page,
        pages=[page],
    )


def classes(element) -> set[str]:
    return set(element.get("class", "").split())


def marks(root, *wanted) -> list[tuple[str, ElementTree.Element]]:
    """(claim, shape) of every shape inside an element of one of the classes `wanted`."""
    found = []

    def walk(element, key, inside):
        key = element.get("data-claim", key)
        inside = inside or bool(classes(element) & set(wanted))
        if inside and element.tag in SVG_MARKS:
            found.append((key, element))
        for child in element:
            walk(child, key, inside)

    walk(root, None, False)
    return found


def text_of(element) -> str:
    return " ".join("".join(element.itertext()).split())


def share(place: str) -> float:
    assert place.endswith("%")
    return float(place.removesuffix("%")) / 100


def figures_of(page) -> dict[str, Figure]:
    claims = (*page.claims, *page.benefits, *(fact.claim for fact in page.facts if fact.claim))
    return {claim.key: claim.figure for claim in claims if claim.figure}


# --- all pictures -------------------------------------------------------------------------------------------


@by_property
@given(pages())
def test_every_mark_carries_its_claim(page):
    root = all_of(page)
    in_legends = {
        shape for key in root.iter("svg") if "effect-chart__key" in classes(key) for shape in key.iter()
    }
    for key, shape in marks(root, "effect-mark", "effect-chart__point", "icon-array__crowd"):
        assert shape in in_legends or key in figures_of(page)


@by_property
@given(pages())
def test_pictures_are_well_formed_with_names_of_their_own(page):
    root = all_of(page)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for svg in root.iter("svg"):
        if svg.get("role") == "img":
            named = svg.get("aria-labelledby").split()
            assert [child.get("id") for child in svg if child.tag in ("title", "desc")] == named
        else:
            assert svg.get("aria-hidden") == "true" or "effect-chart__point" in classes(svg)
    assert not any("style" in element.attrib for element in root.iter())


@by_property
@given(pages(), st.data())
def test_a_claim_that_is_stopped_takes_its_marks_with_it(page, data):
    assume(page.claims)
    key = data.draw(st.sampled_from([claim.key for claim in page.claims]))
    stopped = unseal(redact(seal(page)["page_text"], [key]), TreatmentPage)
    root = all_of(stopped)
    assert not [element for element in root.iter() if element.get("data-claim") == key]
    others = {k for k, _ in marks(all_of(page), "effect-mark") if k} - {key}
    assert {k for k, _ in marks(root, "effect-mark") if k} == others


@by_property
@given(pages())
def test_a_page_that_says_the_same_is_drawn_the_same(page):
    again = unseal(seal(page)["page_text"], TreatmentPage)
    assert again == page
    assert hash(again.facts) == hash(page.facts)
    assert ElementTree.tostring(all_of(again)) == ElementTree.tostring(all_of(page))


# --- effect over time ---------------------------------------------------------------------------------------


@by_property
@given(pages())
def test_bands_stand_where_their_figures_say(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    known = figures_of(page)
    root = drawn("{% effect_over_time page %}", page=page)
    for row in (e for e in root.iter("g") if "effect-mark" in classes(e)):
        figure = known[row.get("data-claim")]
        low, high = bands.ends(figure)
        shapes = {next(iter(classes(shape))): shape for shape in row if shape.tag != "title"}
        band = shapes.get("effect-mark__band")
        if band is not None:
            begins = share(band.get("x")) * chart.axis.end
            assert begins == pytest.approx(low, abs=chart.axis.end / 1e4)
            assert begins + share(band.get("width")) * chart.axis.end == pytest.approx(
                high, abs=chart.axis.end / 1e4
            )
        else:
            assert low == high
            assert share(shapes["effect-mark__moment"].get("x1")) * chart.axis.end == pytest.approx(
                low, abs=chart.axis.end / 1e4
            )
        assert all(share(shape.get("x")) + share(shape.get("width")) <= 1.0001 for shape in row.iter("rect"))


@by_property
@given(pages())
def test_table_and_picture_hold_the_same_numbers(page):
    root = drawn("{% effect_over_time page %}", page=page)
    known = figures_of(page)
    pictured = {key for key, _ in marks(root, "effect-mark", "effect-chart__point")}
    rows = {row.get("data-claim"): text_of(row) for row in root.iter("tr") if row.get("data-claim")}
    assert set(rows) == pictured
    for key, row in rows.items():
        assert figures.figure_words(known[key]) in row
        assert figures.comparator_words(known[key]) in row
    for key, label in marks(root, "effect-chart__point"):
        if label.tag == "text":
            f = known[key]
            told = {figures.figure_words(f), figures.comparator_words(f)}
            assert text_of(label) in {words.replace(" days a month", "") for words in told}


@by_property
@given(pages())
def test_no_arm_without_its_comparator_or_the_words(page):
    root = drawn("{% effect_over_time page %}", page=page)
    known = figures_of(page)
    for group in (*root.iter("g"), *root.iter("svg")):
        if group.get("data-claim") and group.find("rect") is not None:
            figure = known[group.get("data-claim")]
            others = [
                s for s in group if classes(s) & {"effect-mark__other", "effect-chart__column--comparator"}
            ]
            assert bool(others) == (figure.comparator_low is not None)
    # a measured arm says it by itself, in its table and above its plot; of times the chart says once what no
    # second bar means
    measured_keys = {key for key, _ in marks(root, "effect-chart__point")}
    for row in root.iter("tr"):
        if row.get("data-claim"):
            key = row.get("data-claim")
            assert (figures.against if key in measured_keys else figures.compared)(known[key]) in text_of(row)
    for figure in known.values():
        compared = figure.comparator in ("placebo", "other")
        assert ("no comparison group" in figures.against(figure)) != compared
    for panel in root.iter("div"):
        if "effect-chart__panel" in classes(panel):
            key = next(svg.get("data-claim") for svg in panel.iter("svg") if svg.get("data-claim"))
            keys = text_of(next(p for p in panel.iter("p") if "effect-chart__keys" in classes(p)))
            assert figures.comparator_name(known[key]) in keys or figures.against(known[key]) in keys
    for strip in root.iter("svg"):
        if "effect-chart__strip" in classes(strip) and strip.get("role"):
            key = next(g.get("data-claim") for g in strip.iter("g") if g.get("data-claim"))
            assert figures.compared(known[key]) in text_of(strip.find("desc"))
    times = [known[key] for key, _ in marks(root, "effect-mark") if key]
    says_so = "Where no second bar is drawn, no comparison group’s time is given." in text_of(root)
    assert says_so == any(figure.comparator_low is None for figure in times)
    rows = [text_of(e) for e in root.iter("div") if "effect-chart__words" in classes(e)]
    assert not any("no comparison group given" in row for row in rows)


@by_property
@given(pages())
def test_nothing_is_drawn_past_the_last_measured_point_or_between_two(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    known = figures_of(page)
    root = drawn("{% effect_over_time page %}", page=page)
    for panel in chart.panels:
        days = [known[point.key].at_days for point in panel.points]
        assert panel.axis.end == max(*days, 1)
        assert [share(point.at) * panel.axis.end for point in panel.points] == pytest.approx(days, abs=0.01)
        assert panel.axis.ticks[-1].at in ("100%", "0%")
    for plot in root.iter("svg"):
        if "effect-chart__plot" in classes(plot):
            assert not [e for e in plot.iter() if e.tag in ("path", "polyline", "polygon")]
            assert all("effect-chart__point" in classes(e) or e.tag != "svg" for e in plot)


@by_property
@given(pages())
def test_both_arms_stand_on_one_scale_that_begins_at_zero(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    known = figures_of(page)
    for panel in chart.panels:
        numbers = [tick.label.rstrip("%").replace(",", "") for tick in panel.values]
        assert "0" in numbers
        most = max(float(number) for number in numbers)
        for point in panel.points:
            for column in point.columns:
                f = known[point.key]
                value = f.comparator_low if column.arm == "comparator" else f.low
                height = float(column.height.removesuffix("em"))
                assert height == pytest.approx(value / most * panels.PLOT_HEIGHT, abs=0.01)


@by_property
@given(pages())
def test_everything_in_percent_stands_on_one_full_scale(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    known = figures_of(page)
    for panel in chart.panels:
        if known[panel.points[0].key].unit == "percent":
            assert [tick.label for tick in panel.values] == ["0%", "50%", "100%"]


@pytest.mark.parametrize(("low", "high"), [(-20, 40), (30, 130)])
def test_a_percentage_past_the_scale_is_not_cut_off(low, high):
    axis = value_axis([low, high], is_percent=True, top=0, height=9)
    assert axis.low <= min(low, 0)
    assert axis.high >= max(high, 100)


@by_property
@given(pages())
def test_a_measured_point_stands_beside_its_claim_in_words(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    root = drawn("{% effect_over_time page %}", page=page)
    said = [text_of(e) for e in root.iter("ul") if "effect-chart__said" in classes(e)]
    assert len(said) == len(chart.panels)
    for panel, words_said in zip(chart.panels, said, strict=True):
        assert all(f"words of {point.key}" in words_said for point in panel.points)


@by_property
@given(pages(), st.booleans())
def test_what_was_read_in_a_copy_says_so_beside_its_grade(page, copied):
    notes = (SourceNote(number=1, key="S-1", title="A source", is_secondary=copied),)
    root = all_of(replace(page, sources=notes))
    for chart in root.iter("figure"):
        has_marks = any(e.get("data-claim") for e in chart.iter())
        assert ("read in a secondary copy" in text_of(chart)) == (copied and has_marks)


def test_one_source_that_was_read_itself_is_enough():
    claim = replace(note("a-claim", None), sources=(1, 2))
    assert claim.rests_on_copies(frozenset({1, 2, 3}))
    assert not claim.rests_on_copies(frozenset({1, 3}))
    assert not replace(claim, sources=()).rests_on_copies(frozenset({1}))


@by_property
@given(pages())
def test_the_axis_stands_above_and_below(page):
    root = drawn("{% effect_over_time page %}{% effect_overview pages %}", page=page, pages=[page])
    axes = [text_of(e) for e in root.iter("div") if "effect-chart__row--axis" in classes(e)]
    assert axes[::2] == axes[1::2]
    assert len(axes) == 4 * any("effect-mark" in classes(g) and g.get("data-claim") for g in root.iter("g"))


@by_property
@given(pages())
def test_opinion_is_not_drawn_and_a_page_without_a_picture_says_why(page):
    chart = effect.effect_chart(page.slug, page.facts, page.claims)
    weak = {claim.key for claim in page.claims if claim.grade == "C" and not claim.is_measured}
    assert not weak & {band.key for band in chart.drawn}
    assert not weak & {point.key for panel in chart.panels for point in panel.points}
    assert bool(chart.why_not) == (not chart.drawn and not chart.panels)
    if chart.why_not:
        assert drawn("{% effect_over_time page %}", page=page).find(".//svg") is None


# --- all treatments on one axis -----------------------------------------------------------------------------


@by_property
@given(st.lists(pages(), min_size=1, max_size=4))
def test_the_overview_holds_what_the_pages_hold(every):
    every = [replace(page, short=f"{n}") for n, page in enumerate(every)]
    chart = overview_chart(timeline(page.card(), f"/{page.short}/") for page in every)
    assert {row.name for row in chart.rows} | {one.name for one in chart.missing} == {
        page.short for page in every
    }
    for page in every:
        own = {band.key: band.amount for band in effect.effect_chart("x", page.facts, ()).drawn}
        row = next((row for row in chart.rows if row.name == page.short), None)
        assert {mark.key: mark.amount for mark in row.marks} == own if row else not own


@by_property
@given(pages())
def test_a_stop_reaches_the_card(page):
    timed = [fact.claim.key for fact in page.facts if fact.claim and fact.claim.figure]
    assume(timed)
    card = json.loads(redact(canonical(page.card()), [timed[0]]))
    chart = overview_chart([timeline(card, "")])
    assert timed[0] not in {mark.key for row in chart.rows for mark in row.marks}


def test_a_card_from_before_there_were_timelines_has_no_picture():
    chart = overview_chart([timeline({"title": "Old", "short": "Old", "group": "medical"}, "")])
    assert chart.axis is None
    assert [one.name for one in chart.missing] == ["Old"]


# --- out of 100 people --------------------------------------------------------------------------------------


@by_property
@given(shares, shares)
def test_numerators_stay_within_the_denominator(one, other):
    low, high = sorted((one, other))
    arm = people.arm("With treatment", low, high, verb="did")
    counts = {state: crowd.heads.count("h0") for state, crowd in arm.crowds}
    assert sum(counts.values()) == people.OF
    assert counts.get("had", 0) == arm.had
    assert arm.had <= low + 0.5
    assert arm.had + arm.maybe >= high - 0.5
    for said in (arm.had_words, arm.not_words):
        assert all(0 <= int(number) <= people.OF for number in re.findall(r"\d+", said))
        assert " of 100 " in said


@by_property
@given(shares)
def test_both_framings_add_up(value):
    arm = people.arm("With treatment", value, None, verb="did")
    some, others = (
        re.search(r"(fewer than |more than )?(\d+) of 100", words, re.I)
        for words in (arm.had_words, arm.not_words)
    )
    total = int(some[2]) + int(others[2])
    # halves are rounded upwards in both framings: 2.5 is told as about 3, 97.5 as about 98
    assert total == people.OF or (total == people.OF + 1 and value % 1 == 0.5)
    assert bool(some[1]) == bool(others[1])


@pytest.mark.parametrize(
    ("low", "high", "had", "not_had", "filled", "open_"),
    [
        (36, None, "36 of 100 did.", "64 of 100 did not.", 36, 0),
        (0, None, "0 of 100 did.", "100 of 100 did not.", 0, 0),
        (0.6, None, "Fewer than 1 of 100 did.", "More than 99 of 100 did not.", 0, 1),
        (99.5, None, "More than 99 of 100 did.", "Fewer than 1 of 100 did not.", 99, 1),
        (34.7, None, "About 35 of 100 did.", "About 65 of 100 did not.", 35, 0),
        (83, 96, "83 to 96 of 100 did.", "4 to 17 of 100 did not.", 83, 13),
        (100, None, "100 of 100 did.", "0 of 100 did not.", 100, 0),
    ],
)
def test_shares_are_told_in_whole_people(low, high, had, not_had, filled, open_):
    arm = people.arm("With treatment", low, high, verb="did")
    assert (arm.had_words, arm.not_words, arm.had, arm.maybe) == (had, not_had, filled, open_)


@by_property
@given(shares_of_people, st.sampled_from(["benefit", "side-effect"]))
def test_people_are_drawn_only_where_there_are_two_arms(figure, kind):
    chart = people.out_of_100(note("a-claim", figure, kind=kind))
    assert bool(chart) == (figure.comparator == "placebo" and figure.comparator_low is not None)
    if chart:
        assert len(chart.arms) == 2
        assert figure.population in chart.who


@pytest.mark.parametrize(
    "measure",
    ["average fall in pain", "bruise, share of sessions", "change in the lower face", "share of treatments"],
)
def test_a_percentage_that_counts_no_people_is_not_drawn_as_people(measure):
    figure = Figure(measure=measure, low=30, unit="percent", comparator="placebo", comparator_low=11)
    assert people.out_of_100(note("a-claim", figure, kind="benefit")) is None


# --- scales and units ---------------------------------------------------------------------------------------


@by_property
@given(st.lists(st.floats(0.01, 3000), min_size=1, max_size=8))
def test_the_axis_holds_every_time(days):
    axis = time_axis(days)
    assert axis.end >= max(days) - 1e-6
    assert 2 <= len(axis.ticks) <= 9
    assert (axis.ticks[0].label, axis.ticks[0].at, axis.ticks[-1].at) == ("0", "0%", "100%")


@by_property
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_measured_times_are_the_ticks(days):
    axis = visits_axis(days)
    assert [round(int(tick.label) * DAYS_IN[axis.unit]) for tick in axis.ticks] == sorted(set(days))


@by_property
@given(values, st.sampled_from(list(DAYS_IN)))
def test_units_of_time_are_converted_by_one_table(value, unit):
    assert figures.in_days(value, unit) == pytest.approx(value * DAYS_IN[unit])


def test_units_that_are_no_time_are_refused():
    with pytest.raises(KeyError):
        figures.in_days(3, "percent")


@pytest.mark.parametrize(
    ("low", "high", "unit", "said"),
    [
        (1, None, "weeks", "1 week"),
        (2, 4, "weeks", "2 to 4 weeks"),
        (7.5, None, "months", "7.5 months"),
        (94, None, "percent", "94%"),
        (83, 96, "percent", "83 to 96%"),
        (18.95, None, "days-per-month", "18.95 days a month"),
    ],
)
def test_figures_keep_their_own_unit(low, high, unit, said):
    assert figures.amount(low, high, unit) == said


# --- the starter's pages ------------------------------------------------------------------------------------


@pytest.fixture
def starter_pages(starter_site, db):
    from clinic_site.publishing.models import Edition

    return {edition.slug: edition.page for edition in Edition.objects.filter(kind="treatment")}


def test_the_starter_pages_are_drawn(starter_pages):
    charts = {
        slug: effect.effect_chart(slug, page.facts, page.claims) for slug, page in starter_pages.items()
    }
    assert {slug for slug, chart in charts.items() if chart.why_not} == {"nose-tip", "jowls"}
    sweating = charts["hyperhidrosis"]
    assert [band.slot for band in sweating.drawn] == ["starts", "peaks", "lasts", "repeat"]
    (trial,) = sweating.panels
    assert [(point.when, point.amount, point.comparator) for point in trial.points] == [
        ("week 4", "94%", "36%"),
        ("week 16", "82%", "21%"),
    ]
    for page in starter_pages.values():
        all_of(page)


def test_no_reader_meets_a_sources_key(starter_pages):
    for slug, page in starter_pages.items():
        words_read = text_of(all_of(page))
        for source in page.sources:
            met = re.search(rf"(?<![\w-]){re.escape(source.key)}(?![\w-])", words_read)
            assert not met or source.key in source.title, (slug, source.key)


def test_the_visit_shows_the_facts_of_the_page_and_no_figure_of_its_own(starter_pages):
    page = starter_pages["hyperhidrosis"]
    own = drawn("{% visit_timeline page %}", page=replace(page, facts=()))
    assert len(own.findall(".//ol/li")) == 6
    assert not re.search(r"\d", text_of(own))
    shown = drawn("{% visit_timeline page %}", page=page)
    assert {e.get("data-claim") for e in shown.iter("span") if e.get("data-claim")} == {
        f.claim.key for f in page.facts if f.claim
    }
    key = page.fact("starts").claim.key
    stopped = unseal(redact(seal(page)["page_text"], [key]), TreatmentPage)
    assert NOTICE in Template("{% load charts %}{% visit_timeline page %}").render(Context({"page": stopped}))

"""Sealed words and dates as pages show them."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from clinic_site.clinic.models import Details
from clinic_site.pages.shapes import LicenceRow, Page, SourceNote
from clinic_site.pages.templatetags import dates, evidence, words


@pytest.mark.parametrize(
    ("since", "shown"), [("2001", "2001"), ("2001-08", "August 2001"), ("2001-08-31", "31 August 2001")]
)
def test_a_date_is_shown_as_exactly_as_it_is_known(since, shown):
    assert dates.as_exact_as_known(since) == shown


@pytest.mark.parametrize(
    ("posted_on", "aged"),
    [
        (date(2023, 11, 20), True),
        (date(2023, 11, 21), False),
        (date(2023, 12, 1), False),
        (date(2017, 12, 24), True),
    ],
)
def test_what_was_posted_more_than_three_years_ago_is_aged(monkeypatch, posted_on, aged):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 21))
    assert dates.is_aged(posted_on) is aged


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("555 0100", 'call the clinic on <a href="tel:5550100">555\N{NO-BREAK SPACE}0100</a>.'),
        ("", "call the clinic."),
    ],
)
def test_the_numbers_to_call_are_ones_that_a_phone_can_ring(phone, shown):
    clinic = SimpleNamespace(emergency_number="112", phone=phone, side_effect_report=("an office", "", ""))
    assert (
        words.with_numbers_of("Ring {emergency} at once.", clinic)
        == 'Ring <a href="tel:112">112</a> at once.'
    )
    assert words.with_numbers_of("Else, call {clinic}.", clinic) == f"Else, {shown}"


@pytest.mark.parametrize(
    ("country", "place"),
    [
        ("CA", "Canada Vigilance (MedEffect)</a>, or call <a"),
        ("US", '<a href="https://www.fda.gov/medwatch">the FDA’s MedWatch</a>.'),
        ("GB", '<a href="https://yellowcard.mhra.gov.uk/">the Yellow Card scheme</a>.'),
        ("EU", "the medicines agency of your country."),
    ],
)
def test_a_side_effect_is_reported_in_the_clinics_country(country, place):
    said = words.with_numbers_of("Report it to {report}.", Details(country=country))
    assert place in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("href", "front_page"),
    [
        ("https://clinic.example", "clinic.example"),
        ("https://www.clinic.example/", "clinic.example"),
        ("https://clinic.example/a-page", ""),
        ("https://clinic.example/?p=6187", ""),
        ("https://doi.org/10.1000/1", ""),
        ("", ""),
    ],
)
def test_a_front_page_is_not_taken_for_the_source(href, front_page):
    assert SourceNote(number=1, key="S-1", title="A source", href=href).front_page == front_page


@pytest.mark.parametrize(
    ("publisher", "year", "locator", "where"),
    [
        ("BMJ", 2001, "", "BMJ, 2001"),
        ("J Drugs", 2011, "J Drugs 2011;10:39-44", "J Drugs 2011;10:39-44"),
        ("A trust", 2019, "A trust, patient leaflet", "A trust, patient leaflet, 2019"),
        ("AbbVie", None, "Package leaflet", "AbbVie, Package leaflet"),
        ("", None, "Act of 2021", "Act of 2021"),
    ],
)
def test_where_a_source_stands_is_said_once(publisher, year, locator, where):
    assert (
        SourceNote(number=1, key="S", title="A", publisher=publisher, year=year, locator=locator).where
        == where
    )


def listed(*sources: SourceNote) -> str:
    page = Page(kind="answer", slug="a", title="A", sources=sources)
    return " ".join(render_to_string("components/sources.html", {"page": page}).split())


def test_a_source_leads_to_itself_or_says_that_it_does_not():
    # given an article, a site's front page, a copy on a front page, and a leaflet on paper
    article = SourceNote(number=1, key="S-1", title="An article", href="https://journal.example/7")
    front = SourceNote(number=2, key="S-2", title="A release", href="https://maker.example")
    copy = SourceNote(
        number=3, key="S-3", title="A brochure", href="https://copies.example/", is_secondary=True
    )
    paper = SourceNote(number=4, key="S-4", title="A leaflet", locator="Ask the desk")
    # when they are listed, then only the article's title is a link
    html = listed(article, front, copy, paper)
    assert '<a href="https://journal.example/7">An article</a>' in html
    for title in ("A release", "A brochure", "A leaflet"):
        assert f"<cite>{title}</cite>" in html
    assert 'Publisher’s site: <a href="https://maker.example">maker.example</a>' in html
    assert 'The site where we read it: <a href="https://copies.example/">copies.example</a>' in html
    assert html.count("No public link") == 1
    assert "1 was read in a secondary copy, and says so" in html
    assert html.count("Read in a secondary copy: where somebody repeats it") == 1


def test_the_numbers_of_sources_lead_to_the_page_that_lists_them():
    html = '<span class="claim">dry<sup class="ref"><a href="#source-3">3</a></sup></span>'
    assert 'href="/treatments/hyperhidrosis/#source-3"' in words.sources_at(
        html, "/treatments/hyperhidrosis/"
    )


def test_the_clinics_own_country_comes_first():
    rows = [
        LicenceRow(
            use="u", use_name="Sweating", country=c, country_name=c, status="licensed", status_name="Approved"
        )
        for c in ("CA", "EU", "GB")
    ]
    [(name, first)] = evidence.by_use(rows, "GB")
    assert (name, [row.country for row in first]) == ("Sweating", ["GB", "CA", "EU"])

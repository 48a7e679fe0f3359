"""Sealed words and dates as pages show them."""

from datetime import date

import pytest
from django.utils import timezone

from clinic_site.publishing.pages import LicenceRow
from clinic_site.publishing.templatetags import dates, evidence, words


@pytest.mark.parametrize(("since", "shown"), [("2001", "2001"), ("2001-08", "August 2001"), ("2001-08-31", "31 August 2001")])
def test_a_date_is_shown_as_exactly_as_it_is_known(since, shown):
    assert dates.as_exact_as_known(since) == shown


@pytest.mark.parametrize(
    ("posted_on", "aged"),
    [(date(2023, 11, 20), True), (date(2023, 11, 21), False), (date(2023, 12, 1), False), (date(2017, 12, 24), True)],
)
def test_what_was_posted_more_than_three_years_ago_is_aged(monkeypatch, posted_on, aged):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 21))
    assert dates.is_aged(posted_on) is aged


def test_the_emergency_number_is_one_that_a_phone_can_ring():
    assert words.emergency("Ring {emergency} at once.", "112") == 'Ring <a href="tel:112">112</a> at once.'


def test_the_numbers_of_sources_lead_to_the_page_that_lists_them():
    html = '<span class="claim">dry<sup class="ref"><a href="#source-3">3</a></sup></span>'
    assert 'href="/treatments/hyperhidrosis/#source-3"' in words.sources_at(html, "/treatments/hyperhidrosis/")


def test_the_clinics_own_country_comes_first():
    rows = [
        LicenceRow(use="u", use_name="Sweating", country=c, country_name=c, status="licensed", status_name="Approved")
        for c in ("CA", "EU", "GB")
    ]
    [(name, first)] = evidence.by_use(rows, "GB")
    assert (name, [row.country for row in first]) == ("Sweating", ["GB", "CA", "EU"])

"""Telephone numbers as they are typed and pasted."""

import pytest

from clinic_site.text.phones import dialled, phone_key, tidy

CANADIAN = "14165550100"


@pytest.mark.parametrize(
    "typed",
    [
        "416‑555‑0100",
        "\u202a+1 416-555-0100\u202c",
        "416/555-0100",
        "416 555 0100 ext 22",
        "416-555-0100 x22",
        "416-555-0100, extension 22",
        "416 555 0100 poste 22",
        "tel:+1-416-555-0100",
        "tel:+14165550100;ext=22",
        "(416) 555-0100",
        "416.555.0100",
        "1 416 555 0100",
        "001 416 555 0100",
        "４１６ ５５５ ０１００",
        "٤١٦٥٥٥٠١٠٠",
        "416\u00a0555\u200b0100",
        "416–555–0100",
        "416-555-0100,22",
        "416-555-0100;22",
        "+1 416 555 0100 (home)",
        "home: 416 555 0100",
        "📞 416 555 0100",
    ],
)
def test_spellings_of_one_number_are_one(typed):
    assert phone_key(typed, "CA") == CANADIAN


@pytest.mark.parametrize(
    ("typed", "region", "key"),
    [
        ("020 7946 0000", "GB", "442079460000"),
        ("+44 (0)20 7946 0000", "CA", "442079460000"),
        ("0044 20 7946 0000", "GB", "442079460000"),
        ("011 44 20 7946 0000", "US", "442079460000"),
        ("+353 1 234 5678", "EU", "35312345678"),
        ("01 234 5678", "EU", "012345678"),
        ("555 0100", "CA", "5550100"),
        # in no country: as many digits as any number has
        ("1234567", "EU", "1234567"),
        ("123456", "EU", ""),
        ("123456789012345", "EU", "123456789012345"),
        ("1234567890123456", "EU", ""),
        ("(+1 23", "EU", ""),
        ("+999 12345678", "EU", ""),
        ("0044 20 7946 0000", "EU", "442079460000"),
    ],
)
def test_a_number_is_read_by_the_country(typed, region, key):
    assert phone_key(typed, region) == key


@pytest.mark.parametrize(
    "typed", ["", "call me", "12345", "416 555 0100 or 0101", "F1234567", "Ann 4165550100", "1"]
)
def test_these_are_no_numbers(typed):
    assert phone_key(typed, "CA") == ""


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("416 555 0100", "4165550100"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("416 555 0100 ext. 22", "4165550100;ext=22"),
        ("911", "911"),
        ("(+44) 20 7946 0000", "+442079460000"),
        ("(0)20 7946 0000", "02079460000"),
        ("416/555‑0100", "4165550100"),
    ],
)
def test_the_address_that_a_phone_rings(number, address):
    assert dialled(number) == address


def test_what_is_kept_is_what_was_typed_without_what_nobody_sees():
    assert tidy("\u202atel:+1 416‑555‑0100\u202c ") == "+1 416-555-0100"


def test_an_extension_never_runs_into_the_number():
    assert dialled("+1 416 555 0100 ext. 22 (evenings)") == "+14165550100;ext=22"
    assert dialled("work: 416 555 0100, 22") == "4165550100;ext=22"

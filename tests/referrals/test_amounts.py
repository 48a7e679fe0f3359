"""Amounts as people type them at the front desk: what they mean, and what could mean something else."""

import pytest
from django.core.exceptions import ValidationError

from clinic_site.amounts import LARGEST, AmountField, read_amount


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("20", 2000),
        ("20.00", 2000),
        ("20.", 2000),
        ("$20", 2000),
        ("£20", 2000),
        ("€ 20", 2000),
        (" 20.5 ", 2050),
        ("20.05", 2005),
        ("20 $", 2000),
        ("+20", 2000),
        ("1,000.00", 100000),
        ("10,000.00", 1000000),
        (".5", 50),
        (".05", 5),
        ("0", 0),
        ("0.01", 1),
        ("0.00", 0),
        ("0000000000000020", 2000),
        ("２０", 2000),
        ("\u200b20", 2000),
        ("10000.00", LARGEST),
    ],
)
def test_an_amount_is_read_as_it_was_meant(typed, cents):
    assert read_amount(typed) == cents


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("20,00", r"two ways.*: 20\.00'"),
        ("20,5", "two ways"),
        ("1,000", r"two ways.*: 1000\.00'"),
        ("1 000", r"two ways.*: 1000\.00'"),
        ("1.000.000", r"two ways.*: 1000000\.00'"),
        ("1,00.00", r"two ways.*: 10000\.00'"),
        ("1,0000.00", "two ways"),
        ("1000,000.00", "two ways"),
        (",000.00", "in figures"),
        ("-5", "without a minus"),
        ("−5", "without a minus"),
        ("–5", "without a minus"),
        ("$-5", "without a minus"),
        ("-$5", "without a minus"),
        ("20.005", "smaller than a cent"),
        ("20.000", "smaller than a cent"),
        ("9" * 40, "more than fits"),
        ("9" * 5000, "more than fits"),
        ("10000.01", r"more than fits.*10000\.00\.'"),
        ("1000000.01", "more than fits"),
        ("1e3", "in figures"),
        ("nan", "in figures"),
        ("twenty", "in figures"),
        ("20 dollars", "in figures"),
        (".", "in figures"),
        ("$", "in figures"),
        ("", "in figures"),
        ("٢٠", "in figures"),
        ("\x00", "in figures"),
    ],
)
def test_an_amount_that_could_be_another_is_refused_in_a_sentence(typed, sentence):
    with pytest.raises(ValidationError, match=sentence):
        read_amount(typed)


def test_a_sentence_about_an_amount_says_no_more_of_it_than_its_beginning():
    with pytest.raises(ValidationError) as refused:
        read_amount("1," * 300)
    assert refused.value.message.endswith(f"comma or space: {'1' * 20}")
    assert f"“{'1,' * 10}”" in refused.value.message


@pytest.mark.parametrize("typed", ["0", "0.00", ".00"])
def test_zero_is_no_amount_unless_the_field_takes_it(typed):
    with pytest.raises(ValidationError, match="above zero"):
        AmountField().clean(typed)
    assert AmountField(least=0).clean(typed) == 0


def test_a_field_takes_the_smallest_amount():
    assert AmountField().clean("0.01") == 1


@pytest.mark.parametrize("typed", ["", "  ", None])
def test_a_field_asks_for_an_amount(typed):
    with pytest.raises(ValidationError, match=r"Write an amount\."):
        AmountField().clean(typed)
    assert AmountField(required=False).clean(typed) is None


def test_a_field_shows_cents_as_an_amount_and_leaves_what_was_typed():
    assert AmountField().prepare_value(1250) == "12.50"
    assert AmountField().prepare_value("12,5") == "12,5"

"""Which credit is left of what came in, by the rules alone: no row is stored."""

from datetime import UTC, datetime, timedelta

import pytest

from referrals.credit_lots import Book, Lots, expired_lot
from referrals.transfer_kinds import EXPIRY
from tests.referrals.verbs import DAY

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def came(lots, number, cents, *, at=AT, hold=None, expiry=None, things=()):
    return lots.come_in(number, at, cents, hold_days=hold, expiry_days=expiry, things=things)


def left(lots):
    return {number: lot.left for number, lot in lots.lots.items()}


# --- holds and expiry ---------------------------------------------------------------------------------------


def test_credit_without_days_is_usable_at_once_and_for_good():
    lots = Lots()
    came(lots, 1, 100)
    assert lots.usable(AT) == 100
    assert lots.usable(AT - MOMENT) == 0
    assert lots.usable(AT + 10_000 * DAY) == 100


def test_a_hold_ends_when_its_day_begins():
    lots = Lots()
    lot = came(lots, 1, 100, hold=14)
    begins = lot.usable_from
    assert AT + 13 * DAY < begins < AT + 14 * DAY
    assert (lots.usable(begins - MOMENT), lots.usable(begins)) == (0, 100)
    assert (lots.on_hold(begins - MOMENT), lots.on_hold(begins)) == ([lot], [])


def test_credit_expires_when_its_day_begins():
    lots = Lots()
    lot = came(lots, 1, 100, expiry=30)
    ends = lot.expires_at
    assert AT + 29 * DAY < ends < AT + 30 * DAY
    assert (lots.usable(ends - MOMENT), lots.usable(ends)) == (100, 0)
    assert (lots.expired(ends - MOMENT), lots.expired(ends)) == ([], [lot])
    assert (lots.by_things(ends - MOMENT), lots.by_things(ends)) == ({(): 100}, {})


def test_what_is_spent_is_neither_on_hold_nor_expired():
    lots = Lots()
    lot = came(lots, 1, 100, hold=14, expiry=30)
    lots.take_back(2, 100, lot)
    assert lots.on_hold(AT) == lots.expired(AT + 40 * DAY) == []
    assert lots.by_things(AT) == {}


# --- the rules before credit went by the day ----------------------------------------------------------------


@pytest.mark.parametrize("after", [0 * DAY, 1 * DAY])
def test_credit_of_the_former_rules_keeps_its_hours(after):
    lots = Lots(former_until=AT + after)
    lot = came(lots, 1, 100, hold=14, expiry=30)
    assert lot.expires_at == AT + 30 * DAY
    # its day begins before its hour comes: the hold ends by then
    assert AT + 13 * DAY < lot.usable_from < AT + 14 * DAY
    assert came(lots, 2, 100).expires_at is None


def test_a_hold_that_the_new_rules_shorten_ends_no_sooner_than_they_began():
    lots = Lots(former_until=AT + 14 * DAY - timedelta(hours=1))
    assert came(lots, 1, 100, hold=14).usable_from == AT + 14 * DAY - timedelta(hours=1)
    lots = Lots(former_until=AT + 20 * DAY)
    assert came(lots, 1, 100, hold=14).usable_from == AT + 14 * DAY
    assert came(lots, 2, 100).usable_from == AT


def test_credit_that_came_after_the_former_rules_goes_by_the_day():
    lots = Lots(former_until=AT - MOMENT)
    lot = came(lots, 1, 100, hold=14, expiry=30)
    assert lot.usable_from < AT + 14 * DAY
    assert lot.expires_at < AT + 30 * DAY


def test_by_the_former_rules_credit_paid_for_anything():
    lots = Lots(former_until=AT)
    came(lots, 1, 100, things=("Sun cream",))
    assert (lots.usable(AT, "Peeling"), lots.usable(AT + MOMENT, "Peeling")) == (100, 0)


# --- what it may be spent on --------------------------------------------------------------------------------


def test_credit_pays_for_what_its_terms_name():
    lots = Lots()
    came(lots, 1, 100, things=("Sun cream", "Peeling"))
    came(lots, 2, 30, things=("Peeling",))
    assert (lots.usable(AT), lots.usable(AT, "Peeling"), lots.usable(AT, "Sun cream")) == (130, 130, 100)
    assert lots.usable(AT, "Massage") == 0
    assert lots.named == {"Sun cream", "Peeling"}
    came(lots, 3, 7, things=("Peeling",))
    assert lots.by_things(AT) == {("Sun cream", "Peeling"): 100, ("Peeling",): 37}


# --- the order of spending ----------------------------------------------------------------------------------


def test_what_expires_first_is_spent_first_then_what_came_first():
    lots = Lots()
    came(lots, 1, 10)
    came(lots, 2, 10, expiry=60)
    came(lots, 3, 10, expiry=30)
    came(lots, 4, 10, expiry=30)
    lots.spend(5, AT, 25)
    assert left(lots) == {1: 10, 2: 5, 3: 0, 4: 0}
    lots.spend(6, AT, 6)
    assert left(lots) == {1: 9, 2: 0, 3: 0, 4: 0}
    assert [lot.number for lot in lots.taken_by(5)] == [3, 4, 2]
    assert [lot.number for lot in lots.taken_by(6)] == [2, 1]
    assert lots.taken_by(7) == []


def test_of_credit_that_never_expires_what_came_first_is_spent_first():
    lots = Lots()
    came(lots, 1, 10, at=AT + DAY)
    came(lots, 2, 10, at=AT)
    lots.spend(3, AT + 2 * DAY, 10)
    assert left(lots) == {1: 10, 2: 0}


def test_usable_credit_goes_before_what_is_on_hold_and_what_names_the_thing_before_the_rest():
    lots = Lots()
    came(lots, 1, 10, hold=14, expiry=20, things=("Sun cream",))
    came(lots, 2, 10, expiry=25, things=("Peeling",))
    came(lots, 3, 10, things=("Sun cream",))
    lots.spend(4, AT, 12, "Sun cream")
    assert left(lots) == {1: 10, 2: 8, 3: 0}
    lots.spend(5, AT, 10, "Sun cream")  # more than may be: a manager takes it from the rest
    assert left(lots) == {1: 8, 2: 0, 3: 0}


# --- going back ---------------------------------------------------------------------------------------------


def test_a_reversed_spending_goes_back_to_the_lots_that_it_came_from():
    lots = Lots()
    came(lots, 1, 10)
    came(lots, 2, 10, expiry=30)
    lots.spend(3, AT, 15)
    lots.give_back(12, 3)  # part of it
    assert left(lots) == {1: 7, 2: 10}
    lots.give_back(5, 4)  # which took nothing
    assert left(lots) == {1: 7, 2: 10}


def test_what_expired_is_counted_and_expires_again_when_it_comes_back():
    lots = Lots()
    lot = came(lots, 1, 10, expiry=30)
    lots.spend(2, AT, 4)
    lots.expire(3, 6, lot)
    assert (lot.left, lot.expiries, lot.expired_cents) == (0, 1, 6)
    lots.give_back(4, 2)
    lots.expire(4, 4, lot)
    assert (lot.left, lot.expiries, lot.expired_cents) == (0, 2, 10)


def test_a_walk_forgets_what_nobody_comes_back_to():
    lots = Lots(undone={3})
    came(lots, 1, 10)
    came(lots, 2, 10)
    lots.spend(3, AT, 10)
    assert left(lots) == {2: 10}
    lots.give_back(10, 3)
    assert left(lots) == {2: 10, 1: 10}
    assert lots.taken_by(3) == []  # once is all that it's undone
    lots.spend(4, AT, 5)
    assert left(lots) == {2: 10, 1: 5}
    assert lots.taken_by(4) == []


def test_a_walk_keeps_a_lot_that_is_undone_later():
    lots = Lots(undone={1})
    came(lots, 1, 10)
    lots.spend(2, AT, 10)
    assert left(lots) == {1: 0}


def test_without_such_a_walk_everything_is_kept():
    lots = Lots()
    came(lots, 1, 10)
    lots.spend(2, AT, 10)
    lots.give_back(10, 2)
    assert left(lots) == {1: 10}
    assert [lot.number for lot in lots.taken_by(2)] == [1]


# --- an account, replayed -----------------------------------------------------------------------------------


def row(number, cents, **columns):
    return {
        "number": number,
        "at": AT,
        "cents": cents,
        "key": "",
        "reverses__number": None,
        "spent_on": "",
        "named": "Sun cream\nPeeling",
        "former_until": None,
        "referral__terms__hold_days": None,
        "referral__terms__expiry_days": None,
        **columns,
    }


def test_a_book_keeps_a_line_and_a_balance_for_every_transfer():
    book = Book()
    assert book.balance == 0
    book.add(row(1, 100), came_in=True)
    book.add(row(2, 30, spent_on="Sun cream"), came_in=False)
    book.add(row(3, 30, reverses__number=2), came_in=True)
    book.add(row(4, 100, reverses__number=1), came_in=False)
    assert [(line.cents, line.balance) for line in book.lines] == [
        (100, 100),
        (-30, 70),
        (30, 100),
        (-100, 0),
    ]
    assert book.balance == 0
    assert left(book) == {1: 0}
    assert book.named == {"Sun cream", "Peeling"}


def test_a_book_knows_an_expiry_by_its_cause():
    book = Book()
    book.add(row(1, 100, referral__terms__expiry_days=30, referral__terms__hold_days=2), came_in=True)
    assert AT < book.lots[1].usable_from < book.lots[1].expires_at
    key = EXPIRY.key(number=1, time=1)
    assert (expired_lot(key), expired_lot("redeem:x")) == (1, None)
    book.add(row(2, 100, key=key), came_in=False)
    assert (book.lots[1].expiries, book.lots[1].left, book.balance) == (1, 0, 0)

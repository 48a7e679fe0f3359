"""The ledger: what the verbs allow, and what the database refuses to whoever goes round them."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic_site.append_only import WrittenOnceError
from referrals import credit, expiry, ledger, rewards
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.ledger import TooMuch
from referrals.models import Account, Adjustment, Head, Referral, Switch, Transfer, digest_of
from referrals.transfer_kinds import REWARD
from tests import factories
from tests.referrals.verbs import DAY, adjust, redeem, rewarded

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def insert(**columns):
    """A transfer, round the ledger and the model."""
    names = ", ".join(f'"{name}"' for name in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO referrals_transfer ({names}) VALUES ({', '.join(['%s'] * len(columns))})",
            list(columns.values()),
        )


def row(**columns):
    head = Head.objects.get()
    return {
        "number": head.number + 1,
        "at": timezone.now(),
        "cents": 100,
        "key": f"raw:{uuid4()}",
        "spent_on": "",
        "invoice": "",
        "reason": "",
        "digest": uuid4().hex,
        **columns,
    }


# --- a reward, its hold, its use ----------------------------------------------------------------------------


def test_a_friend_who_came_brings_the_reward_that_the_terms_promise(member, desk, now):
    rewarded(member, desk, now)
    book = book_of(member.account)
    assert (book.balance, book.usable(now), book.usable(now + 14 * DAY)) == (5000, 0, 5000)


def test_credit_on_hold_is_not_spent(member, desk, now):
    rewarded(member, desk, now)
    with pytest.raises(TooMuch, match="Usable today: 0.00"):
        redeem(member.account, desk, 1, now)
    redeem(member.account, desk, 5000, now + 14 * DAY)
    assert book_of(member.account).balance == 0


def test_too_much_is_refused_with_what_is_usable(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    with pytest.raises(TooMuch, match=r"Usable today: 50\.00"):
        redeem(member.account, desk, 5001)


def test_one_invoice_is_paid_once_unless_a_second_one_is_meant(member, desk, manager, now):
    rewarded(member, desk, now - 20 * DAY)
    first = redeem(member.account, desk, 1000, again=False)
    with pytest.raises(
        ReferralError, match=rf"10\.00 of this credit went on invoice 2026-1 already: receipt {first.number}"
    ):
        redeem(member.account, desk, 1000, again=False)
    redeem(member.account, desk, 1000, again=False, invoice="2026-2")
    second = redeem(member.account, desk, 1000, again=True)
    # what was reversed doesn't count
    credit.reverse(second, by=manager, because="Wrong invoice")
    credit.reverse(first, by=manager, because="Wrong invoice")
    assert redeem(member.account, desk, 500, again=False)


def test_the_same_form_twice_redeems_once(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    token = uuid4()
    first, second = (redeem(member.account, desk, 3000, token=token) for _ in range(2))
    assert first == second
    assert book_of(member.account).balance == 2000
    with pytest.raises(ReferralError, match="another amount"):
        redeem(member.account, desk, 1000, token=token)


@pytest.mark.parametrize("cents", [0, -1, 10**12])
def test_an_amount_is_above_zero_and_not_absurd(member, desk, cents):
    with pytest.raises(ReferralError):
        redeem(member.account, desk, cents)


def test_credit_is_spent_on_what_the_accepted_terms_name(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    with pytest.raises(ReferralError, match="don't name that"):
        redeem(member.account, desk, 100, spent_on="An injection")


def test_what_expires_first_is_spent_first_and_a_reversal_goes_back_there(desk, manager, now):
    terms = factories.terms(hold_days=0)
    member = factories.member(terms, confirmed_by=desk)
    rewarded(member, desk, now - 9 * DAY)
    newer = factories.terms(from_on=TODAY() - DAY, hold_days=0, expiry_days=30)
    member.accept(newer)
    second = rewarded(member, desk, now - 8 * DAY)
    spent = redeem(member.account, desk, 3000, now - 7 * DAY)
    lots = book_of(member.account).lots
    assert lots[second.number].left == 2000, "the one that expires, though it came later"
    credit.reverse(spent, by=manager, because="Wrong invoice", now=now)
    assert book_of(member.account).lots[second.number].left == 5000


def test_only_expiry_writes_a_transfer_and_twice_writes_none(desk, manager, now):
    member = factories.member(factories.terms(hold_days=0, expiry_days=10), confirmed_by=desk)
    rewarded(member, desk, now - 9 * DAY)
    spent = redeem(member.account, desk, 1000, now - 8 * DAY)
    assert expiry.expire_due(now) == 0
    later = now + 2 * DAY
    assert expiry.expire_due(later) == 1
    assert expiry.expire_due(later) == 0
    assert book_of(member.account).balance == 0
    credit.reverse(spent, by=manager, because="Goods came back", now=later)
    assert (book_of(member.account).balance, book_of(member.account).usable(later)) == (1000, 0)
    assert expiry.expire_due(later) == 1
    assert book_of(member.account).balance == 0


def test_a_member_over_the_cap_is_not_rewarded(desk, now):
    member = factories.member(factories.terms(cap_per_year=1))
    rewarded(member, desk)
    assert rewards.attend(factories.referral(member), by=desk, on=TODAY()) == []


def test_the_friends_reward_is_known_by_the_referral_alone(desk, now):
    member = factories.member(factories.terms(friend_cents=1500, hold_days=0))
    _, theirs = rewards.attend(factories.referral(member), by=desk, on=TODAY())
    assert theirs.destination.member is None
    assert credit.redeem(
        theirs.destination, cents=1500, spent_on="Sun cream", invoice="1", token=uuid4(), by=desk
    )


def test_nobody_redeems_before_the_desk_has_seen_them(terms, desk, now):
    member = factories.member(terms)
    rewarded(member, desk, now - 20 * DAY)
    with pytest.raises(ReferralError, match="Confirm first"):
        redeem(member.account, desk, 100)


def test_a_referral_counts_once(member, desk):
    referral = factories.referral(member)
    rewards.attend(referral, by=desk, on=TODAY())
    with pytest.raises(ReferralError, match="already"):
        rewards.attend(referral, by=desk, on=TODAY())
    with pytest.raises(ReferralError):
        rewards.decline(referral, by=desk, because="never")


def test_a_late_mention_is_as_late_as_the_terms_allow(terms, desk):
    member = factories.member(terms, now=timezone.now() - 90 * DAY)
    with pytest.raises(ReferralError, match="61 days ago"):
        rewards.mention_late(member, by=desk, on=TODAY() - 61 * DAY, visit_number="V-1", token=uuid4())
    token = uuid4()
    for _ in range(2):
        _, given = rewards.mention_late(
            member, by=desk, on=TODAY() - 60 * DAY, visit_number="V-1", token=token
        )
    assert [t.cents for t in given] == [5000]
    with pytest.raises(ReferralError, match="counted for another"):
        rewards.mention_late(member, by=desk, on=TODAY(), visit_number="V-1", token=uuid4())
    assert book_of(member.account).balance == 5000


def test_a_visit_before_the_member_joined_brings_nothing(terms, desk):
    member = factories.member(terms, now=timezone.now() - 10 * DAY)
    with pytest.raises(ReferralError, match="before this member joined"):
        rewards.mention_late(member, by=desk, on=TODAY() - 11 * DAY, visit_number="V-1", token=uuid4())
    assert not Referral.objects.exists()
    _, given = rewards.mention_late(member, by=desk, on=TODAY() - 10 * DAY, visit_number="V-1", token=uuid4())
    assert [t.cents for t in given] == [5000]


def test_a_closed_programme_takes_nobody_new_and_keeps_its_promises(member, terms, desk, manager):
    referral = factories.referral(member)
    Switch.objects.create(is_open=False, because="Over", by=manager)
    with pytest.raises(ReferralError):
        factories.referral(member)
    with pytest.raises(ReferralError):
        factories.member(terms)
    assert rewards.attend(referral, by=desk, on=TODAY())


# --- putting right ------------------------------------------------------------------------------------------


def test_a_spent_reward_is_reversed_as_far_as_it_goes(member, desk, manager, now):
    reward = rewarded(member, desk, now - 20 * DAY)
    redeem(member.account, desk, 3000)
    reversal = credit.reverse(reward, by=manager, because="The visit was somebody else's")
    assert (reversal.transfer.cents, reversal.lost_cents) == (2000, 3000)
    assert book_of(member.account).balance == 0
    with pytest.raises(ReferralError, match="before"):
        credit.reverse(reward, by=manager, because="Again")


def test_a_reward_spent_to_the_end_is_a_loss_without_a_transfer(member, desk, manager, now):
    reward = rewarded(member, desk, now - 20 * DAY)
    redeem(member.account, desk, 5000)
    count = Transfer.objects.count()
    reversal = credit.reverse(reward, by=manager, because="Not due")
    assert (reversal.transfer, reversal.lost_cents, Transfer.objects.count()) == (None, 5000, count)


def test_a_large_adjustment_waits_for_a_second_manager(member, manager):
    small = adjust(member.account, manager, 3000)
    assert not small.needs_second
    large = adjust(member.account, manager, 3000)
    assert large.needs_second, "two small ones in a month are a large one"
    assert book_of(member.account).balance == 3000
    with pytest.raises(ReferralError, match="another manager"):
        credit.approve(large, by=manager)
    credit.approve(large, by=factories.person("manager"))
    assert book_of(member.account).balance == 6000
    with pytest.raises(ReferralError, match="decided"):
        credit.turn_down(Adjustment.objects.get(pk=large.pk), by=manager)


def test_a_reason_names_nobody(member, manager):
    for because in ("For Mem, who called", "Call 416 555 0100", "see ann@home.test", " "):
        with pytest.raises(ReferralError):
            credit.adjust(member.account, cents=100, because=because, token=uuid4(), by=manager)


@pytest.mark.parametrize("role", ["editor", "clinician", "desk"])
def test_only_managers_put_right(member, desk, role, now):
    reward = rewarded(member, desk)
    by = factories.person(role)
    with pytest.raises(ReferralError):
        credit.reverse(reward, by=by, because="Not due")
    with pytest.raises(ReferralError):
        credit.adjust(member.account, cents=100, because="Goodwill", token=uuid4(), by=by)


# --- round the code -----------------------------------------------------------------------------------------


def test_transfers_are_written_once(member, desk):
    reward = rewarded(member, desk)
    with pytest.raises(WrittenOnceError):
        Transfer.objects.update(cents=1)
    for statement in (
        "UPDATE referrals_transfer SET cents = 1",
        "DELETE FROM referrals_transfer",
        "DELETE FROM referrals_head",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    reward.refresh_from_db()
    assert reward.cents == 5000


def test_the_chain_of_digests_holds(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    redeem(member.account, desk, 100)
    before = ""
    for transfer in Transfer.objects.order_by("number"):
        before = digest_of(transfer.facts(), before)
        assert transfer.digest == before
    assert Head.objects.get().digest == before


def test_the_database_refuses_what_breaks_the_ledger(member, terms, desk, manager, now):
    reward = rewarded(member, desk, now - 20 * DAY)
    theirs, other = member.account, factories.member(terms)
    adjust(theirs, manager, 5000)
    promotions, redeemed, adjustments = (
        ledger.system_account(name) for name in ("promotions", "redeemed", "adjustments")
    )
    asked = Adjustment.objects.create(
        account=theirs, cents=100, because="x", token=uuid4(), asked_by=manager, needs_second=False
    )
    spend = {
        "source_id": theirs.pk,
        "destination_id": redeemed.pk,
        "key": f"redemption:{uuid4()}",
        "spent_on": "Sun cream",
        "invoice": "1",
        "by_id": desk.pk,
    }
    give = {
        "source_id": adjustments.pk,
        "destination_id": theirs.pk,
        "key": f"adjustment:{asked.pk}",
        "reason": "x",
        "by_id": manager.pk,
    }
    rewarding = {
        "source_id": promotions.pk,
        "destination_id": theirs.pk,
        "by_id": desk.pk,
        "referral_id": reward.referral_id,
        "key": "referral:again",
        "cents": 5000,
    }
    reversing = {
        "source_id": theirs.pk,
        "destination_id": promotions.pk,
        "by_id": manager.pk,
        "reverses_id": reward.pk,
        "key": f"reversal:{reward.number}",
        "reason": "x",
    }
    for message, columns in [
        ("never below zero|not spent on hold", spend | {"cents": 10001}),
        ("terms name that it was earned under|not spent on hold", spend | {"spent_on": "x"}),
        ("without a gap", spend | {"number": 7}),
        ("order of time", spend | {"at": now - 40 * DAY}),
        ("confirms who a member is", spend | {"source_id": _funded(other, manager).pk}),
        ("does not move that way", spend | {"invoice": ""}),
        ("does not move that way|rewarded once", rewarding | {"referral_id": None}),
        ("rewarded once", rewarding),
        ("goes back the way", reversing | {"cents": 5001}),
        ("moves what was asked for", give | {"cents": 101}),
        ("own account", spend | {"by_id": member.user_id}),
    ]:
        with pytest.raises(IntegrityError, match=message):
            insert(**row(**columns))
    with pytest.raises(IntegrityError):
        insert(**row(**spend | {"cents": 0}))
    with pytest.raises(IntegrityError):
        insert(**row(**give | {"key": reward.key}))
    insert(**row(**give))  # what breaks no rule goes in: the refusals above are not about the statement


def _funded(member, manager) -> Account:
    adjust(member.account, manager, 5000)
    return member.account


def test_a_referral_is_not_rewarded_before_it_was_attended(member, desk):
    referral = factories.referral(member)
    key = REWARD.key(referral=referral.pk, side="member")
    with pytest.raises(IntegrityError, match="after it was attended"), transaction.atomic():
        ledger.post(REWARD, member.account, cents=5000, referral=referral, key=key, by=desk)


def test_staff_do_not_take_part(terms, desk, member):
    with pytest.raises(ReferralError):
        factories.member.__globals__["Member"].join(desk, terms=terms)
    with pytest.raises(IntegrityError, match="staff do not take part"), transaction.atomic():
        type(member).objects.filter(pk=member.pk).update(user=desk)


def test_balances_come_in_one_query(member, desk, django_assert_num_queries):
    rewarded(member, desk)
    with django_assert_num_queries(1):
        assert sum(account.balance for account in ledger.balances()) == 0

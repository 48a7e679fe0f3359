"""Many at once, with real threads and connections; and a process that dies during a redemption."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from post_office.models import Email

from clinic_site.registry import ProofRun, proofs
from referrals import credit, emails, expiry, rewards
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.ledger import TooMuch
from referrals.models import Account, Head, Introduction, Notice, Referral, Transfer, digest_of
from referrals.transfer_kinds import SystemAccount
from tests import factories
from tests.referrals.verbs import DAY, adjust, redeem

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate
ROUNDS = int(os.environ.get("RACE_ROUNDS", 5))  # `make bench` races a hundred


@pytest.fixture
def member(desk):
    return factories.member(factories.terms(hold_days=0, cap_per_year=1000), confirmed_by=desk)


def together(threads, step, rounds=1):
    """`step(round)` in so many threads at once, each with its own connection: a list of outcomes a round."""
    barrier = Barrier(threads)

    def one(_):
        outcomes = []
        try:
            for number in range(rounds):
                barrier.wait(60)
                try:
                    outcomes.append(step(number))
                except ReferralError as refused:
                    outcomes.append(refused)
                barrier.wait(60)
        finally:
            connections.close_all()
        return outcomes

    with ThreadPoolExecutor(threads) as pool:
        return list(zip(*pool.map(one, range(threads)), strict=True))


def give(member, desk, cents=5000, times=1):
    for _ in range(times):
        adjust(member.account, factories.person("manager"), cents)


def the_ledger_is_whole():
    broken = [
        line
        for proof in proofs
        for finding in proof(ProofRun())
        if finding.promise >= 8
        for line in finding.broken
    ]
    assert broken == []


def test_of_fifty_at_once_that_one_can_afford_one_wins(member, desk, manager):
    accounts = []
    terms = member.terms
    for _ in range(ROUNDS):
        each = factories.member(terms, confirmed_by=desk)
        give(each, desk)
        accounts.append(Account.objects.get(member=each))
    for outcomes in together(50, lambda number: redeem(accounts[number], desk, 3000), ROUNDS):
        assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, TooMuch) for outcome in outcomes) == 49
    assert {book_of(account).balance for account in accounts} == {2000}
    the_ledger_is_whole()


def test_one_form_sent_twelve_times_at_once_redeems_once(member, desk):
    give(member, desk)
    token, account = uuid4(), member.account
    (outcomes,) = together(12, lambda _: redeem(account, desk, 100, token=token))
    assert len({transfer.pk for transfer in outcomes}) == 1
    assert book_of(account).balance == 4900


def test_one_friend_put_down_by_twelve_at_once_is_rewarded_once(member, desk):
    referral = factories.referral(member)
    (outcomes,) = together(12, lambda _: rewards.attend(referral, by=desk, on=TODAY()))
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert book_of(member.account).balance == 5000


def test_one_reward_reversed_by_twelve_at_once_is_reversed_once(member, desk, manager):
    (reward,) = rewards.attend(factories.referral(member), by=desk, on=TODAY())
    (outcomes,) = together(12, lambda _: credit.reverse(reward, by=manager, because="A mistake"))
    assert sum(not isinstance(outcome, ReferralError) for outcome in outcomes) == 1
    assert book_of(member.account).balance == 0


def test_two_ticks_at_once_expire_a_lot_once(desk):
    now = timezone.now()
    member = factories.member(factories.terms(hold_days=0, expiry_days=10))
    rewards.attend(factories.referral(member), by=desk, on=TODAY(), now=now)
    (moved,) = together(6, lambda _: expiry.expire_due(now + 11 * DAY))
    assert sum(moved) == 1
    assert book_of(member.account).balance == 0


def test_one_introduction_sent_twelve_times_at_once_is_one(member):
    typed = {"name": "Fri End", "email": "fri@home.test", "phone": "", "times": ""}
    tokens = [uuid4() for _ in range(ROUNDS)]
    for outcomes in together(
        12, lambda n: Referral.introduce(member, token=tokens[n], may_tell=False, **typed), ROUNDS
    ):
        assert len(set(outcomes)) == 1
    assert Referral.objects.count() == Introduction.objects.count() == ROUNDS
    assert Notice.objects.filter(key__startswith="introduced:").count() == min(ROUNDS, emails.MAILS_A_DAY)


def test_an_introduction_withdrawn_by_twelve_at_once_is_withdrawn_once(member):
    made = [factories.referral(member).pk for _ in range(ROUNDS)]
    together(12, lambda n: Referral.objects.get(pk=made[n]).withdraw(), ROUNDS)
    assert not Introduction.objects.exists()
    assert Referral.objects.filter(withdrawn_at__isnull=False).count() == ROUNDS
    assert Notice.objects.filter(key__startswith="withdrawn:").count() == ROUNDS


def test_two_ticks_at_once_tell_of_a_lot_once(desk):
    member = factories.member(
        factories.terms(hold_days=0, expiry_days=100), confirmed_by=desk, email="short@home.test"
    )
    rewards.attend(factories.referral(member), by=desk, on=TODAY())
    together(4, lambda _: expiry.warn_of_expiry(timezone.now() + 80 * DAY))
    told = [
        mail for mail in Email.objects.all() if mail.to == ["short@home.test"] and "runs out" in mail.subject
    ]
    assert len(told) == 1


def test_writers_who_go_round_the_lock_do_not_overdraw(member, desk):
    """Each reads the last number and inserts after it, without the lock: the database lets one through."""
    give(member, desk)
    redeem(member.account, desk, 1000)
    account, redeemed = member.account, Account.objects.get(system=SystemAccount.REDEEMED)

    def insert(_):
        last = Transfer.objects.order_by("-number").first()
        transfer = Transfer(
            number=last.number + 1,
            at=timezone.now(),
            source=account,
            destination=redeemed,
            cents=3000,
            key=f"redemption:{uuid4()}",
            spent_on="Sun cream",
            invoice="1",
            by=desk,
            digest=uuid4().hex,
        )
        try:
            with transaction.atomic():
                transfer.save()
        except IntegrityError as error:
            return error
        return transfer

    (outcomes,) = together(12, insert)
    assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1
    assert book_of(account).balance == 1000


def dies_at(statement: int, after: bool, step) -> bool:
    """Whether `step`, in its own process, lived; it's killed before or after that statement (a number)."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        seen = 0

        def counted(execute, sql, params, many, context):
            nonlocal seen
            seen += 1
            if seen == statement and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = execute(sql, params, many, context)
            if seen == statement and after:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        try:
            with connection.execute_wrapper(counted):
                step()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


def test_a_process_that_dies_in_a_redemption_leaves_all_of_it_or_nothing(member, desk):
    give(member, desk)
    account, lived, killed = member.account, 0, 0
    for attempt in count():
        before = (Transfer.objects.count(), book_of(account).balance)
        if dies_at(attempt // 2 + 1, attempt % 2 == 1, lambda: redeem(account, desk, 10)):
            lived += 1
        else:
            killed += 1
        assert attempt < 200, "it never came to its end"
        after = (Transfer.objects.count(), book_of(account).balance)
        assert after in (before, (before[0] + 1, before[1] - 10)), "a half"
        head, last = Head.objects.get(), Transfer.objects.order_by("-number").first()
        assert (head.number, head.digest) == (last.number, last.digest)
        if lived and attempt >= 49:
            break
    assert killed >= 16, "before and after each statement of a redemption"
    chain = ""
    for transfer in Transfer.objects.order_by("number"):
        chain = digest_of(transfer.facts(), chain)
        assert transfer.digest == chain
    the_ledger_is_whole()

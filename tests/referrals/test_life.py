"""The whole life of the programme, in any order, against a plain dict that says what should be so."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic_site.privacy.personal_data import Person, erase_personal_data
from clinic_site.registry import ProofRun, proofs
from referrals import credit, expiry, ledger, rewards
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.models import (
    DeclineReason,
    Head,
    Introduction,
    Member,
    Referral,
    Switch,
    Terms,
    Transfer,
    digest_of,
)
from tests import factories
from tests.referrals import verbs
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db

START = datetime(2025, 11, 20, 17, tzinfo=UTC)  # near a new year, so that caps begin anew
CENTS = st.sampled_from([1, 700, 2500, 5000, 9000])
CREAM, CARDS = "Sun cream", "Gift cards"
THINGS = st.sampled_from([(CREAM,), (CARDS,), (CREAM, CARDS)])


@contextmanager
def refused_if(reason):
    """The step is refused where the model has a reason to, and only there."""
    if not reason:
        yield
        return
    with pytest.raises(ReferralError):
        yield


class Life(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = START
        self.desk, self.manager, self.second = (
            factories.person(role) for role in ("desk", "manager", "manager")
        )
        self.terms, self.members, self.referrals, self.holders, self.moves = ([] for _ in range(5))
        self.is_open = True
        Switch.objects.create(is_open=True, because="Tests", by=self.manager)

    def teardown(self):
        try:
            found = [finding for proof in proofs for finding in proof(ProofRun())]
            assert {finding.promise for finding in found} >= {8, 9, 11, 12}
            assert [finding for finding in found if finding.broken] == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # --- the model ------------------------------------------------------------------------------------------

    @property
    def today(self):
        return timezone.localdate(self.now)

    def usable(self, holder, thing=""):
        return sum(lot["left"] for lot in holder["lots"].values() if self.is_ready(lot, thing))

    def is_ready(self, lot, thing=""):
        is_time = lot["from"] <= self.today and (lot["until"] is None or self.today < lot["until"])
        return is_time and (not thing or thing in lot["things"])

    def balance(self, holder):
        return sum(lot["left"] for lot in holder["lots"].values())

    def comes_in(self, holder, transfer, terms=None):
        hold, expiry = (terms["hold"], terms["expiry"]) if terms else (0, None)
        accepted = holder["member"]["terms"] if holder["member"] else holder["terms"]
        lot = {
            "cents": transfer.cents,
            "left": transfer.cents,
            "things": (terms or accepted)["things"],
            "from": self.today + hold * DAY,
            "until": None if expiry is None else self.today + expiry * DAY,
            "expired": 0,
            "undone": False,
        }
        holder["lots"][transfer.number] = lot
        self.moves.append({"transfer": transfer, "holder": holder, "lot": lot, "undone": False})

    def goes_out(self, holder, transfer, only_for=""):
        left, parts = transfer.cents, []
        ready = [item for item in holder["lots"].items() if self.is_ready(item[1], only_for)]
        rest = [] if only_for else [item for item in holder["lots"].items() if not self.is_ready(item[1])]
        for group in (ready, rest):
            # what ends first goes first; what never ends goes last, oldest first
            for number, lot in sorted(group, key=lambda i: (i[1]["until"] or date.max, i[0])):
                part = min(lot["left"], left)
                if part:
                    lot["left"] -= part
                    left -= part
                    parts.append((number, part))
        assert left == 0
        self.moves.append({"transfer": transfer, "holder": holder, "parts": parts, "undone": False})

    def pick(self, data, things):
        return data.draw(st.sampled_from(things))

    @initialize(data=st.data(), expiry=st.sampled_from([None, 20, 60]), hold=st.sampled_from([0, 14]))
    def some_have_credit(self, data, expiry, hold):
        """Two members, confirmed and rewarded under two versions of the terms: so that much can go wrong."""
        for terms in (
            {"hold": 0, "expiry": None, "things": (CREAM,)},
            {"hold": hold, "expiry": expiry, "things": (CARDS,)},
        ):
            self.new_terms(member=5000, friend=0, cap=3, **terms)
            if len(self.terms) == 1:
                self.join()
                self.join()
        for holder in self.members:
            holder["member"]["row"].confirm(by=self.desk, now=self.now)
            holder["member"]["confirmed"] = True
            for terms in self.terms:
                self.accept(holder["member"], terms)
                self.introduce_to(holder)
                self.attend_one(self.referrals[-1])
                self.now += DAY

    # --- people ---------------------------------------------------------------------------------------------

    @rule()
    @precondition(lambda self: len(self.members) < 4)
    def join(self):
        terms = self.terms[-1]
        if not self.is_open:
            with pytest.raises(ReferralError):
                factories.member(terms["row"], now=self.now)
            return
        row = factories.member(terms["row"], now=self.now)
        holder = {
            "account": row.account,
            "lots": {},
            "member": {
                "row": row,
                "terms": terms,
                "accepted": [(self.today, terms)],
                "confirmed": False,
                "left": False,
            },
        }
        self.members.append(holder)
        self.holders.append(holder)

    @rule(data=st.data())
    @precondition(lambda self: self.members)
    def confirm(self, data):
        member = self.pick(data, self.members)["member"]
        member["row"].confirm(by=self.desk, now=self.now)
        member["confirmed"] = True

    @rule(data=st.data())
    @precondition(lambda self: self.members)
    def leave(self, data):
        member = self.pick(data, self.members)["member"]
        member["row"].leave(now=self.now)
        member["left"] = True

    @rule(data=st.data())
    @precondition(lambda self: self.members)
    def be_erased(self, data):
        """Their credit stays in the books, and nothing says whose it was."""
        member = self.pick(data, self.members)["member"]
        erase_personal_data(Person(member["row"].user.email))
        member["row"] = Member.objects.get(pk=member["row"].pk)
        member["left"] = True
        assert (member["row"].user.name, member["row"].named_as) == ("", "")

    @rule()
    @precondition(lambda self: self.referrals)
    def the_friends_are_erased(self):
        erase_personal_data(Person("fri@home.test"))
        assert not Introduction.objects.exists()
        for referral in self.referrals:
            if referral["is"] == "waiting":
                referral["is"] = "withdrawn"

    @rule(data=st.data())
    @precondition(lambda self: self.members and len(self.terms) > 1)
    def accept_the_newest_terms(self, data):
        member = self.pick(data, self.members)["member"]
        self.accept(member, self.terms[-1])

    def accept(self, member, terms):
        self.now += timedelta(seconds=1)
        member["row"].accept(terms["row"], now=self.now)
        if terms is not member["terms"]:
            member["terms"] = terms
            member["accepted"].append((self.today, terms))

    @rule(
        member=st.sampled_from([100, 2500, 5000]),
        friend=st.sampled_from([0, 0, 1000]),
        hold=st.sampled_from([0, 14]),
        expiry=st.sampled_from([None, 20, 60]),
        cap=st.integers(1, 3),
        things=THINGS,
    )
    @precondition(lambda self: len(self.terms) < 5)
    def new_terms(self, member, friend, hold, expiry, cap, things):
        row = Terms.objects.create(
            from_on=START.date() - timedelta(days=30 - len(self.terms)),
            member_cents=member,
            friend_cents=friend,
            hold_days=hold,
            expiry_days=expiry,
            cap_per_year=cap,
            late_mention_days=60,
            spendable_on="\n".join(things),
        )
        promised = {"member": member, "friend": friend, "hold": hold, "expiry": expiry, "cap": cap}
        self.terms.append({"row": row, "things": things, **promised})

    @rule(is_open=st.booleans())
    def switch(self, is_open):
        Switch.objects.create(is_open=is_open, because="Tests", by=self.manager)
        self.is_open = is_open

    @rule(days=st.sampled_from([0, 1, 13, 14, 25, 45]), hours=st.sampled_from([0, 1, 6, 11]))
    def wait(self, days, hours):
        self.now += timedelta(days=days, hours=hours)

    # --- friends --------------------------------------------------------------------------------------------

    @rule(data=st.data(), twice=st.booleans())
    @precondition(lambda self: self.members)
    def introduce(self, data, twice):
        self.introduce_to(self.pick(data, self.members), twice)

    def introduce_to(self, holder, twice=False):
        typed = {"name": "Fri End", "email": "fri@home.test", "phone": "", "times": "", "may_tell": False}
        token = uuid4()
        with refused_if(not self.is_open or holder["member"]["left"]):
            row = Referral.introduce(holder["member"]["row"], token=token, now=self.now, **typed)
            if twice:
                assert Referral.introduce(holder["member"]["row"], token=token, now=self.now, **typed) == row
            self.referrals.append(
                {"row": row, "holder": holder, "terms": holder["member"]["terms"], "is": "waiting"}
            )

    def rewarded(self, referral, given):
        holder, terms = referral["holder"], referral["terms"]
        year = timezone.localdate(self.now).year
        so_far = sum(
            move["holder"] is holder and move.get("year") == year and not move["undone"]
            for move in self.moves
        )
        expected = []
        if so_far < terms["cap"] and not holder["member"]["left"]:
            expected.append(terms["member"])
        if terms["friend"]:
            expected.append(terms["friend"])
        assert [transfer.cents for transfer in given] == expected
        for transfer in given:
            if transfer.destination_id == holder["account"].pk:
                self.comes_in(holder, transfer, terms)
                self.moves[-1]["year"] = year
            else:
                theirs = {"account": transfer.destination, "lots": {}, "member": None, "terms": terms}
                self.holders.append(theirs)
                self.comes_in(theirs, transfer, terms)

    @rule(data=st.data())
    @precondition(lambda self: self.referrals)
    def attend(self, data):
        self.attend_one(self.pick(data, self.referrals))

    def attend_one(self, referral):
        with refused_if(referral["is"] != "waiting"):
            given = rewards.attend(
                referral["row"], by=self.desk, on=timezone.localdate(self.now), now=self.now
            )
            referral["is"] = "attended"
            self.rewarded(referral, given)

    @rule(data=st.data())
    @precondition(lambda self: self.referrals)
    def decline(self, data):
        referral = self.pick(data, self.referrals)
        with refused_if(referral["is"] != "waiting"):
            rewards.decline(referral["row"], by=self.desk, because=DeclineReason.NEVER, now=self.now)
            referral["is"] = "declined"

    @rule(data=st.data())
    @precondition(lambda self: self.referrals)
    def withdraw(self, data):
        referral = self.pick(data, self.referrals)
        Referral.objects.get(pk=referral["row"].pk).withdraw(now=self.now)
        if referral["is"] == "waiting":
            referral["is"] = "withdrawn"

    @rule(data=st.data(), days_ago=st.sampled_from([0, 59, 60, 61]))
    @precondition(lambda self: self.members)
    def mention_late(self, data, days_ago):
        holder = self.pick(data, self.members)
        token, number = uuid4(), f"V-{len(self.referrals) + 1}"
        on = timezone.localdate(self.now) - days_ago * DAY
        too_early = on < timezone.localdate(holder["member"]["row"].joined_at)
        with refused_if(holder["member"]["left"] or days_ago > 60 or too_early):
            row, given = rewards.mention_late(
                holder["member"]["row"], by=self.desk, on=on, visit_number=number, token=token, now=self.now
            )
            accepted = [terms for day, terms in holder["member"]["accepted"] if day <= on]
            referral = {"row": row, "holder": holder, "terms": accepted[-1], "is": "attended"}
            assert row.terms == accepted[-1]["row"]
            self.referrals.append(referral)
            self.rewarded(referral, given)
            # the same form again moves nothing
            again = rewards.mention_late(
                holder["member"]["row"], by=self.desk, on=on, visit_number=number, token=token, now=self.now
            )
            assert again[0] == row

    # --- credit ---------------------------------------------------------------------------------------------

    @rule(
        data=st.data(),
        cents=CENTS,
        everything=st.booleans(),
        twice=st.booleans(),
        thing=st.sampled_from([CREAM, CARDS]),
    )
    @precondition(lambda self: self.holders)
    def redeem(self, data, cents, everything, twice, thing):
        holder = self.pick(data, self.holders)
        usable = self.usable(holder, thing)
        cents = usable if everything and usable else cents
        confirmed = holder["member"] is None or holder["member"]["confirmed"]
        with refused_if(cents > usable or not confirmed):
            token = uuid4()
            form = holder["account"], self.desk, cents, self.now
            transfer = verbs.redeem(*form, token=token, spent_on=thing)
            if twice:
                assert verbs.redeem(*form, token=token, spent_on=thing) == transfer
            self.goes_out(holder, transfer, only_for=thing)

    @rule(data=st.data())
    @precondition(lambda self: self.moves)
    def reverse(self, data):
        move = self.pick(data, self.moves)
        # a spending doesn't go back to credit that was taken back since
        homeless = any(move["holder"]["lots"][number]["undone"] for number, _ in move.get("parts", ()))
        with refused_if(move["undone"] or homeless):
            reversal = credit.reverse(move["transfer"], by=self.manager, because="A mistake", now=self.now)
            move["undone"] = True
            if lot := move.get("lot"):
                came_back = reversal.transfer.cents if reversal.transfer else 0
                lost = lot["cents"] - lot["left"] - lot["expired"]
                assert (came_back, reversal.lost_cents) == (lot["left"], lost)
                lot["undone"] = True
                move["lot"]["left"] = 0
            else:
                assert reversal.lost_cents == 0
                for number, part in move["parts"]:
                    move["holder"]["lots"][number]["left"] += part

    @rule(data=st.data(), cents=CENTS, takes=st.booleans(), agreed=st.booleans())
    @precondition(lambda self: self.holders)
    def adjust(self, data, cents, takes, agreed):
        holder = self.pick(data, self.holders)
        alone = sum(
            move["transfer"].cents
            for move in self.moves
            if move["holder"] is holder and move.get("alone", START - 99 * DAY) > self.now - 30 * DAY
        )
        needs_second = alone + cents > 5000
        too_much = takes and cents > self.balance(holder)
        with refused_if(too_much):
            asked = verbs.adjust(holder["account"], self.manager, -cents if takes else cents, self.now)
            assert asked.needs_second == needs_second
            if not needs_second:
                self.adjusted(holder, asked, takes)
                self.moves[-1]["alone"] = self.now
            else:
                with pytest.raises(ReferralError):
                    credit.approve(asked, by=self.manager, now=self.now)
                if not agreed:
                    credit.turn_down(asked, by=self.second, now=self.now)
                    return
                credit.approve(asked, by=self.second, now=self.now)
                self.adjusted(holder, asked, takes)

    def adjusted(self, holder, asked, takes):
        transfer = Transfer.objects.get(key=f"adjustment:{asked.pk}")
        if takes:
            self.goes_out(holder, transfer)
        else:
            self.comes_in(holder, transfer)

    @rule()
    def expire(self):
        expected = 0
        for holder in self.holders:
            for lot in holder["lots"].values():
                if lot["left"] and lot["until"] is not None and lot["until"] <= self.today:
                    lot["expired"] += lot["left"]
                    lot["left"] = 0
                    expected += 1
        assert expiry.expire_due(self.now) == expected
        assert expiry.expire_due(self.now) == 0

    # --- what must be so after every step -------------------------------------------------------------------

    @invariant()
    def the_books_say_what_the_model_says(self):
        balances = {account.pk: account.balance for account in ledger.balances()}
        assert sum(balances.values()) == 0
        for holder in self.holders:
            book = book_of(holder["account"])
            assert balances[holder["account"].pk] == book.balance == self.balance(holder)
            for thing in ("", CREAM, CARDS):
                assert book.usable(self.now, thing) == self.usable(holder, thing)
            assert all(line.balance >= 0 for line in book.lines)

    @invariant()
    def the_chain_holds(self):
        before, count = "", 0
        transfers = Transfer.objects.select_related("source", "destination", "reverses")
        for transfer in transfers.order_by("number"):
            before, count = digest_of(transfer.facts(), before), count + 1
            assert (transfer.number, transfer.digest) == (count, before)
        head = Head.objects.filter(pk=1).first()
        assert (head.number, head.digest) == (count, before) if head else count == 0


def test_any_life_of_the_programme_keeps_the_books():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

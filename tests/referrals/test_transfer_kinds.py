"""The table of the kinds of transfer: what the verbs, the database and `prove` make of each row of it.

The tests walk the table, so a kind or a need that is added to it is examined, or fails here until it is.
"""

import runpy
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic_site import append_only
from referrals import credit, ledger, transfer_kinds
from referrals.errors import ReferralError
from referrals.models import Account, Adjustment, Head, Member, Transfer
from referrals.models.transfer_rules import TEXTS, transfer_rules
from referrals.proofs.needs import LedgerWalk
from referrals.transfer_kinds import (
    ADJUSTMENT_DOWN,
    ADJUSTMENT_UP,
    ASKED_FOR,
    COLUMNS,
    CONFIRMED,
    EXPIRY,
    GOES_BACK,
    NAMED_IN_TERMS,
    OVER,
    PERSON,
    PROMISED,
    REDEMPTION,
    REWARD,
    TRANSFER_KINDS,
    USABLE,
    SystemAccount,
    TransferKind,
)
from tests import factories
from tests.referrals.tampering import chain_anew, copy_rows, raw
from tests.referrals.verbs import DAY, adjust, redeem, rewarded

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check_ledger.py"
GIFT = TransferKind(
    "gift",
    SystemAccount.PROMOTIONS,
    PERSON,
    "gift:{number}",
    says=("reason", "by"),
    total="gifts",
    needs=(CONFIRMED,),
    permission="adjust_credit",
    who="A manager",
)
each_kind = pytest.mark.parametrize("kind", TRANSFER_KINDS, ids=str)


class Books:
    """A member with credit, and for each kind one transfer that might be the next."""

    def __init__(self):
        self.desk, self.manager = factories.person("desk"), factories.person("manager")
        self.begins = timezone.now() - 60 * DAY
        terms = factories.terms(from_on=timezone.localdate(self.begins), hold_days=0, expiry_days=40)
        self.member = factories.member(terms, confirmed_by=self.desk, now=self.begins)
        self.account = self.member.account
        systems = {name: ledger.system_account(name) for name in SystemAccount.values}
        self.accounts = {**systems, PERSON: self.account}
        self.promised = factories.referral(self.member, now=self.begins)
        now = timezone.now()
        self.promised.stamp(attended_on=timezone.localdate(now), attended_at=now, attended_by=self.desk)
        self.posted = {
            REWARD: rewarded(self.member, self.desk, self.begins + DAY),
            REDEMPTION: redeem(self.account, self.desk, 1000, self.begins + 2 * DAY),
            ADJUSTMENT_UP: self._adjust(700),
            ADJUSTMENT_DOWN: self._adjust(-300),
        }
        self.newest = rewarded(self.member, self.desk, now - DAY)

    def _adjust(self, cents):
        adjust(self.account, self.manager, cents, self.begins + 3 * DAY, because="x")
        return Transfer.objects.first()

    def next(self, kind: TransferKind) -> dict:
        """The columns of a transfer of that kind, as a verb would write it now."""
        of_kind = {
            REWARD: self._next_reward,
            REDEMPTION: self._next_redemption,
            EXPIRY: self._next_expiry,
            ADJUSTMENT_UP: lambda: self._next_adjustment(ADJUSTMENT_UP, 200),
            ADJUSTMENT_DOWN: lambda: self._next_adjustment(ADJUSTMENT_DOWN, -200),
        }
        says = self._next_reversal(self.posted[kind.reverses]) if kind.reverses else of_kind[kind]()
        return {
            "number": Head.objects.get().number + 1,
            "at": timezone.now(),
            "source_id": self.accounts[kind.source].pk,
            "destination_id": self.accounts[kind.destination].pk,
            "spent_on": "",
            "invoice": "",
            "reason": "",
            "digest": uuid4().hex,
            **says,
        }

    def _next_reward(self):
        key = f"referral:{self.promised.pk}:member"
        return {"key": key, "cents": 5000, "referral_id": self.promised.pk, "by_id": self.desk.pk}

    def _next_redemption(self):
        bill = {"spent_on": "Sun cream", "invoice": "2026-2", "by_id": self.desk.pk}
        return {"key": f"redemption:{uuid4()}", "cents": 100, **bill}

    def _next_expiry(self):
        reward = self.posted[REWARD]
        return {"key": f"expiry:{reward.number}:0", "cents": 5000 - 1000 - 300}

    def _next_adjustment(self, kind, cents):
        asked = Adjustment.objects.create(
            account=self.account,
            cents=cents,
            because="x",
            token=uuid4(),
            asked_by=self.manager,
            needs_second=False,
        )
        says = {"reason": "x", "by_id": self.manager.pk, "at": asked.asked_at}
        return {"key": kind.key(adjustment=asked.pk), "cents": abs(cents), **says}

    def _next_reversal(self, of):
        says = {"key": f"reversal:{of.number}", "reverses_id": of.pk, "reason": "x", "by_id": self.manager.pk}
        return {"cents": credit.what_comes_back(of)[0], **says}

    def column(self, name: str, *, filled: bool) -> dict:
        """A change that fills or empties that column."""
        if name in TEXTS:
            return {name: "2026-9" if filled else ""}
        rows = {
            "referral": self.newest.referral,
            "reverses": self.newest,
            "by": self.manager,
            "approved_by": self.desk,
        }
        return {f"{name}_id": rows[name].pk if filled else None}


@pytest.fixture
def books(db) -> Books:
    return Books()


def insert(columns: dict, table: str = "referrals_transfer") -> None:
    names, holes = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    stored = connection.ops.adapt_datetimefield_value
    values = [stored(value) if isinstance(value, datetime) else value for value in columns.values()]
    raw(f"INSERT INTO {table} ({names}) VALUES ({holes})", *values)


def refuses(columns: dict, message: str | None = None) -> None:
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        insert(columns)


def accepts(columns: dict) -> None:
    with transaction.atomic():
        insert(columns)
        transaction.set_rollback(True)


def proof_names(columns: dict) -> bool:
    """Whether `prove` names that transfer, written with its note under a right digest and a right head."""
    with transaction.atomic():
        pk = Transfer.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
        insert({"id": pk, **columns})
        if of := Transfer.objects.filter(pk=columns.get("reverses_id")).first():
            says = {"because": columns["reason"], "at": columns["at"], "by_id": columns.get("by_id")}
            lost = of.cents - columns["cents"]
            insert(
                {"id": 1, "of_id": of.pk, "transfer_id": pk, "lost_cents": lost, **says}, "referrals_reversal"
            )
        chain_anew()
        walk = LedgerWalk().run()
        transaction.set_rollback(True)
    return any(words.startswith(f"transfer {columns['number']}:") for words in sum(walk.broken.values(), []))


def wrong_forms(books: Books, kind: TransferKind, columns: dict) -> dict[str, dict]:
    """The transfer, changed in each way that its row of the table forbids."""
    wrong = {f"without {name}": columns | books.column(name, filled=False) for name in kind.says}
    for name in COLUMNS:
        if name not in (*kind.says, *kind.may_say):
            wrong[f"with {name}"] = columns | books.column(name, filled=True)
    swapped = {"source_id": columns["destination_id"], "destination_id": columns["source_id"]}
    wrong["the other way"] = columns | swapped
    end = "source_id" if kind.comes_in else "destination_id"
    for system in SystemAccount.values:
        if system != kind.system:
            wrong[f"{end} {system}"] = columns | {end: books.accounts[system].pk}
    wrong["between two of the clinic's own"] = columns | {
        "source_id": books.accounts["promotions"].pk,
        "destination_id": books.accounts["expired"].pk,
    }
    wrong["another cause"] = columns | {"key": f"other:{uuid4()}"}
    return wrong


# --- the table as it stands ---------------------------------------------------------------------------------


def test_the_table_is_what_was_decided():
    """All three follow the table, so a slip in it would weaken all three: here it stands a second time."""
    manager, desk = ("adjust_credit", "A manager"), "The front desk or a manager"
    decided = {
        "reward": ("promotions", "", {"referral", "by"}, {PROMISED}, "handle_referral", desk),
        "redemption": (
            "",
            "redeemed",
            {"spent_on", "invoice", "by"},
            {CONFIRMED, NAMED_IN_TERMS, USABLE},
            "redeem_credit",
            desk,
        ),
        "expiry": ("", "expired", set(), {OVER}, "", ""),
        "adjustment up": ("adjustments", "", {"reason", "by"}, {ASKED_FOR}, *manager),
        "adjustment down": ("", "adjustments", {"reason", "by"}, {ASKED_FOR}, *manager),
    }
    for name in ("reward", "redemption", "adjustment up", "adjustment down"):
        source, destination, *_ = decided[name]
        says = {"reverses", "reason", "by"}
        decided[f"{name} reversed"] = (
            destination,
            source,
            says,
            {GOES_BACK},
            "reverse_transfer",
            "A manager",
        )
    assert decided == {
        kind.name: (kind.source, kind.destination, set(kind.says), set(kind.needs), kind.permission, kind.who)
        for kind in TRANSFER_KINDS
    }
    assert {kind.name for kind in TRANSFER_KINDS if kind.may_say} == {"adjustment up", "adjustment down"}


def test_the_script_that_checks_an_export_knows_the_same_ways():
    """It is kept by hand, so that it needs nothing of ours."""
    causes = runpy.run_path(str(SCRIPT))["CAUSES"]
    ways = {
        (kind.source or "holder", kind.destination or "holder")
        for kind in TRANSFER_KINDS
        if not kind.reverses
    }
    assert set(causes) == ways
    assert runpy.run_path(str(SCRIPT))["CLINICS_OWN"] == set(SystemAccount.values)


# --- each kind, round the code ------------------------------------------------------------------------------


@each_kind
def test_the_database_takes_a_kind_as_the_table_has_it_and_in_no_other_form(books, kind):
    columns = books.next(kind)
    accepts(columns)
    for changed in wrong_forms(books, kind, columns).values():
        refuses(changed)
    refuses(
        columns | {"by_id": books.member.user_id}, "own account|asked for|rewarded once|not move that way"
    )
    if kind.source == PERSON:
        refuses(columns | {"cents": 99_999_999})


@each_kind
def test_the_proof_names_a_kind_in_any_other_form(books, kind):
    columns = books.next(kind)
    copy_rows()
    assert not proof_names(columns)
    for name, changed in wrong_forms(books, kind, columns).items():
        assert proof_names(changed), name


def unmet(books: Books) -> dict:
    """For each need, a kind that has it and a change after which it isn't met."""
    later = {"key": f"expiry:{books.newest.number}:0"}
    return {
        PROMISED: (REWARD, {"cents": 5001}),
        CONFIRMED: (REDEMPTION, {}),  # once the member isn't
        NAMED_IN_TERMS: (REDEMPTION, {"spent_on": "Gold"}),
        USABLE: (REDEMPTION, {"cents": 5701}),
        OVER: (EXPIRY, later),
        ASKED_FOR: (ADJUSTMENT_UP, {"cents": 201}),
        GOES_BACK: (next(kind for kind in TRANSFER_KINDS if kind.reverses == REWARD), {"cents": 5001}),
    }


def test_what_a_kind_needs_is_asked_by_the_database_and_by_the_proof(books):
    cases = unmet(books)
    assert set(cases) == {need for kind in TRANSFER_KINDS for need in kind.needs}
    transfers = {need: (books.next(kind), change) for need, (kind, change) in cases.items()}
    for need, (columns, change) in transfers.items():
        if need == CONFIRMED:
            continue
        if need.unmet:
            refuses(columns | change, need.message)
    Member.objects.update(confirmed_at=None, confirmed_by=None)
    refuses(transfers[CONFIRMED][0], CONFIRMED.message)
    copy_rows()
    for need, (columns, change) in transfers.items():
        assert proof_names(columns | change), need


def test_every_need_has_a_proof_of_its_own():
    assert {need for kind in TRANSFER_KINDS for need in kind.needs} == set(LedgerWalk.recomputed)


@each_kind
def test_a_kind_is_made_by_whoever_the_table_says(books, kind):
    for role in ("editor", "clinician", "desk", "manager"):
        person = factories.person(role)
        if kind.permission and not person.has_role_permission(kind.right):
            with pytest.raises(ReferralError, match=kind.who):
                kind.require(person, "does that.")


# --- a kind that is added -----------------------------------------------------------------------------------


def with_kinds(monkeypatch, kinds) -> None:
    """The table as it would be, and the database after the next migrate."""
    monkeypatch.setattr(transfer_kinds, "TRANSFER_KINDS", kinds)
    monkeypatch.setattr(Transfer, "database_rules", transfer_rules(kinds))
    if connection.vendor != "sqlite":
        connection.check_constraints()  # no pending event may stand in the way
    append_only.install()


def test_a_kind_that_is_added_to_the_table_is_known_to_verbs_database_and_proof(books, monkeypatch):
    def give(cents=100, **says):
        account, key = Account.objects.get(pk=books.account.pk), GIFT.key(number=uuid4().int % 10**9)
        return ledger.post(GIFT, account, cents=cents, key=key, by=books.manager, **says)

    with pytest.raises(ReferralError, match="does not move that way"):
        give(reason="A birthday")

    with_kinds(monkeypatch, (*TRANSFER_KINDS, GIFT))
    given = give(reason="A birthday")
    assert given.kind == GIFT
    walk = LedgerWalk().run()
    assert (sum(walk.broken.values(), []), walk.totals["gifts"]) == ([], 100)
    with pytest.raises(IntegrityError, match="does not move that way"), transaction.atomic():
        give(reason="")
    with pytest.raises(ReferralError, match="A manager"):
        GIFT.require(books.desk, "gives presents.")

    # what it needs is asked by all three
    Member.objects.update(confirmed_at=None, confirmed_by=None)
    with pytest.raises(ReferralError, match="Confirm first"), transaction.atomic():
        give(reason="A birthday")
    head = Head.objects.get().number
    columns = books.next(REDEMPTION) | {
        "number": head + 1,
        "key": "gift:7",
        "spent_on": "",
        "invoice": "",
        "reason": "x",
    }
    columns |= {"source_id": books.accounts["promotions"].pk, "destination_id": books.account.pk}
    refuses(columns, CONFIRMED.message)
    assert f"transfer {given.number}: its member was not confirmed before" in LedgerWalk().run().broken[9]

    with_kinds(monkeypatch, TRANSFER_KINDS)
    refuses(columns, "does not move that way")
    assert any(words.startswith(f"transfer {given.number}: ") for words in LedgerWalk().run().broken[8])

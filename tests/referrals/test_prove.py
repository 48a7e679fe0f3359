"""`prove` finds whatever was changed behind the rules, in a `copy` without any, and names the row."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from clinic_site import append_only
from clinic_site.registry import ProofRun
from referrals import credit, ledger, rewards
from referrals.models import (
    Acceptance,
    Account,
    Adjustment,
    Head,
    Member,
    Referral,
    Reversal,
    Terms,
    Transfer,
)
from referrals.proofs import prove
from referrals.transfer_kinds import SystemAccount
from tests import factories
from tests.referrals.tampering import chain_anew, duplicate, raw
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db


def broken(head: str = "") -> list[str]:
    return [words for found in prove(ProofRun(head)) for words in found.broken]


def after(sql: str, *values, head: str = "") -> list[str]:
    """What `prove` finds after that statement, which is then taken back."""
    with transaction.atomic():
        raw(sql, *values)
        found = broken(head)
        transaction.set_rollback(True)
    return found


def other(value, field):
    """Another value for a column."""
    if field.name == "system":
        return "expired" if value != "expired" else "redeemed"
    if field.is_relation:
        return (value or 0) + 1
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return (value or timezone.now()) + timedelta(microseconds=1)
    if kind == "DateField":
        return value + 2 * DAY
    if kind == "BooleanField":
        return not value
    if kind == "UUIDField":
        return uuid4()
    if isinstance(value, int):
        return value + 1
    return f"{value or ''}x"[-field.max_length :]


def changed(row, name: str, value=None) -> list[str]:
    """What `prove` finds where one column of one row has another value."""
    field = row._meta.get_field(name)
    value = other(getattr(row, field.attname), field) if value is None else value
    table, stored = row._meta.db_table, field.get_db_prep_save(value, connection)
    return after(f'UPDATE {table} SET "{field.column}" = %s WHERE id = %s', stored, row.pk)


def names(found: list[str], number: int) -> bool:
    return any(f"transfer {number}:" in words or f"transfer {number} is missing" in words for words in found)


# --- what holds ---------------------------------------------------------------------------------------------


def test_a_ledger_that_was_written_by_the_verbs_holds(history):
    assert broken() == []
    assert {key.partition(":")[0] for key in Transfer.objects.values_list("key", flat=True)} == {
        "referral",
        "redemption",
        "reversal",
        "adjustment",
        "expiry",
    }


def test_the_totals_are_those_of_the_accounts(history):
    said = dict(line.rsplit(maxsplit=1) for line in told() if line[-3:-2] == ".")
    cents = {name: int(amount.replace(",", "").replace(".", "")) for name, amount in said.items()}
    owed = sum(account.balance for account in ledger.balances(Account.objects.filter(system="")))
    at = {account.system: account.balance for account in ledger.balances(Account.objects.exclude(system=""))}
    assert cents["owed"] == owed
    assert cents["redeemed"] - cents["redeemed, reversed"] == at["redeemed"]
    assert cents["issued"] - cents["rewards reversed"] == -at["promotions"]
    assert cents["adjusted up"] - cents["adjusted down"] == -at["adjustments"]
    assert cents["expired"] == at["expired"]
    assert cents["lost"] == 6000


def told() -> list[str]:
    proving = ProofRun()
    prove(proving)
    return proving.notes


def test_the_walk_asks_as_often_for_many_transfers_as_for_few(history, desk):
    with connection.execute_wrapper(lambda execute, *args: asked.append(1) or execute(*args)):
        asked = []
        broken()
        few, asked = len(asked), []
        member = Member.objects.first()
        for _ in range(8):
            factories.referral(member)
            rewards.attend(Referral.objects.first(), by=desk, on=timezone.localdate())
        asked = []
        assert broken() == []
        assert len(asked) == few


# --- one row changed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", [field.name for field in Transfer._meta.concrete_fields if field.name != "id"]
)
def test_no_column_of_a_transfer_is_changed_unseen(copy, column):
    for row in Transfer.objects.order_by("number"):
        found = changed(row, column)
        assert names(found, row.number), f"{column} of transfer {row.number}: {found}"


def test_the_handle_of_a_row_is_changed_unseen_in_none_but_the_last(copy):
    """The last one may: nothing stands on it yet, and no page, export or digest knows it."""
    for row in Transfer.objects.filter(number__lt=copy):
        assert changed(row, "id", value=row.pk + 100_000)


def test_a_changed_digest_names_that_row_alone(copy):
    for row in Transfer.objects.filter(number__lt=copy):
        assert changed(row, "digest", value="0" * 64) == [
            f"transfer {row.number}: it doesn't match its digest"
        ]


def test_digests_that_are_all_wrong_are_each_named_once(copy):
    found = after("UPDATE referrals_transfer SET digest = 'x' || SUBSTR(digest, 2)")
    assert [words for words in found if "digest" in words] == [
        f"transfer {number}: it doesn't match its digest" for number in range(1, copy + 1)
    ]


def test_a_missing_transfer_is_named(copy):
    for number in range(1, copy):
        assert f"transfer {number} is missing" in after(
            "DELETE FROM referrals_transfer WHERE number = %s", number
        )


def test_a_missing_last_transfer_is_seen_by_the_head_and_by_one_that_was_noted(copy):
    last, before = Transfer.objects.order_by("-number")[:2]
    noted = str(Head.objects.get())
    assert any(
        "the head of the ledger" in words
        for words in after("DELETE FROM referrals_transfer WHERE number = %s", copy)
    )
    # somebody who puts the head right as well is found by the one that was noted
    raw("UPDATE referrals_head SET number = %s, digest = %s", before.number, before.digest)
    found = after("DELETE FROM referrals_transfer WHERE number = %s", copy, head=noted)
    assert f"transfer {last.number}: it was noted, and is missing" in found


def test_a_ledger_with_every_digest_made_anew_is_seen_by_a_head_that_was_noted(copy):
    noted = str(Head.objects.get())
    raw("UPDATE referrals_transfer SET invoice = '2026-99' WHERE number = 2")
    chain_anew()
    assert broken() == []
    assert broken(noted) == [f"transfer {copy}: it is not the one that was noted"]


def test_a_row_that_stands_twice_is_named(copy):
    for number in range(1, copy + 1):
        found = after(
            f"INSERT INTO referrals_transfer SELECT * FROM referrals_transfer WHERE number = {number}"
        )
        assert f"transfer {number}: it stands there twice" in found


def test_a_cause_that_moved_credit_twice_is_named_though_digests_and_head_are_right(copy):
    for number in range(1, copy + 1):
        with transaction.atomic():
            duplicate(number)
            found = broken()
            transaction.set_rollback(True)
        key = Transfer.objects.get(number=number).key
        assert f"transfers {number} and {copy + 1} have one key, {key}" in found


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("referral:%:member", "key || ':again'"),
        ("referral:%:friend", "REPLACE(key, 'friend', 'cousin')"),
        ("adjustment:%", "'adjustment:987654'"),
        ("expiry:%", "REPLACE(key, ':0', ':1')"),
        ("reversal:%", "key || '0'"),
        ("redemption:%", "'redemption:again'"),
    ],
)
def test_a_second_transfer_for_one_cause_is_named_whatever_its_key_says(copy, kind, key):
    number = Transfer.objects.filter(key__contains=kind.strip("%").split("%")[-1]).first().number
    duplicate(number, key=key)
    assert names(broken(), copy + 1)


def test_a_second_redemption_of_what_is_not_there_is_named(copy):
    spent = Transfer.objects.filter(source__member__isnull=False, key__startswith="redemption").first()
    duplicate(spent.number, key=f"'redemption:{uuid4()}'", cents="123456")
    found = broken()
    assert any(f"transfer {copy + 1}: it leaves account-" in words for words in found)
    assert any(f"transfer {copy + 1}: it spends 123456 cents where" in words for words in found)


def test_credit_on_hold_that_was_spent_is_named(copy, desk):
    member = Member.objects.order_by("pk").first()
    newest = (
        Transfer.objects.filter(destination__member=member, key__startswith="referral")
        .order_by("-number")
        .first()
    )
    assert newest.cents == 4000
    spent = Transfer.objects.filter(source__referral__isnull=False).first()
    day = f"'{(newest.at + DAY).isoformat(sep=' ').replace('+00:00', '')}'"
    found = after(f"UPDATE referrals_transfer SET at = {day} WHERE number = {spent.number}")
    assert any(
        f"transfer {spent.number}: it spends 700 cents where 0 were usable" in words for words in found
    )


# --- what a transfer stands on ------------------------------------------------------------------------------


def test_the_head_is_not_changed_unseen(copy):
    head = Head.objects.get()
    for column in ("number", "digest"):
        assert any("the head of the ledger" in words for words in changed(head, column))
    assert any("the head of the ledger" in words for words in after("DELETE FROM referrals_head"))


def test_the_note_of_a_reversal_is_not_changed_unseen(copy):
    for reversal in Reversal.objects.all():
        columns = ["of", "lost_cents"]
        if reversal.transfer:
            columns += ["transfer", "because", "by", "at"]
        for column in columns:
            found = changed(reversal, column)
            numbers = [
                reversal.of.number,
                reversal.of.number + 1,
                reversal.transfer and reversal.transfer.number,
            ]
            assert any(names(found, number) for number in numbers), f"{column} of {reversal}: {found}"
        if reversal.transfer:
            assert names(
                after("DELETE FROM referrals_reversal WHERE id = %s", reversal.pk), reversal.transfer.number
            )


def test_an_adjustment_is_not_changed_unseen(copy):
    moved = Adjustment.objects.filter(refused_at=None)
    assert moved.count() == 3
    for adjustment in moved:
        number = Transfer.objects.get(key=f"adjustment:{adjustment.pk}").number
        columns = [
            "account",
            "cents",
            "because",
            "asked_by",
            "needs_second",
            "refused_at",
            "refused_by",
            "approved_by",
        ]
        columns.append("approved_at" if adjustment.approved_at else "asked_at")
        for column in columns:
            found = changed(adjustment, column)
            assert names(found, number), f"{column} of {adjustment}: {found}"
        assert names(after("DELETE FROM referrals_adjustment WHERE id = %s", adjustment.pk), number)
    refused = Adjustment.objects.get(refused_at__isnull=False)
    assert f"adjustment {refused.pk} moved nothing" in changed(refused, "needs_second")


def test_what_one_person_moved_over_the_limit_is_named(copy):
    terms = Terms.objects.order_by("from_on").first()
    found = changed(terms, "alone_cents", value=1999)
    assert [words.partition(":")[2] for words in found] == [
        " one person moved 2000 cents in thirty days, where the terms allow 1999"
    ]


def test_a_reward_before_the_friend_came_is_named(copy):
    for transfer in Transfer.objects.filter(referral__isnull=False).select_related("referral"):
        referral = transfer.referral
        later = transfer.at + timedelta(seconds=1)
        assert f"transfer {transfer.number}: referral {referral.pk} was not attended before" in changed(
            referral, "attended_at", value=later
        )
        assert names(
            after("UPDATE referrals_referral SET attended_at = NULL WHERE id = %s", referral.pk),
            transfer.number,
        )
        for column in ("member", "terms", "attended_on", "attended_by"):
            found = changed(
                referral,
                column,
                value=transfer.referral.attended_on + 99 * DAY if column == "attended_on" else None,
            )
            assert names(found, transfer.number), f"{column}: {found}"


def test_a_late_mention_that_came_too_late_is_named(copy):
    referral = Referral.objects.get(mentioned_at__isnull=False)
    transfer = referral.transfers.get()
    found = changed(referral, "attended_on", value=referral.attended_on - 51 * DAY)
    late = f"transfer {transfer.number}: referral {referral.pk} was mentioned 61 days after the visit"
    assert late in found


def test_a_reward_that_the_accepted_terms_do_not_promise_is_named(copy):
    for acceptance in Acceptance.objects.filter(member__referrals__isnull=False).distinct():
        theirs = Transfer.objects.filter(referral__member=acceptance.member, referral__terms=acceptance.terms)
        for number in theirs.values_list("number", flat=True):
            assert names(changed(acceptance, "at", value=timezone.now()), number)
            assert names(after("DELETE FROM referrals_acceptance WHERE id = %s", acceptance.pk), number)
    for terms in Terms.objects.all():
        for number in Transfer.objects.filter(
            referral__terms=terms, destination__member__isnull=False
        ).values_list("number", flat=True):
            assert names(changed(terms, "member_cents"), number)
        for number in Transfer.objects.filter(
            referral__terms=terms, destination__referral__isnull=False
        ).values_list("number", flat=True):
            assert names(changed(terms, "friend_cents"), number)


def test_a_reward_over_the_cap_is_named_and_a_reversed_one_counts_for_none(copy):
    """The first member was left with two rewards; of the second one's three, two were reversed."""
    second = Transfer.objects.filter(key__endswith=":member", cents=4000).get().number
    assert after("UPDATE referrals_terms SET cap_per_year = 1") == [
        f"transfer {second}: its member had 1 rewards that year before"
    ]


def test_something_that_the_terms_do_not_name_is_named(copy):
    terms = Terms.objects.order_by("from_on").first()
    found = changed(terms, "spendable_on", value="Skin care")
    bought = Transfer.objects.filter(spent_on="Sun cream").values_list("number", flat=True)
    assert bought
    assert all(f"transfer {number}: the terms don't name 'Sun cream'" in found for number in bought)


def test_a_redemption_before_the_desk_saw_who_it_was_is_named(copy):
    member = Member.objects.order_by("pk").first()
    spent = Transfer.objects.filter(source__member=member, key__startswith="redemption").first()
    found = changed(member, "confirmed_at", value=timezone.now())
    assert f"transfer {spent.number}: its member was not confirmed before" in found


def test_credit_of_their_own_that_somebody_moved_is_named(copy):
    member = Member.objects.order_by("pk").first()
    transfer = Transfer.objects.filter(destination__member=member).first()
    found = changed(member, "user", value=transfer.by_id)
    assert f"transfer {transfer.number}: somebody moved credit to or from their own account" in found


def test_another_owner_of_an_account_is_seen(copy):
    for account in Account.objects.all():
        for column in ("system", "member", "referral"):
            value = (
                None
                if column == "system" or not getattr(account, column)
                else getattr(account, column).pk + 77
            )
            if column == "system" or value:
                assert changed(account, column, value=value), f"{column} of {account}"


def test_an_expiry_before_its_time_is_named(copy):
    number = Transfer.objects.get(destination__system=SystemAccount.EXPIRED).number
    terms = Terms.objects.order_by("from_on").first()
    assert names(changed(terms, "expiry_days", value=500), number)


# --- the command --------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[str, bool]:
    """What the command said, and whether it ended well."""
    out = StringIO()
    try:
        call_command("prove", *arguments, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), not ended.code
    return out.getvalue(), True


def test_the_command_tells_a_head_that_it_can_be_given_later(history):
    said, fine = command()
    assert fine, said
    head = next(line.split()[1] for line in said.splitlines() if line.startswith("head "))
    assert head == str(Head.objects.get())
    credit.adjust(
        Account.objects.filter(system="").first(),
        cents=1,
        because="One more",
        token=uuid4(),
        by=factories.person("manager"),
    )
    assert command("--head", head)[1]
    said, fine = command("--head", f"3:{'0' * 64}")
    assert (fine, "transfer 3: it is not the one that was noted" in said) == (False, True)
    with pytest.raises(CommandError):
        command("--head", "yesterday")


def test_the_command_says_how_many_more_there_are(copy):
    raw("UPDATE referrals_transfer SET spent_on = 'x', invoice = 'y', reason = 'z'")
    said, fine = command()
    assert not fine
    assert " more\n" in said


def test_a_missing_or_sleeping_trigger_breaks_a_promise(history):
    name = "keep_referrals_transfer_update"
    on = "" if connection.vendor == "sqlite" else " ON referrals_transfer"
    if connection.vendor != "sqlite":
        connection.check_constraints()  # no pending event may stand in the way
        assert [f"the trigger {name} is missing"] == after(
            f"ALTER TABLE referrals_transfer DISABLE TRIGGER {name}"
        )
    assert [f"the trigger {name} is missing"] == after(f"DROP TRIGGER {name}{on}")
    assert append_only.missing() == []

"""The export, and the script that checks it: run as whoever has no website would run it."""

import csv
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from referrals import ledger
from referrals.csv_lines import csv_lines
from referrals.export import HEADER, ledger_rows
from referrals.models import Head, Transfer
from tests.referrals.tampering import duplicate

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check_ledger.py"


@pytest.fixture
def rows(history) -> list[dict]:
    out = StringIO()
    call_command("export_ledger", stdout=out)
    assert out.getvalue().startswith("\ufeff")  # as every spreadsheet here begins
    return list(csv.DictReader(StringIO(out.getvalue()[1:], newline="")))


@pytest.fixture
def check(tmp_path):
    def run(rows, head: str = "", encoding="utf-8-sig") -> tuple[int, str]:
        with open(tmp_path / "ledger.csv", "w", newline="", encoding=encoding) as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        # -I: no environment, no folder of ours on its path
        command = [sys.executable, "-I", SCRIPT, tmp_path / "ledger.csv", *([head] if head else [])]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


def test_an_export_that_nobody_touched_holds(rows, check):
    status, said = check(rows, str(Head.objects.get()))
    assert status == 0, said
    assert f"head {Head.objects.get()}" in said
    owed = sum(account.balance for account in ledger.balances() if not account.system)
    assert f"{owed / 100:,.2f}  owed" in said


def test_an_export_of_before_holds_as_well(rows, check):
    """Without the mark at its beginning."""
    assert check(rows, encoding="utf-8")[0] == 0


def test_the_export_is_what_the_database_holds(rows):
    assert len(rows) == Transfer.objects.count()
    for row, transfer in zip(rows, Transfer.objects.order_by("number"), strict=True):
        assert list(row.values()) == [
            "" if fact is None else str(fact) for fact in (*transfer.facts(), transfer.digest)
        ]


def test_nothing_personal_is_exported(rows, django_user_model):
    text = "".join(csv_lines(ledger_rows()))
    for user in django_user_model.objects.all():
        assert user.email not in text
        assert user.name not in text


def test_the_export_is_one_query_whatever_its_length(history, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(list(ledger_rows())) > 1


@pytest.mark.parametrize("column", HEADER)
def test_no_cell_of_the_export_is_changed_unseen(rows, check, column):
    for number in (1, len(rows) // 2, len(rows)):
        row = rows[number - 1]
        for cell in ("", "7" + row[column]) if row[column] else ("7",):
            status, said = check([{**r, column: cell} if r is row else r for r in rows])
            assert status == 1
            assert re.search(rf"transfer 7?{number}: |line {number + 1}: ", said)


def test_a_row_that_is_missing_or_stands_twice_is_named(rows, check):
    for number in range(1, len(rows)):
        status, said = check(rows[: number - 1] + rows[number:])
        assert (status, f"transfer {number} should stand here" in said) == (1, True)
    status, said = check([*rows, rows[-1]])
    assert (status, f"transfer {len(rows)}: its cause" in said) == (1, True)


def test_a_missing_end_is_seen_by_a_head_that_was_noted(rows, check):
    assert check(rows[:-1])[0] == 0
    status, said = check(rows[:-1], str(Head.objects.get()))
    assert (status, f"transfer {len(rows)}: it is not the one that was noted, or is missing" in said) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    ("of", "changes", "words"),
    [
        ("referral:%", {}, "moved credit in transfer"),
        ("referral:%", {"key": "key || ':again'"}, "credit does not move from promotions"),
        ("reversal:%", {"key": "key || '0'"}, "can't be reversed, or was reversed before"),
        (
            "redemption:%",
            {"key": "'redemption:00000000-0000-4000-8000-000000000000'", "cents": "999999"},
            "it leaves account-",
        ),
        ("expiry:%", {"key": "REPLACE(key, ':0', ':1')", "cents": "999999"}, "it leaves account-"),
        ("redemption:%", {"cents": "0"}, "it moves nothing"),
    ],
)
def test_what_breaks_a_rule_is_named_though_every_digest_is_right(copy, check, of, changes, words):
    first = Transfer.objects.filter(key__startswith=of.strip("%")).order_by("number").first()
    duplicate(first.number, **changes)
    status, said = check(list(csv.DictReader("".join(csv_lines(ledger_rows()))[1:].splitlines())))
    assert status == 1
    assert f"transfer {copy + 1}: " in said
    assert words in said
    assert "doesn't match its digest" not in said


def test_the_script_needs_nothing_but_python():
    imports = {
        line.split()[1] for line in SCRIPT.read_text().splitlines() if line.startswith(("import ", "from "))
    }
    assert imports <= set(sys.stdlib_module_names)


def test_what_is_no_export_is_said_in_a_sentence(rows, check, tmp_path):
    status, said = check([{**rows[0], "cents": "many"}])
    assert (status, "line 2: that is no transfer" in said) == (1, True)
    for head in ("yesterday", f"x:{'0' * 64}"):
        status, said = check(rows, head)
        assert (status, "it was not noted like that" in said) == (1, True)

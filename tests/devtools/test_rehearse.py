"""The command that makes a sample year: where it may, and that it can be made again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from clinic_site.accounts.models import User
from referrals.models import Terms, Transfer
from tests import factories
from tests.devtools.test_rehearsal import rehearse


def what_moved() -> list[tuple]:
    """Every transfer, without what is drawn by chance: its digest stands on the keys of accounts."""
    return list(
        Transfer.objects.order_by("number").values_list(
            "number", "at", "cents", "source__system", "reason", "spent_on"
        )
    )


def test_an_empty_ledger_holds(db):
    out = StringIO()
    call_command("prove", stdout=out)
    assert "BROKEN" not in out.getvalue()


def test_the_same_seed_gives_the_same_year(db):
    years = []
    for seed in (5, 5, 6):
        with transaction.atomic():
            rehearse(seed=seed)
            years.append(what_moved())
            transaction.set_rollback(True)
    assert years[0] == years[1] != years[2]


def test_it_refuses_where_there_are_real_people(db):
    call_command("rehearse", "--transfers=1", stdout=StringIO())
    factories.member(Terms.objects.first())
    with pytest.raises(CommandError, match="real people"):
        rehearse()


def test_a_year_is_rehearsed_once_in_a_database(db):
    rehearse(3)
    owed = Transfer.objects.aggregate(total=Sum("cents"))
    with pytest.raises(CommandError, match="already"):
        rehearse(3)
    assert Transfer.objects.aggregate(total=Sum("cents")) == owed


@pytest.mark.parametrize("arguments", [["--transfers=0"], ["--until=2099-01-01"]])
def test_a_year_that_can_not_be_is_refused(db, arguments):
    with pytest.raises(CommandError):
        call_command("rehearse", *arguments, stdout=StringIO())
    assert not User.objects.exists()


def test_it_goes_into_a_site_with_the_starter_content(starter_site, db):
    assert "BROKEN" not in rehearse(30)
    assert Terms.objects.in_force().first().from_on == timezone.localdate()

"""A sample year, made by the verbs of real life: what is in it."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from post_office.models import Email

from clinic_site.accounts.models import User
from clinic_site.devtools.rehearsal import DOMAIN
from referrals import rewards
from referrals.models import (
    Account,
    Adjustment,
    Head,
    Introduction,
    Member,
    Notice,
    Referral,
    Reversal,
    Terms,
    Transfer,
)
from tests import factories

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 3, 31)


def rehearse(transfers: int = 60, seed: int = 5) -> str:
    out = StringIO()
    call_command("rehearse", f"--transfers={transfers}", f"--seed={seed}", f"--until={UNTIL}", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def year(django_db_setup, django_db_blocker):
    """One year for all that only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        said = rehearse(400)
        with django_db_blocker.block():
            yield said
        transaction.set_rollback(True)


def test_a_year_has_everything_in_it(year):
    assert Head.objects.get().number >= 400
    ways = Transfer.objects.values_list("source__system", "destination__system").annotate(n=Count("pk"))
    assert {(source, destination) for source, destination, _ in ways} >= {
        ("promotions", ""),
        ("", "promotions"),
        ("", "redeemed"),
        ("redeemed", ""),
        ("", "expired"),
        ("adjustments", ""),
    }
    assert Reversal.objects.exists()
    assert Adjustment.objects.filter(approved_at__isnull=False).exists()
    assert Referral.objects.filter(mentioned_at__isnull=False).exists()
    assert Referral.objects.filter(declined_at__isnull=False).exists()
    assert Referral.objects.filter(withdrawn_at__isnull=False).exists()
    assert Account.objects.filter(referral__isnull=False).exists()
    assert Member.objects.filter(left_at__isnull=False).exists()
    assert Member.objects.filter(confirmed_at__isnull=False).exists()
    assert Terms.objects.count() == 2
    days = (Transfer.objects.latest("number").at - Transfer.objects.earliest("number").at).days
    assert 340 <= days <= 365


def test_what_it_made_holds(year):
    assert "BROKEN" not in year
    assert f"head {Head.objects.get()}" in year
    assert f"{Head.objects.get().number} transfers in the year up to {UNTIL}" in year, (
        "after its progress, on a slow machine"
    )


def test_everybody_in_it_is_plainly_a_sample(year):
    assert not User.objects.filter(is_sample=False).exists()
    for user in User.objects.filter(member__isnull=False):
        assert user.name.startswith("Sample Member")
        assert user.email.endswith(f"@{DOMAIN}")
    for introduction in Introduction.objects.all():
        assert introduction.name.startswith("Sample Friend")
        assert introduction.email.endswith(f"@{DOMAIN}")
        assert not introduction.phone or " 555 01" in introduction.phone


def test_it_sends_no_mail(year):
    assert not Email.objects.exists()
    assert not Notice.objects.exists()


def test_the_desk_goes_on_where_the_year_ended(year):
    desk = factories.person("desk")
    waiting = Referral.objects.waiting().filter(member__left_at=None).first()
    assert rewards.attend(waiting, by=desk, on=timezone.localdate()) is not None

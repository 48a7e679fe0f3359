"""The terms of the programme: written once, from a day on, and never spent on a medicine."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic_site.append_only import WrittenOnceError
from referrals.models import Terms

pytestmark = pytest.mark.django_db


def terms(days: int = 0, **fields) -> Terms:
    from_on = timezone.localdate() + timedelta(days=days)
    return Terms.objects.create(
        **{"from_on": from_on, "member_cents": 5000, "spendable_on": "Sun cream", **fields}
    )


def test_the_newest_that_has_begun_is_in_force():
    old, now, _later = terms(-9), terms(), terms(9)
    assert list(Terms.objects.in_force()) == [now]
    assert old.member_cents == now.member_cents


def test_terms_are_written_once():
    made = terms()
    with pytest.raises(WrittenOnceError):
        made.save()
    with (
        pytest.raises(IntegrityError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE referrals_terms SET member_cents = 1")
    with (
        pytest.raises(IntegrityError, match="never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM referrals_terms")


def test_one_version_a_day():
    terms()
    with pytest.raises(IntegrityError), transaction.atomic():
        terms()


@pytest.mark.parametrize("kind", ["Botox injections", "any treatment", "Prescription creams"])
def test_credit_is_never_spent_on_a_medicine(kind):
    with pytest.raises(ValidationError, match="never spent"):
        terms(spendable_on=f"Sun cream\n{kind}")


def test_new_terms_do_not_begin_in_the_past():
    with pytest.raises(ValidationError, match="today or later"):
        Terms(
            from_on=timezone.localdate() - timedelta(days=1), member_cents=5000, spendable_on="Sun cream"
        ).full_clean()


def test_a_reward_is_above_zero():
    with pytest.raises(IntegrityError), transaction.atomic():
        terms(member_cents=0)

"""The terms of the programme: written once, from a day on, and never spent on a medicine."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic_site.append_only import WrittenOnceError
from referrals.models import Terms
from tests.admin_forms import errors_of
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db


def terms(days: int = 0, **fields) -> Terms:
    from_on = timezone.localdate() + days * DAY
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
        Terms(from_on=timezone.localdate() - DAY, member_cents=5000, spendable_on="Sun cream").full_clean()


def test_a_reward_is_above_zero():
    with pytest.raises(IntegrityError), transaction.atomic():
        terms(member_cents=0)


# --- in the admin -------------------------------------------------------------------------------------------

NEW = {
    "from_on": timezone.localdate().isoformat(),
    "member_cents": "50",
    "friend_cents": "0",
    "hold_days": 14,
    "cap_per_year": 10,
    "late_mention_days": 60,
    "alone_cents": "50.00",
    "spendable_on": "Sun cream",
}


def test_terms_are_added_and_never_changed(as_manager):
    as_manager.post("/admin/referrals/terms/add/", NEW)
    terms = Terms.objects.get()
    assert (
        as_manager.post(f"/admin/referrals/terms/{terms.pk}/change/", {**NEW, "member_cents": 1}).status_code
        == 403
    )
    assert as_manager.post(f"/admin/referrals/terms/{terms.pk}/delete/", {"post": "yes"}).status_code == 403
    terms.refresh_from_db()
    assert terms.member_cents == 5000


def test_a_reward_of_nothing_is_refused_in_words(as_manager):
    response = as_manager.post("/admin/referrals/terms/add/", {**NEW, "member_cents": 0})
    assert "above zero" in errors_of(response)
    assert not Terms.objects.filter(from_on__lte=timezone.localdate()).exists()

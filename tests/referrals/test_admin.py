import pytest
from django.utils import timezone

from referrals.models import Terms
from tests.admin_forms import errors_of

pytestmark = pytest.mark.django_db

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


def test_terms_are_added_and_never_changed(client, manager):
    client.force_login(manager)
    client.post("/admin/referrals/terms/add/", NEW)
    terms = Terms.objects.get()
    assert (
        client.post(f"/admin/referrals/terms/{terms.pk}/change/", {**NEW, "member_cents": 1}).status_code
        == 403
    )
    assert client.post(f"/admin/referrals/terms/{terms.pk}/delete/", {"post": "yes"}).status_code == 403
    terms.refresh_from_db()
    assert terms.member_cents == 5000


def test_a_reward_of_nothing_is_refused_in_words(client, manager):
    client.force_login(manager)
    response = client.post("/admin/referrals/terms/add/", {**NEW, "member_cents": 0})
    assert "above zero" in errors_of(response)
    assert not Terms.objects.filter(from_on__lte=timezone.localdate()).exists()

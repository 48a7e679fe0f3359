"""What it costs: shown as staff keep it, in one currency, and led to only where there is something."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.clinic.checks import prices_may_be_shown
from clinic_site.clinic.models import Details, Fee
from clinic_site.search.results import find
from tests import factories
from tests.admin_forms import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    Details(name="Test Clinic", country="CA").save()
    return Details.objects.get()


@pytest.fixture
def fee(clinic):
    return Fee.objects.create(kind="consultation", low_cents=12050, plans="Some private plans pay a part.")


def text(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, None, "No charge"),
        (0, 0, "No charge"),
        (0, 5000, "$0 to $50"),
        (12050, None, "$120.50"),
        (12050, 12050, "$120.50"),
        (30000, 123450, "$300 to $1,234.50"),
    ],
)
def test_an_amount_is_said_as_people_say_it(low, high, said, client, clinic):
    Fee.objects.create(kind="follow-up", low_cents=low, high_cents=high)
    html = text(client, "/fees/")
    assert f">{said}<" in html
    assert "in CAD" in html


@pytest.mark.parametrize(
    "wrong",
    [
        {"low_cents": 200, "high_cents": 100},
        {"low_cents": -1},
        {"kind": "other"},
    ],
)
def test_the_database_refuses_what_is_no_fee(wrong, clinic, fee):
    values = {"kind": "treatment", "low_cents": 100, "changed_on": timezone.localdate(), **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        Fee.objects.bulk_create([Fee(**values)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Fee.objects.filter(pk=fee.pk).update(**wrong)


def test_words_beside_a_price_are_held_to_the_rules_of_unsigned_words(clinic, fee):
    for field in ("name", "plans", "not_charged"):
        wrong = Fee(kind="treatment", low_cents=1, **{field: "It lasts 4 months."})
        with pytest.raises(ValidationError):
            wrong.full_clean()
        with pytest.raises(ValidationError):
            wrong.save()


def test_the_day_of_a_change_sets_itself_and_moves_with_what_is_said_alone(fee):
    long_ago = timezone.localdate() - timedelta(days=90)
    Fee.objects.update(changed_on=long_ago)
    fee.refresh_from_db()
    fee.order = 3
    fee.save()
    assert fee.changed_on == long_ago
    fee.high_cents = 20000
    fee.save()
    assert fee.changed_on == timezone.localdate()


def test_the_country_keeps_its_currency_while_fees_stand(clinic, fee):
    clinic.country = "GB"
    with pytest.raises(ValidationError):
        clinic.full_clean()
    with pytest.raises(ValidationError):
        clinic.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Details.objects.update(country="GB")
    fee.delete()
    clinic.save()


@pytest.mark.parametrize("how", ["empty", "off"])
def test_without_fees_the_page_says_what_to_ask_and_nothing_leads_there(how, client, clinic, fee):
    for path in ("/", "/contact/", "/sitemap.xml"):
        assert "/fees/" in text(client, path)
    assert find("price").results[0].address == "/fees/"
    if how == "off":
        Details.objects.update(show_fees=False)
    else:
        fee.delete()
    for path in ("/", "/contact/", "/sitemap.xml", "/about/"):
        assert "/fees/" not in client.get(path).content.decode()
    assert "/fees/" not in [result.address for result in find("price").results]
    html = text(client, "/fees/")
    assert "What to ask" in html
    assert "noindex" in html
    assert "$120.50" not in html


def test_a_treatment_has_its_own_fees_and_those_for_everybody(client, fee, draft, editor, clinician):
    other = factories.treatment("other", by=editor, checked_by=clinician)
    Fee.objects.create(kind="treatment", treatment=draft, low_cents=7700)
    Fee.objects.create(kind="treatment", treatment=other, low_cents=8800)
    first = factories.live(draft, by=editor, signer=clinician)
    page = f"/treatments/{draft.slug}/"
    html = text(client, page)
    assert "$77" in html
    assert "$120.50" in html
    assert "$88" not in html
    assert "$77" not in text(client, f"{page}history/{first.number}/")
    listed = text(client, "/fees/")
    assert f'<a href="{page}">' in listed
    assert "$88" not in listed  # its page isn't live
    Details.objects.update(show_fees=False)
    assert "$77" not in text(client, page)


def test_staff_type_amounts_as_people_write_them(editor, clinic):
    staff, add = as_(editor), reverse("admin:clinic_fee_add")
    assert "C.01.044" in text(staff, add)
    filled = {"kind": "treatment", "low_cents": "$300", "high_cents": "1,234.50", "order": "1"}
    assert staff.post(add, filled).status_code == 302
    fee = Fee.objects.get()
    assert (fee.low_cents, fee.high_cents, fee.changed_on) == (30000, 123450, timezone.localdate())
    for low, high, said in (
        ("300", "200", "is lower than"),
        ("-5", "", "without a minus"),
        ("12,50", "", "read in two ways"),
        ("99999999", "", "more than fits"),
    ):
        response = staff.post(add, filled | {"low_cents": low, "high_cents": high})
        assert said in response.content.decode()
    assert Fee.objects.count() == 1


def test_whoever_deploys_is_told_where_prices_are_restricted(clinic, fee):
    told = prices_may_be_shown(databases=["default"])
    assert "C.01.044" in told[0].msg
    Details.objects.update(show_fees=False)
    assert prices_may_be_shown(databases=["default"]) == []
    Fee.objects.all().delete()
    Details.objects.update(show_fees=True, country="US")
    Fee.objects.create(kind="consultation", low_cents=1)
    assert prices_may_be_shown(databases=["default"]) == []

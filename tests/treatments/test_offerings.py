"""What this clinic does of what its pages explain: beside the signed words, and never in them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic_site.clinic.models import Details, Profile
from tests import factories
from tests.admin_forms import as_
from treatments.offerings import Offering, offering_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(draft, editor, clinician):
    Details(name="Test Clinic").save()
    factories.live(draft, by=editor, signer=clinician)
    return draft


def text(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_says_what_staff_say_marked_as_their_own(client, live, clinician, desk):
    page = f"/treatments/{live.slug}/"
    assert "At this clinic" not in text(client, page)
    offering = Offering.objects.create(treatment=live, brands="Brand A", visit_low=30, visit_high=45)
    offering.injectors.set([clinician, desk])
    html = text(client, page)
    for words in ("We offer this treatment", "Brand A", "30 to 45 minutes", clinician.name, desk.name):
        assert words in html
    assert "No clinician signs it" in html
    assert "At this clinic" not in text(client, f"{page}history/1/")


def test_who_injects_leads_to_their_page_and_is_gone_when_they_leave(client, live, clinician, desk):
    offering = Offering.objects.create(treatment=live)
    offering.injectors.set([clinician, desk])
    profile = Profile.objects.create(person=clinician, is_shown=True)
    page = f"/treatments/{live.slug}/"
    assert f'<a href="/people/{profile.slug}/">{clinician.name}</a>' in text(client, page)
    for person in (clinician, desk):
        person.is_active = False
        person.save()
    assert offering_of(live.pk).who_injects == []
    assert "Who injects" not in text(client, page)


def test_what_is_explained_only_says_so_and_leads_elsewhere(client, live):
    Offering.objects.create(treatment=live, is_offered=False)
    html = text(client, f"/treatments/{live.slug}/")
    assert "We do not offer this ourselves" in html
    assert "Ask your doctor" in html
    assert "We offer this treatment" not in html
    assert "/visit/?about=" not in html
    asked = text(client, f"/visit/?about={live.slug}")
    assert f'value="{live.slug}"' not in asked
    Offering.objects.update(is_offered=True)
    assert f"/visit/?about={live.slug}" in text(client, f"/treatments/{live.slug}/")
    assert f'value="{live.slug}"' in text(client, f"/visit/?about={live.slug}")


def test_it_costs_one_query(live, clinician, desk, django_assert_num_queries):
    Offering.objects.create(treatment=live).injectors.set([clinician, desk])
    offering_of(live.pk)
    with django_assert_num_queries(1):
        assert len(offering_of(live.pk).who_injects) == 2


@pytest.mark.parametrize(
    ("low", "high", "said"), [(None, None, ""), (30, None, "30 minutes"), (30, 30, "30 minutes")]
)
def test_minutes(low, high, said):
    assert Offering(visit_low=low, visit_high=high).minutes == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"visit_low": 45, "visit_high": 30},
        {"visit_low": 0},
        {"visit_high": 30},
        {"is_offered": False, "brands": "Brand A"},
        {"is_offered": False, "visit_low": 30},
    ],
)
def test_the_database_refuses_what_cannot_be(wrong, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Offering.objects.bulk_create([Offering(treatment=draft, **wrong)])


def test_brands_are_held_to_the_rules_of_unsigned_words(draft):
    wrong = Offering(treatment=draft, brands="Brand A, lasts 4 months")
    with pytest.raises(ValidationError):
        wrong.full_clean()
    with pytest.raises(ValidationError):
        wrong.save()


def test_staff_fill_it_in(editor, clinician, draft):
    staff, add = as_(editor), reverse("admin:treatments_offering_add")
    filled = {
        "treatment": draft.pk,
        "is_offered": "on",
        "brands": "Brand A",
        "visit_low": "20",
        "visit_high": "30",
        "injectors": [clinician.pk],
    }
    response = staff.post(add, filled | {"visit_low": "40"})
    assert "isn’t less than" in response.content.decode()
    assert staff.post(add, filled).status_code == 302
    assert Offering.objects.get().injectors.get() == clinician

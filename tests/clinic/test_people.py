"""Who works here: their pages, the links from what they signed, and what is left when they leave."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic_site.clinic.models import Details, Profile
from clinic_site.publishing.models import Picture
from clinic_site.search.results import find
from tests import factories
from tests.admin_forms import as_
from tests.publishing.test_pictures import picture, striped

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(clinician):
    Details(name="Test Clinic").save()
    clinician.title, clinician.about = "Dr", "I listen first."
    clinician.save()
    return Profile.objects.create(
        person=clinician,
        is_shown=True,
        languages="English and Tamil",
        training="Sample University",
        days="Mondays",
        register_url="https://register.example/",
        maker_money="None, as of last spring.",
    )


@pytest.fixture
def signed(draft, editor, clinician, profile):
    return factories.live(draft, by=editor, signer=clinician)


def text(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_a_page_says_all_that_is_known_and_nothing_of_what_is_not(client, profile, clinician):
    html = text(client, f"/people/{profile.slug}/")
    for words in (
        f"Dr {clinician.name}",
        "I listen first.",
        clinician.registration_number,
        "https://register.example/",
        "Sample University",
        "English and Tamil",
        "Mondays",
        "None, as of last spring.",
    ):
        assert words in html
    assert "Sees people about" not in html
    Profile.objects.update(maker_money="", register_url="", training="", languages="", days="")
    bare = text(client, f"/people/{profile.slug}/")
    for words in ("Money from makers", "Look it up", "Training", "Speaks", "Here on"):
        assert words not in bare


def test_what_they_treat_and_what_they_signed_lead_to_live_pages_alone(
    client, signed, draft, profile, editor, clinician
):
    profile.treats.add(draft, factories.treatment("unsigned", by=editor, checked_by=clinician))
    html = text(client, f"/people/{profile.slug}/")
    assert html.count(f'href="/treatments/{draft.slug}/"') == 2
    assert "unsigned" not in html


def test_a_byline_leads_to_the_page_of_whoever_signed_until_they_leave(client, signed, draft, profile):
    link = f'href="/people/{profile.slug}/"'
    page = f"/treatments/{draft.slug}/"
    assert text(client, page).count(link) == 2  # the byline, and who stands behind the page
    old = text(client, f"{page}history/1/")
    assert signed.signed_name in old
    assert link not in old
    profile.person.is_active = False
    profile.person.save()
    html = text(client, page)
    assert link not in html
    assert signed.signed_name in html


def test_somebody_who_left_is_told_as_gone_and_stands_nowhere(client, profile):
    assert profile.slug in text(client, "/sitemap.xml")
    profile.person.is_active = False
    profile.person.save()
    assert "no longer works here" in text(client, f"/people/{profile.slug}/", 410)
    assert profile.person.name not in text(client, f"/people/{profile.slug}/", 410)
    assert profile.slug not in text(client, "/sitemap.xml")
    assert profile.slug not in text(client, "/people/")


def test_who_is_not_shown_has_no_page(client, profile):
    Profile.objects.update(is_shown=False)
    text(client, f"/people/{profile.slug}/", 404)
    text(client, "/people/nobody/", 404)


def test_an_empty_list_is_led_to_by_nothing_and_asks_not_to_be_listed(client, profile):
    assert 'href="/people/"' in text(client, "/")
    assert any(result.address == "/people/" for result in find("nurse").results)
    Profile.objects.update(is_shown=False)
    assert "/people/" not in text(client, "/")
    assert "/people/" not in text(client, "/sitemap.xml")
    assert not find("nurse").results
    html = text(client, "/people/")
    assert "noindex" in html
    assert "Ask us" in html


def test_two_of_one_name_have_two_addresses_that_stay(clinician, editor):
    clinician.name = editor.name = "Łukasz 李"
    clinician.save()
    editor.save()
    first, second = (Profile.objects.create(person=person) for person in (clinician, editor))
    assert first.slug != second.slug
    kept, clinician.name = first.slug, "Another Name"
    clinician.save()
    first.save()
    assert first.slug == kept


@pytest.mark.parametrize(
    ("name", "initials"), [("Ann Li", "AL"), ("Ann", "A"), ("ann maria de la cruz", "AC"), ("李 明", "李明")]
)
def test_initials(name, initials, editor):
    editor.name = name
    assert Profile(person=editor).initials == initials


@pytest.mark.parametrize("field", ["languages", "training", "days", "maker_money"])
def test_words_that_nobody_signs_hold_no_medical_figure_and_no_banned_word(field, profile):
    setattr(profile, field, "It lasts 4 months.")
    with pytest.raises(ValidationError):
        profile.full_clean()
    with pytest.raises(ValidationError):
        profile.save()


def test_a_portrait_is_shown_only_while_its_consent_holds(client, profile):
    shown = picture(striped(), alt="A portrait", shows_person=True, consent="In writing, 3 March")
    profile.portrait = shown
    profile.full_clean()
    profile.save()
    address = f"/people/{profile.slug}/"
    assert shown.file.name in text(client, address)
    Picture.objects.update(consent_withdrawn_on=timezone.localdate())
    html = text(client, address)
    assert shown.file.name not in html
    assert profile.initials in html


@pytest.mark.parametrize("shows_person", [False, None])
def test_a_picture_of_nobody_is_no_portrait(profile, shows_person):
    made = picture(striped(), alt="A room", shows_person=False)
    Picture.objects.update(shows_person=shows_person)
    made.refresh_from_db()
    profile.portrait = made
    with pytest.raises(ValidationError):
        profile.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.update(portrait=made)
    with pytest.raises(IntegrityError), transaction.atomic():
        profile.save()


def test_staff_add_somebody_and_change_their_order(editor, clinician, client):
    staff = as_(editor)
    filled = {"person": clinician.pk, "is_shown": "on", "order": "5", "languages": "English"}
    response = staff.post(reverse("admin:clinic_profile_add"), filled)
    assert response.status_code == 302, response.content.decode()
    profile = Profile.objects.get()
    assert (profile.order, profile.languages) == (5, "English")
    assert clinician.name in text(client, "/people/")


def test_a_footer_follows_at_once(client, profile):
    assert Details.current().shows_people
    Profile.objects.update(is_shown=False)
    assert not Details.current().shows_people

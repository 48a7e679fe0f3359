"""What changed, where somebody has to decide: on the page where they sign, and between any two editions."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Section
from tests import factories

pytestmark = pytest.mark.django_db


def address(row, view):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


def page(person, address_):
    client = Client()
    client.force_login(person)
    response = client.get(address_)
    assert response.status_code == 200
    return response


@pytest.fixture
def treatment(editor, clinician):
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    factories.live(made, by=editor, signer=clinician)
    return made


@pytest.fixture
def changed(treatment, editor, clinician):
    """Another figure in a claim, checked; a sentence more in a part."""
    claim = Claim.objects.get(key="sweat-helps")
    claim.sentence, claim.low = "In a trial 55% were better; after dummy injections 30% were.", 55
    claim.save()
    claim.mark_checked(by=clinician)
    section = Section.objects.filter(document=treatment).first()
    section.body += "<p>Ask us about parking.</p>"
    section.save()
    return treatment


def test_the_signer_reads_first_what_changed(changed, editor):
    edition = changed.submit(by=editor, change_note="A newer figure.")
    response = page(factories.person("clinician"), address(edition, "sign"))
    assert response.context["comparison"].summary == "1 figure changed, 2 changes of wording"
    text = response.content.decode()
    assert text.index("What changed") < text.index("When can patients read it?")
    assert "Ask us about parking." in text
    assert "Trial" in text, "the source of the claim that changed"


def test_the_draft_is_compared_with_what_patients_read(changed, editor):
    response = page(editor, address(changed, "compare"))
    assert response.context["comparison"].summary == "1 figure changed, 2 changes of wording"
    assert response.context["since"] == "edition 1"


def test_any_two_editions_are_compared(changed, editor, clinician):
    second = changed.submit(by=editor, change_note="A newer figure.")
    second.send_back(by=factories.person("clinician"), because="Not yet.")
    section = Section.objects.get(document=changed, body__contains="parking")
    section.body = section.body.replace("parking", "the lift")
    section.save()
    third = changed.submit(by=editor, change_note="Without parking.")
    assert page(clinician, address(third, "compare")).context["since"] == "edition 1", "the one that was signed"
    response = page(clinician, address(third, "compare") + "?with=2")
    assert response.context["since"] == "edition 2"
    assert not response.context["comparison"].figures
    for nonsense in ("?with=99", "?with=x", "?with=²"):
        assert page(clinician, address(third, "compare") + nonsense).context["since"] == "edition 1"


def test_a_first_edition_is_all_new(editor, clinician):
    treatment = factories.treatment("new", by=editor, checked_by=clinician)
    edition = treatment.submit(by=editor, change_note="First.")
    response = page(clinician, address(edition, "sign"))
    assert "claims added" in response.context["comparison"].summary


def test_the_desk_compares_nothing(treatment, desk):
    client = Client()
    client.force_login(desk)
    assert client.get(address(treatment, "compare")).status_code == 403

"""An action that can't be taken says why, before anybody fills in its form."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic_site.publishing.models import Edition, PublishingError, Stop
from tests import factories
from tests.admin_forms import address, as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    return draft.submit(by=editor, change_note="First edition.")


def closed(person, row, action) -> str:
    """What the action's page says where its form would stand."""
    response = as_(person).get(address(row, action))
    html = response.content.decode()
    assert response.status_code == 200
    assert 'class="step__form"' not in html
    assert f'<a href="{address(row)}">Back</a>' in html
    return str(response.context["why_closed"])


def test_an_edition_says_what_became_of_it(edition, clinician, editor):
    assert closed(clinician, edition, "publish") == "Nobody has signed this edition."
    assert (
        closed(clinician, edition, "withdraw")
        == "Nobody has signed this edition, so there is nothing to withdraw."
    )
    assert closed(editor, edition.document.specific, "withdraw").startswith(
        "Patients don’t read this page now"
    )
    edition.sign(by=clinician)
    for action in ("sign", "send-back"):
        assert "signed this edition already" in closed(clinician, edition, action)
    assert "has its date already" in closed(clinician, edition, "publish")
    edition.withdraw(by=editor, because="A fault.")
    for action in ("publish", "withdraw"):
        assert f"by {editor}, because: A fault. It stays withdrawn" in closed(clinician, edition, action)


def test_a_date_that_is_set_says_how_to_have_another_one(edition, clinician, editor):
    moment = timezone.now() + timedelta(days=3)
    edition.sign(by=clinician, live_from=moment)
    said = closed(clinician, edition, "publish")
    assert f"{timezone.localtime(moment):%-d %B %Y, %H:%M}. A date stays as it was set." in said
    with pytest.raises(PublishingError, match="withdraw this edition, then submit its words again"):
        edition.publish(by=clinician)
    # and it's true
    edition.withdraw(by=editor, because="Sooner.")
    again = edition.document.specific.submit(by=editor, change_note="Sooner.")
    again.sign(by=clinician)
    assert Edition.objects.get(pk=again.pk).status == "live"


def test_what_was_typed_for_an_action_that_closed_since_is_still_shown(edition, clinician):
    edition.sign(by=factories.person("clinician"))
    answer = as_(clinician).post(address(edition, "send-back"), {"because": "My long reason"})
    assert answer.status_code == 422
    assert "My long reason" in answer.content.decode()


# --- a stopped claim ----------------------------------------------------------------------------------------


def test_a_stopped_claim_is_given_back_where_it_was_stopped(editor, clinician):
    claim = factories.claim()
    assert "Stop saying this…" in as_(clinician).get(address(claim)).content.decode()
    assert closed(clinician, claim, "lift") == "This claim isn’t stopped."
    stop = Stop.say(claim, by=editor, because="A new trial")
    html = as_(clinician).get(address(claim)).content.decode()
    assert "Stop saying this…" not in html
    assert f'href="{address(claim, "lift")}">Lift the stop…' in html
    assert "Lift the stop…" not in as_(editor).get(address(claim)).content.decode()
    assert closed(clinician, claim, "stop") == "This claim is stopped already."
    assert as_(editor).post(address(claim, "lift")).status_code == 403
    assert as_(clinician).post(address(claim, "lift")).status_code == 302
    stop.refresh_from_db()
    assert stop.lifted_by == clinician
    assert as_(clinician).post(address(claim, "lift")).status_code == 422

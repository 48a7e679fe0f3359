"""What a withdrawal does to patients, said as it is: before, after, in the log, and to whoever signs the page
next.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinic_site.audit_log.models import AuditEntry
from clinic_site.publishing.models import Batch, Edition, PublishingError, Section
from tests import factories
from tests.admin_forms import address, as_

pytestmark = pytest.mark.django_db

REASON = "A trial behind it was retracted."


def reader(path="/treatments/sweat/"):
    return Client().get(path)


@pytest.fixture
def live(draft, editor, clinician):
    return factories.live(draft, by=editor, signer=clinician)


def another(draft, editor, words="So it"):
    Section.objects.filter(document=draft, anchor="timing").update(
        body=f"<p>{words} lasts [[sweat-lasts]].</p>"
    )
    return draft.submit(by=editor, change_note="Another edition.")


def withdrawn(edition, editor) -> tuple[str, str]:
    """What the form said before, and what was said after."""
    client = as_(editor)
    before = client.get(address(edition, "withdraw")).context["form"].fields["because"].help_text
    after = client.post(address(edition, "withdraw"), {"because": REASON}, follow=True)
    said = str(next(iter(after.context["messages"])))
    assert AuditEntry.objects.filter(verb="withdraw").latest("pk").said == said
    return before, said


# --- what is said -------------------------------------------------------------------------------------------


def test_of_a_live_edition_patients_read_the_reason(live, editor):
    before, said = withdrawn(live, editor)
    assert before == "Patients read the reason where the page was."
    assert said == f"Withdrawn. Patients read the reason where the page was: {REASON}"
    assert REASON in reader().content.decode()


def test_of_a_scheduled_edition_they_go_on_reading_the_one_before(
    draft, live, editor, clinician, monkeypatch
):
    edition, moment = another(draft, editor), timezone.now() + timedelta(days=1)
    edition.sign(by=clinician, live_from=moment)
    before, said = withdrawn(edition, editor)
    words = "Its date is cancelled. Patients go on reading edition 1. The reason is for staff"
    assert (before, said) == (f"{words}.", f"Withdrawn. {words}: {REASON}")
    assert reader().status_code == 200
    form = as_(editor).get(address(draft)).content.decode()
    assert f'Patients read <a href="{address(live)}">edition 1</a>.' in " ".join(form.split())
    # its words never come to be read, on that date or after
    monkeypatch.setattr(timezone, "now", lambda: moment + timedelta(days=2))
    assert reader("/treatments/sweat/history/2/").status_code == 404
    assert REASON not in reader("/treatments/sweat/history/").content.decode()


def test_a_date_called_off_gives_a_page_that_went_no_other_reason(
    draft, live, editor, clinician, monkeypatch
):
    live.withdraw(by=editor, because=REASON)
    edition, moment = another(draft, editor), timezone.now() + timedelta(days=1)
    edition.sign(by=clinician, live_from=moment)
    assert "Patients have no page there, as before" in edition.if_withdrawn
    edition.withdraw(by=editor, because="Not yet.")
    monkeypatch.setattr(timezone, "now", lambda: moment + timedelta(days=2))
    html = reader().content.decode()
    assert REASON in html
    assert "Not yet." not in html
    assert "Patients have no page to read." in as_(editor).get(address(draft)).content.decode()


def test_of_a_held_edition_nobody_reads_the_reason(draft, editor, clinician):
    edition = draft.submit(by=editor, change_note="First.")
    edition.sign(by=clinician, hold=True)
    before, _ = withdrawn(edition, editor)
    assert (
        before
        == "Nobody can publish it any more. Patients have no page there, as before. The reason is for staff."
    )


def test_of_an_earlier_edition_the_reason_stands_in_the_history(draft, live, editor, clinician):
    another(draft, editor).sign(by=clinician)
    before, said = withdrawn(live, editor)
    words = "Patients go on reading edition 2. In the page's history the reason stands beside this edition"
    assert (before, said) == (f"{words}.", f"Withdrawn. {words}: {REASON}")
    assert reader().status_code == 200
    assert REASON in reader("/treatments/sweat/history/").content.decode()


def test_what_is_withdrawn_is_not_withdrawn_again(live, editor):
    live.withdraw(by=editor, because=REASON)
    with pytest.raises(PublishingError, match=f"{editor}, because: {REASON} It stays withdrawn"):
        Edition.objects.get(pk=live.pk).withdraw(by=editor, because="Again.")


# --- bringing it back ---------------------------------------------------------------------------------------


def test_whoever_submits_or_signs_it_again_reads_why_it_went(draft, live, editor, clinician):
    live.withdraw(by=clinician, because=REASON)
    said = f"by {clinician}, because: {REASON}"
    submitting = as_(editor).get(address(draft, "submit")).content.decode()
    edition = draft.submit(by=editor, change_note="Back again.")
    signing = as_(clinician).get(address(edition, "sign")).content.decode()
    for html in (submitting, signing):
        assert "Edition 1 was withdrawn on" in html
        assert said in html
    assert signing.index(said) < signing.index("Note from the writers") < signing.index('id="comparison"')
    edition.sign(by=clinician)
    assert (
        said not in as_(clinician).get(address(another(draft, editor), "sign")).content.decode()
    )  # it was answered


def test_so_does_whoever_signs_it_with_others(draft, live, editor, clinician):
    live.withdraw(by=clinician, because=REASON)
    batch = Batch.objects.create(about="claim:sweat-lasts", change_note="Both.", by=editor)
    draft.submit(by=editor, change_note="Both.", batch=batch)
    html = as_(clinician).get(address(batch, "sign")).content.decode()
    assert f"“{draft.title}”: Edition 1 was withdrawn on" in html
    assert html.index(REASON) < html.index("Note from the writers")


def test_a_page_that_went_by_itself_says_so(draft, editor, clinician, settings):
    settings.WITHDRAW_OVERDUE = True
    with factories.ago(days=1000):
        edition = factories.live(draft, by=editor, signer=clinician)
    edition.withdraw_overdue()
    (found,) = draft.open_withdrawals()
    assert found.withdrawal.startswith("Edition 1 went by itself on ")

"""Every status of an edition: what a row says, what lists and filters find, and what the stamps say are one
thing.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Edition, EditionStatus, Section, Stop
from clinic_site.publishing.scheduled_tasks import put_due_editions_live
from tests import factories
from tests.admin_forms import as_
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
S = EditionStatus
TOMORROW = timedelta(days=1)


class Page:
    """A draft, of which each edition says something new."""

    def __init__(self, slug, editor, clinician):
        self.editor, self.clinician = editor, clinician
        self.draft = factories.treatment(slug, by=editor, checked_by=clinician)

    def submitted(self) -> Edition:
        section = Section.objects.get(document=self.draft, anchor="try-first")
        section.body += "<p>Something more.</p>"
        section.save()
        return Treatment.objects.get(pk=self.draft.pk).submit(by=self.editor, change_note="More.")

    def signed(self, **how) -> Edition:
        edition = self.submitted()
        edition.sign(by=self.clinician, **how)
        return edition


@pytest.fixture
def clock(monkeypatch):
    """Moves the time on by so much."""
    real, ahead = timezone.now, [timedelta(0)]
    monkeypatch.setattr(timezone, "now", lambda: real() + ahead[0])
    return lambda by: ahead.__setitem__(0, ahead[0] + by)


def check(expected: dict[Edition, EditionStatus], editor) -> None:
    of = {edition.pk: status for edition, status in expected.items()}
    assert {row.pk: row.status for row in Edition.objects.all()} == of
    assert {row.pk: row.status for row in Edition.objects.with_status()} == of
    rows = Edition.objects.all()
    of_status = {status: {pk for pk, one in of.items() if one == status} for status in S}
    assert (
        {row.pk for row in rows if row.is_waiting}
        == {row.pk for row in rows.waiting()}
        == of_status[S.WAITING]
    )
    assert {row.pk for row in rows if row.was_taken_back} == of_status[S.TAKEN_BACK]
    assert {row.pk for row in rows.filter(live__isnull=False)} == of_status[S.LIVE]
    assert {row.pk for row in rows.to_go_live(timezone.now())} == of_status[S.SCHEDULED] | of_status[
        S.HELD_UP
    ]
    client = as_(editor)
    for status, found in of_status.items():
        response = client.get(reverse("admin:publishing_edition_changelist"), {"status": status.value})
        assert {row.pk for row in response.context["cl"].result_list} == found


def test_every_status_is_one_thing_wherever_it_is_asked(editor, clinician, clock):
    page, other = Page("sweat", editor, clinician), Page("jaw", editor, clinician)
    expected = {}
    expected[sent := page.submitted()] = S.WAITING
    check(expected, editor)
    sent.send_back(by=clinician, because="No.")
    expected[sent] = S.SENT_BACK
    expected[taken := page.submitted()] = S.TAKEN_BACK
    taken.take_back(by=editor)
    expected[page.signed(hold=True)] = S.SIGNED
    check(expected, editor)
    expected[page.signed()] = S.EARLIER
    expected[withdrawn := page.signed()] = S.EARLIER
    expected[page.signed()] = S.LIVE
    withdrawn.withdraw(by=editor, because="A fault.")
    expected[withdrawn] = S.WITHDRAWN
    expected[overtaken := other.signed(live_from=timezone.now() + TOMORROW)] = S.SCHEDULED
    expected[late := page.signed(live_from=timezone.now() + TOMORROW)] = S.SCHEDULED
    check(expected, editor)
    assert (overtaken.status, late.status) == (S.SCHEDULED, S.SCHEDULED)

    Stop.say(Claim.objects.get(key="sweat-lasts"), by=editor, because="In doubt.")
    clock(2 * TOMORROW)
    expected[other.signed()] = S.LIVE
    assert put_due_editions_live(timezone.now()) == 0
    expected |= {overtaken: S.OVERTAKEN, late: S.HELD_UP}
    check(expected, editor)
    assert {*expected.values(), S.WAITING, S.SCHEDULED} == set(S)
    late.refresh_from_db()
    assert late.status == S.HELD_UP, "a row that is read anew asks anew"

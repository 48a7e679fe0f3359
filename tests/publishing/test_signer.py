"""What the signer is shown."""

import pytest

from clinic_site.publishing.models import Section

pytestmark = pytest.mark.django_db


def test_the_signer_is_shown_what_no_rule_can_judge(client, draft, editor, clinician):
    body = "<p>It lasts [[sweat-lasts]]. Most people are glad of it. Ring ((24 hours)) before you come.</p>"
    Section.objects.filter(document=draft, anchor="on-the-day").update(body=body)
    edition = draft.submit(by=editor, change_note="First edition.")
    client.force_login(clinician)
    html = client.get(f"/admin/publishing/edition/{edition.pk}/change/").content.decode()
    assert "For you to judge" in html
    assert "Most people are glad of it." in html
    assert "24 hours" in html

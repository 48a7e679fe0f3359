"""What a feed reader shows of an entry is what was signed, signs of mathematics included."""

import html
import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_sign_in_the_summary_is_no_tag(editor, clinician):
    draft = factories.answer("signs", by=editor, checked_by=clinician, title="Is <b> a letter & a tag?")
    draft.summary = "For skin & nerves: a <low dose>, and 2 < 3."
    draft.save()
    factories.live(draft, by=editor, signer=clinician)
    [entry] = ET.fromstring(Client().get("/blog/feed/").content).iter(f"{ATOM}entry")
    summary = entry.find(f"{ATOM}summary")
    assert summary.get("type") == "html"  # so what stands in it is read once more, as HTML
    assert "<" not in summary.text
    shown = " ".join(html.unescape(summary.text).split())
    page = Client().get("/blog/signs/").content.decode()
    assert shown.startswith("For skin & nerves:")
    assert ("a <low dose>, and 2 < 3." in shown) or "low dose" not in html.unescape(page)
    assert entry.find(f"{ATOM}title").text == "Is <b> a letter & a tag?"

"""What is too much to be taken: a sentence where it stands, what was typed stays, and never a fault of
ours.
"""

import pytest
from django.test import Client

from clinic_site.backoffice import edit_conflicts
from clinic_site.backoffice.forms import MOST_WORDS
from clinic_site.publishing import editor as prose
from clinic_site.publishing.models import Section, UrgentHelp
from tests.admin_forms import as_, errors_of, filled

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
# what Word puts on the clipboard, over and over
WORD = (
    '<p class="MsoNormal" style="margin:0cm;mso-fareast-font-family:&quot;Times New '
    'Roman&quot;"><span>Words.</span></p>'
)


@pytest.fixture
def client(editor):
    return as_(editor)


def test_five_megabytes_of_a_document_are_a_sentence_on_the_field(client, draft):
    address = f"/admin/treatments/treatment/{draft.pk}/change/"
    sent = filled(client.get(address), title="A better title")
    name = next(name for name in sent if name.endswith("-body") and "__prefix__" not in name)
    sent[name] = WORD * (5 * 1024**2 // len(WORD))
    before = list(Section.objects.values_list("body", flat=True))
    answer = client.post(address, sent)
    assert answer.status_code == 200
    assert f"and {MOST_WORDS} fit" in errors_of(answer)
    html = answer.content.decode()
    assert 'value="A better title"' in html
    assert html.count("Words.") > 30_000
    assert list(Section.objects.values_list("body", flat=True)) == before


@pytest.fixture
def lengths(monkeypatch):
    """How long the texts were that were cleaned or compared word by word."""
    found = []

    def noting(module, name):
        takes = getattr(module, name)

        def noted(*texts):
            found.extend(len(text) for text in texts)
            return takes(*texts)

        monkeypatch.setattr(module, name, noted)

    noting(prose, "clean_html")
    noting(edit_conflicts, "marked")
    return found


def test_a_text_that_is_too_long_is_neither_cleaned_nor_compared_even_where_a_colleague_saved_meanwhile(
    client, draft, lengths
):
    address = f"/admin/treatments/treatment/{draft.pk}/change/"
    sent = filled(client.get(address), **{"sections-0-body": "<script>alert(1)</script>" + WORD * 1000})
    part = draft.sections.get(pk=sent["sections-0-id"])
    assert client.post(address, sent).status_code == 200
    Section.objects.filter(pk=part.pk).update(body="<p>Theirs.</p>")
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert lengths
    assert max(lengths) <= MOST_WORDS
    [difference] = answer.context["conflict"].differences
    assert "Words." in difference.mine
    assert "<script" not in difference.mine
    assert dict(answer.context["conflict"].carried)["sections-0-body"] == sent["sections-0-body"], (
        "it comes back whole"
    )


def test_a_text_that_just_fits_is_saved_whole(client):
    sent = {"title": "Help", "lead": "Call {emergency}.", "signs": "x" * MOST_WORDS, "closing": ""}
    sent["emergencies_lead"] = "Call {emergency}."
    assert client.post("/admin/publishing/urgenthelp/add/", sent).status_code == 302
    assert len(UrgentHelp.objects.get().signs) == MOST_WORDS
    address = "/admin/publishing/urgenthelp/1/change/"
    answer = client.post(address, filled(client.get(address), signs="x" * (MOST_WORDS + 1)))
    assert f"{MOST_WORDS + 1} characters" in errors_of(answer)
    assert "maxlength" not in str(answer.context["adminform"].form["signs"]), (
        "a browser would cut what is pasted in silence"
    )


def test_a_reason_that_is_a_document_is_refused_with_what_was_typed(client, draft):
    answer = client.post(
        f"/admin/treatments/treatment/{draft.pk}/submit/", {"change_note": "x" * (MOST_WORDS + 1)}
    )
    assert answer.status_code == 422
    assert "shorten it" in answer.content.decode() or "at most" in answer.content.decode()


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (
            b"title=" + b"x" * (17 * 1024**2),
            "application/x-www-form-urlencoded",
            413,
            "too much to send at once",
        ),
        (
            b"&".join(b"a%d=1" % n for n in range(6000)),
            "application/x-www-form-urlencoded",
            413,
            "too much to send at once",
        ),
        (b"--x", "multipart/form-data; boundary=x\x00y", 400, "couldn’t be read"),
    ],
    ids=["bytes", "fields", "garbled"],
)
def test_what_cannot_be_read_has_a_page_with_the_way_back(client, draft, body, kind, status, said, signed_in):
    address = f"/admin/treatments/treatment/{draft.pk}/change/" if signed_in else "/contact/"
    answer = (client if signed_in else Client()).post(address, body, content_type=kind)
    html = answer.content.decode()
    assert answer.status_code == status
    assert said in html
    assert "Nothing was saved." in html
    assert f'href="{address}"' in html
    assert ("Log out" in html) is signed_in


def test_the_browser_is_told_how_much_fits(client, settings):
    assert (
        f'data-most-sent="{settings.DATA_UPLOAD_MAX_MEMORY_SIZE}"' in client.get("/admin/").content.decode()
    )

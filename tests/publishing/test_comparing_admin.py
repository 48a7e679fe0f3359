"""What changed, where somebody has to decide: on the page where they sign, and between any two editions."""

import re

import pytest

from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import PublishingError, Section
from tests import factories
from tests.admin_forms import address, as_

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def page(person, address_):
    client = as_(person)
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
    """New figure in a claim, checked; a sentence more in a part."""
    claim = Claim.objects.get(key="sweat-helps")
    claim.sentence, claim.low = "In a trial 55% were better; after dummy injections 30% were.", 55
    claim.save()
    claim.mark_checked(by=clinician)
    section = Section.objects.filter(document=treatment).first()
    section.body += "<p>Ask us about parking.</p>"
    section.save()
    return treatment


def test_the_signer_reads_first_what_changed(changed, editor):
    edition = changed.submit(by=editor, change_note="A newer figure.", was_wrong=False)
    response = page(factories.person("clinician"), address(edition, "sign"))
    assert response.context["comparison"].summary == "1 figure changed, 3 changes of wording"
    text = response.content.decode()
    assert text.index("What changed") < text.index("When can patients read it?")
    assert "Ask us about parking." in text
    assert "Trial" in text, "the source of the claim that changed"


def test_the_draft_is_compared_with_what_patients_read(changed, editor):
    response = page(editor, address(changed, "compare"))
    assert response.context["comparison"].summary == "1 figure changed, 3 changes of wording"
    assert response.context["since"] == "edition 1"


def test_any_two_editions_are_compared(changed, editor, clinician):
    second = changed.submit(by=editor, change_note="A newer figure.", was_wrong=False)
    second.send_back(by=factories.person("clinician"), because="Not yet.")
    section = Section.objects.get(document=changed, body__contains="parking")
    section.body = section.body.replace("parking", "the lift")
    section.save()
    third = changed.submit(by=editor, change_note="Without parking.", was_wrong=False)
    assert page(clinician, address(third, "compare")).context["since"] == "edition 1", (
        "the one that was signed"
    )
    response = page(clinician, address(third, "compare") + "?with=2")
    assert response.context["since"] == "edition 2"
    assert not response.context["comparison"].figures
    for nonsense in ("?with=99", "?with=x", "?with=²"):
        assert page(clinician, address(third, "compare") + nonsense).context["since"] == "edition 1"


def test_a_first_edition_is_all_new(editor, clinician):
    treatment = factories.treatment("new", by=editor, checked_by=clinician)
    edition = treatment.submit(by=editor, change_note="First.")
    response = page(clinician, address(edition, "sign"))
    assert response.context["comparison"].summary == "A new page: 3 claims, 7 sources"


def test_the_desk_compares_nothing(treatment, desk):
    client = as_(desk)
    assert client.get(address(treatment, "compare")).status_code == 403


# --- claims that were changed since -------------------------------------------------------------------------


SIGNED = {"when": "now", "password": factories.PASSWORD}


@pytest.fixture
def waiting(editor, clinician):
    return factories.treatment("sweat", by=editor, checked_by=clinician).submit(
        by=editor, change_note="First."
    )


@pytest.mark.parametrize("change", ["sentence", "phrase", "grade", "sources"])
def test_nobody_signs_superseded_words_unknowing(change, waiting, clinician):
    sign = address(waiting, "sign")
    assert "Changed since it was submitted" not in page(clinician, sign).content.decode()
    claim = Claim.objects.get(key="sweat-lasts")
    if change == "sources":
        claim.sources.add(factories.source())
    else:
        setattr(
            claim,
            change,
            {"sentence": "It lasts about two months.", "phrase": "about two months", "grade": "B"}[change],
        )
        claim.save()
    # it's said above, with its words now, and the verb refuses whoever goes round the form
    shown = page(clinician, sign)
    assert [found.key for found in shown.context["form"].reworded] == ["sweat-lasts"]
    if change in ("sentence", "phrase"):
        assert "two" in shown.context["form"].reworded[0].words
    with pytest.raises(PublishingError, match="changed since it was submitted"):
        waiting.sign(by=clinician)
    client = as_(clinician)
    response = client.post(sign, SIGNED)
    assert response.status_code == 422
    assert "Tick that you have read" in response.content.decode()
    ((known, _),) = shown.context["form"].fields["despite"].choices
    # changed again meanwhile: not signed
    Claim.objects.filter(pk=claim.pk).update(sentence="It lasts one month.", phrase="one month")
    response = client.post(sign, SIGNED | {"despite": known})
    assert "changed again while you read" in response.content.decode()
    # read, and signed all the same
    ((known, _),) = client.get(sign).context["form"].fields["despite"].choices
    assert client.post(sign, SIGNED | {"despite": known}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.signed_by == clinician
    assert "about three months" in waiting.page_text


def test_a_page_that_was_never_signed_is_new_after_a_return(waiting, editor, clinician):
    waiting.send_back(by=clinician, because="Say more.")
    Section.objects.filter(document=waiting.document_id, anchor="timing").update(
        body="<p>Ask us. It lasts [[sweat-lasts]].</p>"
    )
    again = waiting.document.specific.submit(by=editor, change_note="Said more.")
    html = page(clinician, address(again, "sign")).content.decode()
    assert "A new page: 3 claims" in html
    assert (
        f'href="{address(again, "compare")}?with=1">What changed since it was sent back (edition 1)' in html
    )
    assert "1 change of wording" in page(clinician, address(again, "compare") + "?with=1").content.decode()


def test_what_is_new_to_judge_stands_before_what_stood_there_already(draft, editor, clinician):
    part = Section.objects.filter(document=draft, anchor="on-the-day")
    part.update(body="<p>You come by yourself to us. It lasts [[sweat-lasts]].</p>")
    factories.live(draft, by=editor, signer=clinician)
    part.update(body="<p>You come by yourself to us. You rest a while here. It lasts [[sweat-lasts]].</p>")
    edition = draft.submit(by=editor, change_note="A rest.")
    context = page(clinician, address(edition, "sign")).context
    assert [finding.sentence for finding in context["findings"]] == ["You rest a while here."]
    assert "You come by yourself to us." in [finding.sentence for finding in context["known"]]


def test_the_page_that_submits_says_what_the_signer_will_see(draft, editor, clinician):
    assert "A new page: 3 claims" in page(editor, address(draft, "submit")).content.decode()
    factories.live(draft, by=editor, signer=clinician)
    draft.roles.filter(role="side-effect").delete()
    html = page(editor, address(draft, "submit")).content.decode()
    assert "compared with edition 1:" in html
    assert "1 claim removed" in html
    assert re.search(r"No longer on the page: .*5% had a sore spot", html)

"""A row that a colleague deleted while somebody had its form open: nothing that they typed is lost."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from clinic_site.audit_log import log
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim
from clinic_site.publishing.models import Section
from tests import factories
from tests.admin_forms import errors_of, filled, form_of
from treatments.models import Treatment

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
HERE = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_DEST": "document"}


@pytest.fixture
def draft(editor, clinician):
    made = factories.treatment("sweat", by=editor, checked_by=clinician)
    Section.objects.create(
        document=made, anchor="more", heading="More & more", body="<p>One.</p>", position=90
    )
    return made


@pytest.fixture
def address(draft):
    return reverse("admin:treatments_treatment_change", args=[draft.pk])


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def sent_from(page, **changes) -> dict:
    """What a browser sends, with the hidden boxes that the template adds."""
    hidden = re.findall(
        r'<input type="hidden"\s+name="(sections-\d+-anchor)"\s+value="([^"]*)">', page.content.decode()
    )
    assert len(hidden) == len(Treatment.PARTS)
    return {**filled(page), **dict(hidden), "_save": "Save", **changes}


def test_words_for_a_deleted_draft_are_shown_field_by_field_and_make_it_recreate(
    desk, manager, address, draft
):
    page = desk.get(address)
    last = sum(re.fullmatch(r"sections-\d+-id", name) is not None for name in filled(page)) - 1
    sent = sent_from(
        page,
        title="My <title>",
        **{"sections-0-body": "<p>My brief.</p>", f"sections-{last}-body": "<p>My more.</p>"},
    )
    parts = [(s.anchor, s.heading) for s in draft.ordered_sections()]
    roles = sorted(draft.roles.values_list("role", "claim__key"))
    log.write("deleted", draft, by=manager)
    draft.delete()
    answer = desk.post(address, sent, **HERE)
    html = answer.content.decode()
    assert answer.status_code == 410
    assert f"{manager} deleted “Treatment sweat”" in unescape(html)
    words = dict(answer.context["words"])
    assert words["Title"] == "<p>My &lt;title&gt;</p>"
    assert "My brief." in words["In brief"]
    assert "My more." in words["More & more"]
    where, again = form_of(answer)
    assert where == reverse("admin:treatments_treatment_add")
    # what is wrong is said, and every word is still there
    failed = desk.post(where, {**again, "slug": "not an address"})
    assert failed.status_code == 200
    kept = {**sent_from_add(failed), "slug": "sweat", "_save": "Save"}
    assert desk.post(where, kept).status_code == 302
    made = Treatment.objects.get(slug="sweat")
    assert made.title == "My <title>"
    assert [(s.anchor, s.heading) for s in made.ordered_sections()] == parts
    assert made.sections.get(anchor="in-brief").body == "<p>My brief.</p>"
    assert made.sections.get(anchor="more").body == "<p>My more.</p>"
    assert sorted(made.roles.values_list("role", "claim__key")) == roles
    assert DraftSave.objects.filter(words=made.words_key).exists(), "whoever made it again wrote it"


def sent_from_add(page) -> dict:
    assert 'name="_recreate"' in page.content.decode()
    return filled(page, _recreate="1")


def test_it_is_made_recreate_in_one_press(desk, address, draft):
    sent = sent_from(desk.get(address), title="Mine")
    draft.delete()
    where, again = form_of(desk.post(address, sent, **HERE))
    assert "again, with your words" in desk.post(where, again, follow=True).content.decode()
    assert Treatment.objects.get().title == "Mine"


def test_a_claim_that_was_deleted_too(desk):
    claim = factories.claim("lonely")
    address = reverse("admin:evidence_claim_change", args=[claim.pk])
    sent = filled(desk.get(address), sentence="What I found out.", _save="Save")
    claim.delete()
    answer = desk.post(address, sent, **HERE)
    assert "<p>What I found out.</p>" in dict(answer.context["words"]).values()
    where, again = form_of(answer)
    # its key can't be changed, so it isn't sent: the form asks for it, with all that was typed
    asked = desk.post(where, again)
    assert errors_of(asked).count("required") == 1
    assert desk.post(where, filled(asked, key="lonely")).status_code == 302
    assert Claim.objects.get(key="lonely").sentence == "What I found out."


def test_words_for_a_step_of_it_are_shown(desk, address, draft):
    step = reverse("admin:treatments_treatment_submit", args=[draft.pk])
    draft.delete()
    answer = desk.post(step, {"change_note": "All that changed this year."}, **HERE)
    assert answer.status_code == 410
    assert "All that changed this year." in answer.content.decode()
    assert "Create it again" not in answer.content.decode()


def test_where_nobody_may_add_one_the_words_stand_alone(client, manager):
    client.force_login(manager)
    gone = factories.person("editor")
    address = reverse("admin:accounts_user_change", args=[gone.pk])
    sent = filled(client.get(address), name="A Name That Was Typed")
    gone.delete()
    answer = client.post(address, sent, **HERE)
    assert answer.status_code == 410
    html = answer.content.decode()
    assert "A Name That Was Typed" in html
    assert "Create it again" not in html


def test_a_script_that_asks_and_a_page_of_another_site_are_led_on_as_ever(desk, address, draft):
    sent = sent_from(desk.get(address), title="Mine")
    draft.delete()
    assert desk.post(address, sent, **{**HERE, "HTTP_SEC_FETCH_DEST": "empty"}).status_code == 302
    assert desk.post(address, sent, HTTP_ORIGIN="https://elsewhere.example").status_code == 302
    assert desk.get(address).status_code == 302


@pytest.mark.parametrize("role", ["manager", "editor"])
def test_no_form_for_a_row_that_is_not_there_is_a_fault(client, role):
    client.force_login(factories.person(role))
    tried = 0
    for model in admin.site._registry:
        try:
            where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=["987654"])
        except NoReverseMatch:
            continue
        answer = client.post(where, {"words": "Some words that were typed.", "title": "A title here"}, **HERE)
        assert answer.status_code in (302, 403, 410), where
        tried += answer.status_code == 410
    assert tried >= 5

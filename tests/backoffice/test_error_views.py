"""What staff meet where there is no page, or none for them; and no page of theirs leads there."""

import logging
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from referrals import rewards
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/admin/nowhere/", "/admin/blog/nowhere/", "/admin/clinic/message/5/nowhere/"]
)
def test_a_wrong_address_in_the_admin_is_answered_in_the_admin(address, client, desk):
    client.force_login(desk)
    page = client.get(address, follow=True)
    html = page.content.decode()
    assert "admin/css/base.css" in html, "the desk's own page, or the one that they are led to"
    assert 'href="/admin/"' in html
    assert "What were you looking for?" not in html


def test_it_is_a_404_and_says_so(client, desk):
    client.force_login(desk)
    page = client.get("/admin/nowhere/")
    assert page.status_code == 404
    assert "Page not found" in page.content.decode()
    assert "Log out" in page.content.decode()


def test_patients_read_their_own(client, desk):
    assert "What were you looking for?" in client.get("/nowhere/").content.decode()
    assert client.get("/admin/nowhere/").status_code == 302, "nobody learns which addresses there are"
    client.force_login(desk)
    assert "What were you looking for?" in client.get("/nowhere/").content.decode()


def test_what_a_role_does_not_include_is_said_with_the_way_back(client, desk):
    client.force_login(desk)
    page = client.get(reverse("admin:evidence_claim_changelist"))
    html = page.content.decode()
    assert page.status_code == 403
    assert "Your role is Front desk" in html
    assert "ask a manager" in html
    assert 'href="/admin/">Back' in html
    assert "Log out" in html


def test_a_superuser_without_a_role_reads_that_nothing_is_theirs_to_do(client):
    client.force_login(
        root := User.objects.create_superuser("root@clinic.test", factories.PASSWORD, name="Root")
    )
    own, personal = f"/admin/accounts/user/{root.pk}/change/", reverse("admin:accounts_user_personal_data")
    for page in (client.get("/admin/"), client.get(personal)):
        html = page.content.decode()
        assert "You have no role" in html
        assert f'href="{own}">take the role' in html
        assert "You have nothing to do" not in html
        assert "ask a manager" not in html
    factories.person("manager")
    for page in (client.get("/admin/"), client.get(personal)):
        html = page.content.decode()
        assert "A manager gives roles. Nobody can give one to themself." in html
        assert 'href="/admin/accounts/user/">See who works here' in html


def test_what_is_refused_is_a_line_in_the_servers_log_and_a_fault_its_trace(client, desk, monkeypatch):
    console = logging.getLogger("django").handlers[0]
    stream = StringIO()
    before = console.setStream(stream)
    try:
        client.force_login(desk)
        client.get(reverse("admin:evidence_claim_changelist"))
        assert "WARNING django.request Forbidden" in stream.getvalue()
        assert "Traceback" not in stream.getvalue()
        try:
            raise RuntimeError("broken")
        except RuntimeError:
            logging.getLogger("django.request").exception("A fault")
        assert "Traceback" in stream.getvalue()
    finally:
        console.setStream(before)


def test_the_list_of_people_is_the_staffs_and_members_are_found_in_it(client, manager, editor, desk):
    member = factories.member(factories.terms(), confirmed_by=desk, name="Quill Umbra")
    client.force_login(manager)

    def listed(**asked):
        return {person.pk for person in client.get("/admin/accounts/user/", asked).context["cl"].result_list}

    assert {manager.pk, editor.pk, desk.pk} <= listed()
    assert member.user_id not in listed()
    assert listed(q="quill") == {member.user_id}
    assert listed(who="members") == {member.user_id}
    assert listed(who="all") > {member.user_id, editor.pk}
    assert listed(who="nonsense") == listed()


def test_a_colleagues_name_leads_to_their_page_for_those_who_may_open_it(client, manager, desk):
    member = factories.member(factories.terms(), confirmed_by=desk)
    transfer = rewards.attend(factories.referral(member), by=desk, on=timezone.localdate(member.joined_at))[0]
    page = reverse("admin:referrals_transfer_change", args=[transfer.pk])
    for person, leads in ((desk, False), (manager, True)):
        client.force_login(person)
        html = client.get(page).content.decode()
        assert desk.name in html
        assert (f"/admin/accounts/user/{desk.pk}/change/" in html) is leads
        assert f"/admin/referrals/referral/{transfer.referral_id}/change/" in html, "the desk's own room"

"""Export or erase personal data, and forgetting them: one action, over every room, and no sum changes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.test import Client
from django.utils import timezone
from post_office.models import STATUS, Email

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import AuditEntry
from clinic_site.clinic.models import Message
from clinic_site.privacy.personal_data import Person, erase_personal_data, export_personal_data
from clinic_site.registry import ProofRun, proofs
from referrals import credit, ledger, rewards
from referrals.models import Introduction, Member, Transfer
from tests import factories

pytestmark = pytest.mark.django_db

ADDRESS, NAME, PHONE = "quill.umbra@home.test", "Quill Umbra", "416 555 0177"


def everything_that_is_written() -> str:
    """Every text of every row of every table."""
    words = []
    for model in apps.get_models():
        fields = [
            f
            for f in model._meta.concrete_fields
            if not isinstance(f, models.ForeignKey | models.BinaryField)
        ]
        for row in model._default_manager.all():
            words += [str(getattr(row, f.attname)) for f in fields]
    return "\n".join(words).casefold()


@pytest.fixture
def quill(desk, manager, client):
    """A member who wrote to the clinic, sent a friend, was rewarded and spent some of it, and was a friend of
    somebody too.
    """
    terms = factories.terms(hold_days=0)
    member = factories.member(terms, email=ADDRESS, name=NAME, confirmed_by=desk)
    member.be_named("Quill")
    rewards.attend(factories.referral(member), by=desk, on=timezone.localdate() - timedelta(days=1))
    credit.redeem(member.account, cents=1500, spent_on="Sun cream", invoice="2026-7", token=uuid4(), by=desk)
    factories.referral(factories.member(terms), email="Quill.Umbra+friend@home.test", phone=PHONE, name=NAME)
    Message.objects.create(name=NAME, email=ADDRESS.upper(), words=f"I am {NAME}")
    Message.objects.create(name=NAME, phone="+1 (416) 555-0177", words="Call me")
    client.force_login(manager)
    client.post(
        f"/admin/accounts/user/{member.user_id}/change/", {"email": ADDRESS, "name": NAME, "is_active": "on"}
    )
    Email.objects.filter(to__icontains="quill").update(status=STATUS.sent)
    return member


def test_it_finds_what_every_room_holds(quill):
    held = export_personal_data(Person(ADDRESS, PHONE))
    assert held.pop("Sessions", None) is None
    assert set(held) == {"Membership", "Introductions", "Messages", "Mails", "Sign-in"}
    assert len(held["Messages"]) == 2
    assert any(row.get("Invoice") == "2026-7" for row in held["Membership"])


def test_forgotten_means_nowhere_to_be_found(quill, manager):
    before = everything_that_is_written()
    assert "umbra" in before
    sums = sorted(account.balance for account in ledger.balances())
    transfers = list(Transfer.objects.order_by("pk").values())
    assert erase_personal_data(Person(ADDRESS, PHONE), by=manager)
    after = everything_that_is_written()
    for trace in ("umbra", "quill", "5550177", "555-0177", "555 0177"):
        assert trace not in after
    assert sorted(account.balance for account in ledger.balances()) == sums
    assert list(Transfer.objects.order_by("pk").values()) == transfers
    assert [
        finding
        for proof in proofs
        for finding in proof(ProofRun())
        if finding.promise >= 8 and finding.broken
    ] == []
    assert erase_personal_data(Person(ADDRESS, PHONE), by=manager) == {}, "a second time there is nothing"


def test_a_forgotten_member_is_signed_out_and_can_join_anew(quill, client):
    client.force_login(quill.user)
    assert client.get("/refer-a-friend/statement/").status_code == 200
    erase_personal_data(Person(ADDRESS))
    assert client.get("/refer-a-friend/statement/").status_code == 302
    again = factories.member(quill.terms, email=ADDRESS, name=NAME)
    assert again.pk != quill.pk
    assert client.get(f"/r/{quill.code}/").content == client.get("/r/0000000/").content


def test_others_keep_what_is_theirs(quill):
    kept = factories.member(quill.terms, email="other@home.test", name="Other Person")
    factories.referral(kept, email="third@home.test")
    erase_personal_data(Person(ADDRESS, PHONE))
    assert User.objects.get(pk=kept.user_id).email == "other@home.test"
    assert Introduction.objects.filter(email="third@home.test").exists()


def test_staff_are_not_forgotten(desk):
    assert erase_personal_data(Person(desk.email)) == {}
    desk.refresh_from_db()
    assert desk.is_active


def test_nobody_in_particular_is_nobody(quill):
    for person in (Person(), Person("nobody"), Person(phone="12")):
        assert export_personal_data(person) == {}
    assert Member.objects.active().filter(pk=quill.pk).exists()


def test_a_manager_does_it_from_one_page(client, quill, manager):
    page = "/admin/accounts/user/personal-data/"
    shown = client.post(page, {"email": ADDRESS, "phone": ""})
    assert NAME in shown.content.decode()
    file = client.post(page, {"email": ADDRESS, "phone": "", "file": "1"})
    assert file["Content-Disposition"].startswith("attachment")
    assert file.json()["Sign-in"][0]["E-mail address"] == ADDRESS
    client.post(page, {"email": ADDRESS, "phone": PHONE, "forget": "1"})
    assert "umbra" not in everything_that_is_written()
    entry = AuditEntry.objects.get(verb="forgot a person")
    assert (entry.by, entry.row, entry.person) == (manager, "", None)
    assert "Membership (1)" in entry.said
    assert client.post(page, {"email": "", "phone": ""}).status_code == 422


@pytest.mark.parametrize("role", ["editor", "clinician", "desk"])
def test_only_managers_see_what_is_held(client, role):
    client.force_login(factories.person(role))
    assert client.get("/admin/accounts/user/personal-data/").status_code == 403


def test_a_member_gets_their_file_and_is_forgotten_by_themself(client, quill):
    client.force_login(quill.user)
    assert "Membership" in client.get("/refer-a-friend/held-about-you.json").json()
    asked = client.get("/refer-a-friend/be-forgotten/").content.decode()
    assert "$35 credit" in asked
    done = client.post("/refer-a-friend/be-forgotten/")
    assert "You are forgotten" in done.content.decode()
    assert ADDRESS not in everything_that_is_written()
    assert Message.objects.get().email == "", (
        "what was left with a telephone number alone, they don't own by their address"
    )
    assert client.get("/refer-a-friend/statement/").status_code == 302


def test_what_was_typed_on_the_way_in_is_forgotten_too(quill):
    client = Client()
    client.post("/refer-a-friend/sign-in/", {"email": "Quill.Umbra@home.test"})
    key = client.cookies["sessionid"].value
    assert "Sessions" in export_personal_data(Person(ADDRESS))
    erase_personal_data(Person(ADDRESS))
    assert not Session.objects.filter(pk=key).exists()

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
from clinic_site.clinic.models import Details, Message
from clinic_site.privacy.personal_data import (
    FoundRow,
    Person,
    erase_personal_data,
    export_personal_data,
    find_personal_data,
    has_known_name,
)
from clinic_site.registry import PersonalRow, ProofRun, personal_data, proofs
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
    assert set(held) == {"Membership", "Introductions", "Messages", "Mails", "Sign-in", "Log"}
    assert len(held["Messages"]) == 2
    assert any(row.get("Invoice") == "2026-7" for row in held["Membership"])


def test_a_message_that_names_their_address_or_number_is_found_and_leads_nowhere_else(quill):
    friend = Message.objects.create(
        name="A Friend", email="friend@home.test", words=f"My wife is <{ADDRESS}>."
    )
    other = Message.objects.create(name="B", email="b@home.test", words="Ring her: 416.555.0177, after six")
    Message.objects.create(name="C", email="c@home.test", words="Ring me: 416 555 0199")
    found = {row.row.key for row in find_personal_data(Person(ADDRESS, PHONE)) if row.kind.name == "Messages"}
    assert {str(friend.pk), str(other.pk)} <= found
    assert len(found) == 4


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
    file = client.post(page, looked(client, "file", email=ADDRESS))
    assert file["Content-Disposition"].startswith("attachment")
    assert file.json()["Sign-in"][0]["E-mail address"] == ADDRESS
    client.post(page, {"email": ADDRESS, "phone": PHONE, "forget": "1"})
    assert "umbra" not in everything_that_is_written()
    entry = AuditEntry.objects.get(verb="forgot a person")
    assert (entry.by, entry.row, entry.person) == (manager, "", None)
    assert "Membership (1)" in entry.said
    assert client.post(page, {"email": "", "phone": ""}).status_code == 422


# --- following what stands in the rows ----------------------------------------------------------------------


PAGE, ALONE = "/admin/accounts/user/personal-data/", "+1 416-555-0177"


def looked(client, button="forget", leave_out=(), **typed) -> dict:
    """What a manager sends who has looked at what was found."""
    typed = {"email": "", "phone": "", **typed}
    look = client.post(PAGE, typed).context["look"]
    left = look.left_out if leave_out is None else [one.token for one in leave_out]
    return {**typed, "seen": look.seen, "leave_out": list(left), button: "1"}


@pytest.fixture
def alone(quill):
    """An introduction of theirs with the number alone, and one of somebody at home with them."""
    by = factories.member(quill.terms)
    theirs = factories.referral(by, name="Q. Umbra", email="", phone=ALONE)
    return theirs, factories.referral(by, name="Otto Line", email="otto@home.test", phone=ALONE)


def names_left() -> set[str]:
    return set(Introduction.objects.values_list("name", flat=True))


def test_a_number_in_their_rows_is_followed(quill, alone):
    held = export_personal_data(Person(ADDRESS))
    assert {row["Name"] for row in held["Introductions"]} == {NAME, "Q. Umbra", "Otto Line"}
    assert len(held["Messages"]) == 2
    by_number = export_personal_data(Person(phone=ALONE))
    assert by_number["Membership"] == held["Membership"]


def test_staff_look_first_and_leave_out_whoever_it_isnt(client, quill, manager, alone):
    client.force_login(manager)
    # nothing happens unseen
    for button in ("forget", "file"):
        page = client.post(PAGE, {"email": ADDRESS, "phone": "", button: "1"}).content.decode()
        assert "look first at what was found" in page
    assert {"Q. Umbra", "Otto Line"} <= names_left()
    assert f"Found by {PHONE}, which stands in introductions" in page
    # another name with that number is left out until somebody says that it's the same person
    file = client.post(PAGE, looked(client, "file", leave_out=None, email=ADDRESS)).json()
    assert {row["Name"] for row in file["Introductions"]} == {NAME, "Q. Umbra"}
    assert client.post(PAGE, looked(client, leave_out=None, email=ADDRESS)).status_code == 302
    assert "Otto Line" in names_left()
    assert not {"Q. Umbra", NAME} & names_left()


def test_what_staff_leave_out_stays_and_isnt_given_away(client, quill, manager, alone):
    client.force_login(manager)
    look = client.post(PAGE, {"email": ADDRESS, "phone": ""}).context["look"]
    [theirs] = [one for one in look.found if one.row.name == "Q. Umbra"]
    sent = looked(client, "file", leave_out=[theirs], email=ADDRESS)
    names = {row["Name"] for row in client.post(PAGE, sent).json()["Introductions"]}
    assert names == {NAME, "Otto Line"}
    client.post(PAGE, looked(client, "forget", leave_out=[theirs], email=ADDRESS))
    assert "Q. Umbra" in names_left()
    assert not {NAME, "Otto Line"} & names_left()


def test_what_came_in_since_somebody_looked_is_looked_at_too(client, quill, manager):
    client.force_login(manager)
    ready = looked(client, email=ADDRESS)
    Message.objects.create(name="Somebody", phone=PHONE, words="I came in between")
    assert "look first at what was found" in client.post(PAGE, ready).content.decode()
    assert Message.objects.filter(name="Somebody").exists()


def test_addresses_are_followed_and_the_clinics_own_arent(quill, alone):
    details = Details.objects.create(name="A clinic", phone="416 555 0100")
    Message.objects.create(name="Quill", email="quill@work.test", phone=PHONE, words="From work")
    Message.objects.create(name="Nobody", email=ADDRESS, phone=details.phone, words="x")
    factories.referral(
        factories.member(quill.terms), name="Stranger", email="s@home.test", phone=details.phone
    )
    Message.objects.create(name="Quill", email="quill@work.test", words="Again")
    held = export_personal_data(Person(ADDRESS))
    assert {row["Message"] for row in held["Messages"]} >= {"From work", "Again"}
    assert "Stranger" not in str(held)


def test_a_member_erases_what_their_number_and_name_lead_to_and_is_shown_none_of_it(client, quill, alone):
    client.force_login(quill.user)
    file = client.get("/refer-a-friend/held-about-you.json").json()
    assert "Q. Umbra" not in str(file)
    assert "Ask the front desk" in str(file["Not in this file"])
    client.post("/refer-a-friend/be-forgotten/")
    assert "Otto Line" in names_left()
    assert not {"Q. Umbra", NAME} & names_left()
    # whose number stands in another name, staff look at
    said = AuditEntry.objects.get(verb="forgot a person").said
    assert f"for staff to look at: {alone[1].reference}." in said


def test_a_member_reaches_no_account_through_what_they_typed(client, quill, alone):
    """Somebody claims another's number and name: their credit and sign-in stay, and nothing is shown."""
    other = factories.member(quill.terms, email="victim@home.test", name=NAME)
    factories.referral(quill, name=NAME, email="victim@home.test", phone=PHONE)
    client.force_login(quill.user)
    assert "victim" not in str(client.get("/refer-a-friend/held-about-you.json").json())
    client.post("/refer-a-friend/be-forgotten/")
    other.refresh_from_db()
    assert (other.forgotten_at, other.user.email) == (None, "victim@home.test")


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("Quill Umbra", "quill  umbra", True),
        ("Q. Umbra", "Quill Umbra", True),
        ("Quill", "Quill Umbra", True),
        ("Zoë Umbra", "Zoe Umbra", True),
        ("Otto Umbra", "Quill Umbra", False),
        ("Qui Umbra", "Quill Umbra", False),
        ("", "Quill Umbra", False),
    ],
)
def test_which_names_may_be_one_persons(one, other, is_one):
    rows = [FoundRow(personal_data[0], PersonalRow("1", (), name)) for name in (one, other)]
    assert has_known_name(rows[0].row, rows[1:]) is has_known_name(rows[1].row, rows[:1]) is is_one


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
    assert not Message.objects.exists(), "a number in their rows, and their name"
    assert client.get("/refer-a-friend/statement/").status_code == 302


def test_what_was_typed_on_the_way_in_is_forgotten_too(quill):
    client = Client()
    client.post("/refer-a-friend/sign-in/", {"email": "Quill.Umbra@home.test"})
    key = client.cookies["sessionid"].value
    assert "Sessions" in export_personal_data(Person(ADDRESS))
    erase_personal_data(Person(ADDRESS))
    assert not Session.objects.filter(pk=key).exists()

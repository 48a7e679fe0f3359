"""The front desk: finding people, what is said before a step, and what a refused step keeps."""

import re
from unittest.mock import ANY
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.accounts.people_search import search_by_name
from clinic_site.audit_log.models import AuditEntry
from referrals import front_desk as the_desk
from referrals import rewards
from referrals.codes import spoken
from referrals.credit_lots import book_of
from referrals.errors import ReferralError
from referrals.models import Adjustment, Introduction, Member, Referral, Switch, Terms, Transfer
from tests import factories
from tests.admin_forms import form_of
from tests.referrals.verbs import DAY, adjust, redeem, rewarded

pytestmark = pytest.mark.django_db
DESK, LATE = "/admin/referrals/desk/", "/admin/referrals/desk/late-mention/"
PASSWORD = "a long password"
TODAY = timezone.localdate
FROM_HERE = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def at_desk(client, desk):
    client.force_login(desk)
    return client


def credited(member, desk, *, days_ago: int = 20) -> Transfer:
    """A reward that can be used since days."""
    return rewarded(member, desk, timezone.now() - days_ago * DAY)


def at(row, view: str = "change") -> str:
    return f"/admin/referrals/{row._meta.model_name}/{row.pk}/{view}/"


def said(response) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").replace("&amp;", "&").split())


def redemption(**typed) -> dict:
    return {"amount": "20", "spent_on": "Sun cream", "invoice": "2026-1", "token": str(uuid4()), **typed}


# --- finding ------------------------------------------------------------------------------------------------


def test_a_member_is_found_by_their_code_in_any_spelling(member):
    for typed in (
        member.code,
        member.code.lower(),
        spoken(member.code),
        " ".join(member.code),
        member.code.replace("0", "O"),
    ):
        assert [found.member for found in the_desk.find(typed).members] == [member]


@pytest.mark.parametrize("typed", ["zoe", "ZOË ANN", "oneil", "O’Neil, Zoe", "o'neil z", "smi", "ann zoe"])
def test_a_person_is_found_by_any_first_letters_of_their_name(terms, typed):
    member = factories.member(terms, name="Zoë Ann O'Neil" if typed != "smi" else "Bo Smith-Jones")
    factories.member(terms, name="Somebody Else")
    friend = factories.referral(member, name=member.user.name)
    found = the_desk.find(typed)
    assert [standing.member for standing in found.members] == [member]
    assert found.referrals == [friend]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Łukasz Nowak", "lukasz"),
        ("Bjørn Sørensen", "sorensen"),
        ("Zoë O'Neil", "O`Neil"),
        ("Zoë O'Neil", "oneil, zoe"),
        ("Νίκος Παπάς", "νικος"),
        ("Дмитрий Ёлкин", "елкин"),
        ("Ｅｄｎａ Ｄｕｋｅ", "duke"),
    ],
)
def test_a_person_is_found_by_what_a_keyboard_has(terms, as_manager, name, typed):
    member = factories.member(terms, name=name)
    friend = factories.referral(member, name=name)
    assert [standing.member for standing in the_desk.find(typed).members] == [member]
    assert the_desk.find(typed).referrals == [friend]
    assert [m.pk for m in the_desk.find_members(f"{typed}\u200e")] == [member.pk]
    people = as_manager.get("/admin/accounts/user/", {"q": typed, "who": "all"}).content.decode()
    assert f"/admin/accounts/user/{member.user_id}/" in people


@pytest.mark.parametrize(
    "typed",
    ["416‑555‑0133", "\u202a+1 416 555 0133\u202c", "416/555-0133", "tel:+14165550133"],
)
def test_a_person_is_found_by_a_number_in_any_spelling(member, typed):
    friend = factories.referral(member, email="", phone="(416) 555-0133")
    assert the_desk.find(typed).referrals == [friend]


def test_a_person_is_found_by_whatever_they_left(member, desk):
    friend = factories.referral(member, email="Ann.Lee+clinic@googlemail.com", phone="+1 (416) 555-0133")
    for typed in (
        "annlee@gmail.com",
        "416 555 0133",
        friend.reference,
        f"{friend.reference[:4]}-{friend.reference[4:].lower()}",
    ):
        assert the_desk.find(typed).referrals == [friend], typed
    rewards.attend(friend, by=desk, on=TODAY(), visit_number="v-77")
    assert the_desk.find("V-77").referrals == [friend]
    assert [found.member for found in the_desk.find(member.user.email.upper()).members] == [member]


def test_a_name_that_changed_is_found_by_the_new_one(member):
    User.objects.filter(pk=member.user_id).update(name="Ada Newname")
    assert the_desk.find("newname").members
    member.user.refresh_from_db()
    member.user.name = "Ada Latest"
    member.user.save(update_fields=["name"])
    assert the_desk.find("latest").members
    assert the_desk.find("newname").is_empty
    User.objects.bulk_create([User(email="bulk@home.test", name="Bo Loaded")])
    assert search_by_name(User.objects.all(), "loaded", 1)


def test_many_are_capped_and_it_is_said_that_there_are_more(terms, at_desk):
    for n in range(the_desk.SHOWN + 1):
        factories.member(terms, name=f"Many Alike{n}")
    page = at_desk.get(DESK, {"q": "many"})
    assert len(page.context["found"].members) == the_desk.SHOWN
    assert "There are more" in said(page)


def test_odd_words_find_nothing_and_break_nothing(member, at_desk):
    for typed in ("\x00", "%", "_", "'\"--", "x" * 5000, "@", "٣" * 9, "F" * 8, "   "):
        assert at_desk.get(DESK, {"q": typed}).status_code == 200


def test_a_search_asks_as_often_for_many_as_for_one(terms, desk, at_desk):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert at_desk.get(DESK, {"q": "mem"}).status_code == 200
        return len(asked)

    credited(factories.member(terms, confirmed_by=desk), desk)
    before = questions()
    for _ in range(4):
        credited(factories.member(terms, confirmed_by=desk), desk)
    assert questions() == before


@pytest.mark.parametrize("typed", ["ann", "ann lee", "a@b.test", "416 555 0133", "F2345678"])
def test_a_search_walks_along_an_index(member, typed):
    with CaptureQueriesContext(connection) as asked:
        the_desk.find_members(typed)
        the_desk.find_referrals(typed)
    searches = [
        query["sql"]
        for query in asked
        if "key" in query["sql"] or "same_" in query["sql"] or "reference" in query["sql"]
    ]
    assert searches
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of three rows is read whole otherwise
        for sql in searches:
            cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
            plan = "\n".join(str(row) for row in cursor.fetchall())
            assert "SCAN" not in plan, plan
            assert "Seq Scan" not in plan, plan


def test_who_waits_longest_stands_first(member, at_desk):
    now = timezone.now()
    young, old = (factories.referral(member, now=now - days * DAY) for days in (1, 9))
    page = at_desk.get(DESK)
    assert page.context["waiting"] == [old, young]
    assert Introduction.objects.get(referral=old).name in said(page)


def test_of_those_who_are_found_the_waiting_stand_first(member, desk):
    old, young = (factories.referral(member, name="Ann Alike") for _ in range(2))
    rewards.attend(young, by=desk, on=TODAY())
    assert the_desk.find("alike").referrals == [old, young]


# --- who opens what -----------------------------------------------------------------------------------------


def test_each_role_opens_its_addresses_and_no_others(member, desk, manager):
    credited(member, desk)
    spent = redeem(member.account, desk, 500)
    referral = factories.referral(member)
    large = adjust(member.account, manager, 90000)
    both, owner = {"desk", "manager"}, {"manager"}
    addresses = {
        DESK: both,
        LATE: both,
        at(member): both,
        at(referral): both,
        at(referral, "attended"): both,
        at(referral, "declined"): both,
        at(member, "confirm"): both,
        at(member.account, "redeem"): both,
        at(spent, "receipt"): both,
        at(member.account, "adjust"): owner,
        at(spent, "reverse"): owner,
        at(large, "approve"): owner,
        at(large, "turn-down"): owner,
        "/admin/referrals/report/": owner,
        f"/admin/referrals/report/owed.csv?on={TODAY()}": owner,
        "/admin/referrals/report/ledger.csv": owner,
        "/admin/referrals/terms/add/": owner,
        "/admin/referrals/switch/add/": owner,
    }
    for role in factories.ROLES:
        client = Client()
        client.force_login(factories.person(role))
        for address, holders in addresses.items():
            assert client.get(address).status_code == (200 if role in holders else 403), (role, address)
            if role not in holders:
                assert client.post(address, {}).status_code in (403, 405), (role, address)
    for address in addresses:
        assert Client().get(address).headers["Location"].startswith("/admin/login/")


def test_the_desk_stands_first_in_its_group(at_desk, as_manager):
    for client, names in ((at_desk, ["Front desk"]), (as_manager, ["Front desk", "What the clinic owes"])):
        group = next(g for g in client.get("/admin/").context["app_list"] if g["app_label"] == "referrals")
        assert [model["name"] for model in group["models"]][: len(names)] == names
    assert "What the clinic owes" not in said(at_desk.get("/admin/"))


def test_a_superuser_without_a_role_redeems_nothing(member, desk, client):
    credited(member, desk)
    client.force_login(User.objects.create_superuser("root@clinic.test", PASSWORD, name="Root"))
    assert client.post(at(member.account, "redeem"), redemption()).status_code == 403
    assert book_of(member.account).balance == 5000


# --- what to look at first ----------------------------------------------------------------------------------


def cautions_of(referral) -> str:
    return "\n".join(caution.words for caution in the_desk.cautions(Referral.objects.get(pk=referral.pk)))


def test_nothing_is_said_where_nothing_speaks_against_it(member):
    assert cautions_of(factories.referral(member)) == ""


def test_the_friend_who_is_the_member_is_told(member):
    local, domain = member.user.email.split("@")
    assert "same person" in cautions_of(factories.referral(member, email=f"{local.upper()}+me@{domain}"))
    assert "has the member's name" in cautions_of(factories.referral(member, name=member.user.name.upper()))


def test_a_friend_who_is_known_here_is_told(member, terms, desk):
    other = factories.member(terms)
    assert f"Known here: {spoken(other.code)}" in cautions_of(
        factories.referral(member, email=other.user.email)
    )
    came = factories.referral(other, email="ann@home.test", phone="416 555 0133")
    again = factories.referral(member, email="ANN+2@home.test")
    assert "The same e-mail address stands in another referral (waiting)" in cautions_of(again)
    rewards.attend(came, by=desk, on=TODAY())
    assert (
        f"Known here: a friend with the same e-mail address came on {the_desk.day(TODAY())}"
        in cautions_of(again)
    )
    household = factories.referral(member, email="", phone="(416) 555-0133")
    assert "share a telephone" in cautions_of(household)
    assert not any(caution.stops for caution in the_desk.cautions(household))


def test_a_friend_on_staff_is_told(member, desk):
    assert "Somebody on staff" in cautions_of(factories.referral(member, email=desk.email))


def test_a_member_who_gets_nothing_for_it_is_told(desk):
    member = factories.member(factories.terms(cap_per_year=1))
    assert "Nobody has confirmed yet" in cautions_of(factories.referral(member))
    rewards.attend(factories.referral(member), by=desk, on=TODAY())
    waiting = factories.referral(member)
    assert "has had 1 of 1 rewards" in cautions_of(waiting)
    member.leave()
    assert "The member left" in cautions_of(waiting)


def test_the_cautions_ask_as_often_for_many_as_for_one(member, django_assert_num_queries):
    first, *_ = [factories.referral(member, email="ann@home.test") for _ in range(4)]
    first = Referral.objects.select_related("member__user", "introduction", "terms").get(pk=first.pk)
    with django_assert_num_queries(3):  # people, introductions, rewards of the year
        assert len(the_desk.cautions(first)) == 3


# --- a friend came, or brings nothing -----------------------------------------------------------------------


def test_they_came_with_one_press(member, at_desk):
    referral = factories.referral(member)
    form = at_desk.get(at(referral)).context["forms"]["attended"]["form"]
    assert form["on"].value() == TODAY()
    response = at_desk.post(at(referral, "attended"), {"on": TODAY().isoformat()}, follow=True)
    usable = the_desk.day(TODAY() + 14 * DAY)
    assert f"{spoken(member.code)} got $50.00; it can be used from {usable}." in said(response)
    assert book_of(member.account).balance == 5000
    again = at_desk.post(at(referral, "attended"), {"on": TODAY().isoformat()})
    assert again.status_code == 422
    assert "already" in said(again)
    assert book_of(member.account).balance == 5000


def test_the_log_names_nobody(member, at_desk):
    referral = factories.referral(member)
    at_desk.post(at(referral, "attended"), {"on": TODAY().isoformat()})
    at_desk.post(
        LATE, {"who": member.code, "on": TODAY().isoformat(), "visit_number": "V-1", "token": uuid4()}
    )
    entries = AuditEntry.objects.all()
    assert len(entries) == 2
    for entry in entries:
        for name in (member.user.name, "End"):
            assert name not in entry.said + entry.name + str(entry.changes)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"on": (timezone.localdate() + DAY).isoformat()}, "still to come"),
        ({"on": "2020-01-01"}, "before they introduced themself"),
        ({"on": "the 3rd"}, "year-month-day"),
        ({"on": "9999-12-31"}, "still to come"),
        ({"on": timezone.localdate().isoformat(), "visit_number": "416 555 0133"}, "Up to three letters"),
    ],
)
def test_a_refused_visit_keeps_what_was_typed(member, at_desk, typed, sentence):
    referral = factories.referral(member)
    response = at_desk.post(at(referral, "attended"), typed)
    assert response.status_code == 422
    assert sentence in said(response)
    for name, value in typed.items():
        assert response.context["form"][name].value() == value
    assert Referral.objects.get(pk=referral.pk).is_waiting


def test_a_visit_counts_once_however_it_is_written(member, at_desk):
    first, second = factories.referral(member), factories.referral(member)
    for referral, number in ((first, "v-9"), (second, "V-9 ")):
        response = at_desk.post(at(referral, "attended"), {"on": TODAY().isoformat(), "visit_number": number})
    assert "Visit V-9 counted for another referral already." in said(response)


def test_declined_with_a_reason_from_the_list(member, at_desk):
    referral = factories.referral(member)
    assert "Choose a reason" in said(at_desk.post(at(referral, "declined"), {}))
    response = at_desk.post(at(referral, "declined"), {"because": "known"}, follow=True)
    assert "was a patient here before. It brings no credit." in said(response)
    assert book_of(member.account).balance == 0


def test_what_was_erased_is_not_shown(member, at_desk):
    referral = factories.referral(member, name="Gone Friend")
    referral.withdraw()
    page = said(at_desk.get(at(referral)))
    assert "erased" in page
    assert "Gone Friend" not in page


# --- a late mention -----------------------------------------------------------------------------------------


def mention(**typed) -> dict:
    return {"on": TODAY().isoformat(), "visit_number": "V-1", "token": str(uuid4()), **typed}


def test_a_late_mention_by_code_brings_the_reward_once(member, at_desk):
    typed = mention(who=spoken(member.code).lower())
    for _ in range(2):
        response = at_desk.post(LATE, typed, follow=True)
    assert "a late mention" in said(response)
    assert book_of(member.account).balance == 5000
    assert (Referral.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_a_late_mention_by_name_asks_which_one(terms, at_desk):
    one, two = (factories.member(terms, name="Ann Alike") for _ in range(2))
    typed = mention(who="ann al")
    response = at_desk.post(LATE, typed)
    assert "Choose the member who is meant." in said(response)
    assert spoken(one.code) in said(response)
    assert response.context["form"]["who"].value() == "ann al"
    at_desk.post(LATE, typed | {"member": two.pk})
    assert (book_of(one.account).balance, book_of(two.account).balance) == (0, 5000)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"who": "K7M4QX1"}, "No member is found"),
        ({"who": ""}, "code or name"),
        ({"visit_number": ""}, "number of the visit"),
        ({"on": (timezone.localdate() - 61 * DAY).isoformat()}, "61 days ago"),
        ({"on": ""}, "year-month-day"),
    ],
)
def test_a_refused_mention_keeps_what_was_typed(member, at_desk, changes, sentence):
    typed = mention(who=member.code) | changes
    response = at_desk.post(LATE, typed)
    assert response.status_code == 422
    assert sentence in said(response)
    for name, value in typed.items():
        assert str(response.context["form"][name].value()) == value
    assert not Referral.objects.exists()


# --- redeeming ----------------------------------------------------------------------------------------------


def test_each_form_on_a_screen_is_sent_to_its_own_action(member, desk, at_desk):
    credited(member, desk)
    waiting = factories.referral(member)
    sent_to = {}
    for screen in (at(member), at(waiting)):
        page = said(at_desk.get(screen))
        main = page[page.index("<main") : page.index("</main>")]
        sent_to[screen] = re.findall(r'<form[^>]* method="post" action="([^"]*)"', main)
    assert sent_to == {
        at(member): [at(member.account, "redeem")],
        at(waiting): [at(waiting, "attended")],
    }
    for address in sum(sent_to.values(), []):
        assert at_desk.post(address, {}).status_code == 422


def test_credit_is_redeemed_and_the_receipt_says_how(member, desk, at_desk):
    credited(member, desk)
    typed = redemption(amount="$20.00", invoice=" 2026-0142 ")
    for _ in range(2):  # a double click, or another tab
        response = at_desk.post(at(member.account, "redeem"), typed)
        transfer = Transfer.objects.get(key=f"redemption:{typed['token']}")
        assert response.headers["Location"] == at(transfer, "receipt")
    assert book_of(member.account).balance == 3000
    assert AuditEntry.objects.count() == 1, "it happened once"
    receipt = said(at_desk.get(at(transfer, "receipt")))
    for words in (
        "$20.00",
        str(transfer.number),
        "Sun cream",
        "2026-0142",
        "$30.00",
        desk.name,
        the_desk.day(TODAY()),
    ):
        assert words in receipt
    assert member.user.name not in receipt


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "50.01"}, "Usable today: 50.00"),
        ({"amount": "20,00"}, "two ways"),
        ({"amount": "-1"}, "without a minus"),
        ({"amount": "0"}, "above zero"),
        ({"amount": ""}, "Write an amount"),
        ({"spent_on": "An injection"}, "can't be paid with credit"),
        ({"spent_on": ""}, "Choose what for"),
        ({"invoice": "for Ann"}, "no invoice number"),
        ({"invoice": ""}, "invoice's number"),
    ],
)
def test_a_refused_redemption_keeps_what_was_typed(member, desk, at_desk, changes, sentence):
    credited(member, desk)
    typed = redemption(**changes)
    response = at_desk.post(at(member.account, "redeem"), typed)
    assert response.status_code == 422
    assert sentence in said(response)
    for name, value in typed.items():
        assert str(response.context["form"][name].value()) == value
    assert book_of(member.account).balance == 5000


def test_a_second_one_on_an_invoice_is_asked_about(member, desk, at_desk):
    credited(member, desk)
    at_desk.post(at(member.account, "redeem"), redemption())
    first = Transfer.objects.get(invoice="2026-1")
    typed = redemption(amount="7")
    response = at_desk.post(at(member.account, "redeem"), typed)
    assert response.status_code == 422
    assert f"20.00 of this credit went on invoice 2026-1 already: receipt {first.number}" in said(response)
    assert "This invoice a second time" in said(response)
    assert response.context["form"]["amount"].value() == "7"
    assert book_of(member.account).balance == 3000
    assert at_desk.post(at(member.account, "redeem"), typed | {"again": "on"}).status_code == 302
    assert book_of(member.account).balance == 2300
    # the same form once more is the same redemption
    assert at_desk.post(at(member.account, "redeem"), typed).status_code == 302
    assert book_of(member.account).balance == 2300


def test_the_desk_reads_how_a_mistake_is_put_right(member, at_desk, as_manager):
    referral = factories.referral(member)
    assert "Only a manager can take it back." in said(at_desk.get(at(referral)))
    page = at_desk.post(at(referral, "attended"), {"on": TODAY(), "visit_number": ""}, follow=True)
    assert "Tell a manager the number of the transfer" in said(page)
    assert "Open the transfer and reverse it." in said(as_manager.get(at(referral)))


def test_the_search_says_that_it_means_identity(terms, at_desk):
    member = factories.member(terms)
    assert "identity not confirmed yet" in said(at_desk.get(DESK, {"q": member.code}))


def test_one_token_with_another_amount_is_refused(member, desk, at_desk):
    credited(member, desk)
    typed = redemption()
    at_desk.post(at(member.account, "redeem"), typed)
    assert "with another amount" in said(at_desk.post(at(member.account, "redeem"), typed | {"amount": "5"}))


def test_whom_nobody_has_seen_redeems_nothing_until_they_are_confirmed(terms, desk, at_desk):
    member = factories.member(terms)
    credited(member, desk)
    page = said(at_desk.get(at(member)))
    assert "$0.00</b> usable today, of $50.00" in page
    assert "waits until somebody here has seen who the member is" in page
    assert "Confirm first" in said(at_desk.post(at(member.account, "redeem"), redemption()))
    at_desk.post(at(member, "confirm"))
    assert at_desk.post(at(member.account, "redeem"), redemption()).status_code == 302


def test_nobody_serves_themselves(member, desk, manager):
    """Somebody who took part before they came to work here."""
    credited(member, desk)
    user = User.objects.get(pk=member.user_id)
    user.is_staff = True
    user.save()
    user.groups.set(manager.groups.all())
    client = Client()
    client.force_login(user)
    own = "Nobody moves credit to or from their own account."
    assert own in said(client.post(at(member.account, "redeem"), redemption()))
    adjustment = {"way": "give", "amount": "5", "because": "Goodwill", "token": uuid4()}
    assert own in said(client.post(at(member.account, "adjust"), adjustment))
    assert own in said(client.post(at(Transfer.objects.get(), "reverse"), {"because": "Not due"}))
    waiting = factories.referral(member)
    assert "their own referral" in said(client.post(at(waiting, "attended"), {"on": TODAY().isoformat()}))
    assert book_of(member.account).balance == 5000


def test_a_friend_with_credit_of_their_own_is_served_at_their_referral(desk, at_desk):
    member = factories.member(factories.terms(friend_cents=1500, hold_days=0))
    referral = factories.referral(member)
    rewards.attend(referral, by=desk, on=TODAY())
    page = at_desk.get(at(referral))
    assert "The friend’s own credit" in said(page)
    account = referral.friend_account
    assert at_desk.get(at(account)).headers["Location"] == at(referral)
    assert at_desk.post(at(account, "redeem"), redemption(amount="15")).status_code == 302


def test_a_screen_asks_as_often_for_many_as_for_one(member, desk, at_desk):
    def questions(address):
        with CaptureQueriesContext(connection) as asked:
            assert at_desk.get(address).status_code == 200
        return len(asked)

    first = credited(member, desk)
    redeem(member.account, desk, 100)
    addresses = (at(member), at(first.referral), DESK)
    for address in addresses:
        questions(address)  # what is fetched once a process
    before = [questions(address) for address in addresses]
    for _ in range(3):
        credited(member, desk, days_ago=19)
        redeem(member.account, desk, 100)
        factories.referral(member)
    assert [questions(address) for address in addresses] == before


# --- putting right ------------------------------------------------------------------------------------------


def test_a_reversal_says_beforehand_what_comes_back_and_what_is_lost(member, desk, as_manager):
    reward = credited(member, desk)
    redeem(member.account, desk, 2000)
    facts = dict(as_manager.get(at(reward, "reverse")).context["facts"])
    assert (facts["Comes back"], facts["Is lost, because it was spent"]) == ("$30.00", "$20.00")
    assert "Say why" in said(as_manager.post(at(reward, "reverse"), {"because": ""}))
    refused = as_manager.post(at(reward, "reverse"), {"because": "Call 416 555 0100"})
    assert "Leave out names" in said(refused)
    assert refused.context["form"]["because"].value() == "Call 416 555 0100"
    response = as_manager.post(at(reward, "reverse"), {"because": "Not due"}, follow=True)
    assert "$30.00 came back, $20.00 is lost." in said(response)
    assert response.redirect_chain[-1][0] == at(member)
    assert "This was reversed before." in said(as_manager.get(at(reward, "reverse")))


def test_a_small_adjustment_moves_and_a_large_one_waits_for_a_second_manager(member, manager, as_manager):
    def adjust(amount, way="give"):
        typed = {"way": way, "amount": amount, "because": "Goodwill", "token": uuid4()}
        return said(as_manager.post(at(member.account, "adjust"), typed, follow=True))

    assert "Done: $10.00 given to" in adjust("10")
    assert "no more can be taken" in adjust("20", way="take")
    assert "Done: $30.00 given to" in adjust("30")
    assert "waits until a second manager agrees" in adjust("30")
    assert "1 adjustment to review" in said(as_manager.get(DESK))
    waiting = Adjustment.objects.waiting().get()
    # it stands on the member's page, where whoever asked may call it off, and another manager approve it
    page = said(as_manager.get(at(member)))
    assert "Waiting for a second manager" in page
    assert at(waiting, "turn-down") in page
    assert at(waiting, "approve") not in page
    assert not [
        open["action"].name
        for open in as_manager.get(at(waiting)).context["row_actions"]
        if open["action"].name == "approve"
    ]
    own = said(as_manager.post(at(waiting, "approve")))
    assert "another manager approves it" in own
    second = Client()
    second.force_login(factories.person("manager"))
    assert at(waiting, "approve") in said(second.get(at(member)))
    assert "has moved" in said(second.post(at(waiting, "approve"), follow=True))
    assert book_of(member.account).balance == 7000
    assert "decided before" in said(second.post(at(waiting, "turn-down")))


def test_the_desk_reads_that_an_adjustment_waits_and_is_offered_nothing_there(member, at_desk, as_manager):
    as_manager.post(
        at(member.account, "adjust"), {"way": "give", "amount": "90", "because": "Goodwill", "token": uuid4()}
    )
    page = said(at_desk.get(at(member)))
    assert "Waiting for a second manager" in page
    assert "/adjustment/" not in page


def test_an_adjustment_that_is_turned_down_moves_nothing(member, as_manager):
    typed = {"way": "give", "amount": "90", "because": "Goodwill", "token": uuid4()}
    as_manager.post(at(member.account, "adjust"), typed)
    large = Adjustment.objects.waiting().get()
    assert "nothing moves" in said(as_manager.post(at(large, "turn-down"), follow=True))
    assert "This was turned down" in said(as_manager.post(at(member.account, "adjust"), typed, follow=True))
    assert book_of(member.account).balance == 0


def test_an_adjustment_that_is_sent_twice_moves_once(member, as_manager):
    typed = {"way": "give", "amount": "5", "because": "Goodwill", "token": uuid4()}
    for _ in range(2):
        assert "Done: $5.00 given to" in said(
            as_manager.post(at(member.account, "adjust"), typed, follow=True)
        )
    assert book_of(member.account).balance == 500
    assert AuditEntry.objects.count() == 1


def test_an_adjustment_says_which_way(member, as_manager):
    typed = {"amount": "5", "because": "Goodwill", "token": uuid4()}
    response = as_manager.post(at(member.account, "adjust"), typed)
    assert "Choose whether to give or remove credit." in said(response)
    assert response.context["form"]["amount"].value() == "5"


def test_the_clinics_own_accounts_have_no_steps(member, desk, as_manager):
    own = credited(member, desk).source
    typed = {"way": "give", "amount": "5", "because": "Goodwill", "token": uuid4()}
    assert "the clinic's own account" in said(as_manager.post(at(own, "adjust"), typed))
    assert "can't be paid with credit" in said(as_manager.post(at(own, "redeem"), redemption()))
    assert not as_manager.get(at(own)).context["row_actions"]
    assert as_manager.get(at(own)).status_code == 200
    assert as_manager.get(at(member.account)).headers["Location"] == at(member)


def test_only_a_redemption_has_a_receipt(member, desk, at_desk):
    assert at_desk.get(at(credited(member, desk), "receipt")).status_code == 404
    assert at_desk.get("/admin/referrals/transfer/999/receipt/").status_code == 404


# --- a session that ended meanwhile -------------------------------------------------------------------------


def signed_in_again(client, desk) -> None:
    client.post("/admin/account/login/", {"username": desk.email, "password": PASSWORD})


@pytest.mark.parametrize("name", ["redeem", "late", "declined"])
def test_what_was_typed_is_there_after_signing_in_again(member, desk, client, name):
    credited(member, desk)
    address, typed = {
        "redeem": (at(member.account, "redeem"), redemption(amount="12.34")),
        "late": (f"{LATE}?to={member.code}", mention(who="somebody")),
        "declined": (at(factories.referral(member), "declined"), {"because": "known, or so they say"}),
    }[name]
    lapsed = client.post(address, typed, headers=FROM_HERE)
    where, carried = form_of(lapsed)
    assert (lapsed.status_code, where) == (403, address)
    assert "nothing has been saved" in lapsed.content.decode()
    assert {name: values[0] for name, values in carried.items()} == {"csrfmiddlewaretoken": ANY, **typed}
    assert not lapsed.cookies.get("typed"), (
        "it is nowhere but on that page: the next person at that computer finds nothing"
    )
    count = Transfer.objects.count()
    signed_in_again(client, desk)
    assert not client.get(address).context["form"].is_bound
    assert Transfer.objects.count() == count
    assert client.post(where, carried).status_code in (302, 422), "taken, or said what is wrong with it"


def test_new_terms_survive_a_session_too(manager, client):
    typed = {"member_cents": "33.30", "spendable_on": "Hats and gloves"}
    lapsed = client.post("/admin/referrals/terms/add/", typed, headers=FROM_HERE)
    signed_in_again(client, manager)
    where, carried = form_of(lapsed)
    form = client.post(where, carried).context["adminform"].form
    assert (form["member_cents"].value(), form["spendable_on"].value()) == ("33.30", "Hats and gloves")


def test_nothing_but_secrets_is_not_shown_again(client):
    for address in ("/admin/password_change/", "/admin/accounts/user/1/password/"):
        lapsed = client.post(
            address, {"old_password": "secret", "new_password1": "words of it"}, headers=FROM_HERE
        )
        assert lapsed.status_code == 302


def test_a_form_from_before_another_tab_signed_in_comes_back(member, desk):
    credited(member, desk)
    client, address = Client(enforce_csrf_checks=True), at(member.account, "redeem")
    client.force_login(desk)
    stale = {"csrfmiddlewaretoken": "x" * 64, **redemption(amount="12.34")}
    where, carried = form_of(client.post(address, stale, headers=FROM_HERE))
    assert (where, carried["amount"]) == (address, ["12.34"])
    count = Transfer.objects.count()
    assert client.post(where, carried, headers=FROM_HERE).status_code == 302
    assert Transfer.objects.count() == count + 1
    foreign = client.post(address, stale, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert 'name="amount"' not in foreign.content.decode()


# --- the programme ------------------------------------------------------------------------------------------

NEW = {
    "from_on": (timezone.localdate() + DAY).isoformat(),
    "member_cents": "40",
    "friend_cents": "10",
    "hold_days": 14,
    "cap_per_year": 1,
    "late_mention_days": 60,
    "alone_cents": "50",
    "spendable_on": "Sun cream",
}


def test_new_terms_show_what_they_would_have_cost_before_they_are_saved(member, terms, desk, as_manager):
    for _ in range(3):
        rewards.attend(factories.referral(member), by=desk, on=TODAY())
    rewards.attend(factories.referral(factories.member(terms)), by=desk, on=TODAY())
    page = as_manager.post("/admin/referrals/terms/add/", {**NEW, "_preview": "1"})
    assert (
        "4 friends came. Under these terms: 2 rewards for members, $80.00, and $40.00 for friends."
        in said(page)
    )
    assert "$120.00 together." in said(page)
    assert "those referrals cost $200.00" in said(page)
    assert page.context["adminform"].form["member_cents"].value() == "40"
    assert Terms.objects.count() == 1
    as_manager.post("/admin/referrals/terms/add/", NEW)
    assert Terms.objects.get(cap_per_year=1).member_cents == 4000


def test_a_preview_of_what_cannot_be_says_why(as_manager):
    page = as_manager.post("/admin/referrals/terms/add/", {**NEW, "member_cents": "1,000", "_preview": "1"})
    assert "two ways" in said(page)
    assert not Terms.objects.exists()


def test_new_terms_begin_as_the_newest_stand(terms, as_manager):
    form = as_manager.get("/admin/referrals/terms/add/").context["adminform"].form
    assert (form["spendable_on"].value(), form["cap_per_year"].value()) == (
        terms.spendable_on,
        terms.cap_per_year,
    )
    assert 'value="50.00"' in str(form["member_cents"])


def test_opening_and_closing_says_who_and_why(manager, as_manager):
    as_manager.post(
        "/admin/referrals/switch/add/", {"is_open": "on", "because": "The college answered; filed under 12"}
    )
    assert Switch.objects.get().by == manager
    as_manager.post("/admin/referrals/switch/add/", {"because": ""})
    assert Switch.objects.count() == 1


def test_who_is_forgotten_is_not_found(member, at_desk):
    assert Member.objects.active().exists()
    with transaction.atomic():
        member.leave()
        Member.objects.filter(pk=member.pk).update(forgotten_at=timezone.now(), named_as="")
    assert the_desk.find(member.code).is_empty
    assert at_desk.get(at(member)).status_code == 200


def test_a_mention_without_a_visit_is_refused_by_the_verb_too(member, desk):
    with pytest.raises(ReferralError, match="number of the visit"):
        rewards.mention_late(member, by=desk, on=TODAY(), visit_number=" ", token=uuid4())

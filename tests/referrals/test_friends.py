"""The friend: a welcome that tells nobody anything, an introduction in their own words, and the way back."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from clinic_site.clinic.models import Details
from clinic_site.publishing.templatetags.once import OnceNode
from referrals import credit, rewards
from referrals.codes import new_code, read_code, spoken
from referrals.models import Acceptance, Introduction, Notice, Referral, Switch
from tests import factories
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clinic():
    cache.clear()  # how many came from one network
    return Details.objects.create(name="A clinic", phone="416 555 0100", email="desk@clinic.test")


@pytest.fixture
def member(terms):
    return factories.member(terms, name="Ottoline Quux", email="ottoline@home.test")


def typed(**fields):
    who = {"name": "Fri End", "email": "fri@home.test", "phone": "", "times": "mornings"}
    return {**who, "is_adult": "on", "agrees": "on", "token": str(uuid4()), **fields}


def introduce(client, member, **fields):
    return client.post(f"/r/{member.code}/introduce/", typed(**fields))


def test_a_friend_gets_what_the_page_promised_or_reads_what_changed(client, terms, member):
    page = client.get(f"/r/{member.code}/introduce/").context["form"]
    shown = page["terms"].value()
    assert shown == terms.pk
    less = factories.terms(from_on=timezone.localdate() - DAY, member_cents=100)
    member.accept(less)
    response = introduce(client, member, terms=shown)
    assert response.status_code == 422
    text = response.content.decode()
    assert "The credit has changed since you opened this page" in text
    assert "a credit of <strong>$1</strong>" in " ".join(text.split())
    assert not Introduction.objects.exists()
    again = response.context["form"]["terms"].value()
    assert introduce(client, member, terms=again).status_code == 302
    assert Referral.objects.get().terms == less


def closed(manager):
    Switch.objects.create(is_open=False, because="Over", by=manager)


# --- the welcome --------------------------------------------------------------------------------------------


def test_a_welcome_names_nobody_and_no_treatment_and_tells_the_reward(client, member):
    page = client.get(f"/r/{member.code}/").content.decode()
    main = page[page.index("<main") : page.index("</main")]
    for word in "ottoline quux ottoline@ patient botulinum toxin injection migraine sweat".split():
        assert word not in main.lower()
    assert "a credit of <strong>$50</strong>" in " ".join(main.split())
    assert "You get no credit." in main
    assert "face to face, and the answer may be no" in main
    assert "18 or over" in main


def test_a_welcome_tells_the_reward_that_its_member_accepted_for_both(client, manager):
    member = factories.member(factories.terms(member_cents=1250, friend_cents=500))
    later = timezone.localdate() + DAY
    factories.Terms.objects.create(from_on=later, member_cents=9900, spendable_on="Sun cream")
    page = " ".join(client.get(f"/r/{member.code}/").content.decode().split())
    assert "a credit of <strong>$12.50</strong>" in page
    assert "You get a credit of <strong>$5</strong>." in page
    assert "$99" not in page


def test_a_member_who_chose_a_name_is_named(client, member):
    type(member).objects.filter(pk=member.pk).update(named_as="Otto <b>")
    page = client.get(f"/r/{member.code}/").content.decode()
    assert "Otto &lt;b&gt; gave you this link." in page
    assert "Otto" not in page[: page.index("<body")], "what a preview of the link shows"


def test_opening_a_link_writes_nothing_and_sets_no_cookie(client, member, django_assert_num_queries):
    client.get("/about/")
    with django_assert_num_queries(2) as queries:  # the clinic's row, and what stands behind the code
        response = client.get(f"/r/{member.code}/")
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert response.status_code == 200
    assert not response.cookies
    assert not client.session.keys()
    assert client.head(f"/r/{member.code}/").status_code == 200
    assert client.post(f"/r/{member.code}/").status_code == 405


def test_a_code_is_understood_as_it_is_read_out(client, member):
    while not {"0", "1"} & set(member.code):
        member = factories.member(member.terms)
    code = member.code
    for spelling in (
        code.lower(),
        f"{code[:3]}-{code[3:]}",
        f" {code[:3]} {code[3:]} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        for tail in ("", "introduce/"):
            response = client.get(f"/r/{spelling}/{tail}")
            assert (response.status_code, response["Location"]) == (302, f"/r/{code}/{tail}")
    assert introduce(client, type("Spelled", (), {"code": code.lower()})).status_code == 302, (
        "what was typed is not led astray"
    )
    assert Referral.objects.count() == 1


def test_the_code_stays_here(client, member):
    response = client.get(f"/r/{member.code}/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert "/r/" not in client.get("/sitemap.xml").content.decode()
    assert client.get(f"/r/{member.code}/introduce/")["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("method", "address"), [("get", "/r/{}/"), ("get", "/r/{}/introduce/"), ("post", "/r/{}/introduce/")]
)
def test_links_that_lead_nowhere_are_one_page(
    client, member, terms, manager, address, method, django_assert_num_queries
):
    left, forgotten, open_one = member, factories.member(terms), factories.member(terms)
    left.leave()
    type(left).objects.filter(pk=forgotten.pk).update(left_at=timezone.now(), forgotten_at=timezone.now())
    unknown = "ABCDEFG", "0" * 6 + "1", "x", "' OR 1=1", "🙂", "A" * 900, "%00"
    assert client.get(address.format(open_one.code)).status_code == 200
    body = typed()

    def answer(code):
        OnceNode.kept.clear()  # what a process remembers of a page's frame
        with django_assert_num_queries(2):
            response = getattr(client, method)(address.format(code), body if method == "post" else None)
        headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        return response.status_code, response.content, headers, dict(response.cookies)

    answers = [answer(code) for code in (left.code, forgotten.code, *unknown)]
    for each in answers:
        assert each == answers[0]
    closed(manager)  # no page has the programme in its menu then
    for code in (left.code, *unknown):
        assert answer(code) == answer(open_one.code)
    status, content, _, cookies = answers[0]
    assert (status, cookies) == (404, {})
    assert b"This link is not in use" in content
    assert (b"fri@home.test" in content) == (method == "post"), "what was typed is handed back"
    assert not Referral.objects.exists()


# --- the introduction ---------------------------------------------------------------------------------------


def test_a_friend_introduces_themself(client, member):
    response = introduce(client, member, may_tell="on")
    referral = Referral.objects.get()
    assert response["Location"] == f"/introduction/{referral.key}/"
    page = client.get(response["Location"]).content.decode()
    assert referral.reference in page
    assert f"/introduction/{referral.key}/withdraw/" in page
    theirs = referral.introduction
    assert (theirs.name, theirs.email, theirs.times) == ("Fri End", "fri@home.test", "mornings")
    assert theirs.contact_agreed_at
    assert theirs.adult_at
    assert theirs.telling_agreed_at
    assert referral.member == member


def test_that_the_member_may_be_told_is_a_choice_of_its_own(client, member):
    assert b"checked" not in client.get(f"/r/{member.code}/introduce/").content
    introduce(client, member)
    assert Introduction.objects.get().telling_agreed_at is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "Write your name."),
        ({"email": ""}, "Write an e-mail address or a phone number"),
        ({"email": "fri"}, "Write an e-mail address, such as"),
        ({"email": "", "phone": "call me"}, "Write a phone number, such as"),
        ({"is_adult": ""}, "Say that you are 18 or over."),
        ({"agrees": ""}, "Say that we may contact you."),
        ({"times": "x" * 201}, "200"),
        ({"name": "Fri\x00End"}, "Null characters"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_is_kept(client, member, change, told):
    response = introduce(client, member, **{"times": "after four", "may_tell": "on", **change})
    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert ("after four" if "times" not in change else "fri@home.test") in page
    assert not Referral.objects.exists()


def test_a_phone_number_is_enough_and_no_mail_goes_then(client, member):
    assert introduce(client, member, email="", phone="416 555 0199").status_code == 302
    assert [mail.to for mail in Email.objects.filter(notice__referral__isnull=False)] == [
        ["desk@clinic.test"]
    ]


def test_the_same_form_twice_introduces_once(client, member):
    token = str(uuid4())
    first, second = (introduce(client, member, token=token)["Location"] for _ in range(2))
    assert first == second
    assert Referral.objects.count() == 1
    assert Notice.objects.filter(referral__isnull=False).count() == 2, (
        "one mail to the friend, one to the desk"
    )


def test_a_garbled_token_is_not_held_against_anybody(client, member):
    assert introduce(client, member, token="x").status_code == 302
    assert introduce(client, member, token="").status_code == 302


def test_introducing_oneself_twice_or_to_oneself_gets_the_same_answer(client, member):
    pages = []
    for email in ("fri@home.test", "fri@home.test", "F.ri+x@home.test", "ottoline@home.test"):
        response = introduce(client, member, email=email)
        referral = Referral.objects.first()
        assert response.status_code == 302
        page = client.get(response["Location"]).content.decode()
        pages.append(page.replace(referral.key, "KEY").replace(referral.reference, "REFERENCE"))
    assert len(set(pages)) == 1
    assert Referral.objects.count() == 4, "the desk sees them, with a warning"


def test_what_was_typed_is_stored_even_where_no_mail_can_be_queued(client, member, settings):
    settings.POST_OFFICE = {**settings.POST_OFFICE, "BACKENDS": {"default": "nowhere.Backend"}}
    Details.objects.update(email="no address")
    assert introduce(client, member).status_code == 302
    assert Introduction.objects.count() == 1


def test_an_introduction_and_its_mails_are_stored_together_or_not_at_all(client, member, monkeypatch):
    monkeypatch.setattr("referrals.emails._tell_the_desk", lambda *args: 1 / 0)
    client.raise_request_exception = False
    before = Email.objects.count()
    assert introduce(client, member).status_code == 500
    assert (Referral.objects.count(), Introduction.objects.count(), Email.objects.count()) == (0, 0, before)


def test_too_many_from_one_network_are_asked_to_wait(client, member, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "introduce": "2/h/ip"}
    network = {"REMOTE_ADDR": "192.0.2.77"}
    answers = [client.post(f"/r/{member.code}/introduce/", typed(), **network) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "try again in an hour" in answers[2].content.decode()
    assert "fri@home.test" in answers[2].content.decode()
    assert introduce(client, member).status_code == 302, "another network is not held up"


def test_a_mailbox_that_others_type_is_not_flooded(client, member):
    for _ in range(6):
        introduce(client, member, email="Vic.Tim+1@home.test")
    assert sum(mail.to == ["Vic.Tim+1@home.test"] for mail in Email.objects.all()) == 3


def test_a_form_that_was_open_for_too_long_keeps_what_was_typed(member):
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/r/{member.code}/introduce/", typed(), headers={"Origin": "http://testserver"})
    assert response.status_code == 403
    for word in ("Fri End", "fri@home.test", "mornings"):
        assert word in response.content.decode()
    assert not Referral.objects.exists()


def test_the_page_with_the_form_sets_its_one_cookie(client, member):
    assert list(client.get(f"/r/{member.code}/introduce/").cookies) == ["csrftoken"]
    response = introduce(client, member)
    assert not client.get(response["Location"]).cookies
    assert not client.get("/introduction-withdrawn/").cookies


def test_closed_between_the_page_and_its_form(client, member, manager, monkeypatch):
    standing = Acceptance.behind(member.code)
    closed(manager)
    monkeypatch.setattr(Acceptance, "behind", lambda code: standing)
    response = introduce(client, member)
    assert response.status_code == 404
    phone = "416 555 0100".replace(" ", "\N{NO-BREAK SPACE}")
    for words in ("What you typed was not stored", "fri@home.test", phone):
        assert words in response.content.decode()
    assert not Referral.objects.exists()


# --- the way back -------------------------------------------------------------------------------------------


@pytest.fixture
def referral(member):
    return factories.referral(member, email="fri@home.test", name="Fri End")


def test_a_link_asks_and_its_button_erases(client, referral):
    address = f"/introduction/{referral.key}/withdraw/"
    assert referral.withdraw_link == settings.SITE_URL + address
    assert b"Withdraw and erase" in client.get(address).content
    assert Introduction.objects.count() == 1
    response = client.post(address)
    assert response["Location"] == "/introduction-withdrawn/"
    assert b"What you typed is erased" in client.get(response["Location"]).content
    assert not Introduction.objects.exists()
    referral.refresh_from_db()
    assert referral.withdrawn_at


def test_withdrawing_takes_the_friends_mails_along_and_nobody_elses(client, referral, member):
    other = factories.referral(member, email="fri@home.test")
    client.post(f"/introduction/{referral.key}/withdraw/")
    texts = [mail.message for mail in Email.objects.filter(to="fri@home.test")]
    assert len(texts) == 1
    assert other.reference in texts[0]
    told = Email.objects.filter(to="desk@clinic.test", message__contains=referral.reference)
    assert ["was withdrawn" in mail.message for mail in told] == [True], (
        "one that said somebody waits is gone"
    )
    assert Email.objects.filter(to=member.user.email).exists()


def test_forged_tampered_and_used_links_are_one_page(client, referral, django_assert_num_queries):
    used = referral.key
    client.post(f"/introduction/{used}/withdraw/")
    reference, signature = used.split(".")
    keys = [
        used,
        reference,
        f"{reference}.",
        f".{signature}",
        f"F0000000.{signature}",
        f"{reference}.{signature[:-1]}",
        f"{reference}.{signature[::-1]}",
        f"{used}.{signature}",
        "x" * 3000,
        "🙂",
    ]

    def answer(method, key, tail):
        OnceNode.kept.clear()
        with django_assert_num_queries(2):
            response = getattr(client, method)(f"/introduction/{key}/{tail}")
        return response.status_code, response.content, dict(response.cookies)

    pages = [answer(method, key, "withdraw/") for key in keys for method in ("get", "post")]
    pages += [answer("get", key, "") for key in keys]
    assert len({(status, content) for status, content, _ in pages}) == 1
    assert pages[0][0] == 404
    assert not any(cookies for *_, cookies in pages)
    assert "what you typed is erased" in pages[0][1].decode()


def test_a_key_of_another_purpose_opens_nothing(client, referral):
    from django.core import signing

    strange = signing.Signer(salt="another", sep=".").sign(referral.reference)
    assert client.post(f"/introduction/{strange}/withdraw/").status_code == 404
    assert Introduction.objects.exists()


def test_withdrawing_after_the_visit_erases_the_words_and_keeps_the_reward(client, referral, desk):
    [reward] = rewards.attend(referral, by=desk, on=timezone.localdate())
    client.post(f"/introduction/{referral.key}/withdraw/")
    assert not Introduction.objects.exists()
    referral.refresh_from_db()
    assert referral.attended_at
    assert list(referral.transfers.all()) == [reward]


def test_the_desk_cannot_confirm_a_friend_who_withdrew(referral, desk):
    referral.withdraw()
    referral.withdraw()
    with pytest.raises(rewards.ReferralError, match="withdrawn"):
        rewards.attend(referral, by=desk, on=timezone.localdate())


@pytest.mark.parametrize(
    ("typed_number", "kept"),
    [
        ("\u202a+1 416‑555‑0100\u202c", "+1 416-555-0100"),
        ("416/555-0100", "416/555-0100"),
        ("416 555 0100 ext 22", "416 555 0100 ext 22"),
        ("tel:+1-416-555-0100", "+1-416-555-0100"),
        ("+1 (416) 555-0100, extension number 22", None),
        ("(416) 555-0100 extension 12345", "(416) 555-0100 extension 12345"),
    ],
)
def test_a_number_is_taken_as_people_paste_it(client, member, typed_number, kept):
    answer = introduce(client, member, email="", phone=typed_number)
    if kept is None:
        assert "Write a phone number, such as" in answer.content.decode()
        return
    assert answer.status_code == 302
    friend = Introduction.objects.get()
    assert (friend.phone, friend.same_phone) == (kept, "14165550100")


def test_words_of_danger_bring_the_emergency_number_first(client, member):
    told = "If this is happening to you now, call"
    sent = {"times": "I can`t swallow and my throat is closing"}
    page = introduce(client, member, name="", **sent).content.decode()
    assert page.index(told) < page.index("<h1")
    page = client.get(introduce(client, member, **sent).url).content.decode()
    assert page.index(told) < page.index("<h1")
    assert told not in client.get(introduce(client, member, times="mornings").url).content.decode()


@pytest.mark.parametrize(
    "around",
    [
        "https://clinic.example/r/{}/",
        "http://clinic.example/r/{}/introduce/?from=mail",
        "my code: {}.",
        "{},",
        "({})",
        "Hi, my code is {}!",
        "/r/{},",
        "\u202a{}\u202c",
    ],
)
def test_a_code_is_found_in_what_was_pasted(client, member, around):
    for code in (member.code, spoken(member.code), spoken(member.code).replace("-", "‑")):
        assert read_code(around.format(code)) == member.code
    assert client.get("/r/", {"code": around.format(member.code)}).url == f"/r/{member.code}/"


def test_a_link_with_a_comma_behind_it_leads_to_the_code(client, member):
    for after in (",", ".", ")", ";", "”"):
        assert client.get(f"/r/{member.code}{after}/").url == f"/r/{member.code}/"


def test_no_word_and_no_number_is_taken_for_a_code():
    words = "received because another the best one time for next clinics patient friends 5550100 20260142"
    for word in words.split():
        assert read_code(f"I like {word} here") is None
    codes = [new_code() for _ in range(2)]
    assert read_code(" or ".join(codes)) is None  # nobody knows which


# --- promise 14 ---------------------------------------------------------------------------------------------
# Every column of every table that can hold words, and why it holds no friend's contact before that friend
# typed it.
THE_FRIENDS_OWN = "referrals.introduction: name email phone times name_key surname_key same_email same_phone"
NO_PLACE_FOR_A_FRIEND = {
    "typed by whoever it is about, of themselves": """
        visits.visitrequest: name email phone times about about_title reference name_key surname_key
        visits.visitrequest: same_email same_phone closed_because
        blog.question: words email same_email reference closed_because
        clinic.message: name email phone words reference name_key surname_key same_email same_phone
        accounts.user: email name title position about registration_body registration_number password name_key
        accounts.user: surname_key same_email
        accounts.invitation: email same_email name role title registration_body registration_number
        accounts.invitation: token_digest
        referrals.member: named_as code
        sessions.session: session_key session_data
    """,
    "an address is put there by a mail to whoever typed it as theirs; it goes with the introduction, and "
    "after thirty days": """
        post_office.email: to cc bcc from_email subject message html_message message_id headers context
        post_office.email: backend_alias
        post_office.log: message exception_type
    """,
    "made by code, of what nobody types": """
        referrals.referral: reference visit_number declined_because
        referrals.notice: key
        referrals.transfer: key digest
        referrals.account: system
        referrals.head: digest
        audit_log.draftsave: words digest
        notifications.calendaraddress: number digest
        mfa.authenticator: type data
        audit_log.auditentry: verb model row name said changes
        audit_log.auditword: word
        auth.permission: name codename
        auth.group: name
        contenttypes.contenttype: app_label model
        modelsearch.indexentry: object_id autocomplete title body title_text body_text
        modelsearch.sqliteftsindexentry: autocomplete title body
    """,
    "a sum's reason or purpose, in which names, addresses and numbers are refused, or which the terms "
    "name": """
        referrals.transfer: reason spent_on invoice
        referrals.adjustment: because
        referrals.reversal: because
    """,
    "the programme's rules": """
        referrals.terms: spendable_on
        referrals.switch: because
    """,
    "what patients read of treatments and of the clinic": """
        evidence.source: key title publisher kind doi url locator note status
        evidence.claim: key kind sentence phrase measure unit comparator population country grade
        evidence.claim: checked_digest
        evidence.use: key name
        evidence.licence: country status since detail
        publishing.picture: file alt credit consent files crops
        publishing.urgenthelp: title lead signs closing emergencies_lead
        publishing.beforetreatment: title avoid_lead avoid tell_lead tell closing
        publishing.document: kind slug title summary
        publishing.section: anchor heading body
        publishing.edition: kind slug page_text card_text card_digest digest change_note returned_because
        publishing.edition: signed_name nature
        publishing.edition: self_review_because self_review_checklist withdrawn_because
        publishing.mark: kind key
        publishing.batch: about change_note
        publishing.address: kind slug
        publishing.stop: because
        publishing.previewlink: reader
        publishing.live: kind slug
        treatments.treatment: short group
        treatments.treatmentclaim: role gap
        blog.topic: slug title
        blog.answer: detail correction
        clinic.details: name strapline lead street town region postcode country phone email hours directions
        clinic.details: accent booking_url access map_service parking
        clinic.closure: name
        clinic.fee: kind name not_charged plans
        clinic.profile: days languages maker_money register_url slug training
        treatments.choice: available kind lasts name problem risks strength what works
        treatments.offering: brands
        treatments.treatmentclaim: problem
        clinic.testimonial: words said_by consent_scope
        clinic.accreditation: name issuer number url note
        search.synonym: words means stems
    """,
    "a table that a library brings and nothing here fills": """
        post_office.emailtemplate: name description subject content html_content language
        post_office.attachment: file name mimetype headers
        account.emailaddress: email
        admin.logentry: object_id object_repr change_message
        account.emailconfirmation: key
        operations.sharedpart: name mark
    """,
}
# what can't hold words
WORDLESS = tuple(
    getattr(models, f"{kind}Field")
    for kind in "Integer Auto Boolean Date Time UUID Duration Float Decimal".split()
) + (models.ForeignKey,)


def named(*lists: str) -> set[str]:
    lines = [line.split(": ") for text in lists for line in text.strip().splitlines()]
    return {f"{table.strip()}.{column}" for table, columns in lines for column in columns.split()}


def columns_of_words() -> set[str]:
    """Every column that can hold words, a new one in any room too."""
    return {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if not isinstance(field, WORDLESS)
    }


def test_no_column_holds_a_friends_contact_but_the_friends_own():
    excused = named(*NO_PLACE_FOR_A_FRIEND.values())
    unknown = columns_of_words() - excused - named(THE_FRIENDS_OWN)
    assert not unknown, "Say above why no friend's contact gets there before that friend typed it and agreed"
    stale = (excused | named(THE_FRIENDS_OWN)) - columns_of_words()
    assert all(column.startswith("modelsearch.") for column in stale), "those are one engine's alone"
    assert not excused & named(THE_FRIENDS_OWN)


def test_an_introduction_is_not_stored_without_the_friends_agreement(member):
    for agreed in ("adult_at", "contact_agreed_at"):
        assert not Introduction._meta.get_field(agreed).null
    referral = Referral.objects.create(
        member=member, terms=member.terms, token=uuid4(), introduced_at=timezone.now()
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.create(
            referral=referral, name="Fri End", email="fri@home.test", adult_at=timezone.now()
        )


def tables_that_hold(*words: str) -> set[str]:
    """The tables in whose rows one of these stands, whatever column it is in."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if any(word in repr(row) for row in cursor.fetchall() for word in words):
                found.add(table)
    return found


def test_what_a_friend_typed_stands_in_one_place_and_then_in_none(client, member, desk, manager):
    # given a friend who typed all there is to type, and a desk that does its work in the admin
    marks = "Quixote", "quixote", "5550177", "555 0177", "after vespers"
    who = {"name": "Zed Quixote", "email": "zed@quixote.test", "phone": "416 555 0177"}
    introduce(client, member, times="after vespers", **who)
    referral = Referral.objects.get()
    client.force_login(desk)
    for sought in ("quixote", "zed@quixote.test", "416 555 0177", referral.reference):
        assert (
            "Zed Quixote" in client.get("/admin/referrals/desk/", {"q": sought}, follow=True).content.decode()
        )
    came = {"on": timezone.localdate().isoformat(), "visit_number": "V-1042"}
    assert client.post(f"/admin/referrals/referral/{referral.pk}/attended/", came).status_code == 302
    credit.adjust(member.account, cents=100, because="Goodwill", token=uuid4(), by=manager)
    call_command("tick")
    # then it stands where they put it, and their address on the mails to them
    assert tables_that_hold(*marks) == {"referrals_introduction", "post_office_email"}
    assert {mail.to[0] for mail in Email.objects.all() if "quixote" in str(mail.__dict__).lower()} == {
        "zed@quixote.test"
    }
    # and after they withdrew, nowhere
    client.post(f"/introduction/{referral.key}/withdraw/")
    assert tables_that_hold(*marks) == set()


@pytest.mark.parametrize(
    "typed", ["{code}", " {lower} ", "{spoken}", "{spoken}/?x=1", "It is {code}, she said."]
)
def test_a_code_that_was_read_out_is_typed_by_hand(client, typed):
    member = factories.member(factories.terms())
    typed = typed.format(code=member.code, lower=member.code.lower(), spoken=spoken(member.code))
    answer = client.get("/r/", {"code": typed}, follow=True)
    assert answer.request["PATH_INFO"] == f"/r/{member.code}/"
    assert not client.cookies


@pytest.mark.parametrize("typed", ["", "?", "/../", "x" * 500])
def test_whatever_is_typed_as_a_code_leads_to_one_page(client, typed):
    assert client.get("/r/", {"code": typed}, follow=True).status_code == 404

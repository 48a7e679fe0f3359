"""The mails: what they say and don't, that they stand and fall with their cause, and that none is lost."""

import re
import socketserver
import threading
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from post_office.models import STATUS, Email, Log

from clinic_site.clinic.models import Details
from clinic_site.notifications import mail as mails
from clinic_site.notifications.models import Mail
from clinic_site.registry import Branding, branding
from referrals import credit, emails, expiry, rewards
from referrals.models import Notice
from tests import factories
from tests.referrals.verbs import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clinic():
    cache.clear()
    return Details.objects.create(
        name="Pine <Street> Clinic",
        street="1 Pine Street",
        town="Guelph",
        phone="416 555 0100",
        email="desk@clinic.test",
    )


@pytest.fixture
def terms():
    return factories.terms(hold_days=14)


@pytest.fixture
def member(terms, desk):
    made = factories.member(terms, confirmed_by=desk, name="Ottoline Quux", email="ottoline@home.test")
    Email.objects.all().delete()
    return made


def to(address) -> list[Email]:
    return [mail for mail in Email.objects.order_by("pk") if mail.to == [address]]


def day(at) -> str:
    local = timezone.localdate(at)
    return f"{local.day} {local:%B %Y}"


def rewarded(member, desk, now, **friend):
    referral = factories.referral(member, now=now, email="fri@home.test", name="Fri End", **friend)
    return rewards.attend(referral, by=desk, on=timezone.localdate(now), now=now)


def redeem(account, desk, cents=3000, **fields):
    fields = {"spent_on": "Sun cream", "invoice": "2026-77", "again": True, "token": uuid4(), **fields}
    return credit.redeem(account, cents=cents, by=desk, **fields)


# --- what they say ------------------------------------------------------------------------------------------


def test_who_joins_gets_their_link_and_the_terms(terms):
    member = factories.member(terms, email="new@home.test")
    [mail] = to("new@home.test")
    for words in (
        member.link,
        "$50 credit for each friend who came",
        "14 days after",
        "Never",
        "/refer-a-friend/statement/",
    ):
        assert words in mail.message


def test_who_comes_back_is_told_and_who_agrees_to_new_terms_is_not(terms, now):
    member = factories.member(terms, email="new@home.test")
    member.accept(factories.terms(from_on=timezone.localdate(now) - DAY))
    assert len(to("new@home.test")) == 1
    member.leave()
    type(member).join(member.user, terms=terms, now=now + 3 * DAY)
    assert len(to("new@home.test")) == 2


def test_a_reward_is_told_without_a_name_or_a_reason(member, desk, now):
    rewarded(member, desk, now)
    [mail] = to("ottoline@home.test")
    assert mail.subject == "A referral qualified"
    assert "Credit: $50.00" in mail.message
    assert f"You can use it from: {day(now + 14 * DAY)}" in mail.message
    for told in (mail.subject, mail.message, mail.html_message):
        for private in ("Fri", "fri@", "visit", "came", "treatment", "Ottoline", "F" + "0" * 7):
            assert private not in told
        assert not re.search(r"\bF[0-9A-Z]{7}\b", told), "nor the friend's reference"


def test_who_was_not_seen_yet_is_told_what_comes_first(terms, desk, now):
    member = factories.member(terms, email="new@home.test")
    rewarded(member, desk, now)
    assert "looks at a document with your name" in to("new@home.test")[-1].message


def test_a_friend_with_a_credit_of_their_own_is_told_where_they_gave_an_address(desk, now):
    member = factories.member(factories.terms(friend_cents=1500, hold_days=0))
    _, theirs = rewarded(member, desk, now)
    redeem(theirs.destination, desk, 500)
    credit, receipt = to("fri@home.test")[1:]
    assert theirs.referral.reference in credit.message
    assert "Credit left: $10.00" in receipt.message
    assert "statement" not in receipt.message
    referral = factories.referral(member, email="", phone="416 555 0123")
    before = Email.objects.count()
    rewards.attend(referral, by=desk, on=timezone.localdate(now))
    assert Email.objects.count() == before + 1, "the member's"


def test_a_receipt_says_how_much_for_what_and_what_is_left(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    token = uuid4()
    for _ in range(2):
        redeem(member.account, desk, token=token)
    receipts = [mail for mail in to("ottoline@home.test") if "receipt" in mail.subject]
    assert len(receipts) == 1, "one spending, one receipt"
    for words in (
        "Credit used: $30.00",
        "For: Sun cream",
        "Invoice: 2026-77",
        "Credit left: $20.00",
        "call 416 555 0100",
    ):
        assert words in receipts[0].message


def test_what_is_put_right_is_told_with_what_there_is_now(member, desk, manager, now):
    [reward] = rewarded(member, desk, now - 20 * DAY)
    spent = redeem(member.account, desk)
    credit.reverse(spent, by=manager, because="Goods came back")
    credit.reverse(reward, by=manager, because="The visit was somebody else's")
    credit.adjust(member.account, cents=700, because="Goodwill", token=uuid4(), by=manager)
    changes = [mail.message for mail in to("ottoline@home.test") if mail.subject == "Your credit has changed"]
    assert [re.findall(r"[+−]?\$[\d.]+", words) for words in changes] == [
        ["+$30.00", "$50.00"],
        ["−$50.00", "$0.00"],
        ["+$7.00", "$7.00"],
    ]
    assert not any("somebody else" in words or "Goodwill" in words for words in changes), (
        "the reason stands on the statement"
    )


def test_a_forgotten_member_is_not_written_to(member, desk, now):
    rewarded(member, desk, now - 20 * DAY)
    Email.objects.all().delete()
    type(member).objects.filter(pk=member.pk).update(left_at=now, forgotten_at=now)
    redeem(member.account, desk)
    assert not Email.objects.exists()


def test_the_desk_is_told_that_somebody_waits_not_who(member):
    referral = factories.referral(member, name="Fri End", email="fri@home.test", times="mornings")
    [mail] = to("desk@clinic.test")
    assert referral.reference in mail.message
    for private in ("Fri", "fri@", "mornings", member.code):
        assert private not in mail.message + mail.html_message + mail.subject


def test_without_an_address_of_the_clinic_nobody_is_told_and_nothing_breaks(member, clinic):
    Details.objects.update(email="", phone="")
    factories.referral(member, email="fri@home.test")
    [mail] = Email.objects.all()
    assert mail.to == ["fri@home.test"]
    assert "Reply-To" not in mail.headers


def test_the_friends_mail_leads_to_the_way_back(member, client):
    referral = factories.referral(member, email="fri@home.test")
    [mail] = to("fri@home.test")
    assert referral.reference in mail.message
    [address] = re.findall(r"http://testserver(/introduction/\S+)", mail.message)
    assert client.post(address).status_code == 302
    assert not to("fri@home.test")


# --- credit that runs out -----------------------------------------------------------------------------------


@pytest.fixture
def short(desk):
    return factories.member(
        factories.terms(hold_days=0, expiry_days=100), confirmed_by=desk, email="short@home.test"
    )


def told(address="short@home.test"):
    return [mail for mail in to(address) if "runs out" in mail.subject]


def test_credit_that_runs_out_is_told_once_and_thirty_days_before(short, desk, now):
    rewarded(short, desk, now)
    redeem(short.account, desk, 1000)
    expiry.warn_of_expiry(now + 69 * DAY)
    assert not told()
    for days in (70, 71, 99):
        expiry.warn_of_expiry(now + days * DAY)
    [mail] = told()
    assert mail.subject == f"Credit runs out on {day(now + 100 * DAY)}"
    assert "Credit: $40.00" in mail.message


def test_tick_twice_tells_once(short, desk, now):
    rewarded(short, desk, now - 80 * DAY)
    call_command("tick")
    call_command("tick")
    assert len(told()) == 1


def test_each_lot_is_told_of_by_itself(short, desk, now):
    rewarded(short, desk, now)
    rewarded(short, desk, now + 10 * DAY)
    assert expiry.warn_of_expiry(now + 75 * DAY) == 1
    assert expiry.warn_of_expiry(now + 85 * DAY) == 1
    assert len(told()) == 2


def test_of_credit_that_is_spent_nobody_is_told_until_it_comes_back(short, desk, manager, now):
    rewarded(short, desk, now)
    spent = redeem(short.account, desk, 5000)
    assert expiry.warn_of_expiry(now + 80 * DAY) == 0
    credit.reverse(spent, by=manager, because="Goods came back", now=now + 81 * DAY)
    assert expiry.warn_of_expiry(now + 82 * DAY) == 1


def test_of_credit_that_is_gone_nobody_is_told(short, desk, now):
    rewarded(short, desk, now)
    assert expiry.warn_of_expiry(now + 101 * DAY) == 0


def test_a_short_time_is_told_of_in_its_last_half(desk, now):
    rewarded(
        factories.member(factories.terms(hold_days=0, expiry_days=20), email="short@home.test"), desk, now
    )
    assert expiry.warn_of_expiry(now + 9 * DAY) == 0
    assert expiry.warn_of_expiry(now + 10 * DAY) == 1


def test_whoever_has_no_address_is_not_tried_again_and_again(desk, now):
    member = factories.member(
        factories.terms(member_cents=100, friend_cents=1500, hold_days=0, expiry_days=100)
    )
    rewarded(member, desk, now, phone="416 555 0177")
    type(member).objects.update(left_at=now, forgotten_at=now)
    factories.Referral.objects.get().withdraw()
    Email.objects.all().delete()
    assert expiry.warn_of_expiry(now + 80 * DAY) == 2
    assert expiry.warn_of_expiry(now + 80 * DAY) == 0
    assert not Email.objects.exists()


def test_telling_of_many_lots_asks_little_of_the_database(short, desk, now, django_assert_max_num_queries):
    for _ in range(10):
        rewarded(short, desk, now)
    for _ in range(5):
        redeem(short.account, desk, 5000)
    with emails.held_back(), django_assert_max_num_queries(5 + 2 * 5):  # a savepoint for each that is told
        assert expiry.warn_of_expiry(now + 80 * DAY) == 5


# --- how they are made --------------------------------------------------------------------------------------


def test_a_change_that_is_rolled_back_takes_its_mail_along(member, desk, now):
    with transaction.atomic():
        rewarded(member, desk, now)
        assert to("ottoline@home.test")
        transaction.set_rollback(True)
    assert not Email.objects.exists()
    assert not Notice.objects.filter(key__startswith="reward:").exists()


def test_mails_are_held_back_where_a_year_is_rehearsed(terms, desk, now):
    with emails.held_back():
        member = factories.member(terms)
        rewarded(member, desk, now)
    assert not Email.objects.exists()
    rewarded(member, desk, now)
    assert Email.objects.exists()


def test_text_and_html_say_the_same_and_load_nothing(member, desk, now):
    rewarded(member, desk, now)
    for mail in Email.objects.all():
        shown = re.sub(r"<title>.*?</title>|<[^>]+>", " ", mail.html_message)
        for line in mail.message.replace("$", " $").split("\n"):
            for words in re.findall(r"[\w’]{4,}", line):
                assert words in shown or words in mail.html_message
        for loading in ("<img", "<link", "<script", "url(", "@import", "background"):
            assert loading not in mail.html_message
        assert set(re.findall(r'(?:href|src)="(https?://[^/"]+)', mail.html_message)) == {"http://testserver"}


def sent_as(row):
    return message_from_bytes(row.email_message().message().as_bytes(), policy=policy.default)


def test_typed_text_is_never_a_template_and_never_a_header(clinic):
    evil = "{{ 7|add:7 }}{% debug %}<script>&\r\nBcc: all@home.test"
    Details.objects.update(name=evil.replace("\r\n", "\n")[:80])
    row = mails.queue(
        mails.MailContent(evil, (evil,), rows=((evil, evil),), links=((evil, "http://testserver/"),)),
        "ann@home.test",
    )
    sent = sent_as(row)
    assert "Bcc" not in sent
    assert sent["Subject"] == "{{ 7|add:7 }}{% debug %}<script>& Bcc: all@home.test"
    assert sent["To"] == "ann@home.test"
    assert sent["From"].addresses[0].addr_spec == "clinic@clinic.example"
    text, html = (part.get_content() for part in sent.iter_parts())
    assert "{{ 7|add:7 }}{% debug %}<script>&" in text
    assert "{{ 7|add:7 }}{% debug %}&lt;script&gt;&amp;" in html


def test_an_address_with_a_line_break_gets_nothing(clinic):
    mail = mails.MailContent("Words", ("Words",))
    for address in (
        "ann@home.test\nBcc: all@home.test",
        "ann@home.test, bob@home.test",
        "ann",
        "",
        "ann@home.test\x00",
    ):
        assert mails.queue(mail, address) is None
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    "address", ["Ann+refer@Home.test", "a.n.n@home.test", "ann@bücher.test", "o'neil@home.test"]
)
def test_unusual_addresses_are_written_to(address, clinic):
    row = mails.queue(mails.MailContent("Words", ("Wörter",)), address)
    assert sent_as(row)["To"].addresses[0].addr_spec.replace("xn--bcher-kva", "bücher") == address


def test_a_mail_tells_whose_it_is_and_that_a_machine_wrote_it(clinic):
    sent = sent_as(mails.queue(mails.MailContent("Words", ("Words",)), "ann@home.test"))
    assert str(sent["From"]) == "Pine Street Clinic <clinic@clinic.example>"
    assert sent["Reply-To"] == "desk@clinic.test"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"].endswith("@testserver>")
    for words in ("Pine <Street> Clinic", "1 Pine Street", "Guelph", "416 555 0100"):
        assert words in sent.get_body(("plain",)).get_content()


def test_the_letterhead_is_the_clinics_row(clinic):
    assert branding() == Branding(
        "Pine <Street> Clinic",
        "416 555 0100",
        "desk@clinic.test",
        ("1 Pine Street", "Guelph", "Canada"),
        "$",
        "CA",
        "http://testserver",
    )


def test_a_new_mail_for_one_cause_is_not_made(member):
    referral = factories.referral(member, email="fri@home.test")
    emails.introduced(referral, at=timezone.now())
    assert len(to("fri@home.test")) == 1


# --- a mail server that fails -------------------------------------------------------------------------------


class Server(socketserver.ThreadingTCPServer):
    """A mail server, on this machine. `refuses`: addresses that it doesn't take."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, address):
        self.taken, self.refuses = [], set()
        super().__init__(address, Session)


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 ready")
        for line in self.rfile:
            word = line[:4].strip().upper()
            if word == b"DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part
                self.server.taken.append(data)
                self.say("250 taken")
            elif word == b"RCPT" and any(address in line.decode() for address in self.server.refuses):
                self.say("550 nobody here")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 well")

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def port(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Session) as free:
        port = free.server_address[1]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.POST_OFFICE = {
        **settings.POST_OFFICE,
        "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    }
    return port


@pytest.fixture
def server(port):
    with Server(("127.0.0.1", port)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def tick():
    from clinic_site.notifications.scheduled_tasks import send_mail

    return send_mail(timezone.now())


def test_while_the_server_is_down_people_go_on_and_no_mail_is_lost(
    member, desk, now, port, client, caplog, request
):
    referral = factories.referral(member, email="fri@home.test")
    rewards.attend(referral, by=desk, on=timezone.localdate(now))
    assert client.get("/refer-a-friend/").status_code == 200
    count = Email.objects.count()
    for _ in range(3):
        assert tick() == 0
    assert Email.objects.filter(status=STATUS.queued, number_of_retries=None).count() == count == 3
    assert sum("mail server" in record.message for record in caplog.records) == 1, (
        "said once, not at every tick"
    )
    server = request.getfixturevalue("server")
    assert tick() == count
    assert len(server.taken) == count
    assert tick() == 0
    assert not Email.objects.exclude(status=STATUS.sent).exists()


def test_two_ticks_at_once_send_each_mail_once(member, server, monkeypatch):
    from clinic_site.notifications import scheduled_tasks

    factories.referral(member)
    send, meanwhile = scheduled_tasks.send_queued, []

    def slowly():
        meanwhile.append(tick())
        return send()

    monkeypatch.setattr(scheduled_tasks, "send_queued", slowly)
    assert (tick(), meanwhile) == (2, [0])
    assert len(server.taken) == 2


def test_a_refused_address_is_tried_again_and_holds_up_nobody(member, desk, now, server, settings, caplog):
    server.refuses = {"fri@home.test"}
    factories.referral(member, email="fri@home.test")
    assert tick() == 1, "the desk's"
    [refused] = to("fri@home.test")
    assert (refused.status, refused.number_of_retries) == (STATUS.requeued, 1)
    assert "fri@home.test" not in caplog.text
    assert tick() == 0, "not before its time"
    Email.objects.update(scheduled_time=None)
    tick()
    assert Log.objects.filter(email=refused).count() == 1, "what was said last"
    server.refuses = set()
    Email.objects.update(scheduled_time=None)
    assert tick() == 1


def test_what_is_given_up_is_seen_by_staff_without_its_words_and_sent_when_they_say(
    member, desk, server, settings, client
):
    settings.POST_OFFICE = {**settings.POST_OFFICE, "MAX_RETRIES": 0}
    server.refuses = {"fri@home.test"}
    referral = factories.referral(member, email="fri@home.test")
    tick()
    client.force_login(desk)
    failed = Mail.objects.failed().get()
    for address in (
        "/admin/notifications/mail/?status__exact=1",
        f"/admin/notifications/mail/{failed.pk}/change/",
    ):
        page = client.get(address).content.decode()
        assert "We have your introduction" in page
        assert "nobody here" in page
        assert referral.reference not in page
        assert "/introduction/" not in page
    server.refuses = set()
    assert "none, unless somebody sends it again" in page
    assert ">None<" not in page
    client.post(f"/admin/notifications/mail/{failed.pk}/again/")
    assert tick() == 1
    assert not Mail.objects.failed().exists()
    assert client.get("/admin/post_office/email/").status_code == 404


def test_the_list_of_mails_does_not_grow_in_queries(member, desk, client, django_assert_max_num_queries):
    for _ in range(20):
        factories.referral(member)
    client.force_login(desk)
    with django_assert_max_num_queries(12):
        client.get("/admin/notifications/mail/")


def test_mails_go_after_thirty_days_and_those_that_wait_stay(member, now):
    from clinic_site.notifications.scheduled_tasks import forget_mail

    for n, status in enumerate((STATUS.sent, STATUS.failed, STATUS.queued, STATUS.requeued)):
        mails.queue(mails.MailContent("Words", ("Words",)), f"ann{n}@home.test")
        Email.objects.filter(to=f"ann{n}@home.test").update(status=status, created=now - 31 * DAY)
    factories.referral(member, email="fri@home.test")
    Email.objects.filter(to="fri@home.test").update(status=STATUS.sent, created=now - 31 * DAY)
    assert forget_mail(now) == 3
    assert forget_mail(now) == 0
    assert {mail.status for mail in Email.objects.all()} == {STATUS.queued, STATUS.requeued}
    assert Notice.objects.filter(key__startswith="introduced:").get().mail is None


# --- at once ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_goes_at_once_goes_when_its_change_is_stored(clinic, server):
    mail = mails.MailContent("Your code", ("1234",))
    with transaction.atomic():
        row = mails.queue(mail, "ann@home.test", at_once=True)
        assert not server.taken
    wait_for(lambda: Email.objects.get(pk=row.pk).status == STATUS.sent)
    assert tick() == 0
    assert len(server.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_could_not_go_at_once_goes_with_a_later_tick(clinic, port, request, caplog):
    row = mails.queue(mails.MailContent("Your code", ("1234",)), "ann@home.test", at_once=True)
    wait_for(lambda: "did not go at once" in caplog.text)
    assert "ann@home.test" not in caplog.text
    server = request.getfixturevalue("server")
    assert tick() == 0, "the one who tried first has a head start"
    Email.objects.filter(pk=row.pk).update(scheduled_time=timezone.now())
    assert tick() == 1
    assert len(server.taken) == 1


def wait_for(is_so, seconds=10):
    waiting = threading.Event()
    for _ in range(seconds * 50):
        if is_so():
            return
        waiting.wait(0.02)
    raise AssertionError("It did not happen in time.")

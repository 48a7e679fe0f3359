"""A member's own pages: what they say, what they keep to themselves, and what they cost."""

import csv
import re
from io import StringIO
from types import SimpleNamespace
from urllib.parse import unquote
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import zxingcpp
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image, ImageDraw

from clinic_site.clinic.models import Details
from referrals import credit, expiry, rewards
from referrals.credit_lots import book_of
from referrals.models import Member, Switch, Terms
from referrals.models.terms import MEDICINES
from referrals.qr import picture, qr
from referrals.statement import Entries, harmless, rows_of, statement_of, sums_of
from referrals.templatetags.sharing import share_offer, share_words
from tests import factories
from tests.referrals.verbs import DAY, adjust, redeem

pytestmark = pytest.mark.django_db
STATEMENT = "/refer-a-friend/statement/"
NAME, LEAVE = "/refer-a-friend/link-name/", "/refer-a-friend/leave/"


@pytest.fixture
def member(desk, now):
    terms = factories.terms(from_on=timezone.localdate(now) - 400 * DAY, expiry_days=100, cap_per_year=50)
    return factories.member(terms, confirmed_by=desk, now=now - 390 * DAY)


@pytest.fixture(autouse=True)
def the_clinic(db):
    Details.objects.create(name="Sample Clinic", phone="555 0100")


@pytest.fixture
def home(client, member):
    """The member, signed in."""
    client.force_login(member.user)
    return client


def came(member, desk, at, **typed):
    """A friend was introduced and came, on the same day: the referral, rewarded or not."""
    referral = factories.referral(member, now=at, **typed)
    rewards.attend(referral, by=desk, on=timezone.localdate(at), now=at)
    return referral


@pytest.fixture
def life(member, desk, manager, now):
    """A year with one of everything, in the order of time."""

    def ago(days):
        return now - days * DAY

    first = came(member, desk, ago(200), name="Fay One")
    came(member, desk, ago(190), name="Ida Two", may_tell=True)
    spent = redeem(member.account, desk, 3000, ago(150))
    credit.reverse(spent, by=manager, because="It came back unopened", now=ago(140))
    redeem(member.account, desk, 1250, ago(130))
    gus = came(member, desk, ago(120), name="Gus Three", may_tell=True)
    credit.reverse(gus.transfers.get(), by=manager, because="Gus was known here", now=ago(110))
    expiry.expire_due(ago(80))
    adjust(member.account, manager, 2000, ago(60), "Goodwill after a long wait")
    adjust(member.account, manager, -500, ago(59), "Counted twice in June")
    withdrawn = factories.referral(member, now=ago(50), name="Hal Four")
    withdrawn.withdraw(now=ago(48))
    declined = factories.referral(member, now=ago(45), name="Ivy Five")
    rewards.decline(declined, by=desk, because="known", now=ago(40))
    came(member, desk, ago(20), name="Jon Six")
    held = came(member, desk, ago(3), name="Kim Seven", may_tell=True)
    waiting = factories.referral(member, now=ago(1), name="Lee Eight")
    return SimpleNamespace(
        first=first, gus=gus, withdrawn=withdrawn, declined=declined, held=held, waiting=waiting
    )


def words(response) -> str:
    """What stands on the page, in one line."""
    assert response.status_code == 200, response.status_code
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def stages(member, referral, now=None) -> list[tuple[str, str]]:
    found = statement_of(member, now=now)
    at = [r.pk for r in member.referrals.order_by("-pk")].index(referral.pk)
    return [(stage.name, stage.state) for stage in found.referrals.object_list[at].stages]


# --- sums ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_what_is_usable_and_the_reasons_for_the_rest_add_up_to_the_balance_on_every_day(
    member, life, now, is_confirmed
):
    book = book_of(member.account)
    for days in range(-30, 130):
        sums = sums_of(book, is_confirmed=is_confirmed, now=now + days * DAY)
        parts = sums.usable + sums.unconfirmed + sums.expired + sum(cents for _, cents in sums.on_hold)
        assert parts == sums.balance == book.balance


def test_the_statement_says_until_when_credit_is_on_hold(home, member, desk, now):
    came(member, desk, now - 20 * DAY)
    came(member, desk, now - 3 * DAY)
    until = timezone.localdate(now + 11 * DAY)
    page = words(home.get(STATEMENT))
    assert "Your credit $100.00 You can use $50.00 today. The rest: $50.00 is on hold until" in page
    assert f"{until.day} {until:%B %Y}" in page


def test_the_statement_says_that_the_desk_has_not_seen_the_member_yet(client, desk, now):
    member = factories.member(factories.terms(hold_days=0))
    came(member, desk, now)
    client.force_login(member.user)
    page = words(client.get(STATEMENT))
    assert "You cannot use it yet: $50.00 can be used once the front desk has seen who you are" in page
    member.confirm(by=desk)
    assert "You can use all of it today" in words(client.get(STATEMENT))


def test_credit_whose_time_is_over_is_not_called_usable_before_it_is_written_off(member, desk, now):
    came(member, desk, now - 101 * DAY)
    sums = statement_of(member, now=now).sums
    assert (sums.balance, sums.usable, sums.expired) == (5000, 0, 5000)
    expiry.expire_due(now)
    assert statement_of(member, now=now).sums.balance == 0


def test_credit_that_runs_out_within_a_month_is_told_and_later_credit_is_not(member, desk, now):
    came(member, desk, now - 71 * DAY)
    came(member, desk, now - 69 * DAY)
    assert [cents for _, cents in statement_of(member, now=now).sums.expiring] == [5000]


# --- transfers ----------------------------------------------------------------------------------------------


def test_every_transfer_has_a_reason_in_plain_words(member, life, now):
    entries = Entries(book_of(member.account), now)[:]
    assert [(entry.reason, entry.cents) for entry in entries] == [
        ("Reward for a referral", 5000),
        ("Reward for a referral", 5000),
        ("Removed by the clinic", -500),
        ("Added by the clinic", 2000),
        ("Expired", -5000),
        ("Expired", -3750),
        ("Reward taken back: the referral did not count after all", -5000),
        ("Reward for a referral", 5000),
        ("Spent on sun cream, invoice 2026-1", -1250),
        ("Given back: sun cream, invoice 2026-1", 3000),
        ("Spent on sun cream, invoice 2026-1", -3000),
        ("Reward for a referral", 5000),
        ("Reward for a referral", 5000),
    ]
    balance = 0
    for entry in reversed(entries):
        balance += entry.cents
        assert entry.balance == balance
    notes = [entry.note for entry in entries if entry.note]
    assert "It came back unopened" in notes
    assert "Counted twice in June" in notes
    assert not any("Gus" in note for note in notes), "why a referral did not count may tell about the friend"


def test_what_a_manager_gave_by_mistake_is_put_right_in_words(member, manager, now):
    given = adjust(member.account, manager, 1000, now - 3 * DAY)
    taken = adjust(member.account, manager, -300, now - 2 * DAY)
    for adjustment in (taken, given):
        key = f"adjustment:{adjustment.pk}"
        transfer = rewards.Transfer.objects.get(key=key)
        credit.reverse(transfer, by=manager, because="A slip", now=now)
    reasons = [entry.reason for entry in Entries(book_of(member.account), now)[:]]
    assert reasons[:2] == ["Correction: what the clinic gave", "Correction: what the clinic took"]


def test_a_reward_that_was_spent_in_part_is_taken_back_in_part_and_says_so(member, desk, manager, now):
    referral = came(member, desk, now - 30 * DAY)
    redeem(member.account, desk, 2000, now - 10 * DAY)
    credit.reverse(referral.transfers.get(), by=manager, because="Not due", now=now)
    entry = Entries(book_of(member.account), now)[:1][0]
    assert (entry.cents, entry.note) == (-3000, "What you had spent of it before is not asked back.")
    assert stages(member, referral)[-1] == ("Credit taken back", "ended")


def test_a_reward_that_was_spent_to_the_end_and_taken_back_says_so_though_nothing_moved(
    member, desk, manager, now
):
    referral = came(member, desk, now - 30 * DAY)
    redeem(member.account, desk, 5000, now - 10 * DAY)
    credit.reverse(referral.transfers.get(), by=manager, because="Not due", now=now)
    assert stages(member, referral)[-1] == ("Credit taken back", "ended")


def test_transfers_and_referrals_are_paged_each_by_itself(home, member, desk, manager, now):
    for days in range(60, 0, -1):
        adjust(member.account, manager, 10, now - days * DAY, f"Number {60 - days}")
        factories.referral(member, now=now - days * DAY)
    first, second = words(home.get(STATEMENT)), words(home.get(STATEMENT, {"transfers": 2, "referrals": 3}))
    assert "Number 59" in first
    assert "Number 35" in first
    assert "Number 34" not in first
    assert "Number 34" in second
    assert "$3.50" in second, "the balance runs over the pages"
    assert first.count("Your friend told us") == 25
    assert second.count("Your friend told us") == 10
    html = home.get(STATEMENT, {"transfers": 2, "referrals": 3}).content.decode()
    assert 'href="?transfers=3&amp;referrals=3#transfers"' in html
    assert 'href="?referrals=2&amp;transfers=2#referrals"' in html
    for nonsense in ("0", "-1", "999", "x", "1e9", "²"):
        assert home.get(STATEMENT, {"transfers": nonsense, "referrals": nonsense}).status_code == 200


# --- referrals ----------------------------------------------------------------------------------------------


def test_each_referral_shows_how_far_it_came(member, life, now):
    told, visited = ("Your friend told us", "done"), ("First visit", "done")
    held, usable = ("Credit on hold", "done"), ("Yours to use", "done")
    ahead = [("Credit on hold", "ahead"), ("Yours to use", "ahead")]
    assert stages(member, life.waiting, now) == [told, ("First visit", "now"), *ahead]
    assert stages(member, life.held, now) == [
        told,
        visited,
        ("Credit on hold", "now"),
        ("Yours to use", "ahead"),
    ]
    assert stages(member, life.held, now + 12 * DAY) == [told, visited, held, usable]
    assert stages(member, life.first, now) == [told, visited, held, ("Expired", "ended")]
    assert stages(member, life.gus, now) == [told, visited, ("Credit taken back", "ended")]
    assert stages(member, life.declined, now) == [told, ("Did not qualify", "ended")]
    assert stages(member, life.withdrawn, now) == [told, ("Withdrawn", "ended")]


def test_a_reward_waits_for_the_desk_to_see_who_the_member_is(desk, now):
    member = factories.member(factories.terms(hold_days=0))
    referral = came(member, desk, now)
    assert stages(member, referral)[-1] == ("Yours to use", "now")
    member.confirm(by=desk)
    assert stages(member, referral)[-1] == ("Yours to use", "done")


def test_a_referral_over_the_years_cap_says_so(desk, now):
    member = factories.member(factories.terms(cap_per_year=1))
    came(member, desk, now)
    over = came(member, desk, now)
    stage = statement_of(member).referrals.object_list[0].stages[-1]
    assert (stage.name, stage.words) == ("No credit", "You had the 1 rewards that the terms allow in a year.")
    assert stages(member, over)[-1] == ("No credit", "ended")


def test_a_friend_who_came_after_the_member_had_left_brings_none_and_the_cap_is_not_blamed(desk, now):
    member = factories.member(factories.terms())
    referral = factories.referral(member)
    member.leave()
    rewards.attend(referral, by=desk, on=timezone.localdate())
    assert statement_of(member).referrals.object_list[0].stages[-1].words == "You were not taking part then."


def test_a_late_mention_is_a_referral_like_another(member, desk, now):
    rewards.mention_late(
        member, by=desk, on=timezone.localdate(now), visit_number="V-1", token=uuid4(), now=now
    )
    stage = statement_of(member, now=now).referrals.object_list[0].stages[0]
    assert (stage.name, stage.words) == ("Your friend told us", "at the front desk")


def test_a_friend_is_named_only_where_they_agreed_and_nothing_else_is_told_of_them(home, member, life):
    with CaptureQueriesContext(connection) as queries:
        page = words(home.get(STATEMENT))
    for name in ("Fay", "Jon", "Lee", "Hal", "Ivy", "@home.test", "known", "10422"):
        assert name not in page.replace(member.user.email, ""), name
    for name in ("Ida Two", "Gus Three", "Kim Seven"):
        assert name in page
    asked = "".join(query["sql"] for query in queries)
    for column in ("email", "phone", "times", "same_email", "same_phone"):
        assert f'"referrals_introduction"."{column}"' not in asked, "a friend's contact isn't even fetched"


def test_a_name_goes_when_the_friend_takes_it_back(home, member, life):
    life.held.withdraw()
    assert "Kim" not in words(home.get(STATEMENT))


def test_the_day_of_a_friends_visit_is_not_told(member, desk, now):
    referral = factories.referral(member, now=now - 30 * DAY)
    rewards.attend(referral, by=desk, on=timezone.localdate(now - 9 * DAY), now=now)
    found = statement_of(member, now=now)
    assert timezone.localdate(now - 9 * DAY) not in [
        stage.on for stage in found.referrals.object_list[0].stages
    ]


# --- what it costs ------------------------------------------------------------------------------------------


def test_a_statement_asks_as_often_for_many_transfers_and_referrals_as_for_one(
    home, member, desk, now, django_assert_num_queries
):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert home.get(STATEMENT).status_code == 200
        return len(queries)

    came(member, desk, now - 91 * DAY)
    one = asked()
    for days in range(90, 20, -2):
        came(member, desk, now - days * DAY, may_tell=bool(days % 4))
    assert asked() == one == 11
    with django_assert_num_queries(5):  # the session, its user, the member, what came in, what went out
        home.get("/refer-a-friend/statement.csv")


# --- who may see it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        STATEMENT,
        "/refer-a-friend/statement.csv",
        "/refer-a-friend/card/",
        "/refer-a-friend/qr.svg",
        NAME,
        LEAVE,
    ],
)
def test_a_members_pages_are_for_the_member_alone(client, member, desk, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/refer-a-friend/sign-in/?next=")
    client.force_login(desk)
    assert client.get(path).status_code == 403
    client.force_login(member.user)
    response = client.get(path)
    assert response.status_code == 200
    assert {"private", "no-store"} <= {part.strip() for part in response["Cache-Control"].split(",")}
    if response["Content-Type"].startswith("text/html"):
        assert '<meta name="robots" content="noindex">' in response.content.decode()


# --- the link -----------------------------------------------------------------------------------------------


def read(side: int, path: str) -> str:
    """What a camera reads: the path drawn in squares of eight pixels, decoded by another library."""
    image = Image.new("L", (side * 8, side * 8), 255)
    draw = ImageDraw.Draw(image)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        draw.rectangle((int(x) * 8, int(y) * 8, (int(x) + int(width)) * 8 - 1, int(y) * 8 + 7), fill=0)
    return zxingcpp.read_barcode(image).text


def test_a_camera_reads_the_members_link(home, member):
    assert read(*qr(member.link)) == member.link
    side, path = qr(member.link)
    html = home.get(STATEMENT).content.decode()
    assert path in html
    root = ElementTree.fromstring(home.get("/refer-a-friend/qr.svg").content)
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert path in picture(member.link)


def clinic(**fields):
    return {"clinic": SimpleNamespace(name="Sample Clinic", currency_sign="$", **fields)}


def test_the_words_to_share_tell_the_reward_and_nothing_about_health(member):
    for say in (share_words, share_offer):
        said = say(clinic(), Terms(member_cents=5000))
        assert "$50 credit" in said
        assert not MEDICINES.search(said)
        assert not re.search(r"patient|treat|result|feel|my doctor", said, re.I)
        both = say(clinic(), Terms(member_cents=5000, friend_cents=1250))
        assert both.endswith("$50 credit, and you get $12.50.")


def test_mail_and_text_message_carry_the_words_and_the_link(home, member):
    html = home.get(STATEMENT).content.decode()
    body = re.search(r'href="mailto:\?subject=([^"&]+)&amp;body=([^"]+)"', html)
    text = re.search(r'href="sms:\?&amp;body=([^"]+)"', html)[1]
    assert unquote(body[2]) == unquote(text)
    assert unquote(text).endswith(f"I get $50 credit. {member.link}")
    assert unquote(body[1])
    assert not set(body[2]) & set(' &?#"')


def test_without_a_script_the_link_and_the_words_stand_in_fields_to_be_copied(home, member):
    html = home.get(STATEMENT).content.decode()
    assert re.search(rf'<input[^>]*value="{re.escape(member.link)}"\s+readonly', html)
    assert re.search(
        rf"<textarea[^>]*readonly[^>]*>[^<]*\$50 credit[^<]*{re.escape(member.link)}</textarea>", html
    )


def test_the_card_tells_the_reward_on_every_piece(home, member):
    html = home.get("/refer-a-friend/card/").content.decode()
    pieces = html.split('sheet__strip"')[1:]
    assert len(pieces) == 8
    code = f"{member.code[:3]}-{member.code[3:]}"
    for piece in pieces:
        assert "whoever gave you this gets $50 credit" in piece
        assert code in piece
        assert f"/r/{code}/" in piece
    # and the address on paper leads where the link does
    assert home.get(f"/r/{code}/")["Location"] == f"/r/{member.code}/"


# --- the file -----------------------------------------------------------------------------------------------


def test_the_file_holds_every_transfer_and_its_sums_agree(home, member, life):
    response = home.get("/refer-a-friend/statement.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig"))))
    assert list(rows[0]) == ["date", "reason", "amount", "balance", "transfer number"]
    assert len(rows) == 13
    assert rows[4]["reason"] == "Given back: sun cream, invoice 2026-1. It came back unopened" or rows[3][
        "reason"
    ].startswith("Given")
    balance = 0
    for row in rows:
        balance += round(float(row["amount"]) * 100)
        assert round(float(row["balance"]) * 100) == balance
    assert balance == book_of(member.account).balance
    assert [int(row["transfer number"]) for row in rows] == sorted(
        int(row["transfer number"]) for row in rows
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "|calc", "%0A=1"]
)
def test_no_cell_is_taken_for_a_formula(text):
    assert harmless(text) == "'" + text
    assert harmless(f"Added: {text}") == f"Added: {text}"


def test_a_formula_in_a_reason_stays_words(home, member, manager, now):
    adjust(member.account, manager, 100, now, '=HYPERLINK("x")')
    adjust(member.account, manager, 100, now, "a; =1+1")
    cells = [row[1] for row in rows_of(member)]
    assert cells == ['Added by the clinic. =HYPERLINK("x")', "Added by the clinic. a; =1+1"]
    text = home.get("/refer-a-friend/statement.csv").getvalue().decode("utf-8-sig")
    assert '"Added by the clinic. a; =1+1"' in text, "quoted, so that a semicolon parts no cell"


# --- the name on the link -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Ann", "Ann S.", "J. R. Sample", "Anne-Marie O’Neil", "Zoë", "李", "Ann and Tom"]
)
def test_a_name_is_kept_and_friends_read_it(home, client, member, name):
    assert home.post(NAME, {"named_as": f"  {name} "}).status_code == 302
    member.refresh_from_db()
    assert member.named_as == name
    assert f"{name} gave you this link" in words(client.get(f"/r/{member.code}/"))


@pytest.mark.parametrize(
    "name",
    [
        "ann@home.test",
        "http://x.test",
        "x.test",
        "Ann.com",
        "555 0100",
        "Ann 2",
        "Botox Ann",
        "Dr Ann",
        "Happy patient",
        "<b>Ann</b>",
        "Ann\u202eevil",
        "Ann\u200b",
        "Ann\nBob/",
        "A" * 41,
        "-Ann",
        "$50 free",
        "Ann’s treatment",
        "Sweaty Ann",
        "👍",
    ],
)
def test_what_is_no_name_is_refused_and_what_was_typed_stays(home, member, name):
    response = home.post(NAME, {"named_as": name})
    assert response.status_code == 422
    assert response.context["form"]["named_as"].value() == name
    member.refresh_from_db()
    assert member.named_as == ""


def test_no_other_way_puts_an_address_on_a_link(member):
    with pytest.raises(ValidationError):
        member.be_named("Botox Ann")
    for name in ("ann@home.test", "x.test/y"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=member.pk).update(named_as=name)


def test_a_preview_shows_how_it_reads_and_keeps_nothing(home, member):
    page = words(home.post(NAME, {"named_as": "Ann", "preview": "1"}))
    assert "Ann gave you this link" in page
    assert "Nothing is saved yet" in page
    member.refresh_from_db()
    assert member.named_as == ""


def test_a_name_is_taken_away_again(home, member):
    member.be_named("Ann")
    home.post(NAME, {"named_as": ""})
    assert "Your link names nobody" in words(home.get(STATEMENT))


def test_a_new_name_leaves_alone_what_the_desk_does_meanwhile(member, desk):
    stale = Member.objects.get(pk=member.pk)
    Member.objects.filter(pk=member.pk).update(confirmed_at=None, confirmed_by=None)
    stale.be_named("Ann")
    assert Member.objects.get(pk=member.pk).confirmed_at is None


# --- the way out, and back ----------------------------------------------------------------------------------


def test_leaving_is_asked_first_and_then_the_link_is_off_and_the_credit_stays(home, member, life):
    assert "Your credit stays yours" in words(home.get(LEAVE))
    member.refresh_from_db()
    assert member.left_at is None
    before = book_of(member.account).balance
    page = words(home.post(LEAVE, follow=True))
    assert "You have left the programme. Your link is switched off. Your credit stays yours." in page
    assert f"${before // 100}" in page
    assert "join again" in page
    assert member.link not in page
    assert home.get(f"/r/{member.code}/").status_code == 404
    assert "nothing to print" in words(home.get("/refer-a-friend/card/"))


def test_a_member_who_left_comes_back_to_the_same_link(home, member):
    home.post(LEAVE)
    Member.join(member.user, terms=member.terms)
    assert member.code[:3] in words(home.get(STATEMENT))
    assert home.get(f"/r/{member.code}/").status_code == 200


def test_while_the_programme_is_closed_the_statement_says_so_and_shows_the_credit(
    home, member, life, manager
):
    Switch.objects.create(is_open=False, because="Over", by=manager)
    page = words(home.get(STATEMENT))
    assert "The programme is closed at the moment" in page
    assert "You can use" in page


def test_new_terms_are_laid_before_a_member_until_they_accept_them(home, member):
    assert "There are new terms" not in words(home.get(STATEMENT))
    newer = factories.terms(member_cents=3000)
    page = words(home.get(STATEMENT))
    assert "There are new terms" in page
    assert "$30 credit for each friend" in page
    assert "I get $50 credit" in page, "what was accepted counts until then"
    home.post("/refer-a-friend/terms/", {"terms": newer.pk})
    page = words(home.get(STATEMENT))
    assert "There are new terms" not in page
    assert "I get $30 credit" in page

"""What a reader gets, and what a reader never gets: promise 13, the budgets of queries, and bad input."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from clinic_site.accounts.models import User
from clinic_site.clinic.checks import no_sample_is_live
from clinic_site.clinic.models import Details
from clinic_site.publishing.models import Edition, Live, Section
from referrals.models import Switch, Terms
from tests import factories
from tests.admin_forms import as_

pytestmark = [pytest.mark.one_engine, pytest.mark.django_db, pytest.mark.usefixtures("starter_site")]

PAGES = [
    "/",
    "/treatments/",
    "/treatments/compare/",
    "/treatments/compare/?with=hyperhidrosis&with=tmj-pain",
    "/treatments/hyperhidrosis/",
    "/treatments/hyperhidrosis/history/",
    "/treatments/hyperhidrosis/history/1/",
    "/treatments/history/",
    "/blog/",
    "/blog/medical-uses-of-botox/",
    "/blog/topics/side-effects/",
    "/blog/2017/",
    "/blog/feed/",
    "/testimonials/",
    "/accreditations/",
    "/corrections/",
    "/corrections/feed/",
    "/about/",
    "/people/",
    "/people/sample-clinician/",
    "/about/history/1/",
    "/contact/",
    "/visit/",
    "/visit/?about=jowls",
    "/visit/taken-back/",
    "/search/?q=migraine",
    "/refer-a-friend/",
    "/privacy/",
    "/accessibility/",
    "/how-we-write/",
    "/sitemap.xml",
    "/robots.txt",
]
SLUGS = (
    "chronic-migraine hyperhidrosis tmj-pain blepharospasm oily-skin-and-acne nose-tip jawline jowls "
    "neck-bands expression-lines"
).split()


@pytest.mark.parametrize("path", PAGES)
def test_reading_sets_no_cookie_and_asks_no_other_host(client, path):
    response = client.get(path)
    assert response.status_code == 200
    allowed = {"csrftoken"} if path == "/contact/" or path.startswith("/visit/") else set()
    assert set(response.cookies) <= allowed
    html = response.content.decode()
    loaded = re.findall(
        r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?(?:src|srcset|data)=["']([^"']+)""",
        html,
    )
    loaded += [
        h
        for h in re.findall(r"<link\b[^>]*>", html)
        if re.search(r"rel=[\"'](?:stylesheet|icon|preload|modulepreload|preconnect)", h)
    ]
    assert not [a for a in loaded if re.search(r"""(?:^|href=["'])(?:https?:)?//""", a)]
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*(?:src=|application/ld\+json))", html)


def test_only_the_form_has_the_cookie_that_protects_it(client):
    assert set(client.get("/contact/").cookies) == {"csrftoken"}


def test_a_page_is_the_same_bytes_for_everybody(client, editor):
    signed_in = as_(editor)
    for path in ("/", "/treatments/hyperhidrosis/", "/blog/"):
        anonymous, staff = client.get(path), signed_in.get(path)
        assert anonymous.content == staff.content
        assert "Cookie" not in anonymous.get("Vary", "")
    assert AnonymousUser().is_anonymous


@pytest.mark.parametrize("slug", SLUGS)
def test_every_treatment_of_the_contract_is_live_and_whole(client, slug):
    html = client.get(f"/treatments/{slug}/").content.decode()
    from treatments.models import Treatment

    for heading in Treatment.PARTS.values():
        assert heading in html
    assert "Sample edition, not yet reviewed by this clinic" in html
    assert "911" in html


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/treatments/hyperhidrosis/", 4),
        ("/treatments/hyperhidrosis/?whole", 4),
        ("/treatments/chronic-migraine/", 4),
        ("/blog/medical-uses-of-botox/", 3),
        ("/treatments/", 3),
        ("/blog/", 3),
        ("/blog/topics/side-effects/", 3),
        ("/blog/2017/", 3),
        ("/treatments/compare/?with=jowls&with=nose-tip", 4),
        ("/testimonials/", 3),
        ("/privacy/", 3),
    ],
)
def test_queries(client, django_assert_max_num_queries, path, most):
    client.get(path)
    with django_assert_max_num_queries(most):
        client.get(path)


def test_a_longer_page_costs_no_more_queries(client, editor, clinician, django_assert_max_num_queries):
    long = factories.treatment("long", by=editor, checked_by=clinician)
    for n in range(40):
        Section.objects.create(
            document=long,
            anchor=f"extra-{n}",
            heading=f"Extra {n}",
            body="<p>It lasts [[long-lasts]].</p>",
            position=50 + n,
        )
    factories.live(long, by=editor, signer=clinician)
    client.get("/treatments/long/")
    with django_assert_max_num_queries(4):
        assert client.get("/treatments/long/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/treatments/nothing-here/",
        "/treatments/hyperhidrosis/history/99/",
        "/treatments/nothing/history/",
        "/blog/nothing-here/",
        "/blog/topics/none/",
        "/blog/?after=x",
        "/blog/?after=2024-01-01",
        "/blog/?after=2024-13-01-5",
        "/blog/?before=2024-01-01-%00",
        "/blog/?after=2024-01-01-٣",
        "/blog/?before=" + "9" * 5000,
        "/blog/?after=2024-01-01-99999999999999999999999",
        "/blog/?after=10000-01-01-1",
        "/media/../secret.key",
        "/media/nothing.webp",
        "/nothing/",
        "/blog/0000/",
        "/blog/9999/",
        "/treatments/%00/",
        "/og/treatment/nothing.png",
    ],
)
def test_bad_addresses_get_a_clear_page(client, path):
    response = client.get(path)
    assert response.status_code in (404, 200)
    if response.status_code == 200:
        assert path.startswith("/blog/")  # a year without answers is an empty list


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "x" * 10_000,
        "word " * 3_000,
        '"',
        "'",
        'a"b',
        "AND OR NOT",
        "*",
        "(",
        ")",
        "col:x",
        "-",
        "NEAR(",
        "%_",
        "🙂",
        "the of and",
    ],
)
def test_the_search_box_takes_anything(client, query):
    assert client.get("/search/", {"q": query}).status_code == 200


def test_comparing_nothing_or_nonsense_shows_the_form(client):
    for query in (
        "",
        "?with=nothing",
        "?with=%00",
        "?with=" + "x" * 5000,
        "?" + "&".join(f"with={s}" for s in SLUGS),
    ):
        assert client.get(f"/treatments/compare/{query}").status_code == 200


def test_the_contents_of_the_overview_lead_to_all_treatments_side_by_side(client):
    html = client.get("/treatments/").content.decode()
    contents = html[
        html.index('<nav class="contents"') : html.index("</nav>", html.index('<nav class="contents"'))
    ]
    assert '<a href="#side-by-side">All of them side by side</a>' in contents
    assert 'id="side-by-side"' in html
    for path in ("/treatments/history/1/", "/treatments/hyperhidrosis/"):
        assert "#side-by-side" not in client.get(path).content.decode().replace("compare/#side-by-side", "")


def test_an_offer_stands_where_we_say_and_nowhere_else(client):
    assert (
        "Only the home page, the lists of treatments and answers and the page on refer-a-friend"
        in client.get("/how-we-write/").content.decode()
    )
    live = [live.get_absolute_url() for live in Live.objects.all()]
    carrying = {
        path
        for path in (
            *live,
            "/",
            "/blog/",
            "/refer-a-friend/",
            "/search/",
            "/contact/",
            "/visit/",
            "/treatments/compare/",
        )
        if 'class="banner"' in client.get(path).content.decode()
    }
    assert carrying == {"/", "/treatments/", "/blog/", "/refer-a-friend/"}


@pytest.mark.parametrize("path", ["/treatments/hyperhidrosis/", "/blog/", "/search/", "/"])
def test_reading_pages_take_no_post(client, path):
    assert client.post(path).status_code == 405


# --- the offer ----------------------------------------------------------------------------------------------

BANNER = "Spread the love. Refer a friend, get $50 credit!"


def text_of(client, path):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", client.get(path).content.decode()))


@pytest.mark.parametrize("path", ["/", "/treatments/", "/blog/", "/refer-a-friend/"])
def test_the_banner_stands_on_lists(client, path):
    assert BANNER in text_of(client, path)


@pytest.mark.parametrize(
    "path",
    ["/treatments/hyperhidrosis/", "/blog/medical-uses-of-botox/", "/privacy/", "/treatments/compare/"],
)
def test_the_banner_never_stands_beside_medical_text(client, path):
    assert "Spread the love" not in text_of(client, path)


def test_a_switch_takes_the_banner_away(client):
    Details.objects.update(show_banner=False)
    assert "Spread the love" not in text_of(client, "/")


def test_a_closed_programme_has_no_banner(client):
    Switch.objects.create(is_open=False, because="Over", by=User.objects.get(email="manager@clinic.example"))
    assert "Spread the love" not in text_of(client, "/")


def test_the_amount_comes_from_the_terms(client):
    newer = {"from_on": "2026-01-01", "spendable_on": "Sun cream"}
    Terms.objects.create(**newer, member_cents=2550)
    # the starter's terms began later, so they stay in force
    assert "get $50 credit" in text_of(client, "/")
    Details.objects.update(country="GB")
    assert "get £50 credit" in text_of(client, "/")
    assert "999" in client.get("/treatments/hyperhidrosis/").content.decode()


# --- order of licences, age, review -------------------------------------------------------------------------


def test_the_clinics_country_comes_first(client):
    for code, name in (("CA", "Canada"), ("GB", "United Kingdom")):
        Details.objects.update(country=code)
        html = client.get("/treatments/hyperhidrosis/").content.decode()
        table = html[html.index('<th scope="col">Country</th>') :]
        places = {n: table.index(n) for n in ("Canada", "United Kingdom", "United States")}
        assert min(places, key=places.get) == name


def test_the_answer_of_2017_keeps_its_date_and_says_what_was_wrong(client):
    html = client.get("/blog/medical-uses-of-botox/").content.decode()
    assert 'datetime="2017-08-24"' in html
    for label in ("Posted on", "Updated on", "Medically reviewed on", "Next review due"):
        assert label in html
    assert Live.objects.get(slug="medical-uses-of-botox").edition.page.correction


@pytest.mark.parametrize(
    "path",
    [
        *(f"/treatments/{slug}/" for slug in SLUGS),
        "/treatments/",
        "/blog/medical-uses-of-botox/",
        "/privacy/",
        "/about/",
    ],
)
def test_every_page_says_who_wrote_it_and_who_signed_it(client, path):
    html = client.get(path).content.decode()
    review = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index('id="review"') :]))
    assert "Written by Sample Editor" in review
    assert (
        "Dr Sample Clinician" if path.startswith(("/treatments/", "/blog/")) else "Sample Manager"
    ) in review


@pytest.mark.parametrize(
    "path",
    ["/", "/treatments/compare/", "/blog/", "/blog/2017/", "/contact/", "/testimonials/", "/refer-a-friend/"],
)
def test_a_page_without_an_edition_has_a_card_too(client, path):
    html = client.get(path).content.decode()
    head = html[: html.index("</head>")]
    found = dict(re.findall(r'property="og:(\w+)"\s+content="([^"]*)"', head))
    assert len(re.findall('property="og:', head)) == len(found)
    assert found["url"] == f"http://testserver{path}"
    assert found["description"] == re.search(r'name="description"\s+content="([^"]*)"', head)[1]
    assert found["title"] in head[: head.index("</title>")]
    picture = client.get(found["image"].removeprefix("http://testserver"))
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_an_overdue_page_says_so_by_itself(client, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    assert "overdue" not in client.get("/treatments/hyperhidrosis/").content.decode().lower()
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "overdue" in client.get("/treatments/hyperhidrosis/").content.decode().lower()


def test_samples_are_told_on_a_filled_site():
    assert [w.id for w in no_sample_is_live(databases=["default"])] == ["clinic.W001"]
    assert no_sample_is_live(databases=[]) == []


def test_the_starter_changes_nothing_where_people_are(capsys):
    before = Edition.objects.count()
    call_command("starter")
    assert Edition.objects.count() == before
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("words", ["trouble swallowing", "I can't breathe", "lockjaw"])
def test_words_of_danger_bring_the_emergency_number_first(client, words):
    html = client.get("/search/", {"q": words}).content.decode()
    main = html[html.index("<main") :]
    assert "call" in main
    assert main.index("911") < main.index("<h2")


def test_the_edition_in_use_is_not_called_old(client):
    html = client.get("/treatments/jowls/history/1/").content.decode()
    assert "the edition in use now" in html
    assert "This is an old edition" not in html

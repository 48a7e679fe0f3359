"""The clinic's own rows: what is stored, what disappears by itself, what is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic_site.clinic import models
from clinic_site.clinic.checks import no_sample_is_live
from clinic_site.clinic.models import Accreditation, Details, Message
from clinic_site.operations.checks import journal_is_sound
from clinic_site.operations.models import Heartbeat
from clinic_site.publishing.models import Picture
from clinic_site.search.models import Synonym

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db):
    details = Details(name="A clinic", email="desk@clinic.test")
    details.save()
    return details


def consented(**fields):
    today = timezone.localdate()
    return models.Testimonial.objects.create(
        **{
            "words": "Everybody was kind.",
            "said_by": "A. P.",
            "consented_on": today,
            "consent_scope": "This website",
            **fields,
        }
    )


# --- contact ------------------------------------------------------------------------------------------------

FORM = {"name": "Ann", "email": "ann@example.com", "phone": "", "words": "Do you have a lift?"}


def test_a_message_is_stored_and_its_reference_shown(client, clinic):
    response = client.post("/contact/", FORM, follow=True)
    message = Message.objects.get()
    assert message.reference in response.content.decode()
    assert message.words == FORM["words"]


def test_no_reference_is_confirmed_that_was_never_given(client, clinic):
    for reference in ("HELLO", "", "M2345678", "x" * 5000, "%00"):
        assert client.get("/contact/sent/", {"reference": reference}).status_code == 404


def test_a_message_survives_a_broken_mail_server(client, clinic, settings):
    settings.EMAIL_BACKEND = "post_office.EmailBackend"
    settings.POST_OFFICE = {**settings.POST_OFFICE, "BACKENDS": {"default": "nowhere.Backend"}}
    assert client.post("/contact/", FORM).status_code == 302
    assert Message.objects.count() == 1


def test_the_mail_says_that_a_message_came_not_what_it_says(client, clinic):
    from post_office.models import Email

    client.post("/contact/", {**FORM, "words": "{{ 7|add:7 }} my rash"})
    [mail] = Email.objects.all()
    sent = mail.prepare_email_message().body
    assert Message.objects.get().reference in sent
    for private in ("rash", "Ann", "ann@example.com", "14"):
        assert private not in sent


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "Write your name."),
        ({"words": ""}, "Write your message."),
        ({"email": "", "phone": ""}, "Write an e-mail address or a phone number"),
        ({"email": "ann"}, "Write an e-mail address, such as"),
        ({"phone": "call me", "email": ""}, "Write a phone number, such as"),
        ({"words": "x" * 6000}, "5000"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_is_kept(client, clinic, change, told):
    typed = {**FORM, **change}
    response = client.post("/contact/", typed)
    html = response.content.decode()
    assert told in html
    assert not Message.objects.exists()
    for value in typed.values():
        if value:
            assert value in html


def test_the_form_says_beforehand_that_it_needs_one_way_to_answer(client, clinic):
    html = client.get("/contact/").content.decode()
    assert (
        "an e-mail address or a phone number"
        in html[: html.index("<form")] + html[html.index("<main") : html.rindex("<form")]
    )
    for label in ("Your e-mail address", "Your phone number"):
        start = html.lower().index(label.lower() + " ")
        assert "one of the two is enough" in html[start : start + 120]


CALL_NOW = "If this is happening to you now, call"


@pytest.mark.parametrize(
    ("words", "is_danger"),
    [
        ("I can't breathe since the injections", True),
        ("I can`t swallow", True),
        ("my throat keeps closing up", True),
        ("he is drooling and his face is drooping", True),
        ("diﬃcult to speak", True),
        ("Can I speak to somebody?", False),
        ("Where do you treat drooping eyelids?", False),
    ],
)
def test_words_of_danger_are_answered_at_once(client, clinic, words, is_danger):
    # with a fault in the form
    html = client.post("/contact/", {**FORM, "name": "", "words": words}).content.decode()
    assert (CALL_NOW in html) is is_danger
    # and after it was sent, before all else
    html = client.post("/contact/", {**FORM, "words": words}, follow=True).content.decode()
    assert (CALL_NOW in html) is is_danger
    assert "911" in html[html.index("<main") : html.index("</main>")]
    if is_danger:
        assert html.index(CALL_NOW) < html.index("<h1")


@pytest.mark.parametrize(
    ("phone", "kept"),
    [
        ("\u202a+1 416‑555‑0100\u202c", "+1 416-555-0100"),
        ("416/555-0100", "416/555-0100"),
        ("416 555 0100 ext 22", "416 555 0100 ext 22"),
        ("tel:+1-416-555-0100", "+1-416-555-0100"),
        ("+44 20 7946 0000", "+44 20 7946 0000"),
    ],
)
def test_a_number_is_taken_as_people_paste_it(client, clinic, phone, kept):
    assert client.post("/contact/", {**FORM, "email": "", "phone": phone}).status_code == 302
    assert Message.objects.get().phone == kept


@pytest.mark.parametrize("typed", ["lukasz", "nowak l", "416‑555‑0100", "+1 416 5550100", "ANN@example.com"])
def test_a_message_is_found_by_who_wrote_it_in_any_spelling(client, clinic, manager, typed):
    message = Message.objects.create(
        name="Łukasz Nowak", email="ann@example.com", phone="416 555 0100", words="Hello"
    )
    client.force_login(manager)
    page = client.get("/admin/clinic/message/", {"q": typed}).content.decode()
    assert message.reference in page
    assert message.reference not in client.get("/admin/clinic/message/", {"q": "zoe"}).content.decode()


@pytest.mark.parametrize(
    ("words", "subject"), [("I am choking", "Read at once"), ("Is there a lift?", "A message has come in")]
)
def test_the_desk_is_told_by_the_subject_what_cannot_wait(client, clinic, words, subject):
    from post_office.models import Email

    client.post("/contact/", {**FORM, "words": words})
    [mail] = Email.objects.all()
    assert mail.prepare_email_message().subject.startswith(subject)


def test_the_emergency_number_stands_beside_the_empty_form(client, clinic):
    html = client.get("/contact/").content.decode()
    form = html[html.index("<main") : html.index("</main>")]
    assert form.index("Not for emergencies.") < form.index("<form")
    assert "tel:911" in form


def test_the_page_after_sending_says_what_comes_next(client, clinic):
    Details.objects.update(hours="Monday, 9 am to 5 pm", phone="555 0100")
    html = client.post("/contact/", FORM, follow=True).content.decode()
    for words in (
        "What happens next",
        "Monday, 9 am to 5 pm",
        "555\N{NO-BREAK SPACE}0100",
        Message.objects.get().reference,
    ):
        assert words in html


def test_a_message_that_nobody_could_answer_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(name="Ann", words="x")


def test_null_bytes_are_no_error(client, clinic):
    response = client.post("/contact/", {**FORM, "name": "A\x00nn", "words": "\x00"})
    assert response.status_code in (302, 422)


# --- testimonials and accreditations ------------------------------------------------------------------------


def award(logo=None, **fields) -> Accreditation:
    given = {
        "name": "An award",
        "issuer": "A body",
        "number": "1",
        "awarded_on": "2020-01-01",
        "published_on": "2020-01-02",
    }
    return Accreditation(**given, logo=logo, **fields)


@pytest.mark.parametrize("person", [True, None])
def test_a_logo_is_a_picture_that_shows_nobody(clinic, client, person):
    picture = Picture.objects.create(
        file="a.webp", width=2, height=2, alt="An emblem", consent="A. P.", shows_person=person
    )
    with pytest.raises(ValidationError, match="a person is no logo"):
        award(picture).full_clean()
    with pytest.raises(IntegrityError, match="shows nobody"), transaction.atomic():
        award(picture).save()
    without = award()
    without.save()
    with pytest.raises(IntegrityError, match="shows nobody"), transaction.atomic():
        Accreditation.objects.update(logo=picture)
    Picture.objects.update(shows_person=False)
    without.logo = Picture.objects.get()
    without.full_clean()
    without.save()
    assert "a.webp" in client.get("/accreditations/").content.decode()
    Picture.objects.update(shows_person=person)  # somebody saw later that it does
    assert ("a.webp" in client.get("/accreditations/").content.decode()) is (person is None)
    Accreditation.objects.update(note="Kept.")


def test_withdrawn_consent_removes_a_testimonial_everywhere_at_once(client, clinic):
    shown = consented(words="The stairs were easy.")
    for path in ("/", "/testimonials/"):
        assert "The stairs were easy." in client.get(path).content.decode()
    shown.withdrawn_on = timezone.localdate()
    shown.save()
    for path in ("/", "/testimonials/"):
        assert "The stairs were easy." not in client.get(path).content.decode()


def test_consent_that_ended_or_has_not_begun_shows_nothing(clinic):
    today = timezone.localdate()
    consented(consented_on=today - timedelta(days=9), consent_until=today - timedelta(days=1))
    consented(consented_on=today + timedelta(days=1))
    assert not models.Testimonial.objects.shown().exists()


def test_a_testimonial_without_a_scope_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        consented(consent_scope="")


def test_the_switch_takes_testimonials_away(client, clinic):
    consented(words="The stairs were easy.")
    Details.objects.update(show_testimonials=False)
    assert client.get("/testimonials/").status_code == 404
    assert "The stairs were easy." not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "words", ["It lasted six months!", "They cured me.", "The best clinic in town.", "Painless."]
)
def test_a_testimonial_with_a_figure_or_a_promise_is_refused(words):
    with pytest.raises(ValidationError):
        consented(words=words)


@pytest.mark.parametrize("field", ["strapline", "lead"])
def test_the_strapline_passes_the_same_checks(clinic, field):
    setattr(clinic, field, "Years younger in ten minutes, guaranteed")
    with pytest.raises(ValidationError):
        clinic.save()


def test_synonyms_pass_them_too():
    with pytest.raises(ValidationError):
        Synonym.objects.create(words="migraine", means="permanent cure")


def test_an_accreditation_goes_by_itself(client, clinic):
    today = timezone.localdate()
    shown = Accreditation.objects.create(
        name="Quality mark",
        issuer="A body",
        number="1",
        awarded_on=today,
        published_on=today,
        valid_until=today,
    )
    assert "Quality mark" in client.get("/accreditations/").content.decode()
    Accreditation.objects.filter(pk=shown.pk).update(
        valid_until=today - timedelta(days=1), awarded_on=today - timedelta(days=99)
    )
    assert "Quality mark" not in client.get("/accreditations/").content.decode()


def test_an_award_without_number_or_date_is_not_published():
    with pytest.raises(IntegrityError), transaction.atomic():
        Accreditation.objects.create(name="Award", issuer="Somebody", published_on=timezone.localdate())


def test_there_is_one_clinic(clinic):
    Details(name="Another").save()
    assert Details.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Details.objects.bulk_create([Details(pk=2, name="Second")])


# --- health -------------------------------------------------------------------------------------------------


def test_alive(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_ready_only_while_tick_runs(client):
    assert client.get("/readyz").json()["tick"] == "not running"
    assert client.get("/readyz").status_code == 503
    call_command("tick", verbosity=0)
    assert client.get("/readyz").status_code == 200
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))
    assert client.get("/readyz").status_code == 503


def test_an_empty_site_warns_of_nothing(clinic):
    assert no_sample_is_live(databases=["default"]) == []


def test_the_database_is_not_in_a_mode_that_can_corrupt_it():
    assert journal_is_sound(databases=["default"]) == []


# --- mail ---------------------------------------------------------------------------------------------------


def test_tick_sends_the_mail_that_waits_and_only_once(client, clinic, settings, tmp_path):
    client.post("/contact/", FORM)
    call_command("tick", verbosity=0)
    call_command("tick", verbosity=0)
    assert len(list((tmp_path / "mail").iterdir())) == 1

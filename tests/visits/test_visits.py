"""Asking for a visit: one form is one request, it can be taken back, and the desk says what became of it."""

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from clinic_site.append_only import WrittenOnceError
from clinic_site.audit_log.models import AuditEntry
from clinic_site.clinic.models import Details
from clinic_site.privacy.personal_data import Person, erase_personal_data, export_personal_data
from clinic_site.registry import work_for
from clinic_site.visits.models import STEPS, CloseReason, VisitError, VisitRequest
from clinic_site.visits.scheduled_tasks import KEPT_FOR, forget_requests
from tests import factories

TYPED = {
    "about": "",
    "name": "Quill Umbra",
    "email": "quill@example.com",
    "phone": "",
    "times": "Fridays at noon",
}
FORM = TYPED | {"is_adult": "on", "agrees": "on"}


@pytest.fixture
def clinic(db):
    Details(name="A clinic", email="desk@clinic.test", phone="416 555 0100").save()


@pytest.fixture
def asked(clinic) -> VisitRequest:
    return VisitRequest.take(uuid4(), **TYPED)


def token_in(client) -> str:
    return re.search(r'name="token" value="([^"]+)"', client.get("/visit/").content.decode())[1]


def main(response) -> str:
    html = response.content.decode()
    return html[html.index("<main") : html.index("</main>")]


@pytest.mark.usefixtures("clinic")
class TestAsking:
    def test_somebody_asks_and_gets_a_number_and_a_way_back(self, client):
        response = client.post("/visit/", FORM, follow=True)
        request = VisitRequest.objects.get()
        html = main(response)
        assert request.reference in html
        assert f"/visit/{request.key}/take-back/" in html
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        assert (request.name, request.times, request.state) == ("Quill Umbra", "Fridays at noon", "new")
        assert request.adult_at
        assert request.contact_agreed_at

    def test_they_get_the_number_by_mail_and_the_desk_reads_nothing_about_them(self, client):
        client.post("/visit/", FORM)
        request = VisitRequest.objects.get()
        desk, theirs = Email.objects.order_by("-pk")
        assert theirs.to == ["quill@example.com"]
        assert request.reference in theirs.message
        assert f"/visit/{request.key}/take-back/" in theirs.message
        assert desk.to == ["desk@clinic.test"]
        assert request.reference in desk.message
        assert not re.search("quill|umbra|noon", desk.subject + desk.message + desk.html_message, re.I)

    def test_it_says_to_leave_out_medical_details(self, client):
        assert "Please leave out medical details" in main(client.get("/visit/"))

    def test_a_form_sent_empty_says_what_is_missing_beside_each_field(self, client):
        response = client.post("/visit/", {})
        html = main(response)
        assert response.status_code == 422
        for fault in (
            "Write your name.",
            "an e-mail address or a phone number, so",
            "18 or over. We take no",
        ):
            assert fault in html
        assert "Say that we may contact you." in html
        assert not VisitRequest.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "quill"},
            {"email": "", "phone": "12"},
            {"email": ""},
            {"name": " \u200b "},
            {"name": "x" * 101},
            {"times": "x" * 201},
            {"about": "no-such-page"},
            {"is_adult": ""},
            {"agrees": ""},
        ],
    )
    def test_bad_input_is_told_and_kept(self, client, wrong):
        response = client.post("/visit/", FORM | wrong)
        assert response.status_code == 422
        assert "Fridays at noon" in main(response) or "times" in wrong
        assert not VisitRequest.objects.exists()
        assert not Email.objects.exists()

    @pytest.mark.parametrize(
        "phone", ["416 555 0100", "+44 20 7946 0958", "(416) 555-0100 ext. 7", "+33 1 42 68 53 00"]
    )
    @pytest.mark.parametrize("name", ["Ngũgĩ wa Thiong’o", "李小龍", "محمد", "O'Neil"])
    def test_names_of_any_script_and_numbers_of_the_world(self, client, name, phone):
        assert client.post("/visit/", FORM | {"name": name, "email": "", "phone": phone}).status_code == 302
        assert VisitRequest.objects.get().name == name

    def test_what_cannot_be_stored_is_no_error(self, client):
        assert client.post("/visit/", FORM | {"name": "Qu\x00ill"}).status_code == 422

    def test_words_of_danger_bring_the_number_at_once(self, client):
        danger = FORM | {"times": "now, I can't breathe"}
        assert "call <a" in main(client.post("/visit/", danger | {"name": ""}))
        assert 'role="alert"' in main(client.post("/visit/", danger, follow=True))
        assert Email.objects.filter(to="desk@clinic.test").get().subject.startswith("Read at once")

    def test_the_form_may_be_opened_by_odd_addresses(self, client):
        for about in ("nonsense", "\x00", "x" * 3000, "<b>"):
            assert client.get("/visit/", {"about": about}).status_code == 200

    def test_search_engines_read_the_form_and_not_what_follows(self, client, asked):
        assert "noindex" not in client.get("/visit/").content.decode()
        for path in (f"/visit/{asked.key}/", f"/visit/{asked.key}/take-back/", "/visit/taken-back/"):
            assert "noindex" in client.get(path).content.decode()

    def test_a_clinic_with_a_booking_system_leads_there(self, client):
        Details.objects.update(booking_url="https://book.example/a?b=1&c=2")
        html = main(client.get("/visit/"))
        assert 'href="https://book.example/a?b=1&amp;c=2"' in html
        assert "another site" in html
        assert "book.example" in html
        assert "<form" not in html
        # the form that was open meanwhile
        assert client.post("/visit/", FORM).status_code == 302
        assert client.post("/visit/", FORM | {"name": ""}).status_code == 422


class TestAbout:
    @pytest.fixture
    def live(self, waiting, clinician, clinic):
        waiting.sign(by=clinician)
        return waiting

    def test_a_treatment_is_chosen_beforehand(self, client, live):
        html = main(client.get("/visit/", {"about": live.slug}))
        assert re.search(rf'value="{live.slug}"[^>]* checked', html)
        assert not re.search(
            r'value="nonsense"|value="[^"]+"[^>]* checked', main(client.get("/visit/?about=nonsense"))
        )

    def test_its_title_stays_as_it_stood(self, client, live):
        client.post("/visit/", FORM | {"about": live.slug})
        request = VisitRequest.objects.get()
        assert (request.about, request.about_title) == (live.slug, live.page.title)

    def test_what_is_withdrawn_can_be_asked_about_no_more(self, client, live, clinician):
        live.document.withdraw(by=clinician, because="Under review.")
        assert client.post("/visit/", FORM | {"about": live.slug}).status_code == 422


@pytest.mark.usefixtures("clinic")
class TestOnce:
    def test_the_same_form_sent_twice_is_one_request(self, client):
        form = FORM | {"token": token_in(client)}
        first, second = (client.post("/visit/", form) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert (VisitRequest.objects.count(), Email.objects.count()) == (1, 2)

    def test_with_other_words_it_is_another_one(self, client):
        form = FORM | {"token": token_in(client)}
        client.post("/visit/", form)
        client.post("/visit/", form | {"times": "mornings"})
        assert VisitRequest.objects.count() == 2

    @pytest.mark.parametrize("token", ["", "nonsense", "\x00", "0" * 999])
    def test_a_garbled_token_is_held_against_nobody(self, client, token):
        for _ in range(2):
            assert client.post("/visit/", FORM | {"token": token}).status_code == 302
        assert VisitRequest.objects.count() == 2

    def test_many_are_not_taken_and_what_was_typed_stays(self, client):
        answers = [client.post("/visit/", FORM | {"times": f"at {n}"}) for n in range(21)]
        assert [answer.status_code for answer in answers] == [302] * 20 + [429]
        assert "Many requests have come from your network" in main(answers[-1])
        assert "at 20" in main(answers[-1])
        # one mailbox isn't filled by somebody who types its address
        assert Email.objects.filter(to="quill@example.com").count() == 3
        assert VisitRequest.objects.count() == 20

    def test_a_lapsed_form_is_sent_again(self):
        client = Client(enforce_csrf_checks=True)
        response = client.post("/visit/", FORM, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code == 403
        assert "Fridays at noon" in response.content.decode()
        assert not VisitRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one():
    Details(name="A clinic", email="desk@clinic.test").save()
    form, locations = FORM | {"token": str(uuid4())}, []

    def send():
        locations.append(Client().post("/visit/", form)["Location"])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(locations)) == 1
    assert (VisitRequest.objects.count(), Email.objects.count()) == (1, 2)


class TestTakingBack:
    def test_looking_at_the_link_erases_nothing(self, client, asked):
        assert "Take it back and erase" in main(client.get(f"/visit/{asked.key}/take-back/"))
        assert VisitRequest.objects.exists()

    def test_it_erases_the_request_and_the_mails_about_it(self, client, asked, desk):
        asked.book(by=desk)
        response = client.post(f"/visit/{asked.key}/take-back/", follow=True)
        assert "What you typed is erased" in main(response)
        assert not VisitRequest.objects.exists()
        left = Email.objects.get()
        assert left.to == ["desk@clinic.test"]
        assert "marked as booked" in left.message
        assert "quill" not in left.html_message.lower()

    def test_afterwards_and_forged_the_link_leads_to_one_page(self, client, asked):
        asked.take_back()
        asked.take_back()
        assert Email.objects.count() == 1
        pages = {
            client.get(f"/visit/{key}/{more}").content
            for key in (asked.key, asked.reference, f"{asked.reference}.x", "%00", "x" * 500)
            for more in ("", "take-back/")
        }
        assert len(pages) == 1
        assert client.post(f"/visit/{asked.key}/take-back/").status_code == 404


class TestTheDesk:
    def test_it_waits_on_the_first_page_until_somebody_took_it(self, asked, desk, manager, editor):
        def waits(user):
            return [
                queue.items[0] for queue in work_for(user) if queue.title == "People who asked for a visit"
            ]

        for user in (desk, manager):
            assert waits(user)[0].words == f"{asked.reference}, Quill Umbra"
        assert not waits(editor)
        asked.reach(by=desk)
        assert not waits(desk)

    def test_danger_is_marked(self, client, clinic, desk):
        request = VisitRequest.take(uuid4(), **TYPED | {"times": "I can't breathe"})
        client.force_login(desk)
        assert "May be an emergency" in client.get("/admin/").content.decode()
        assert "may be an emergency" in client.get("/admin/visits/visitrequest/").content.decode()
        page = client.get(f"/admin/visits/visitrequest/{request.pk}/change/").content.decode()
        assert "may tell of an emergency" in page

    @pytest.mark.parametrize("typed", ["umbra", "Quill U", "QUILL@example.com", "V"])
    def test_a_person_is_found(self, client, asked, desk, typed):
        client.force_login(desk)
        typed = asked.reference if typed == "V" else typed
        assert asked.reference in client.get("/admin/visits/visitrequest/", {"q": typed}).content.decode()
        assert "0 requests" in client.get("/admin/visits/visitrequest/", {"q": "nobody"}).content.decode()

    def test_states_filter_the_list(self, client, asked, desk):
        client.force_login(desk)

        def listed(state):
            return (
                f"/{asked.pk}/change/"
                in client.get(f"/admin/visits/visitrequest/?state={state}").content.decode()
            )

        assert [state for state in ("new", *STEPS) if listed(state)] == ["new"]
        asked.reach(by=desk)
        asked.book(by=desk)
        assert [state for state in ("new", *STEPS) if listed(state)] == ["booked"]
        asked.come(by=desk)
        assert [state for state in ("new", *STEPS) if listed(state)] == ["came"]

    def test_each_step_has_who_and_when_and_is_logged_without_a_name(self, client, asked, desk):
        client.force_login(desk)
        for step in ("reached", "booked", "came"):
            assert client.post(f"/admin/visits/visitrequest/{asked.pk}/{step}/").status_code == 302
        asked.refresh_from_db()
        assert (asked.state, asked.came_by, asked.booked_by) == ("came", desk, desk)
        entries = AuditEntry.objects.filter(model="visits.visitrequest")
        assert {entry.verb for entry in entries} == {"reached", "booked", "came"}
        assert not any(re.search("quill|umbra|noon", f"{e.name} {e.said} {e.changes}", re.I) for e in entries)

    def test_it_is_closed_for_a_reason_and_for_none_other(self, client, asked, desk):
        client.force_login(desk)
        address = f"/admin/visits/visitrequest/{asked.pk}/closed/"
        assert client.post(address, {}).status_code == 422
        assert client.post(address, {"because": "She is ill"}).status_code == 422
        assert client.post(address, {"because": "changed"}).status_code == 302
        asked.refresh_from_db()
        assert (asked.state, asked.closed_by, asked.closed_because) == ("closed", desk, "changed")
        assert client.post(f"/admin/visits/visitrequest/{asked.pk}/booked/").status_code == 422

    def test_a_step_is_taken_once(self, asked, desk, manager):
        asked.reach(by=desk)
        with pytest.raises(VisitError, match="reached already"):
            asked.reach(by=manager)
        asked.close(by=desk, because=CloseReason.UNREACHED)
        for step in (asked.reach, asked.book, asked.come):
            with pytest.raises(VisitError, match="closed already"):
                step(by=manager)
        asked.take_back()
        with pytest.raises(VisitError, match="taken back"):
            asked.book(by=desk)

    def test_others_have_no_business_there(self, client, asked, editor, clinician):
        for user in (editor, clinician):
            client.force_login(user)
            assert client.get("/admin/visits/visitrequest/").status_code == 403
            assert client.post(f"/admin/visits/visitrequest/{asked.pk}/reached/").status_code == 403

    def test_nobody_writes_or_deletes_one_by_hand(self, client, asked, manager):
        client.force_login(manager)
        assert client.get("/admin/visits/visitrequest/add/").status_code == 403
        assert client.post(f"/admin/visits/visitrequest/{asked.pk}/delete/").status_code == 403
        assert client.post(f"/admin/visits/visitrequest/{asked.pk}/change/", {"name": "X"}).status_code == 403


class TestTheDatabase:
    def sql(self, statement, *values):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    def test_what_was_typed_is_never_changed(self, asked):
        with pytest.raises(WrittenOnceError):
            VisitRequest.objects.update(name="Somebody else")
        with pytest.raises(WrittenOnceError):
            asked.save()
        for column in ("name", "email", "about_title", "reference"):
            with pytest.raises(DatabaseError, match="written once"):
                self.sql(f"UPDATE visits_visitrequest SET {column} = 'x'")

    def test_a_step_has_both_its_parts_and_stays(self, asked, desk):
        now = timezone.now()
        for step in STEPS:
            with pytest.raises(IntegrityError), transaction.atomic():
                VisitRequest.objects.stamp(**{f"{step}_at": now})
            with pytest.raises(IntegrityError), transaction.atomic():
                VisitRequest.objects.stamp(**{f"{step}_by": desk})
        asked.reach(by=desk)
        with pytest.raises(DatabaseError, match="written once"):
            self.sql("UPDATE visits_visitrequest SET reached_at = NULL, reached_by_id = NULL")
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            VisitRequest.objects.stamp(reached_at=now + timedelta(hours=1))

    def test_a_closed_one_has_a_reason_from_the_list(self, asked, desk):
        closed = {"closed_at": timezone.now(), "closed_by": desk}
        for because in ({}, {"closed_because": "ill"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                VisitRequest.objects.stamp(**closed, **because)
        with pytest.raises(IntegrityError), transaction.atomic():
            VisitRequest.objects.stamp(closed_because="changed")

    def test_nobody_came_whose_request_is_closed(self, asked, desk):
        asked.come(by=desk)
        with pytest.raises(IntegrityError), transaction.atomic():
            asked.stamp(closed_at=timezone.now(), closed_by=desk, closed_because="never")

    def test_it_can_be_answered_and_was_agreed_to(self, clinic):
        for missing in ({"email": ""}, {"adult_at": None}, {"contact_agreed_at": None}):
            now = timezone.now()
            fields = TYPED | {"token": uuid4(), "adult_at": now, "contact_agreed_at": now} | missing
            with pytest.raises(IntegrityError), transaction.atomic():
                VisitRequest.objects.create(**fields)


class TestPersonalData:
    def test_it_is_given_away_and_erased(self, asked, manager):
        VisitRequest.take(uuid4(), **TYPED | {"email": "other@example.com"})
        file = export_personal_data(Person(email="Quill@example.com"))
        (told,) = file["Requests for a visit"]
        assert (told["Reference"], told["When to be reached"]) == (asked.reference, "Fridays at noon")
        assert erase_personal_data(Person(email="quill@example.com"), by=manager)["Requests for a visit"] == 1
        assert VisitRequest.objects.get().email == "other@example.com"
        assert not Email.objects.filter(to="quill@example.com").exists()

    def test_a_telephone_number_leads_there_too(self, clinic):
        VisitRequest.take(uuid4(), **TYPED | {"email": "", "phone": "416 555 0123"})
        assert export_personal_data(Person(phone="+1 (416) 555-0123"))["Requests for a visit"]

    def test_it_goes_a_year_after_the_last_step(self, clinic, desk):
        long_ago = {"days": KEPT_FOR + 2}
        with factories.ago(**long_ago):
            waiting, done, booked = (VisitRequest.take(uuid4(), **TYPED) for _ in range(3))
            done.close(by=desk, because="never")
            booked.reach(by=desk)
        booked.book(by=desk)
        assert forget_requests(timezone.now()) == 1
        assert set(VisitRequest.objects.all()) == {waiting, booked}
        assert not Email.objects.filter(visit__request=done.pk).exists()
        assert forget_requests(timezone.now()) == 0

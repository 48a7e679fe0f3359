"""The contact form: one form is one message, and nobody sends sixty."""

import re
import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from post_office.models import Email

from clinic_site.clinic.models import Details, Message

FORM = {"name": "Ann", "email": "ann@example.com", "phone": "", "words": "Do you have a lift?"}


@pytest.fixture
def clinic(db):
    Details(name="A clinic", email="desk@clinic.test").save()


def token_in(client) -> str:
    return re.search(r'name="token" value="([^"]+)"', client.get("/contact/").content.decode())[1]


@pytest.mark.usefixtures("clinic")
class TestOnce:
    def test_the_same_form_sent_twice_is_one_message_and_one_mail(self, client):
        form = FORM | {"token": token_in(client)}
        first, second = (client.post("/contact/", form) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert (Message.objects.count(), Email.objects.count()) == (1, 1)

    def test_with_other_words_it_is_another_one(self, client):
        """Back, and one thing more."""
        form = FORM | {"token": token_in(client)}
        client.post("/contact/", form)
        client.post("/contact/", form | {"words": "And where do I park?"})
        client.post("/contact/", form | {"words": "And where do I park?", "email": "other@example.com"})
        assert Message.objects.count() == 3

    def test_each_form_has_a_token_of_its_own(self, client):
        for _ in range(2):
            client.post("/contact/", FORM | {"token": token_in(client)})
        assert Message.objects.count() == 2

    @pytest.mark.parametrize("token", ["", "nonsense", "\x00", "0" * 999])
    def test_a_garbled_token_is_held_against_nobody(self, client, token):
        for _ in range(2):
            assert client.post("/contact/", FORM | {"token": token}).status_code == 302
        assert Message.objects.count() == 2

    def test_sixty_messages_are_not_taken_and_what_was_typed_stays(self, client):
        answers = [client.post("/contact/", FORM | {"words": f"I can't breathe {n}"}) for n in range(21)]
        assert [answer.status_code for answer in answers] == [302] * 20 + [429]
        html = answers[-1].content.decode()
        assert "Many messages have come from your network" in html
        assert "I can&#x27;t breathe 20" in html
        assert "911" in html
        assert (Message.objects.count(), Email.objects.count()) == (20, 20)

    def test_a_form_that_was_taken_is_not_counted_when_it_comes_again(self, client):
        form = FORM | {"token": token_in(client)}
        assert {client.post("/contact/", form).status_code for _ in range(30)} == {302}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one():
    Details(name="A clinic", email="desk@clinic.test").save()
    form, locations = FORM | {"token": str(uuid4())}, []

    def send():
        locations.append(Client().post("/contact/", form)["Location"])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(locations)) == 1
    assert (Message.objects.count(), Email.objects.count()) == (1, 1)


@pytest.mark.usefixtures("clinic")
def test_a_name_is_one_line_read_in_one_direction(client):
    client.post("/contact/", FORM | {"token": str(uuid4()), "name": "Ann\r\nBcc:\u202e z@x"})
    assert Message.objects.get().name == "Ann Bcc: z@x"

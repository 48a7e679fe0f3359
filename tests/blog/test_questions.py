"""Ask us a question: one form is one, its words stay unpublished, the address goes with the answer."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from post_office.models import Email

from blog.models import Answer, CloseReason, Question, Topic
from blog.models.question import KEPT, free_slug
from clinic_site.audit_log.models import DraftSave
from clinic_site.clinic.models import Details
from clinic_site.privacy.personal_data import Person, erase_personal_data, export_personal_data
from clinic_site.publishing.errors import PublishingError
from clinic_site.registry import work_for
from tests import factories

pytestmark = pytest.mark.django_db
ASKED = "My neighbour Quill Umbra had it and could not smile for a month: will I?"
ADDRESS = "quill.umbra@home.test"


@pytest.fixture(autouse=True)
def clinic(db):
    Details(name="A clinic", email="desk@clinic.test").save()


def question(words: str = ASKED, email: str = ADDRESS, **fields) -> Question:
    return Question.objects.create(token=uuid4(), words=words, email=email, **fields)


def send(client, **typed):
    token = re.search(r'name="token" value="([^"]+)"', client.get("/blog/ask/").content.decode())[1]
    return client.post("/blog/ask/", {"words": ASKED, "email": "", "token": token} | typed)


class TestAsking:
    def test_it_is_stored_under_a_number_and_staff_are_told_without_its_words(self, client):
        response = send(client, email=ADDRESS)
        stored = Question.objects.get()
        assert (stored.words, stored.email) == (ASKED, ADDRESS)
        assert stored.reference in client.get(response["Location"]).content.decode()
        mail = Email.objects.get()
        assert mail.to == ["desk@clinic.test"]
        assert "Quill" not in mail.message

    def test_the_same_form_twice_is_one_question(self, client):
        token = str(uuid4())
        places = {send(client, token=token)["Location"] for _ in range(3)}
        assert (len(places), Question.objects.count(), Email.objects.count()) == (1, 1, 1)

    def test_twenty_an_hour_from_one_network_and_what_was_typed_stays(self, client):
        answers = [send(client, words=f"Can I drink tea before it, number {n}?") for n in range(21)]
        assert [a.status_code for a in answers] == [302] * 20 + [429]
        assert "number 20?" in answers[-1].content.decode()

    @pytest.mark.parametrize("words", ["", "   ", "\u200b\u2800", "!?", "x" * 2001])
    def test_what_asks_nothing_or_too_much_is_refused(self, client, words):
        assert send(client, words=words).status_code == 422
        assert not Question.objects.exists()

    def test_words_of_danger_bring_the_number_at_once(self, client):
        wrong = send(client, words="I can't swallow", email="no address")
        assert wrong.status_code == 422
        assert "Do not wait for an answer" in wrong.content.decode()
        sent = client.get(send(client, words="I can't swallow")["Location"]).content.decode()
        assert "Do not wait for an answer" in sent
        assert "911" in sent
        assert "danger" in Email.objects.get().subject

    def test_asking_needs_no_address(self, client):
        page = client.get(send(client)["Location"]).content.decode()
        assert "You left no address" in page

    def test_an_unknown_number_is_no_page(self, client):
        assert client.get("/blog/ask/sent/?reference=Q0000000").status_code == 404
        assert client.get("/blog/ask/sent/?reference=%00").status_code == 404


class TestAnswering:
    def test_a_draft_begins_in_the_words_of_whoever_writes_it(self, editor):
        topic = Topic.objects.create(slug="face", title="Face")
        asked = question()
        draft = asked.draft_answer(title="Will I still be able to smile?", by=editor, topics=[topic])
        stored = Answer.objects.get()
        assert (stored, stored.detail, stored.answered_by) == (draft, "", editor)
        assert (stored.slug, list(stored.topics.all())) == ("will-i-still-be-able-to-smile", [topic])
        assert Question.objects.get().state == "Answer being written"
        with pytest.raises(PublishingError, match="writing an answer"):
            asked.draft_answer(title="Again", by=editor)

    def test_whoever_drafts_it_cannot_sign_it(self, editor):
        draft = question().draft_answer(title="Will I still be able to smile?", by=editor)
        assert DraftSave.objects.get(words=draft.words_key).user == editor

    def test_the_words_that_were_sent_are_never_published(self, editor, clinician):
        with pytest.raises(PublishingError, match="repeats what somebody sent us"):
            question().draft_answer(title="MY neighbour “Quill  Umbra” had it, and?", by=editor)
        assert not Answer.objects.exists()
        answer = factories.answer("smiling", by=editor, checked_by=clinician)
        question().answer_with(answer)
        for name in ("title", "summary", "detail"):
            before = getattr(answer, name)
            setattr(answer, name, f"Somebody says: {ASKED}")
            answer.save()
            answer.note_save(by=editor)
            with pytest.raises(PublishingError) as refused:
                answer.submit(by=editor, change_note="First edition.")
            assert "repeats what somebody sent us" in str(refused.value) + str(refused.value.__dict__)
            setattr(answer, name, before)
        answer.save()
        factories.live(answer, by=editor, signer=clinician)

    def test_a_short_question_may_be_asked_alike(self):
        assert question("Does it hurt?").repeated_in("Does it hurt?") == ""

    def test_an_address_of_its_own(self, editor):
        for title, slug in (("Ask", "ask-2"), ("2026", "answer-2026"), ("??", "answer"), ("Ask!", "ask-3")):
            assert free_slug(title) == slug
            Answer.objects.create(title=title, slug=slug, answered_by=editor)


class TestTelling:
    @pytest.fixture
    def answered(self, editor, clinician):
        answer = factories.answer("smiling", by=editor, checked_by=clinician)
        asked = question()
        asked.answer_with(answer)
        return asked

    def test_who_asked_gets_a_link_once_it_is_live_and_the_address_goes(self, answered, editor, clinician):
        call_command("tick")
        assert Question.objects.get().email == ADDRESS
        factories.live(answered.answer, by=editor, signer=clinician)
        for _ in range(2):
            call_command("tick")
        stored = Question.objects.get()
        assert (stored.email, stored.same_email, stored.state) == ("", "", "Answered")
        mail = Email.objects.get(to=ADDRESS)
        assert "/blog/smiling/" in mail.message
        assert "neighbour" not in mail.message

    def test_a_question_that_was_closed_is_told_why_and_the_address_goes(self, client, editor):
        client.force_login(editor)
        asked = question()
        client.post(f"/admin/blog/question/{asked.pk}/close/", {"because": CloseReason.PERSONAL})
        stored = Question.objects.get()
        assert (stored.email, stored.same_email, stored.closed_by) == ("", "", editor)
        assert "own care" in Email.objects.get(to=ADDRESS).message
        with pytest.raises(PublishingError, match="already"):
            stored.close(because=CloseReason.OUTSIDE, by=editor)

    def test_whoever_was_not_asking_gets_no_mail(self, client, editor):
        client.force_login(editor)
        client.post(f"/admin/blog/question/{question().pk}/close/", {"because": CloseReason.NO_QUESTION})
        assert not Email.objects.exists()

    def test_the_question_itself_goes_after_ninety_days(self, editor):
        asked = question()
        asked.close(because=CloseReason.OUTSIDE, by=editor, now=timezone.now() - KEPT + timedelta(minutes=5))
        waiting = question("Do you have a lift?")
        call_command("tick")
        assert Question.objects.count() == 2
        Question.objects.filter(pk=asked.pk).update(closed_at=timezone.now() - KEPT)
        call_command("tick")
        assert Question.objects.get() == waiting

    @pytest.mark.parametrize(
        "wrong",
        [
            {"told_at": timezone.now()},
            {"closed_at": timezone.now()},
            {"closed_because": "personal"},
            {"closed_because": "quill"},
        ],
    )
    def test_the_database_keeps_no_address_that_nobody_waits_at(self, wrong):
        asked = question()
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.filter(pk=asked.pk).update(**wrong)


class TestStaff:
    def test_it_stands_on_the_first_page_until_somebody_takes_it(self, editor, desk):
        asked = question("I can't swallow")
        queue = next(q for q in work_for(editor) if q.title == "Questions from patients")
        assert "emergency" in queue.items[0].note
        assert not any(q.title == "Questions from patients" for q in work_for(desk))
        asked.draft_answer(title="What if swallowing is hard?", by=editor)
        assert not any(q.title == "Questions from patients" for q in work_for(editor))

    def test_one_step_leads_from_the_question_to_its_draft(self, client, editor):
        client.force_login(editor)
        asked = question()
        page = client.get(f"/admin/blog/question/{asked.pk}/change/").content.decode()
        assert "Quill Umbra had it" in page
        assert ADDRESS not in page
        response = client.post(f"/admin/blog/question/{asked.pk}/draft/", {"title": "Will I still smile?"})
        assert response["Location"] == f"/admin/blog/answer/{Answer.objects.get().pk}/change/"

    def test_a_title_that_repeats_the_question_is_refused_and_stays_typed(self, client, editor):
        client.force_login(editor)
        response = client.post(f"/admin/blog/question/{question().pk}/draft/", {"title": ASKED})
        html = response.content.decode()
        assert "repeats what somebody sent us" in html
        assert "Quill Umbra" in html
        assert not Answer.objects.exists()

    def test_who_asked_can_have_what_is_held(self):
        question(email="Quill.Umbra+x@home.test")
        assert len(export_personal_data(Person(ADDRESS))["Questions"]) == 1


def test_nothing_of_it_is_found_after_erasure(manager):
    question()
    erase_personal_data(Person(ADDRESS), by=manager)
    assert not Question.objects.exists()

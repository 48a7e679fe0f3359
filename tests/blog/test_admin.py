import pytest

from blog.models import Answer, Topic
from clinic_site.publishing.models import Section
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_answer_goes_from_the_question_to_patients(client, editor, clinician):
    factories.urgent_help()
    topic = Topic.objects.create(slug="visits", title="Visits")
    fact = factories.claim(checked_by=clinician)
    client.force_login(editor)
    assert client.get("/admin/blog/answer/add/").context["adminform"].form.initial["answered_by"] == editor.pk
    new = {
        "title": "Does it hurt?",
        "slug": "does-it-hurt",
        "summary": "A little.",
        "answered_by": editor.pk,
        "topics": [topic.pk],
    }
    client.post("/admin/blog/answer/add/", new)
    answer = Answer.objects.get()
    Section.objects.filter(document=answer).update(body=f"<p>[[{fact.key}]]</p>")
    client.post(f"/admin/blog/answer/{answer.pk}/submit/", {"change_note": "First edition."})
    edition = answer.editions.get()
    client.force_login(clinician)
    client.post(
        f"/admin/publishing/edition/{edition.pk}/sign/", {"when": "now", "password": factories.PASSWORD}
    )
    assert fact.sentence in client.get("/blog/does-it-hurt/").content.decode()


def test_a_topic_in_use_is_not_deleted(client, editor, clinician):
    factories.answer(by=editor, checked_by=clinician, topics=("visits",))
    client.force_login(editor)
    response = client.post(f"/admin/blog/topic/{Topic.objects.get().pk}/delete/", {"post": "yes"})
    assert "would require deleting the following protected" in response.content.decode()
    assert Topic.objects.exists()

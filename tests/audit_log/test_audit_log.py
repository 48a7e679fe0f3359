"""The log: that everything done through the admin leaves an entry, what it says of content and of people, and
who finds what.
"""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Topic
from clinic_site.append_only import WrittenOnceError
from clinic_site.audit_log import log
from clinic_site.audit_log.models import AuditEntry, AuditWord
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.clinic import models as clinic
from clinic_site.evidence.models import Source
from clinic_site.privacy.personal_data import Person, erase_personal_data
from clinic_site.publishing.models import Section
from tests import factories
from tests.admin_forms import as_, filled

pytestmark = pytest.mark.django_db
LOG = "/admin/audit_log/auditentry/"


def saved(client, row, **changes):
    """The row's own form, sent as it is but for the changes."""
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    page = client.get(address)
    assert client.post(address, filled(page, **changes)).status_code == 302
    return AuditEntry.objects.first()


# --- what is written ----------------------------------------------------------------------------------------


def test_of_content_it_keeps_what_stood_before_and_after(editor):
    source = factories.source(title="A small trial")
    entry = saved(as_(editor), source, title="A large trial", status="superseded")
    assert (entry.by, entry.verb, entry.model, entry.row) == (
        editor,
        "changed",
        "evidence.source",
        str(source.pk),
    )
    assert entry.name == f"{source.key}: A large trial"
    assert [change[1:] for change in entry.changes] == [
        ["A small trial", "A large trial"],
        ["current", "superseded"],
    ]


def test_the_parts_of_a_draft_are_told_by_their_headings(editor, clinician):
    answer = factories.answer("why", by=editor, checked_by=clinician, body="<p>It is common. It goes.</p>")
    section = Section.objects.get(document=answer)
    client = as_(editor)
    page = client.get(reverse("admin:blog_answer_change", args=[answer.pk]))
    body = next(name for name in filled(page) if name.endswith("-0-body"))
    entry = saved(client, answer, **{body: "<p>It is rare. It goes.</p>"})
    (field, before, after), *others = entry.changes
    assert not others
    assert str(section) in field
    assert ("common" in before, "rare" in after) == (True, True)
    # and the history marks the words that changed
    history = client.get(reverse("admin:blog_answer_history", args=[answer.pk])).content.decode()
    assert "common<span" in history
    assert "<del><span" in history
    assert "&lt;p&gt;" not in history, "nobody reads markup"


def test_adding_and_deleting_are_told_with_what_there_was(editor):
    client = as_(editor)
    client.post(reverse("admin:blog_topic_add"), {"title": "Safety", "slug": "safety"})
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.name) == ("added", "Safety")
    assert ["title", "", "Safety"] in entry.changes
    topic = Topic.objects.get(slug="safety")
    client.post(reverse("admin:blog_topic_delete", args=[topic.pk]), {"post": "yes"})
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.row) == ("deleted", str(topic.pk))
    assert ["title", "Safety", ""] in entry.changes


def test_rows_that_an_action_deletes_have_an_entry_each(editor):
    topics = [Topic.objects.create(title=name, slug=name) for name in ("one", "two")]
    sent = {"action": "delete_selected", "_selected_action": [topic.pk for topic in topics], "post": "yes"}
    as_(editor).post(reverse("admin:blog_topic_changelist"), sent)
    assert not Topic.objects.filter(slug__in=("one", "two")).exists()
    assert sorted(AuditEntry.objects.filter(verb="deleted").values_list("name", flat=True)) == ["one", "two"]


def test_a_step_tells_its_verb_its_sentence_and_what_it_changed(editor, clinician):
    edition = factories.treatment("sweat", by=editor, checked_by=clinician).submit(
        by=editor, change_note="First."
    )
    address = reverse("admin:publishing_edition_send-back", args=[edition.pk])
    as_(clinician).post(address, {"because": "Too long"})
    entry = AuditEntry.objects.first()
    assert (entry.by, entry.verb, entry.row) == (clinician, "send back", str(edition.pk))
    assert "Too long" in entry.said
    assert any(after == "Too long" for _, _, after in entry.changes)


def test_what_did_not_happen_is_not_told(editor, monkeypatch):
    source = factories.source()
    page = as_(editor).get(reverse("admin:evidence_source_change", args=[source.pk]))
    sent = filled(page, title="Other words")

    def fails(*args, **kwargs):
        raise DatabaseError("the disk is full")

    # the entry can't be written: then the change isn't either
    monkeypatch.setattr(AuditWord.objects.__class__, "bulk_create", fails)
    with pytest.raises(DatabaseError):
        as_(editor).post(reverse("admin:evidence_source_change", args=[source.pk]), sent)
    assert Source.objects.get(pk=source.pk).title == source.title
    assert not AuditEntry.objects.filter(verb="changed").exists()


def test_a_refused_step_leaves_nothing(editor, clinician):
    edition = factories.treatment("sweat", by=editor, checked_by=clinician).submit(
        by=editor, change_note="First."
    )
    as_(clinician).post(reverse("admin:publishing_edition_send-back", args=[edition.pk]), {"because": ""})
    assert not AuditEntry.objects.exists()


# --- of people ----------------------------------------------------------------------------------------------


def test_of_people_it_keeps_which_fields_changed_and_no_value(manager, editor):
    entry = saved(as_(manager), editor, name="Zed Quixote", title="Mx", email="zed@quixote.test")
    assert entry.person == editor
    assert {tuple(change) for change in entry.changes} >= {("name",), ("title",), ("e-mail address",)}
    everything = str(AuditEntry.objects.values_list("name", "said", "changes")) + str(
        AuditWord.objects.values_list("word")
    )
    for words in ("Quixote", "quixote", "zed"):
        assert words not in everything
    assert entry.whom == "Zed Quixote", "it is looked up"


def test_a_change_of_roles_says_which(manager, editor):
    entry = saved(as_(manager), editor, groups=[Group.objects.get(name="Manager").pk])
    assert entry.changes == [["roles", "Editor", "Manager"]]
    assert "roles: Editor → Manager" in as_(manager).get(LOG).content.decode()
    for typed in ("role", "roles", "Manager", "editor"):
        assert entry in log.search(AuditEntry.objects.all(), typed)


def test_a_new_password_leaves_an_entry_and_no_password(manager, editor):
    as_(manager).post(f"/admin/accounts/user/{editor.pk}/new-password/", {})
    own = {
        "old_password": factories.PASSWORD,
        "new_password1": "my very own words",
        "new_password2": "my very own words",
    }
    assert as_(editor).post("/admin/password_change/", own).status_code == 302
    newest, before = AuditEntry.objects.all()[:2]
    assert (before.by, before.person, before.verb) == (manager, editor, "new password")
    assert (newest.by, newest.verb) == (editor, "own password")
    assert not {"very", "words"} & set(AuditWord.objects.values_list("word", flat=True))


def test_a_sign_in_that_failed_is_told_of_the_person_and_never_with_what_was_typed(editor):
    Client().post("/admin/account/login/", {"username": editor.email, "password": "a guess"})
    Client().post("/admin/account/login/", {"username": "my-password@home.test", "password": "a guess"})
    unknown, known = AuditEntry.objects.all()
    assert (known.verb, known.person, known.by) == ("sign-in failed", editor, None)
    assert (unknown.verb, unknown.person, unknown.row) == ("sign-in failed", None, "")
    assert "my-password" not in str(unknown.__dict__)


def test_a_reset_on_the_server_is_told(editor):
    call_command("reset_second_factor", editor.email)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.person, entry.verb) == (None, editor, "second factor")


def test_patients_words_are_not_in_the_log(manager, desk):
    message = clinic.Message.objects.create(name="Quill Umbra", email="quill@home.test", words="Umbra asks")
    as_(desk).post(reverse("admin:clinic_message_answered", args=[message.pk]), {})
    praise = clinic.Testimonial.objects.create(
        words="Umbra was glad.",
        said_by="Q. Umbra",
        consented_on=timezone.localdate(),
        consent_scope="this website",
    )
    saved(as_(manager), praise, said_by="Quill U., Umbra")
    assert AuditEntry.objects.count() == 2
    assert "mbra" not in str(list(AuditEntry.objects.values())) + str(
        list(AuditWord.objects.values_list("word", flat=True))
    )


def test_forgetting_somebody_leaves_that_it_was_done(manager, desk):
    member = factories.member(
        factories.terms(), confirmed_by=desk, name="Quill Umbra", email="quill@home.test"
    )
    as_(desk).get(reverse("admin:referrals_member_change", args=[member.pk]))
    log.write("changed", member, by=desk, said="Something")
    erase_personal_data(Person("quill@home.test"), by=manager)
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.by) == ("forgot a person", manager)
    assert "mbra" not in str(list(AuditEntry.objects.values()))


def test_every_room_says_whether_its_values_are_kept():
    """A room of people that says nothing keeps names of fields alone; one of content says so."""
    content = {
        "blog.answer",
        "blog.topic",
        "clinic.accreditation",
        "clinic.details",
        "clinic.policy",
        "search.synonym",
        "evidence.claim",
        "evidence.source",
        "evidence.use",
        "publishing.edition",
        "publishing.picture",
        "publishing.stop",
        "notices.notice",
        "publishing.previewlink",
        "publishing.batch",
        "publishing.urgenthelp",
        "publishing.beforetreatment",
        "referrals.switch",
        "referrals.terms",
        "treatments.overview",
        "treatments.treatment",
    }
    people = {
        "notifications.mail",
        "clinic.message",
        "clinic.testimonial",
        "referrals.account",
        "referrals.adjustment",
        "referrals.member",
        "referrals.referral",
        "referrals.reversal",
        "referrals.transfer",
        "accounts.invitation",
        "audit_log.auditentry",
    }
    rooms = {model._meta.label_lower: room for model, room in admin.site._registry.items()}
    assert all(isinstance(room, BaseAdmin) for room in rooms.values())
    keeps = {name: room.logs_values for name, room in rooms.items()}
    assert {name for name in people if keeps[name]} == set()
    assert {name for name in content if not keeps[name]} == set()
    assert keeps["accounts.user"] == ("groups", "is_staff", "is_active")


def test_nothing_goes_into_djangos_own_log(manager, editor):
    saved(as_(manager), editor, name="Other")
    as_(editor).post(reverse("admin:blog_topic_add"), {"title": "Safety", "slug": "safety"})
    assert not LogEntry.objects.exists()


# --- once ---------------------------------------------------------------------------------------------------


def test_an_entry_is_written_once_by_any_route(editor):
    entry = log.write("changed", editor, by=editor, said="As it was")
    for table in (AuditEntry, AuditWord):
        with pytest.raises(WrittenOnceError):
            table.objects.update(pk=1)
        with pytest.raises(WrittenOnceError):
            table.objects.all().delete()
    with pytest.raises(WrittenOnceError):
        entry.save()
    for statement in (
        "UPDATE audit_log_auditentry SET said = 'Otherwise'",
        "UPDATE audit_log_auditentry SET by_id = NULL",
        "DELETE FROM audit_log_auditentry",
        "UPDATE audit_log_auditword SET word = 'x'",
        "DELETE FROM audit_log_auditword",
        "UPDATE audit_log_auditentry SET changes = '[1]'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- who finds what -----------------------------------------------------------------------------------------


@pytest.fixture
def filled_log(editor, manager):
    source = factories.source(title="Sweat in summer")
    entries = {
        "sweat": log.write(
            "changed", source, by=editor, changes=[("title", "Sweat in winter", "Sweat in summer")]
        ),
        "signed": log.write("sign", source, by=manager, said="Edition 7 is signed."),
        "person": log.write("changed", editor, by=manager, changes=[("name",)]),
    }
    return entries


def found(client, **asked) -> set[int]:
    return {entry.pk for entry in client.get(LOG, asked).context["cl"].result_list}


def test_it_is_searched_by_person_row_words_day_and_verb(filled_log, manager, editor):
    client, pk = as_(manager), {name: entry.pk for name, entry in filled_log.items()}
    assert found(client, q="winter") == found(client, q="WINT") == {pk["sweat"]}
    assert found(client, q="edition 7") == {pk["signed"]}
    assert found(client, q="summer winter") == {pk["sweat"]}
    assert found(client, q="summer nonsense") == set()
    assert found(client, q=editor.name) == {pk["sweat"], pk["person"]}, "who did it, and to whom"
    assert found(client, q=str(timezone.localdate())) == set(pk.values())
    assert found(client, q=f"{timezone.localdate():%Y-%m}") == set(pk.values())
    assert found(client, q="2020-12") == found(client, q="9999-12") == found(client, q="2020-13") == set()
    assert (
        found(client, q="2020-01-01")
        == found(client, q="9999-12-31")
        == found(client, q="2020-99-01")
        == set()
    )
    assert found(client, verb="sign") == {pk["signed"]}
    assert found(client, by=editor.pk) == {pk["sweat"]}
    assert found(client, kind="accounts.user") == {pk["person"]}
    assert found(client, at__gte=str(timezone.now() + timedelta(days=1))) == set()
    for odd in ("\x00", "'\"%_", "x" * 5000, "…", "--"):
        assert client.get(LOG, {"q": odd}).status_code == 200


@pytest.mark.parametrize("role", ["editor", "clinician", "desk"])
def test_the_log_is_the_managers_and_a_rows_history_its_readers(role, filled_log):
    client = as_(factories.person(role))
    assert client.get(LOG).status_code == 403
    assert client.get(f"{LOG}{filled_log['sweat'].pk}/change/").status_code == 403
    history = client.get(reverse("admin:evidence_source_history", args=[filled_log["sweat"].row]))
    assert history.status_code == (403 if role == "desk" else 200)
    if role != "desk":
        assert "summer" in history.content.decode()


def test_an_entry_says_what_changed_and_leads_to_its_row(filled_log, manager):
    html = as_(manager).get(f"{LOG}{filled_log['sweat'].pk}/change/").content.decode()
    assert "winter" in html
    assert "<del>" in html
    assert f'href="/admin/evidence/source/{filled_log["sweat"].row}/change/"' in html


def test_the_first_page_tells_what_one_did_last(filled_log, editor):
    html = as_(editor).get("/admin/").content.decode()
    assert "Sweat in summer" in html
    assert as_(factories.person("desk")).get("/admin/").content.decode().count("Sweat in summer") == 0


def test_a_long_log_is_searched_along_indexes(manager, editor):
    """Ten times the entries, the same questions, and none of them reads the whole table of words."""
    client = as_(manager)

    def questions(**asked):
        with CaptureQueriesContext(connection) as caught:
            client.get(LOG, asked)
        return [query["sql"] for query in caught.captured_queries]

    source = factories.source()
    log.write("changed", source, by=editor, said="Needle one")
    searches = (
        {},
        {"q": "needle"},
        {"q": "needle one"},
        {"verb": "sign"},
        {"by": editor.pk},
        {"kind": "evidence.source"},
    )
    few = [len(questions(**asked)) for asked in searches]
    for n in range(40):
        log.write("changed", source, by=editor, said=f"Hay {n} needles", changes=[("title", "a", "b")])
    assert [len(questions(**asked)) for asked in searches] == few
    asked = next(sql for sql in questions(q="needle") if "audit_log_auditword" in sql)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
            plan = " / ".join(row[-1] for row in cursor.fetchall())
        assert "SCAN audit_log_auditword" not in plan
        assert "SCAN U0" not in plan
        assert "USING INDEX" in plan


def test_a_history_asks_as_often_for_many_as_for_few(editor):
    source, client = factories.source(), as_(editor)
    address = reverse("admin:evidence_source_history", args=[source.pk])

    def questions():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    log.write("changed", source, by=editor, said="Once")
    few = questions()
    for n in range(40):
        log.write(
            "changed", source, by=factories.person("editor"), said=f"Time {n}", changes=[("title", "a", "b")]
        )
    assert questions() == few
    assert "Older" in client.get(address).content.decode()
    assert "Once" in client.get(address, {"p": 2}).content.decode()

"""Characters that XML doesn't allow come in nowhere, and the feed stands whatever is stored."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.test import Client

from blog.feeds import AtomFeed
from blog.models import Answer
from clinic_site import append_only
from clinic_site.clinic.models import Details, Message
from clinic_site.operations.typed_text import TypedText, guard_every_field
from clinic_site.publishing.models import Live, Picture
from clinic_site.text.characters import not_storable, not_storable_in_json, storable
from tests import factories

FORBIDDEN = "\x01\x0b\x0c\x1f\ufffe\uffff"
TEXTS = models.CharField | models.TextField | models.JSONField


def text_fields():
    return [
        pytest.param(field, id=f"{model._meta.label}.{field.name}")
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, TEXTS)
    ]


@pytest.mark.parametrize("field", text_fields())
def test_no_text_field_takes_such_a_character(field):
    for character in FORBIDDEN:
        words = f"a{character}b"
        value = {"a": [words]} if isinstance(field, models.JSONField) else words
        with pytest.raises(ValidationError):
            field.run_validators(value)


@pytest.mark.parametrize("field", text_fields())
def test_no_text_field_takes_what_shows_nothing(field):
    if not isinstance(field, models.JSONField):
        with pytest.raises(ValidationError):
            field.run_validators(" \u200e\u3164 ")


def test_every_form_field_has_the_rule():
    from django import forms

    needs = {forms.RegexField: {"regex": ".*"}, forms.URLField: {"assume_scheme": "https"}}
    for kind in (forms.CharField, forms.EmailField, forms.SlugField, forms.URLField, forms.RegexField):
        field = kind(**needs.get(kind, {}))
        with pytest.raises(ValidationError):
            field.run_validators("a\x0bb")


def test_guarding_again_changes_nothing():
    before = list(models.CharField.default_validators)
    guard_every_field()
    assert before == models.CharField.default_validators


def raw(sql, params, many=False):
    with connection.cursor() as cursor:
        (cursor.executemany if many else cursor.execute)(sql, params)


@pytest.mark.django_db
@pytest.mark.parametrize("character", FORBIDDEN)
def test_no_way_round_the_fields_stores_one(character):
    words = f"a{character}b"
    message = Message.objects.create(name="Ann", email="ann@example.com", words="Hello")
    ways = (
        lambda: Message.objects.create(name=words, email="ann@example.com", words="Hello"),
        lambda: Message.objects.bulk_create([Message(name=words, email="ann@example.com", words="Hello")]),
        lambda: Message.objects.filter(pk=message.pk).update(words=words),
        lambda: raw("UPDATE clinic_message SET words = %s", [words]),
        lambda: raw("UPDATE clinic_message SET words = %s", [["x"], [words]], many=True),
        lambda: Picture.objects.create(
            file="a.webp", width=1, height=1, alt="A cat", files={"webp": [[1, words]]}
        ),
    )
    for way in ways:
        with pytest.raises(ValidationError), transaction.atomic():
            way()
    assert Message.objects.get().words == "Hello"


@pytest.mark.django_db
def test_whoever_pastes_one_is_asked_nothing():
    Details.objects.create(name="A clinic")
    words = "One\x0btwo\u2028three\x07\r\nfour"
    sent = {"name": "A\x07nn", "email": "ann@example.com", "phone": "", "words": words}
    assert Client().post("/contact/", sent).status_code == 302
    message = Message.objects.get()
    assert (message.name, message.words) == ("Ann", "One\ntwo\nthree\r\nfour")


@pytest.mark.django_db
def test_a_field_that_shows_nothing_is_empty():
    sent = {"name": "\u200e\u3164", "email": "ann@example.com", "phone": "", "words": " \u2060 "}
    html = Client().post("/contact/", sent).content.decode()
    assert "Write your name." in html
    assert "Write your message." in html


def test_what_is_sent_stays_as_it_is_otherwise(rf):
    sent = {"words": "One\r\ntwo — “three” é 🙂", "password": "\u200b \x0b", "nul": "a\x00b"}
    request = rf.post("/", sent)
    before = request.POST
    TypedText(lambda request: None).process_view(request)
    assert request.POST is before


@pytest.mark.django_db
def test_feed_and_sitemap_stand_whatever_is_stored(editor, clinician):
    answer = factories.answer("sore", by=editor, checked_by=clinician)
    factories.live(answer, by=editor, signer=clinician)
    append_only.remove()
    wrappers, connection.execute_wrappers = connection.execute_wrappers, []
    try:
        with connection.cursor() as cursor:
            for column in ("change_note", "signed_name"):
                cursor.execute(f"UPDATE publishing_edition SET {column} = %s", ["a\x0bb\uffff & <c>"])
            feed = Client().get("/blog/feed/")
            cursor.execute("UPDATE publishing_live SET slug = %s", ["so\x0bre"])
            sitemap = Client().get("/sitemap.xml")
    finally:
        connection.execute_wrappers = wrappers
        append_only.install()
    for response in (feed, sitemap):
        assert response.status_code == 200
        ElementTree.fromstring(response.content)


def test_every_part_of_a_feed_is_xml():
    bad = "a\x0bb\uffff & <c>"
    feed = AtomFeed(bad, "https://clinic.test/", bad, subtitle=bad)
    feed.add_item(bad, "https://clinic.test/a", bad, author_name=bad, categories=[bad], unique_id=bad)
    ElementTree.fromstring(feed.writeString("utf-8").encode())


def test_what_is_not_stored():
    assert not_storable("a\x0bb") == "U+000B"
    assert not_storable({"a": ["b", {"c": "\x1f"}]}) == "U+001F"
    assert not_storable("é — 🙂 \t\r\n\u2028") == ""
    assert not_storable_in_json('{"a": "\\u000b"}') == "U+000B"
    assert not_storable_in_json('{"a": "\\\\u000b"}') == ""
    assert not_storable_in_json('{"a": "\\ud83d\\ude42 \\n"}') == ""
    assert not_storable_in_json('{"a": "\\ud83d"}') == "U+D83D"
    assert storable("a\x0bb\x07c\ufffe") == "a\nbc"


@pytest.mark.django_db
def test_a_draft_of_older_days_is_sealed_without_them(editor, clinician):
    answer = factories.answer("sore", by=editor, checked_by=clinician)
    wrappers, connection.execute_wrappers = connection.execute_wrappers, []
    try:
        Answer.objects.filter(pk=answer.pk).update(summary="One\x0btwo.")
    finally:
        connection.execute_wrappers = wrappers
    answer = Answer.objects.get(pk=answer.pk)
    factories.live(answer, by=editor, signer=clinician)
    assert "\\u000b" not in Live.objects.get().edition.page_text

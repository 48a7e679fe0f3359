"""Whatever stands behind the question mark of a list in the admin, the answer is a page with a sentence."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from clinic_site.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter_site")]

HUGE = "9" * 40
LISTS = {one.opts.label_lower: one for one in admin.site._registry.values()}
SEARCHES = ["word " * 995, "x" * 60_000, "NUL\x00 \ufffe \U000e0001 '\\%_*:^()" + '"' * 99]
OF_LISTS = {"p": (HUGE, "x"), "o": ("99.-1.x", HUGE), "e": ("1",)}
OF_A_DATE = {
    "year": ("99999", "0", HUGE),
    "month": ("13",),
    "day": ("32", "\x00"),
    "gte": ("9999-99-99", "10000-01-01", "2026-01-01T99:99:99Z"),
    "lt": ("0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00"),
    "isnull": ("maybe",),
}
OF_A_FIELD = {
    "": (HUGE, "\x00"),
    "__in": ("1,x",),
    "__isnull": ("x",),
    "__regex": ("((((",),
    "__a__b": ("1",),
}


def odd_queries(one: admin.ModelAdmin):
    """What a hand, a bookmark of an older version or a machine may put there."""
    fields = [field for field in one.model._meta.get_fields() if not field.auto_created]
    yield from ({"q": text} for text in SEARCHES)
    for name, values in OF_LISTS.items():
        yield from ({name: value} for value in values)
    dates = [field.name for field in fields if isinstance(field, models.DateField)]
    for end, values in OF_A_DATE.items():
        yield from ({f"{name}__{end}": value} for name in dates[:1] for value in values)
    for end, values in OF_A_FIELD.items():
        yield from ({name + end: value} for name in ("id", "no_such_thing") for value in values)
    for filtering in one.list_filter:
        name = filtering[0] if isinstance(filtering, tuple) else filtering
        name = name if isinstance(name, str) else name.parameter_name
        yield from ({name: value} for value in ("\x00", HUGE))
    if one.date_hierarchy:
        name = one.date_hierarchy
        yield {f"{name}__year": "2026", f"{name}__month": "2", f"{name}__day": "31"}


@pytest.fixture
def client():
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root@clinic.test", "x", name="Root"))
    return client


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_answers_with_a_page(name, client):
    address, wrong = reverse(f"admin:{name.replace('.', '_')}_changelist"), {}
    for query in odd_queries(LISTS[name]):
        response = client.get(address, query)
        is_led_on = response.status_code == 302  # to the list without it, or of one row to that row
        if not is_led_on and response.status_code != 200:
            wrong[str(query)[:80]] = response.status_code
    assert wrong == {}
    assert client.get(address, follow=True).status_code == 200


def messages_of(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.mark.parametrize("query", [{"at__year": "99999"}, {"no_such_thing": "1"}, {"e": "1"}])
def test_what_cannot_be_read_is_said(query, client):
    response = client.get("/admin/clinic/message/", query, follow=True)
    assert "can’t be filtered like that" in messages_of(response)


def test_of_a_search_that_is_too_long_the_beginning_is_searched_for(client):
    found = client.get("/admin/evidence/claim/", {"q": "sweat " * 995})
    assert "Only the beginning was searched for" in messages_of(found)
    short = client.get("/admin/evidence/claim/", {"q": "sweat"})
    assert found.context["cl"].result_count == short.context["cl"].result_count > 0


@pytest.mark.parametrize("term", SEARCHES)
def test_a_choice_by_search_takes_anything(term, client):
    of_a_source = {"app_label": "evidence", "model_name": "claim", "field_name": "sources"}
    for field in ({"app_label": "publishing", "model_name": "section", "field_name": "picture"}, of_a_source):
        assert client.get("/admin/autocomplete/", {"term": term, **field}).status_code in (200, 403)


PAGES = sorted(page.name for page in admin.site.pages if "<" not in page.address)


@pytest.mark.parametrize("name", PAGES)
def test_so_do_the_pages_that_are_no_lists(name, client):
    address = reverse(f"admin:{name}")
    for parameter in ("q", "on", "to", "p", "keys", "as", "with", "email"):
        for value in (*SEARCHES[::2], HUGE, "2026-99-99", "99999-01-01"):
            assert client.get(address, {parameter: value}).status_code < 500, (parameter, value[:40])

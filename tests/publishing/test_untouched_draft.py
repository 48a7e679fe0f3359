"""A draft that somebody opened and saved is byte for byte what it was, sent as browsers send it."""

import pytest
from django.test import Client

from clinic_site.accounts.models import User
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Section, UrgentHelp
from tests.admin_forms import filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter_site")]


def stored(model) -> list:
    return list(model.objects.order_by("pk").values())


@pytest.mark.parametrize("kind", list(DOCUMENT_TYPES))
def test_every_starter_draft(kind):
    client = Client()
    client.force_login(User.objects.get(email="manager@clinic.example"))
    model = DOCUMENT_TYPES[kind]
    own = {
        model,
        Section,
        *(
            relation.related_model
            for relation in model._meta.related_objects
            if "claim" in relation.related_model.__name__.lower()
        ),
    }
    for document in model.objects.order_by("pk"):
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{document.pk}/change/"
        before = {one: stored(one) for one in own}
        sent = filled(client.get(address))
        sent = {
            name: value.replace("\n", "\r\n") if isinstance(value, str) else value
            for name, value in sent.items()
        }
        response = client.post(address, sent)
        assert response.status_code == 302, address
        for one, rows in before.items():
            now = stored(one)
            moved = [
                (a, b)
                for a, b in zip(rows, now, strict=True)
                for k in a
                if a[k] != b[k] and k != "changed_at"
            ]
            assert moved == [], address


def test_the_words_on_urgent_help():
    client = Client()
    client.force_login(User.objects.get(email="manager@clinic.example"))
    before, address = stored(UrgentHelp), "/admin/publishing/urgenthelp/1/change/"
    sent = filled(client.get(address))
    assert "\n" in sent["signs"]
    assert client.post(address, sent | {"signs": sent["signs"].replace("\n", "\r\n")}).status_code == 302
    assert stored(UrgentHelp) == before

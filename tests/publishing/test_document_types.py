"""A type of document that no room of the site knows (`tests.notices`), signed by managers: from its draft to
its withdrawal, through the admin. And no type is asked for by its name.
"""

import ast
import re

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.clinic.models import Details
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Document, Edition, EditionStatus, Section
from clinic_site.registry import ProofRun, proofs, work_for
from tests import factories
from tests.admin_forms import as_, filled
from tests.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.notices.urls")]
SIGNED_NOW = {"when": "now", "password": factories.PASSWORD}


def action(row, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def waiting_titles(person) -> set[str]:
    return {queue.title for queue in work_for(User.objects.get(pk=person.pk))}


@pytest.fixture
def notice(editor):
    """A draft, written in the admin."""
    client = as_(editor)
    card = {"title": "New parking", "slug": "parking", "summary": "Where to leave the car."}
    assert client.post(reverse("admin:notices_notice_add"), card).status_code == 302
    made = Notice.objects.get()
    form = client.get(action(made, "change"))
    written = filled(form, **{"sections-0-body": "<p>The gate in Oak Street is closed.</p>"})
    assert client.post(action(made, "change"), written).status_code == 302
    return made


@pytest.fixture
def edition(notice, editor):
    assert as_(editor).post(action(notice, "submit"), {"change_note": "The gate closed."}).status_code == 302
    return notice.editions.get()


def test_a_type_of_its_own_from_draft_to_withdrawal(edition, notice, editor, clinician, manager):
    Details.objects.create(name="A clinic")
    client = Client()
    address = "/notices/parking/"
    assert edition.status == EditionStatus.WAITING
    assert client.get(address).status_code == 404
    preview = as_(manager).get(action(edition, "preview_page")).content.decode()
    assert "The gate in Oak Street is closed." in preview

    # a manager's: nobody else's, and not its writer's
    assert "Waiting for your signature" in waiting_titles(manager)
    assert "Waiting for your signature" not in waiting_titles(clinician)
    assert as_(clinician).post(action(edition, "sign"), SIGNED_NOW).status_code == 403
    assert edition.why_not(clinician) == "Pages of this kind are signed by a manager."
    assert as_(manager).post(action(edition, "sign"), SIGNED_NOW).status_code == 302
    edition.refresh_from_db()
    assert (edition.status, edition.signed_by) == (EditionStatus.LIVE, manager)

    html = client.get(address).content.decode()
    assert "The gate in Oak Street is closed." in html
    assert "Signed by" in html
    assert "edically reviewed" not in html
    assert 'content="website"' in html
    assert "MedicalWebPage" not in html
    days = (edition.review_due_on - timezone.localdate(edition.signed_at)).days
    assert 200 - 57 < days <= 200
    assert address in client.get("/sitemap.xml").content.decode()
    call_command("rebuild_modelsearch_index", verbosity=0)
    found = client.get("/search/?q=parking").content.decode()
    assert address in found
    assert "Notice" in found
    assert client.get("/og/notice/parking.png").status_code == 200
    listed = as_(editor).get(reverse("admin:publishing_edition_changelist"), {"kind": "notice"})
    assert listed.context["cl"].result_count == 1
    found = [finding for proof in proofs for finding in proof(ProofRun())]
    assert {finding.promise for finding in found} >= {1, 2, 7}
    assert [finding for finding in found if finding.broken] == []

    # anew, and back to what it was: a manager's again
    Section.objects.filter(document=notice).update(body="<p>The gate is open again.</p>")
    second = Notice.objects.get().submit(by=editor, change_note="Open again.")
    second.sign(by=manager)
    assert as_(clinician).get(action(edition, "restore")).status_code == 403
    restore = as_(manager).get(action(edition, "restore"))
    instead_of = {"instead_of": restore.context["form"]["instead_of"].value()}
    assert as_(manager).post(action(edition, "restore"), instead_of).status_code == 302
    assert "Oak Street" in Section.objects.get(document=notice).body

    assert as_(editor).post(action(notice, "withdraw"), {"because": "The works are done."}).status_code == 302
    gone = client.get(address)
    assert gone.status_code == 410
    assert "The works are done." in gone.content.decode()


def sign_by_sql(edition, user):
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE publishing_edition SET signed_at = %s, signed_by_id = %s, signed_name = 'X', "
            "signed_as_sample = FALSE WHERE id = %s",
            [now, user.pk, edition.pk],
        )


def test_the_database_knows_who_signs_it(edition, clinician, manager, editor):
    with pytest.raises(IntegrityError, match="signed by another role"):
        sign_by_sql(edition, clinician)
    sign_by_sql(edition, manager)  # who has no registration
    User.objects.filter(pk=manager.pk).update(registration_body="College", registration_number="1")
    treatment = factories.treatment("sweat", by=editor, checked_by=clinician).submit(
        by=editor, change_note="x"
    )
    with pytest.raises(IntegrityError, match="signed by another role"):
        sign_by_sql(treatment, manager)
    User.objects.filter(pk=clinician.pk).update(registration_body="", registration_number="")
    with pytest.raises(IntegrityError, match="signed by somebody with a registration"):
        sign_by_sql(treatment, clinician)


def test_an_edition_of_a_type_that_is_gone_is_signed_by_nobody(edition, manager):
    values = {field.attname: getattr(edition, field.attname) for field in Edition._meta.concrete_fields}
    unknown = Edition.objects.create(**values | {"id": None, "kind": "gone", "number": 2})
    unknown.writers.create(user=edition.submitted_by)
    with pytest.raises(IntegrityError, match="signed by"):  # by another role, or with a registration
        sign_by_sql(unknown, manager)


def test_a_manager_never_signs_what_is_medical():
    with pytest.raises(ImproperlyConfigured, match="a clinician signs what is medical"):
        type(
            "Advice", (Notice,), {"KIND": "advice", "IS_MEDICAL": True, "__module__": "tests.notices.models"}
        )
    assert "advice" not in DOCUMENT_TYPES


def asks(tree: ast.AST, names: set[str]):
    """The lines that compare something with a type's name, choose by it, or say it in SQL."""
    for node in ast.walk(tree):
        operands = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif (
            isinstance(node, ast.Dict) and len(names & {getattr(key, "value", None) for key in node.keys}) > 1
        ):
            operands = node.keys
        elif isinstance(node, ast.MatchValue):
            operands = [node.value]
        if names & {
            one.value for operand in operands for one in ast.walk(operand) if isinstance(one, ast.Constant)
        }:
            yield node.lineno
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(f"'{name}'" in node.value for name in names)
        ):
            yield node.lineno


def test_nothing_outside_a_type_asks_for_its_name():
    names = set(DOCUMENT_TYPES)
    in_a_template = re.compile(rf"""[=!]=\s*["'](?:{"|".join(names)})["']""")
    found = []
    for folder in ("clinic_site", "treatments", "blog", "referrals", "templates"):
        for path in (settings.BASE_DIR / folder).rglob("*.*"):
            if path.suffix == ".py" and "migrations" not in path.parts:
                found += [f"{path}:{line}" for line in asks(ast.parse(path.read_text()), names)]
            elif path.suffix == ".html" and in_a_template.search(path.read_text()):
                found.append(str(path))
    assert found == []


def test_every_type_says_what_it_is_called():
    assert all(
        one.LABEL and issubclass(one, Document) and len(kind) <= 12 for kind, one in DOCUMENT_TYPES.items()
    )

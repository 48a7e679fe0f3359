"""No test runs on a database that was made of something else."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from clinic_site import append_only
from clinic_site.accounts import roles
from clinic_site.accounts.models import User
from referrals.models import Transfer
from tests import factories, kept, prepared


@pytest.fixture
def before():
    prepared.schema_digest.cache_clear()
    yield prepared.schema_digest()
    prepared.schema_digest.cache_clear()


@pytest.fixture
def change(monkeypatch):
    """As if somebody had changed a file."""
    read = Path.read_bytes

    def changed(one):
        assert one.exists()
        monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path == one))

    return changed


def now() -> str:
    prepared.schema_digest.cache_clear()
    return prepared.schema_digest()


def test_the_same_is_found_again(before):
    assert now() == before


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        (Transfer, "database_rules", (append_only.Rule("new", "INSERT", "NEW.cents = 7", "Not seven"),)),
        (Transfer, "stamps", ("at",)),
        (Transfer._meta, "permissions", [("fly", "May fly")]),
        (Transfer._meta, "verbose_name", "movement"),
    ],
)
def test_what_is_read_from_the_models_after_a_migration_counts(of, name, value, before, monkeypatch):
    monkeypatch.setattr(of, name, value)
    assert now() != before


@pytest.mark.parametrize("module", ["referrals.migrations", roles.__name__, append_only.__name__])
def test_the_code_that_migrates_counts(module, before, change):
    change(next(path for path in prepared._source(module) if path.name != "__init__.py"))
    assert now() != before


def test_what_a_migration_imports_counts():
    code = (
        "from clinic_site.accounts.roles import ROLES\nimport referrals.models\nfrom django.db import "
        "models\n"
    )
    assert prepared._IMPORT.findall(code) == ["clinic_site.accounts.roles", "referrals.models"]


def test_other_code_makes_no_new_schema(before, change):
    change(kept.ROOT / "clinic_site" / "urls.py")
    assert now() == before


@pytest.mark.parametrize(
    "name", ["clinic_site/urls.py", "clinic_site/evidence/starter/claims-eyelid.toml", "tests/settings.py"]
)
def test_starter_content_goes_through_all_of_the_site(name, change):
    before = prepared.starter_digest()
    change(kept.ROOT / name)
    assert prepared.starter_digest() != before


def test_starter_content_is_dated(monkeypatch):
    before, today = prepared.starter_digest(), timezone.localdate()
    monkeypatch.setattr(timezone, "localdate", lambda: today + timedelta(days=1))
    assert prepared.starter_digest() != before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_committed_is_gone(time):
    assert not User.objects.exists()
    assert append_only.missing() == []
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)
    factories.person("editor")

"""What all machines that serve one site have to share, beside the database that tells: its secret key, the
cache that attempts are counted in, and what rooms add (`registry.shared_parts`).

A machine with another key locks second factors that the others can't open, and signs links that they refuse.
So the database holds a digest of the key: start, `check` and `/readyz` refuse another one.
"""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.crypto import salted_hmac

from clinic_site.operations.models import SharedPart
from clinic_site.registry import PartShared, after_migrate, shared_parts

KEY, CACHE = "secret key", "cache"
ANOTHER_KEY = (
    "This machine's secret key isn't the one that this site's database knows. Give it the SECRET_KEY of the "
    "others, or the file secret.key of their data folder."
)
ANOTHER_CACHE = (
    "Another machine of this site counts attempts in another cache: set the same CACHE_URL on all of them."
)


def key_digests() -> list[str]:
    """Of the key in use first, then of those of before it."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac("operations.key", "", secret=key, algorithm="sha256").hexdigest() for key in keys]


def fault_of_key() -> str:
    known = SharedPart.objects.filter(name=KEY).first()
    return "" if known is None or known.mark in key_digests() else ANOTHER_KEY


def note_key(using: str) -> None:
    """The key that a database is first migrated with is its key, until that one stands among those of
    before.
    """
    now, *before = key_digests()
    parts = SharedPart.objects.using(using)
    if not parts.filter(name=KEY, mark__in=before).update(mark=now):
        parts.get_or_create(name=KEY, defaults={"mark": now})


def accept_key() -> None:
    SharedPart.objects.update_or_create(name=KEY, defaults={"mark": key_digests()[0]})


def fault_of_cache() -> str:
    """Each cache is given a mark when it's empty, and the database holds the newest: with one cache they are
    the same.
    """
    mark = cache.get("operations.cache")
    if mark is None:
        mark = secrets.token_hex(16)
        if not cache.add("operations.cache", mark, timeout=None):
            return ""  # another process is about to say which
        SharedPart.objects.update_or_create(name=CACHE, defaults={"mark": mark})
    return "" if SharedPart.objects.filter(name=CACHE, mark=mark).exists() else ANOTHER_CACHE


def faults() -> Iterator[tuple[PartShared, str]]:
    """Each part that this machine doesn't share with the others, and what is to be done."""
    for part in shared_parts:
        if fault := part.fault():
            yield part, fault


def refuse_another_key() -> None:
    """Raises ImproperlyConfigured. A database that isn't there or migrated says nothing of keys."""
    try:
        fault = fault_of_key()
    except DatabaseError:
        return
    if fault:
        raise ImproperlyConfigured(fault)


@checks.register(checks.Tags.database)
def parts_are_shared(app_configs=None, databases=None, **kwargs):
    if "default" not in (databases or []):
        return []
    try:
        return [
            (checks.Error if part.name == KEY else checks.Warning)(fault, id="clinic.E002")
            for part, fault in faults()
        ]
    except DatabaseError:
        return []


after_migrate.append(note_key)
shared_parts += [PartShared(KEY, fault_of_key), PartShared(CACHE, fault_of_cache)]

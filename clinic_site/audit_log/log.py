"""The log: who did what to which row and field.

Each entry is written once, in the transaction of what it tells.

Of content it keeps what stood before and after. Of people (colleagues, members, whoever writes to the clinic)
it keeps which fields changed, and no value: what was never written needn't be forgotten.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from clinic_site.audit_log.models import AuditEntry, AuditWord
from clinic_site.registry import User
from clinic_site.text.normalise import plain_words
from clinic_site.text.search_keys import SearchKeyField

_OPENS = re.compile(r"token|digest")  # what stands in such a field says nothing to a reader
LONGEST_WORD, MOST_WORDS = 40, 3000
_DAY = re.compile(r"\b(\d{4}-\d\d)(-\d\d)?\b")  # or a month

# beside the actions of the rooms
VERBS = (
    "added",
    "changed",
    "deleted",
    "late mention",
    "forgot a person",
    "second factor",
    "own password",
    "sign-in failed",
    "accepted an invitation",
    "mail and calendar",
)

# what a row's fields said, in words: {(table, row, field): (the field's name, what stood in it)}
State = dict[tuple[str, str, str], tuple[str, str]]
# (field, before, after), or (field,) where values aren't kept
Change = tuple[str, ...]


# --- writing ------------------------------------------------------------------------------------------------


@transaction.atomic
def write(
    verb: str,
    row: models.Model | type[models.Model],
    *,
    by: User | None,
    said: str = "",
    changes: Iterable[Change] = (),
) -> AuditEntry:
    """`by` did `verb` to the row, or to one that has no row (its class). `by` None: nobody who was signed in.

    `said`: what happened, in a sentence that names no patient and no member.
    """
    listed = [list(change) for change in changes]
    one = row if isinstance(row, models.Model) else None
    entry = AuditEntry.objects.create(
        by=by,
        verb=verb[:40],
        model=row._meta.label_lower,
        row="" if one is None else str(one.pk)[:64],
        name="" if one is None else name_of(one)[:200],
        person=row if isinstance(row, get_user_model()) else None,
        said=said,
        changes=listed,
    )
    found_by = words_in(
        verb, str(row._meta.verbose_name), entry.name, said, *(text for change in listed for text in change)
    )
    AuditWord.objects.bulk_create([AuditWord(word=word, entry=entry) for word in found_by])
    return entry


def name_of(row: models.Model) -> str:
    """What a row is called in the log, for good.

    A model whose own name holds a person's says another one (`logged_as`).
    """
    return getattr(row, "logged_as", None) or str(row)


def words_in(*texts: str) -> list[str]:
    """The words that an entry is found by, each once."""
    text = " ".join(re.sub(r"<[^>]+>", " ", text) for text in texts)
    words = dict.fromkeys(word for word in plain_words(text).split() if word.strip("-"))
    return [word[:LONGEST_WORD] for word in words][:MOST_WORDS]


# --- what changed -------------------------------------------------------------------------------------------


def state_of(model: type[models.Model], pk, parts: Iterable[tuple[type[models.Model], str]] = ()) -> State:
    """A row as the database has it, with the rows that its form edits too: (their table, its key in them)."""
    state = {}
    for table, key in [(model, "pk"), *parts]:
        fields = [f for f in table._meta.concrete_fields if _tells(f) and key not in (f.attname, f.name)]
        kin = [f.name for f in fields if f.is_relation]
        for row in table._base_manager.filter(**{key: pk}).select_related(*kin).order_by("pk"):
            of = "" if key == "pk" else f"{table._meta.verbose_name} “{name_of(row)}”: "
            for field in (*fields, *table._meta.many_to_many):
                told = (f"{of}{field.verbose_name}", _said(row, field))
                state[table._meta.label_lower, str(row.pk), field.name] = told
    return state


def difference(before: State, after: State, *, values: bool | tuple[str, ...]) -> list[Change]:
    """The fields that aren't what they were.

    `values`: whether what stood in them is kept, or of which fields it is.
    """
    changes = []
    for key in dict.fromkeys([*after, *before]):
        (label, was), (newer, now) = before.get(key, ("", "")), after.get(key, ("", ""))
        if was != now:
            keeps = values is True or (values and key[2] in values)
            changes.append((newer or label, was, now) if keeps else (newer or label,))
    return list(dict.fromkeys(changes))


def _tells(field: models.Field) -> bool:
    is_made = (
        field.primary_key
        or isinstance(field, SearchKeyField | models.BinaryField | models.JSONField)
        or _OPENS.search(field.name)
    )
    return not (
        is_made or getattr(field, "auto_now", False) or getattr(field.remote_field, "parent_link", False)
    )


def _said(row: models.Model, field: models.Field) -> str:
    value = getattr(row, field.name)
    if field.many_to_many:
        return ", ".join(sorted(map(str, value.all())))
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")() or "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %B %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    if isinstance(value, models.Model):
        return str(value) if isinstance(value, get_user_model()) and value.is_staff else name_of(value)
    return "" if value is None else str(value)


# --- reading ------------------------------------------------------------------------------------------------


def search(entries: models.QuerySet, typed: str) -> models.QuerySet:
    """Entries that hold every word that was typed, each by its first letters; a colleague's name is a word
    too, and so is a day ("2026-03-01"), or a month ("2026-03"). Words stand in an index: nothing is read
    through.
    """
    for month, day in _DAY.findall(typed):
        try:
            first = date.fromisoformat(month + (day or "-01"))
            after = first + timedelta(days=1) if day else (first + timedelta(days=31)).replace(day=1)
            begin, end = (
                datetime.combine(on, datetime.min.time(), timezone.get_current_timezone())
                for on in (first, after)
            )
            entries = entries.filter(at__gte=begin, at__lt=end)
        except (ValueError, OverflowError):  # no day of any calendar, or the last one
            return entries.none()
    words = plain_words(_DAY.sub(" ", typed)).split()[:8]
    staff = (
        list(get_user_model().objects.filter(is_staff=True).order_by().values_list("pk", "name_key"))
        if words
        else []
    )
    for word in words:
        holds = models.Q(pk__in=AuditWord.objects.filter(word__prefix=word[:LONGEST_WORD]).values("entry"))
        if people := [pk for pk, name in staff if f" {word}" in f" {name}"]:
            holds |= models.Q(by__in=people) | models.Q(person__in=people)
        entries = entries.filter(holds)
    return entries


def history_of(model: type[models.Model], pk) -> models.QuerySet:
    """What happened to a row, the newest first."""
    rows = AuditEntry.objects.filter(model=model._meta.label_lower, row=str(pk))
    return rows.select_related("by", "person").order_by("-pk")


def last_of(user: User, most: int = 10) -> list[tuple[AuditEntry, str]]:
    """What somebody did last, each with the address of its row."""
    return [
        (entry, address_of(entry, user))
        for entry in AuditEntry.objects.filter(by=user).order_by("-pk")[:most]
    ]


def address_of(entry: AuditEntry, reader: User) -> str:
    """Where the row of an entry is looked at; empty for those who may not."""
    room, name = next(
        ((m, r) for m, r in admin.site._registry.items() if m._meta.label_lower == entry.model), (None, None)
    )
    app, _, table = entry.model.partition(".")
    if not (
        name and entry.row and any(reader.has_perm(f"{app}.{verb}_{table}") for verb in ("view", "change"))
    ):
        return ""
    try:
        return reverse(f"admin:{app}_{table}_change", args=[quote(entry.row)])
    except NoReverseMatch:
        return ""

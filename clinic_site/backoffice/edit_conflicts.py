"""Two people, or two tabs, edit one row: whoever saves second sees both versions field by field, and chooses.

A form carries the version that it was opened with: a digest of each field, signed. When it is sent, each
field is compared three ways: as it was opened, typed, saved since. Nothing is overwritten that nobody saw.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from clinic_site.backoffice.edited_fields import EditedField, canonical, digest, fields_of
from clinic_site.text.diff import marked

VERSION = "_version"  # what the form was opened with
SHOWN = "_shown"  # what the page of both versions showed as saved
CHOICE = "_choice-"  # before a field's key: whose version is saved
# the key of a deleted row, beside a form that makes it again with the rows that are edited with it
RECREATE = "_recreate"
RESTORE = "_restore"  # beside a form that is only to be shown again, with what the browser kept
MINE, THEIRS = "mine", "theirs"
_SALT = "staff.edit_conflicts"
_NOT_CARRIED = ("csrfmiddlewaretoken", SHOWN, RESTORE)


@dataclass(frozen=True)
class _InlineRow:
    """A row of a formset that was there when the form was opened. A colleague may have deleted it since."""

    formset: forms.BaseInlineFormSet
    index: int
    form: forms.ModelForm

    @property
    def key(self) -> str:
        pk_name = self.form.add_prefix(self.formset.model._meta.pk.name)
        sent = self.formset.data.get(pk_name, "") if self.formset.is_bound else ""
        return f"{self.formset.prefix}.{self.form.instance.pk or sent}"

    @property
    def fields(self) -> list[EditedField]:
        return fields_of(self.form, f"{self.key}.")

    @property
    def exists(self) -> bool:
        return bool(self.form.instance.pk)

    @property
    def is_to_be_deleted(self) -> bool:
        return self.formset.can_delete and bool(self.formset.data.get(self.form.add_prefix("DELETE")))


def _inline_rows(formsets: Iterable) -> Iterator[_InlineRow]:
    for formset in formsets:
        for index, form in enumerate(formset.initial_forms):
            yield _InlineRow(formset, index, form)


def _name_of(form) -> str:
    """What the sender calls a row: as it is saved, else as they typed it."""
    if form.instance.pk:
        return str(form.instance)
    typed = [form[name].data for name in ("heading", "name", "title") if name in form.fields]
    anchor = (form["anchor"].data or "").replace("-", " ") if "anchor" in form.fields else ""
    return next(filter(None, [*typed, anchor]), "a part")


def version_of(form, formsets: Iterable) -> str:
    """What the page carries: a digest of each field as it is saved, signed."""
    edited = fields_of(form)
    for row in _inline_rows(formsets):
        if row.exists:
            edited += row.fields
    return signing.dumps({one.key: digest(one.saved) for one in edited}, salt=_SALT, compress=True)


def _digests(version: str) -> dict[str, str]:
    """What `version_of` signed. Empty where that isn't known: then any difference is asked about."""
    try:
        return signing.loads(version, salt=_SALT)
    except signing.BadSignature:
        return {}


@dataclass
class Difference:
    """What differs in the two versions. `chosen`: the one marked by itself; empty: the sender must choose."""

    key: str
    where: str
    mine: str = ""
    theirs: str = ""
    chosen: str = ""
    preferred: str = ""  # what the sender chose before, else `chosen`
    edited: EditedField | None = None  # the field whose versions they are; none: a whole row
    labels: tuple[str, str] = ("What you typed", "What is saved")

    @property
    def name(self) -> str:
        return f"{CHOICE}{self.key}"

    def show(self) -> None:
        """Set both versions side by side, as HTML."""
        if self.edited:
            mine, theirs = self.edited.typed_html, self.edited.saved_html
            if self.edited.is_accepted:  # else it may be too long to be compared word by word
                theirs = marked(mine, theirs)[0]
            self.mine, self.theirs = mark_safe(mine), mark_safe(theirs)


class EditConflict:
    """What was sent beside what was saved since.

    `carried`: what the page sends on with the choices. `version`: what it shows as saved.
    """

    def __init__(self, sent: QueryDict):
        self.sent = sent
        self.opened, self.shown = _digests(sent.get(VERSION, "")), _digests(sent.get(SHOWN, ""))
        self.differences: list[Difference] = []
        self.files: list[tuple] = []
        self.added: list[str] = []
        self.gone: list[tuple] = []  # rows that exist no more, with whether they are put back
        self.carried: list[tuple[str, str]] = []
        self.version = ""
        self.is_edited = False  # the sender changed something
        self.is_unseen = False  # something would be overwritten that the sender didn't see, or didn't choose
        self.is_undecided = False  # something was shown, and not chosen

    def _chosen(self, key: str) -> str:
        choice = self.sent.get(f"{CHOICE}{key}", "")
        return choice if choice in (MINE, THEIRS) else ""

    def _choice(self, key: str, was_shown: bool) -> str:
        """What the sender chose, where that is saved still; empty where they have to choose (again)."""
        choice = self._chosen(key) if was_shown else ""
        self.is_undecided |= was_shown and not choice
        self.is_unseen |= not choice
        return choice

    def compare(self, edited: EditedField, where: str = "") -> None:
        key, typed, saved = edited.key, digest(edited.typed), digest(edited.saved)
        opened, was_shown = self.opened.get(key), self.shown.get(key) == saved
        self.is_edited |= typed != opened
        if typed == saved:
            return
        if edited.is_new_file:
            self.files.append((edited.form[edited.name], saved != opened))
            self.is_unseen |= saved != opened and not was_shown
            return
        chosen = MINE if saved == opened else THEIRS if typed == opened else ""
        choice = self._chosen(key) if saved == opened else self._choice(key, was_shown)
        where, preferred = where + edited.label, choice or chosen
        self.differences.append(Difference(key, where, "", "", chosen, preferred, edited))

    def compare_row(self, row: _InlineRow) -> None:
        if not row.exists:
            self._compare_deleted_row(row)
        elif row.is_to_be_deleted:
            self._compare_row_to_delete(row)
        else:
            for edited in row.fields:
                self.compare(edited, f"{_name_of(row.form)}: ")

    def _compare_deleted_row(self, row: _InlineRow) -> None:
        opened = [self.opened.get(edited.key) for edited in row.fields]
        is_edited = [digest(edited.typed) for edited in row.fields] != opened
        self.is_edited |= is_edited
        is_asked = is_edited and not row.is_to_be_deleted and (any(opened) or not self.opened)
        was_shown = bool(self.shown) and not any(self.shown.get(edited.key) for edited in row.fields)
        choice = self._choice(row.key, was_shown) if is_asked else THEIRS
        if choice:
            self.gone.append((row, choice == MINE))
        else:
            labels = ("Put it back, with what you typed", "Leave it deleted")
            where, words = f"{_name_of(row.form)}: a colleague deleted it", _typed(row.fields)
            self.differences.append(Difference(row.key, where, words, "(deleted)", labels=labels))

    def _compare_row_to_delete(self, row: _InlineRow) -> None:
        saved = {edited.key: digest(edited.saved) for edited in row.fields}
        if saved.items() <= self.opened.items():
            return
        choice = self._choice(row.key, saved.items() <= self.shown.items())
        if choice == THEIRS:
            self.sent.pop(row.form.add_prefix("DELETE"), None)
        elif not choice:
            labels = ("Delete it", "Keep it, with what they changed")
            words = _labelled((one, one.saved_html) for one in row.fields if canonical(one.saved))
            where = f"{_name_of(row.form)}: you delete it, a colleague changed it"
            self.differences.append(Difference(row.key, where, "(deleted)", words, labels=labels))


def find_conflict(sent: QueryDict, form, formsets: list) -> EditConflict | None:
    """What the sender has to look at before the (bound) forms may be saved.

    None: nothing unseen is overwritten.

    Then `sent` has what the sender chose. Rows that a colleague deleted are taken out of it.
    """
    conflict = _compare(sent, form, formsets)
    is_seen = not conflict.is_unseen and not (conflict.added and RESTORE in sent)
    for difference in conflict.differences:
        if is_seen and difference.preferred == THEIRS and difference.edited:
            _put_saved(sent, difference.edited)
    _take_out(sent, conflict.gone)
    if is_seen:
        sent[VERSION] = sent.get(SHOWN) or sent.get(VERSION, "")
        return None
    for difference in conflict.differences:
        difference.show()
    conflict.version, conflict.carried = version_of(form, formsets), _carried(sent)
    return conflict


def is_untouched(sent: QueryDict, form, formsets: list) -> bool:
    """Whether the sender left everything as it was when the (bound) forms were opened."""
    conflict = _compare(sent, form, formsets)
    return bool(conflict.opened) and not conflict.is_edited


def _compare(sent: QueryDict, form, formsets: list) -> EditConflict:
    conflict, rows = EditConflict(sent), [*_inline_rows(formsets)]
    is_more = any(new.has_changed() for formset in formsets for new in formset.extra_forms)
    conflict.is_edited = is_more or any(row.is_to_be_deleted for row in rows)
    for one in (form, *(row.form for row in rows)):
        one.is_valid()
    for edited in fields_of(form):
        conflict.compare(edited)
    for row in rows:
        conflict.compare_row(row)
    for formset in formsets:
        conflict.added += _added_since(formset, conflict.opened)
    return conflict


def _added_since(formset: forms.BaseInlineFormSet, opened: Iterable[str]) -> list[str]:
    """The rows that a colleague added. `opened`: the keys of what the form was opened with."""
    there = {str(form.instance.pk) for form in formset.initial_forms}
    there |= {key.split(".")[1] for key in opened if key.startswith(f"{formset.prefix}.")}
    return [str(row) for row in formset.get_queryset() if str(row.pk) not in there]


def _carried(sent: QueryDict) -> list[tuple[str, str]]:
    names = [name for name in sent if name not in _NOT_CARRIED and not name.startswith(CHOICE)]
    return [(name, value) for name in names for value in sent.getlist(name)]


def _typed(edited: list[EditedField]) -> str:
    return _labelled((one, one.typed_html) for one in edited if canonical(one.typed))


def _labelled(shown: Iterable[tuple[EditedField, str]]) -> str:
    parts = (f"<p><b>{escape(one.label)}</b></p>{html}" for one, html in shown if one.is_prose)
    return mark_safe("".join(parts))


def _take_out(sent: QueryDict, gone: list[tuple[_InlineRow, bool]]) -> None:
    """Take rows that exist no more out of what was sent, or make them new ones where they are put back."""
    for formset in {row.formset for row, _ in gone}:
        put_back = {row.index: is_put_back for row, is_put_back in gone if row.formset is formset}
        prefix, pk_name = str(formset.prefix), formset.model._meta.pk.name
        rows = _pop_rows(sent, prefix)
        first_new = int(str(sent[f"{prefix}-INITIAL_FORMS"]))
        there = [row for i, row in rows.items() if i < first_new and i not in put_back]
        new = [rows[i] | {pk_name: [""]} for i in sorted(put_back) if put_back[i]]
        new += [row for i, row in rows.items() if i >= first_new]
        _put_rows(sent, prefix, there, new)


def _pop_rows(sent: QueryDict, prefix: str) -> dict[int, dict[str, list[str]]]:
    """Takes a formset's rows out of what was sent: each field's values by its name, by the row's number."""
    rows: dict[int, dict[str, list[str]]] = {}
    for name in [*sent]:
        if match := re.fullmatch(rf"{re.escape(prefix)}-(\d+)-(.+)", name):
            rows.setdefault(int(match[1]), {})[match[2]] = sent.pop(name)
    return dict(sorted(rows.items()))


def _put_rows(sent: QueryDict, prefix: str, there: list[dict], new: list[dict]) -> None:
    sent[f"{prefix}-INITIAL_FORMS"] = str(len(there))
    sent[f"{prefix}-TOTAL_FORMS"] = str(len(there) + len(new))
    for i, row in enumerate([*there, *new]):
        for name, values in row.items():
            sent.setlist(f"{prefix}-{i}-{name}", values)


def _put_saved(sent: QueryDict, edited: EditedField) -> None:
    name = edited.form.add_prefix(edited.name)
    if isinstance(edited.field, forms.FileField):  # the saved file stays by itself
        sent.pop(f"{name}-clear", None)
        return
    saved = edited.field.prepare_value(edited.saved)
    widget = edited.field.hidden_widget().get_context(name, saved, {})["widget"]
    parts = widget.get("subwidgets") or [widget]
    for part in parts:
        sent.setlist(part["name"], [])
    for part in parts:
        if part["value"] is not None:
            sent.appendlist(part["name"], str(part["value"]))


def recreation_of(sent: QueryDict, form, formsets: list) -> tuple[list, list]:
    """For a row that a colleague deleted: what was typed, as (label, HTML), and the fields to make it again.

    (`form` and `formsets` are bound to a row that is not saved.)
    """
    form.is_valid()
    words: list[tuple[str, str]] = [
        (one.label, mark_safe(one.typed_html)) for one in fields_of(form) if canonical(one.typed)
    ]
    sent = sent.copy()
    for formset in formsets:
        for row in formset.forms:
            row.is_valid()
            if typed := _typed(fields_of(row)):
                words.append((capfirst(_name_of(row)), typed))
            for name in (formset.model._meta.pk.name, formset.fk.name):  # those of the row that was
                sent.pop(row.add_prefix(name), None)
        sent[f"{formset.prefix}-INITIAL_FORMS"] = "0"
    return words, _carried(sent)

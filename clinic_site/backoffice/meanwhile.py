"""Two people, or two tabs, on one row: whoever saves second sees both versions field by field, and chooses.

A form carries what it was opened with, as a digest a field, signed. When it is sent, while the row is locked,
each field is compared three ways: as it was opened, as it was typed, as it is saved now. Nothing is
overwritten that the sender didn't see.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from django import forms
from django.core import signing
from django.db.models import Model
from django.http import QueryDict
from django.utils.html import escape, linebreaks
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from clinic_site.text.diff import marked

OPENED, FIRST, KEEP, MUST = "_opened", "_first_opened", "_keep-", "_must"
ANEW = "_anew"  # beside a form that makes a row anew, with the rows that are edited with it
MINE, THEIRS = "mine", "theirs"
MOST_SHOWN = 2000  # characters of what wasn't accepted: all of it stays in the form
_SALT = "staff.meanwhile"
_OURS = ("csrfmiddlewaretoken", OPENED, FIRST, MUST)


def _told(value) -> str:
    """A field's value as text that is the same however it came: from the row, or cleaned from what was
    typed.
    """
    if isinstance(value, Model):
        return str(value.pk)
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal | float):
        return repr(value) if isinstance(value, float) else f"{value.normalize():f}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | set) or hasattr(value, "all"):
        return "\n".join(sorted(_told(one) for one in value))
    return str(value).replace("\r\n", "\n").strip()


def _digest(value) -> str:
    return hashlib.sha256(_told(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Place:
    """One field of a bound form: `key` names it whatever its place in the page."""

    key: str
    form: forms.ModelForm
    name: str

    @property
    def theirs(self):
        return self.form.get_initial_for_field(self.form.fields[self.name], self.name)

    @property
    def mine(self):
        if self.name in self.form.cleaned_data:
            return self.form.cleaned_data[self.name]
        return self.form[self.name].data  # it wasn't accepted: the form will say why

    @property
    def is_accepted(self) -> bool:
        return self.name in self.form.cleaned_data

    def in_words(self, value) -> str:
        shown = self.form.fields[self.name]
        if isinstance(shown, forms.ModelMultipleChoiceField):
            return ", ".join(str(one) for one in value or ())
        if isinstance(shown, forms.ModelChoiceField) and value and not isinstance(value, Model):
            return str(shown.queryset.filter(pk=value).first() or value)
        if isinstance(shown, forms.BooleanField):
            return "yes" if value else "no"
        if isinstance(shown, forms.ChoiceField):
            return str(dict(shown.choices).get(value, value))
        return "" if value is None else str(value)

    @property
    def label(self) -> str:
        return str(self.form[self.name].label)


def _places(form, prefix: str = "") -> Iterator[_Place]:
    passed_over = {"DELETE", form._meta.model._meta.pk.name}
    for name, shown in form.fields.items():
        if not (
            name in passed_over or shown.disabled or isinstance(shown, forms.models.InlineForeignKeyField)
        ):
            yield _Place(f"{prefix}{name}", form, name)


def _rows(formsets) -> Iterator[tuple]:
    """(formset, its place in the list, form, the key of its row) for each row that was there when the form
    was opened.
    """
    for formset in formsets:
        for i, form in enumerate(formset.initial_forms):
            yield formset, i, form, f"{formset.prefix}.{form.instance.pk or _typed_key(formset, form)}"


def _typed_key(formset, form) -> str:
    return formset.data.get(form.add_prefix(formset.model._meta.pk.name), "") if formset.is_bound else ""


def opened(form, formsets: Iterable) -> str:
    """What goes into the page: a digest of each field as the row has it."""
    places = [*_places(form)]
    for _, _, row, key in _rows(formsets):
        if row.instance.pk:
            places += _places(row, f"{key}.")
    return signing.dumps({place.key: _digest(place.theirs) for place in places}, salt=_SALT, compress=True)


def _was_opened(sent: QueryDict) -> dict[str, str]:
    """A digest a field, as the form was opened.

    Empty where that isn't known: then whatever differs is asked about.
    """
    try:
        return signing.loads(sent.get(OPENED, ""), salt=_SALT)
    except signing.BadSignature:
        return {}


@dataclass
class Difference:
    """One thing that stands otherwise in the two versions.

    `chosen`: the one marked already; empty: they must choose.
    """

    key: str
    where: str
    mine: str = ""
    theirs: str = ""
    chosen: str = ""
    preferred: str = ""
    place: _Place | None = None  # the field whose versions they are; none: a whole row
    asked: tuple[str, str] = ("What you typed", "What is saved")

    @property
    def name(self) -> str:
        return f"{KEEP}{self.key}"


@dataclass
class Meeting:
    """What was sent, laid beside what was saved meanwhile."""

    differences: list[Difference] = field(default_factory=list)
    files: list = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    carried: list[tuple[str, str]] = field(default_factory=list)
    opened: str = ""
    first: str = (
        ""  # as the form was opened at first: where a choice is missing, the page is made again from that
    )

    @property
    def must(self) -> list[str]:
        return [difference.key for difference in self.differences if not difference.chosen]


def _side_by_side(place: _Place) -> tuple[str, str]:
    mine, theirs = _typed_as_html(place), _as_html(place, place.theirs)
    if place.is_accepted:  # else it may be too long to be compared word by word
        theirs = marked(mine, theirs)[0]
    return mark_safe(mine), mark_safe(theirs)


def meet(sent: QueryDict, form, formsets: list) -> Meeting | None:
    """What the sender has to look at before the (bound) forms may be saved; None where nobody changed what
    they would overwrite.

    Rows that a colleague deleted and the sender left alone are left out of `sent`.
    """
    before = _was_opened(sent)
    form.is_valid()
    found, interrupts, gone = Meeting(), False, []
    for place in _places(form):
        interrupts |= _compare(found, place, before)
    for formset, i, row, key in _rows(formsets):
        row.is_valid()
        deleted = bool(sent.get(row.add_prefix("DELETE"))) and formset.can_delete
        places = [*_places(row, f"{key}.")]
        name = str(row.instance) if row.instance.pk else _name_of(row)
        if not row.instance.pk:
            was_there = not before or any(place.key in before for place in places)
            if (
                was_there
                and not deleted
                and any(_digest(place.mine) != before.get(place.key) for place in places)
            ):
                where, asked = (
                    f"{name}: a colleague deleted it",
                    ("Put it back, with what you typed", "Leave it deleted"),
                )
                found.differences.append(
                    Difference(key, where, _typed_words(places), "(deleted)", asked=asked)
                )
                interrupts = True
            elif was_there or sent.get(f"{KEEP}{key}") != MINE:
                gone.append((formset, i))
            else:
                gone.append((formset, -1 - i))  # kept: it becomes a new row
        elif deleted:
            if any(_digest(place.theirs) != before.get(place.key) for place in places):
                where, asked = (
                    f"{name}: you delete it, a colleague changed it",
                    ("Delete it", "Keep it, with what they changed"),
                )
                found.differences.append(
                    Difference(key, where, "(deleted)", _saved_words(places), asked=asked)
                )
                interrupts = True
        else:
            for place in places:
                interrupts |= _compare(found, place, before, f"{name}: ")
    for formset in formsets:
        typed = {row.instance.pk for row in formset.initial_forms}
        known = {key.split(".")[1] for key in before if key.startswith(f"{formset.prefix}.")}
        found.added += [
            str(r) for r in formset.get_queryset() if r.pk not in typed and str(r.pk) not in known
        ]
    _leave_out(sent, gone)
    if not interrupts:
        return None
    found.opened, found.first = opened(form, formsets), sent.get(OPENED, "")
    for difference in found.differences:
        if difference.place:
            difference.mine, difference.theirs = _side_by_side(difference.place)
        difference.preferred = sent.get(difference.name) or difference.chosen
    found.carried = _carried(sent)
    return found


def _carried(sent: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in sent.lists()
        if name not in _OURS and not name.startswith(KEEP)
        for value in values
    ]


def _compare(found: Meeting, place: _Place, before: dict, where: str = "") -> bool:
    """Note how a field differs; whether somebody else changed it since it was opened."""
    mine, theirs, base = _digest(place.mine), _digest(place.theirs), before.get(place.key)
    if mine == theirs:
        return False
    if isinstance(place.form.fields[place.name], forms.FileField) and _is_chosen(place.mine):
        found.files.append((place.form[place.name], theirs != base))
        return theirs != base
    chosen = MINE if theirs == base else THEIRS if mine == base else ""
    found.differences.append(Difference(place.key, f"{where}{place.label}", chosen=chosen, place=place))
    return theirs != base


def _is_chosen(value) -> bool:
    """A file that came with this form, as against one that is kept."""
    return hasattr(value, "chunks") and not hasattr(value, "_committed")


def is_untouched(sent: QueryDict, form, formsets: list) -> bool:
    """Whether the sender left everything as it was when the (bound) forms were opened: there's nothing to
    save.
    """
    before = _was_opened(sent)
    if not before or any(one.has_changed() for formset in formsets for one in formset.extra_forms):
        return False
    places = [*_places(form)]
    form.is_valid()
    for formset, _, row, key in _rows(formsets):
        row.is_valid()
        if formset.can_delete and sent.get(row.add_prefix("DELETE")):
            return False
        places += _places(row, f"{key}.")
    return all(_digest(place.mine) == before.get(place.key) for place in places)


def _as_html(place: _Place, value) -> str:
    words = place.in_words(value)
    return (
        words if getattr(place.form.fields[place.name], "is_html", False) else linebreaks(escape(words))
    )  # cleaned, or escaped


def _typed_as_html(place: _Place) -> str:
    if place.is_accepted:
        return _as_html(place, place.mine)
    typed = str(place.mine or "")
    words = re.sub(r"<[^<>]*>", " ", typed[:MOST_SHOWN])  # it wasn't cleaned
    return linebreaks(escape(words + ("…" if len(typed) > MOST_SHOWN else "")))


def _typed_words(places: list[_Place]) -> str:
    return _listed(
        (place, _typed_as_html(place)) for place in places if _is_written(place) and _told(place.mine)
    )


def _saved_words(places: list[_Place]) -> str:
    return _listed(
        (place, _as_html(place, place.theirs))
        for place in places
        if _is_written(place) and _told(place.theirs)
    )


def _is_written(place: _Place) -> bool:
    """As against the end of an address, and a place in an order."""
    return not isinstance(place.form.fields[place.name], forms.SlugField | forms.IntegerField)


def _listed(told: Iterable[tuple[_Place, str]]) -> str:
    return mark_safe("".join(f"<p><b>{escape(place.label)}</b></p>{html}" for place, html in told))


def _name_of(row) -> str:
    said = {
        name: row[name].data
        for name in ("heading", "name", "title", "anchor")
        if name in row.fields and row[name].data
    }
    return str(
        said.get("heading")
        or said.get("name")
        or said.get("title")
        or said.get("anchor", "a part").replace("-", " ")
    )


@dataclass
class Homeless:
    """What was sent for a row that is there no more.

    `words`: (where, as HTML). `carried`: what makes the row anew.
    """

    words: list[tuple[str, str]]
    carried: list[tuple[str, str]]
    files: list[str]


def homeless(sent: QueryDict, form, formsets: list) -> Homeless:
    """(`form` and `formsets` are bound to a row that isn't saved.)"""
    form.is_valid()
    words = [(place.label, mark_safe(_typed_as_html(place))) for place in _places(form) if _told(place.mine)]
    sent = sent.copy()
    for formset in formsets:
        for row in formset.forms:
            row.is_valid()
            if told := _typed_words([*_places(row)]):
                words.append((capfirst(_name_of(row)), told))
            for name in (formset.model._meta.pk.name, formset.fk.name):  # those of the row that was
                sent.pop(row.add_prefix(name), None)
        sent[f"{formset.prefix}-INITIAL_FORMS"] = "0"
    files = [file.name for one in (form, *formsets) for file in one.files.values()]
    return Homeless(words, _carried(sent), [*dict.fromkeys(files)])


def _leave_out(sent: QueryDict, gone: list[tuple]) -> None:
    """Take rows that are no longer there out of what was sent; one counted from -1 down is kept, as a new
    row.
    """
    for formset in {formset for formset, _ in gone}:
        prefix, pk = formset.prefix, formset.model._meta.pk.name
        numbers = {i for f, i in gone if f is formset}
        names = [name for name in sent if name.startswith(f"{prefix}-") and name.split("-")[1].isdigit()]
        rows: dict[int, dict] = {}
        for name in names:
            rows.setdefault(int(name.split("-")[1]), {})[name.split("-", 2)[2]] = sent.pop(name)
        first = int(sent[f"{prefix}-INITIAL_FORMS"])
        there = [
            row for i, row in sorted(rows.items()) if i < first and i not in numbers and -1 - i not in numbers
        ]
        new = [row | {pk: [""]} for i, row in sorted(rows.items()) if -1 - i in numbers]
        new += [row for i, row in sorted(rows.items()) if i >= first]
        sent[f"{prefix}-INITIAL_FORMS"], sent[f"{prefix}-TOTAL_FORMS"] = (
            str(len(there)),
            str(len(there) + len(new)),
        )
        for i, row in enumerate([*there, *new]):
            for name, values in row.items():
                sent.setlist(f"{prefix}-{i}-{name}", values)


def unchosen(sent: QueryDict) -> list[str]:
    """Keys of what had to be chosen on the page of both versions, and wasn't."""
    return [key for key in sent.getlist(MUST) if sent.get(f"{KEEP}{key}") not in (MINE, THEIRS)]


def choose(sent: QueryDict, form, formsets: list) -> None:
    """Put what a colleague saved in the place of what was typed, where the sender chose so."""
    for place in _places(form):
        _take_theirs(sent, place)
    for _, _, row, key in _rows(formsets):
        if sent.get(f"{KEEP}{key}") == THEIRS and row.instance.pk:
            sent.pop(row.add_prefix("DELETE"), None)  # they keep the row that they were about to delete
        for place in _places(row, f"{key}."):
            if row.instance.pk:
                _take_theirs(sent, place)


def _take_theirs(sent: QueryDict, place: _Place) -> None:
    if sent.get(f"{KEEP}{place.key}") != THEIRS:
        return
    shown = place.form.fields[place.name]
    if isinstance(shown, forms.FileField):  # the saved file stays by itself
        sent.pop(f"{place.form.add_prefix(place.name)}-clear", None)
        return
    hidden, html_name = shown.hidden_widget(), place.form.add_prefix(place.name)
    widget = hidden.get_context(html_name, shown.prepare_value(place.theirs), {})["widget"]
    for part in widget.get("subwidgets") or [widget]:
        sent.setlist(part["name"], [])
    for part in widget.get("subwidgets") or [widget]:
        if part["value"] is not None:
            sent.appendlist(part["name"], str(part["value"]))

"""The base of every room's ModelAdmin: actions on a row, forms, the audit log, tables of one row.

An action ("sign", "stop saying this") has an address and a permission of its own, acts on POST only, and
leaves an entry in the audit log, as forms and deletions do. When its function refuses, the form shows the
reason and keeps what was typed.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from clinic_site.accounts.people_search import people_like
from clinic_site.audit_log import log
from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.edit_conflict_pages import EditConflictMixin
from clinic_site.backoffice.forms import BaseForm, PreloadedAutocompleteSelect
from clinic_site.backoffice.lists import ListMixin, searchable
from clinic_site.text.diff import marked_lines


class NoRelatedChangesMixin:
    """Mixed in before an admin or an inline: a choice offers "add" and "view", no "change" or "delete", which
    would edit other rows from the middle of a form.
    """

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = PreloadedAutocompleteSelect(
                db_field, self.admin_site, using=kwargs.get("using")
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = False
        return field


class TableInline(NoRelatedChangesMixin, admin.TabularInline):
    """Rows of a form in a table, whose fields have labels of their own."""

    template = "admin/edit_inline/table.html"


def changes_of(entry) -> list[tuple[str, str | None]]:
    """What an entry of the log says of each field: its name, and its words marked as HTML where they are
    kept.
    """
    return [
        (field, mark_safe(marked_lines(*kept)) if kept else None) for field, *kept in entry.changes
    ]  # they are escaped


class BaseAdmin(NoRelatedChangesMixin, EditConflictMixin, ListMixin, admin.ModelAdmin):
    form = BaseForm
    change_form_template = "admin/base_change_form.html"
    row_actions: tuple[Action, ...] = ()
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    # what an action's function raises when it refuses
    refusals: tuple[type[Exception], ...] = (PermissionError,)
    object_history_template = "admin/row_history.html"
    # content: the log keeps what stood in a field before and after, or in these. Of people it keeps which
    # fields changed
    logs_values: bool | tuple[str, ...] = False
    # what the browser keeps until it's saved: every field where the log keeps all values, else these. None of
    # people
    recoverable_fields: tuple[str, ...] = ()

    def get_urls(self):
        actions = [
            path(
                f"<path:object_id>/{action.name}/",
                self.admin_site.admin_view(partial(self.action_view, action=action)),
                name=self.url_name(action.name),
            )
            for action in self.row_actions
        ]
        return [*actions, *super().get_urls()]

    def url_name(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def address(self, view: str, row=None) -> str:
        """The admin's address of a view of this model ("change", "preview", an action's name)."""
        return reverse(f"admin:{self.url_name(view)}", args=[quote(row.pk)] if row else [])

    def page_context(self, request, title: str, row) -> dict:
        """What every page about a row has around what it shows."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": row,
            "back": self.address("change", row),
        }

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.reader = request.user  # see `readonly_field`
        return form

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        is_changed = not change or form.has_changed() or any(one.has_changed() for one in formsets)
        # words that somebody signs: whoever saved them can't
        if is_changed and hasattr(form.instance, "note_save"):
            form.instance.note_save(by=request.user)

    # --- actions --------------------------------------------------------------------------------------------

    def actions_for(self, request, row) -> Iterator[dict]:
        """The actions that this person may run on this row now, as the template wants them."""
        for action in self.row_actions:
            if not (action.is_allowed(request.user, row) and action.is_open(row)):
                continue
            if action.is_for(request.user, row):
                yield {
                    "action": action,
                    "address": self.address(action.name, row),
                    "is_secondary": action.is_secondary(row),
                }

    def action_view(self, request, object_id, action):
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not (self.has_view_or_change_permission(request, row) and action.is_allowed(request.user, row)):
            raise PermissionDenied
        is_sent = request.method == "POST"
        if not is_sent and not action.is_open(row):
            context = self.page_context(request, action.title, row) | {"why_closed": action.why_closed(row)}
            return TemplateResponse(request, "admin/action_closed.html", context)
        form = action.form(request.POST if is_sent else None, row=row, by=request.user)
        refused = None
        if form.is_valid():
            try:
                result = self.run_action(request, row, action, form.cleaned_data)
            except self.refusals as error:
                refused = error
            else:
                messages.success(request, result.message)
                return redirect(result.redirect_to or self.address("change", row))
        context = self.page_context(request, action.title, row)
        context |= {"action": action, "form": form, "refused": refused}
        context["is_content"] = self.logs_values is True
        context |= self.action_context(request, row, action, refused)
        return TemplateResponse(request, action.template, context, status=422 if is_sent else 200)

    def run_action(self, request, row, action, cleaned_data) -> ActionResult:
        """Run it and write it down in the audit log: both, or neither."""
        with transaction.atomic():
            before = self.logged_state(request, row)
            result = action.run(row, by=request.user, **cleaned_data)
            if not isinstance(result, ActionResult):
                result = ActionResult(result)
            if result.is_new:
                changes = log.difference(before, self.logged_state(request, row), values=self.logs_values)
                log.write(action.verb, row, by=request.user, said=result.message, changes=changes)
        return result

    def action_context(self, request, row, action, refused) -> dict:
        """What an action's page shows beside its form, or in place of the defaults."""
        return {}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            context["row_actions"] = list(self.actions_for(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- the log --------------------------------------------------------------------------------------------

    def logged_state(self, request, row) -> log.State:
        """The row as the database has it, and the rows that are edited with it."""
        parts = [
            (inline.model, cast(Any, inline.get_formset(request, row)).fk.name)
            for inline in self.get_inline_instances(request, row)
        ]
        return log.state_of(self.model, row.pk, parts)

    def save_model(self, request, obj, form, change):
        request.state_before = self.logged_state(request, obj) if change else {}
        super().save_model(request, obj, form, change)

    def log_addition(self, request, obj, message):
        changes = log.difference({}, self.logged_state(request, obj), values=self.logs_values)
        return log.write("added", obj, by=request.user, changes=changes)

    def log_change(self, request, obj, message):
        """`message`: a sentence, or what Django makes of a form."""
        before, said = getattr(request, "state_before", None), message if isinstance(message, str) else ""
        changes = (
            []
            if before is None
            else log.difference(before, self.logged_state(request, obj), values=self.logs_values)
        )
        if before is not None and not changes:
            said = said or "Saved without changes."
        return log.write("changed", obj, by=request.user, said=said, changes=changes)

    def log_deletions(self, request, queryset):
        return [
            log.write(
                "deleted",
                row,
                by=request.user,
                changes=log.difference(self.logged_state(request, row), {}, values=self.logs_values),
            )
            for row in queryset
        ]

    def history_view(self, request, object_id, extra_context=None):
        """What was done to this row, for those who may see it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = self.get_paginator(request, log.history_of(self.model, row.pk), 30).get_page(
            request.GET.get("p", 1)
        )
        context = self.page_context(request, "History", row)
        context |= {"page": page, "entries": [(entry, changes_of(entry)) for entry in page]}
        context |= extra_context or {}
        return TemplateResponse(request, self.object_history_template, context)

    # --- bad input ------------------------------------------------------------------------------------------

    def get_object(self, request, object_id, from_field=None):
        try:
            return super().get_object(request, object_id, from_field)
        except OverflowError:  # a key with more digits than the database can hold
            return None

    def get_search_results(self, request, queryset, search_term):
        typed = searchable(search_term)
        found, may_repeat = super().get_search_results(request, queryset, typed)
        if "name" not in self.search_fields or not typed.strip():
            return found, may_repeat
        same = models.Q(pk__in=found.order_by().values("pk"))
        return queryset.filter(same | people_like(queryset, typed)), False

    def in_use_by(self, row) -> Iterator[str]:
        """Rows elsewhere that would lose `row` silently if it were deleted: the database protects the others
        itself.
        """
        for relation in row._meta.related_objects:
            if relation.many_to_many:
                for other in getattr(row, relation.get_accessor_name()).all():
                    yield f"{capfirst(relation.related_model._meta.verbose_name)}: {other}"

    def get_deleted_objects(self, objs, request):
        to_delete, count, perms_needed, protected = super().get_deleted_objects(objs, request)
        return (
            to_delete,
            count,
            perms_needed,
            [*protected, *(use for row in objs for use in self.in_use_by(row))],
        )


def timestamp_filter(title: str, unset: str, done: str) -> type[admin.EmptyFieldListFilter]:
    """A list's filter by whether a timestamp is set: `timestamp_filter("state", "Open", "Lifted")`."""

    class TimestampFilter(admin.EmptyFieldListFilter):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.title = title

        def choices(self, changelist):
            for choice, display in zip(super().choices(changelist), ("All", unset, done), strict=True):
                yield choice | {"display": display}

    return TimestampFilter


def choice_filter(name: str, **choices: models.Q) -> type[admin.SimpleListFilter]:
    """A list's filter, in plain words: each choice is a condition. Underscores are read as spaces."""
    choices = {words.replace("_", " "): condition for words, condition in choices.items()}

    class OneOf(admin.SimpleListFilter):
        title = parameter_name = name

        def lookups(self, request, model_admin):
            return [(words, words) for words in choices]

        def queryset(self, request, queryset):
            return queryset.filter(choices[self.value()]) if self.value() in choices else queryset

    return OneOf


class ReadOnly:
    """Mixed in before `BaseAdmin`: rows that a form never adds, changes or deletes."""

    actions: Any = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class SingleRowAdmin(BaseAdmin):
    """A table of one row: its list leads right to the row, and nobody adds a second one or deletes it."""

    actions: Any = None

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not self.model.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def get_model_perms(self, request):
        # in lists of everything no "Add": what leads to the row leads to a new one where there is none
        may_change = self.has_change_permission(request)
        return {
            "add": False,
            "change": may_change,
            "delete": False,
            "view": self.has_view_permission(request),
        }

    def save_model(self, request, obj, form, change):
        obj.pk = 1
        super().save_model(request, obj, form, change)

    def changelist_view(self, request, extra_context=None):
        row = self.model.objects.first()
        if row and self.has_view_or_change_permission(request):
            return redirect(self.address("change", row))
        if self.has_add_permission(request):
            return redirect(self.address("add"))
        return super().changelist_view(request, extra_context)

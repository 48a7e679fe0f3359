"""The admin's pages where two people edited one row, mixed in before a ModelAdmin (see `edit_conflicts`)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import transaction
from django.template.response import TemplateResponse

from clinic_site.audit_log import log
from clinic_site.backoffice import edit_conflicts, form_recovery


class EditConflictMixin(admin.ModelAdmin):
    """Shows both versions where somebody saved, or deleted, a row since its form was opened."""

    address: Callable[..., str]  # of `BaseAdmin`, as is
    page_context: Callable[..., dict]
    _create_formsets: Callable[..., Any]  # of `ModelAdmin`, left out of its stubs

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():  # from the comparison to the save nobody else writes this row
            page = self.conflict_page(request, object_id) if object_id else None
            response = page or super().changeform_view(request, object_id, form_url, extra_context)
        if hasattr(request, "was_saved"):
            form_recovery.note_saved(request, response)
        return response

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        request.was_saved = True

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.is_only_restored = edit_conflicts.RESTORE in request.POST  # see `RecoverableForm`
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form, sent = context["adminform"].form, request.POST
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        context["recreates"] = sent.get(edit_conflicts.RECREATE, "") if add else ""
        context["recoverable"] = "*" if self.logs_values is True else " ".join(self.recoverable_fields)
        context["draft_id"] = sent.get(form_recovery.DRAFT_ID, "") if form.is_bound else ""
        if edit_conflicts.RESTORE in sent:
            messages.info(request, "Your changes are back in the form. They are not saved yet.")
        if obj:
            context["version"] = sent.get(edit_conflicts.VERSION) or edit_conflicts.version_of(form, formsets)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def bound(self, request, row) -> tuple:
        """The form and the formsets with what was sent, as the change form itself makes them."""
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        form_class = self.get_form(request, row, change=True, fields=fields)
        form = form_class(request.POST, request.FILES, instance=row)
        return form, self._create_formsets(request, row, change=True)[0]

    def conflict_page(self, request, object_id) -> TemplateResponse | None:
        """Both versions side by side, where somebody saved this row since the form was opened."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_change_permission(request, row):
            return None
        # the row that verbs lock too, and first: else each waits for the other
        root = [self.model, *self.opts.get_parent_list()][-1]
        list(root._base_manager.select_for_update().filter(pk=row.pk))
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return None
        sent = request.POST = request.POST.copy()
        conflict = edit_conflicts.find_conflict(sent, *self.bound(request, row))
        if conflict is None:
            return None
        context = self.page_context(request, "Somebody saved this while you were writing", row)
        context |= {
            "original": str(self.get_object(request, unquote(object_id))),
            "conflict": conflict,
            "last": log.history_of(self.model, row.pk).first(),
        }
        status = 422 if conflict.is_undecided else 409
        return TemplateResponse(request, "admin/edit_conflict.html", context, status=status)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Whoever wrote something for a row that a colleague deleted finds their words, and a button
        that makes it again where they may add one. Else Django's own answer.
        """
        if not form_recovery.has_written(request):
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        is_form = request.resolver_match.url_name == self.url_name("change")
        recreates = is_form and self.has_add_permission(request)
        if recreates:
            request.POST = request.POST.copy()
            request.POST[edit_conflicts.RECREATE] = unquote(object_id)
            words, carried = edit_conflicts.recreation_of(request.POST, *self.bound(request, None))
        else:  # an action's form: nobody can name its fields
            words = form_recovery.written_words(request)
            carried = []
        last = log.history_of(self.model, unquote(object_id)).first()
        context = {
            **self.admin_site.each_context(request),
            "title": "This was deleted while you were writing",
            "opts": self.opts,
            "last": last if last and last.verb == "deleted" else None,
            "words": words,
            "carried": carried,
            "files": {name: file.name for name, file in request.FILES.items()},
            "action": self.address("add") if recreates else "",
            "button": "Create it again",
            "is_open": True,
            "back": self.address("changelist"),
        }
        return TemplateResponse(request, "admin/deleted_row.html", context, status=410)


class RecoverableForm:
    """Mixed in before a ModelForm: what the browser gives back, as it kept it, is shown and not saved."""

    is_only_restored = False

    def is_valid(self):
        return super().is_valid() and not self.is_only_restored

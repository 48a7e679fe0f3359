from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.text import Truncator

from clinic_site.accounts.models import User
from clinic_site.audit_log import log
from clinic_site.audit_log.models import AuditEntry
from clinic_site.backoffice.lists import searchable
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly, changes_of


def _one_of(title_: str, name: str, column: str, choices):
    """A filter of the log along an index.

    `choices()` gives (value, words): what there may be, not what was found in the rows.
    """

    class OneOf(admin.SimpleListFilter):
        title, parameter_name = title_, name

        def lookups(self, request, model_admin):
            return choices()

        def queryset(self, request, queryset):
            known = {str(value) for value, _ in self.lookup_choices}
            return queryset.filter(**{column: self.value()}) if self.value() in known else queryset

    return OneOf


def _verbs():
    verbs = {
        action.verb for room in admin.site._registry.values() for action in getattr(room, "row_actions", ())
    }
    return [(verb, verb) for verb in [*log.VERBS, *sorted(verbs)]]


def _kinds():
    named = {
        model._meta.label_lower: model._meta.verbose_name_plural
        for model in admin.site._registry
        if model is not AuditEntry
    }
    return sorted(named.items(), key=lambda kind: str(kind[1]).casefold())


@admin.register(AuditEntry)
class LogAdmin(ReadOnly, BaseAdmin):
    """Who did what to which row. A row's own entries also stand under "History" beside it."""

    change_form_template = "admin/audit_log/auditentry/change_form.html"
    list_display = ("at", "who", "verb", "what", "tells")
    list_display_links = ("at",)
    list_filter = (
        ("at", admin.DateFieldListFilter),
        _one_of("who", "by", "by", lambda: [(p.pk, str(p)) for p in User.objects.filter(is_staff=True)]),
        _one_of("action", "verb", "verb", _verbs),
        _one_of("type", "kind", "model", _kinds),
    )
    list_select_related = ("by", "person")
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    search_fields = ("pk",)  # that there is a box: what it finds, `log.found` says
    search_help_text = (
        "Search for words, a colleague’s name, a day such as 2026-03-01, or a month such as "
        "2026-03. First letters are enough."
    )
    fields = ("at", "who", "verb", "what", "said", "changed")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "person")

    def get_search_results(self, request, queryset, search_term):
        return log.search(queryset, searchable(search_term)), False

    @admin.display(description="who")
    def who(self, entry):
        return entry.by or "nobody signed in"

    @admin.display(description="object")
    def what(self, entry):
        return Truncator(entry.whom).chars(90)

    @admin.display(description="what happened")
    def tells(self, entry):
        return Truncator(entry.said or entry.fields).chars(140)

    @admin.display(description="fields")
    def changed(self, entry):
        return render_to_string("admin/log_changes.html", {"changes": changes_of(entry)})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["row_address"] = log.address_of(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

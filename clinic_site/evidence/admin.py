from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime

from clinic_site.audit_log import log
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import ActionForm, BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, TableInline
from clinic_site.evidence.models import Claim, Licence, Source, Use, why_too_high
from clinic_site.text.diff import marked

SAMPLES_CHECK = "a sample account, whose check counts as none."


class SourceForm(BaseForm):
    constraint_words = {
        "a_source_can_be_found": "Say where it can be found: a DOI, an address, or volume and pages."
    }


@admin.register(Source)
class SourceAdmin(BaseAdmin):
    logs_values = True
    form = SourceForm
    list_display = ("key", "title", "publisher", "year", "kind", "status", "is_secondary")
    list_filter = ("status", "kind", "is_secondary")
    search_fields = ("key", "title", "publisher", "doi")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("key", "title", "publisher", "year", "kind", "status")}),
        ("Where to find it", {"fields": ("doi", "url", "locator")}),
        ("How it was read", {"fields": ("is_secondary", "note")}),
        ("Used by", {"fields": ("used_by",)}),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = ("used_by",)

    def get_readonly_fields(self, request, obj=None):
        # claims and sealed editions know a source by its key
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.has_changed():
            obj.note_change(by=request.user)

    @admin.display(description="claims")
    def used_by(self, source):
        if not source.pk:
            return "Nothing yet."
        claims = [
            (reverse("admin:evidence_claim_change", args=[claim.pk]), claim.key, claim.sentence)
            for claim in source.claims.all()
        ]
        rows = format_html_join("", '<li><a href="{}">{}</a>: {}</li>', claims)
        return format_html("<ul>{}</ul>", rows) if rows else "No claim uses it."


class OneLine(forms.CharField):
    """One line of text, however many its box shows."""

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


class ClaimForm(BaseForm):
    constraint_words = {
        "a_figure_has_unit_and_measure": "A figure needs its lower number, its unit and what it measures.",
        "a_range_runs_upwards": "The range runs downwards: the higher number is lower than the lower one.",
        "a_comparator_range_runs_upwards": "The comparator's range runs downwards.",
    }

    def clean(self):
        said = super().clean() or self.cleaned_data
        if wrong := why_too_high(said.get("grade", ""), said.get("sources", ())):
            self.add_error("grade", wrong)
        return said


class CheckForm(ActionForm):
    """Holds on to the words that were shown, so that nobody checks what a colleague changed meanwhile."""

    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, row, by, **kwargs):
        super().__init__(*args, row=row, by=by, initial={"shown": row.digest}, **kwargs)

    def clean(self):
        if self.cleaned_data.get("shown") != self.row.digest:
            self.data = {"shown": self.row.digest}
            raise ValidationError("Somebody changed this claim while you read it. These are its words now.")
        if wrong := self.row.why_too_high:
            raise ValidationError(wrong)


def changed_since_check(claim: Claim) -> list[tuple[str, str]]:
    """What was changed since somebody checked it: each field's name, and its words marked, as HTML.

    From the log: of what was changed by another way, nothing is known.
    """
    said = [
        *(f for f in Claim._meta.concrete_fields if not f.name.startswith("checked")),
        Claim._meta.get_field("sources"),
    ]
    names = {str(field.verbose_name) for field in said}
    before: dict[str, str] = {}
    for entry in log.history_of(Claim, claim.pk).filter(at__gt=claim.checked_at).order_by("pk"):
        for name, *words in entry.changes:
            if name in names and words:
                before.setdefault(name, words[0])
    now = dict(log.state_of(Claim, claim.pk).values())
    return [
        (capfirst(name), mark_safe(marked(escape(words), escape(now.get(name, "")))[0]))  # both are escaped
        for name, words in before.items()
        if words != now.get(name, "")
    ]


def _since_check(claim: Claim) -> dict:
    """What the page where a claim is checked says of the last time."""
    if not claim.checked_at:
        return {"notes": ["It is checked for the first time."]}
    changes = changed_since_check(claim)
    stamp = f"{claim.checked_by} checked it on {localtime(claim.checked_at):%-d %B %Y}"
    if claim.is_checked_by_sample:
        return {"notes": [f"{stamp}: {SAMPLES_CHECK} Read all of it."]}
    if not changes and not claim.is_checked:
        words = f"{stamp}. It was changed since, and the words before weren’t kept: read all of it."
        return {"notes": [words]}
    return {"changes": changes, "changes_title": f"What changed since {stamp}"}


def mark_checked(claim, *, by, shown) -> str:
    claim.mark_checked(by=by)
    return f"[[{claim.key}]] is checked: you have read these words against these sources."


class CheckedFilter(admin.SimpleListFilter):
    """Whether a claim stands checked follows from its words, so it's no column that a query could ask."""

    title = "checked"
    parameter_name = "checked"

    def lookups(self, request, model_admin):
        return [("no", "Not checked"), ("yes", "Checked")]

    def queryset(self, request, queryset):
        if self.value() not in ("no", "yes"):
            return queryset
        wanted = self.value() == "yes"
        return queryset.filter(
            pk__in=[
                claim.pk
                for claim in Claim.objects.seen_by(request.user).with_checks()
                if claim.stands_checked == wanted
            ]
        )


class ClaimAdmin(BaseAdmin):
    """The room above adds what it knows: where a claim stands, and how it is stopped."""

    logs_values = True
    form = ClaimForm
    list_display = ("key", "sentence", "kind", "grade", "is_checked")
    list_filter = (CheckedFilter, "kind", "grade", "country")
    search_fields = ("key", "sentence", "phrase", "measure")
    autocomplete_fields = ("sources",)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("key", "kind", "sentence", "phrase")}),
        ("Sources", {"fields": ("grade", "sources", "readable_sources", "checking")}),
        (
            "Figure",
            {
                "fields": ("measure", ("low", "high", "unit"), "population", "n", "at_days", "country"),
                "description": "One number goes into “low”; a range into both.",
            },
        ),
        ("Comparator", {"fields": ("comparator", ("comparator_low", "comparator_high"))}),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = ("readable_sources", "checking")
    row_actions: tuple[Action, ...] = (
        Action(
            "check",
            "Mark as checked…",
            "evidence.check_claim",
            mark_checked,
            CheckForm,
            is_open=lambda claim: not claim.is_checked,
            help_text="You say by this that you have read the claim's words and figures against its sources, "
            "and that they hold. Whoever changes a word, a figure or a source afterwards leaves the claim "
            "unchecked.",
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_sources().seen_by(request.user)

    def get_readonly_fields(self, request, obj=None):
        # pages refer to a claim by its key
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in ("sentence", "phrase"):
            kwargs |= {
                "form_class": OneLine,
                "widget": forms.Textarea({"rows": 3 if db_field.name == "sentence" else 2}),
            }
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def action_context(self, request, row, action, refused):
        figure = [row.low, row.high, row.unit, row.measure, row.population, row.n and f"n = {row.n}"]
        compared = [row.get_comparator_display(), row.comparator_low, row.comparator_high]
        facts = [
            ("Sentence", row.sentence),
            ("Phrase", row.phrase),
            ("Figure", ", ".join(str(part) for part in figure if part not in (None, ""))),
            ("Compared with", ", ".join(str(part) for part in compared if part not in (None, ""))),
            ("Evidence grade", row.get_grade_display()),
            *(("Source", self.to_open(source)) for source in row.sources.all()),
        ]
        context = {"facts": [fact for fact in facts if fact[1]]}
        return context | _since_check(row) if action.name == "check" else context

    @staticmethod
    def to_open(source):
        """The source as a link, where there is something to open."""
        if source.href:
            return format_html('<a href="{}" rel="noreferrer">{}</a>', source.href, source)
        return f"{source} ({source.locator})"

    @admin.display(description="to open")
    def readable_sources(self, claim):
        return format_html_join(
            mark_safe("<br>"), "{}", ((self.to_open(source),) for source in claim.sources.all())
        )

    @admin.display(boolean=True, description="checked")
    def is_checked(self, claim):
        return claim.is_checked

    @admin.display(description="checked")
    def checking(self, claim):
        if not claim.checked_at:
            return "Not yet. A page with an unchecked claim can't be submitted."
        stamp = f"{claim.checked_by} on {localtime(claim.checked_at):%-d %B %Y}"
        if claim.is_checked_by_sample:
            return f"By {stamp}: {SAMPLES_CHECK}"
        if claim.is_checked:
            return f"By {stamp}."
        return f"Changed since it was checked by {stamp}. A page with an unchecked claim can't be submitted."


admin.site.register(Claim, ClaimAdmin)


class LicenceInline(TableInline):
    model = Licence
    extra = 0
    autocomplete_fields = ("source",)


@admin.register(Use)
class UseAdmin(BaseAdmin):
    logs_values = True
    list_display = ("name", "key")
    search_fields = ("key", "name")
    inlines = (LicenceInline,)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            form.instance.note_change(by=request.user)

    def get_readonly_fields(self, request, obj=None):
        return ["key"] if obj else []

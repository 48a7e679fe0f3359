"""A draft's parts in its form."""

from django import forms
from django.contrib import admin
from django.db.models import (
    Case,
    IntegerField,
    Value,
    When,
)
from django.utils.text import slugify

from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import NoRelatedChangesMixin
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.editor import ProseField
from clinic_site.publishing.models import Section


class SectionForm(BaseForm):
    body = ProseField(label="Text")

    class Meta:
        model = Section
        fields = ("anchor", "heading", "body", "picture", "position")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["anchor"].required = False
        self.fields["anchor"].disabled = self.is_required_part
        self.fields[
            "anchor"
        ].help_text = "The end of the link that leads to this part. Left empty: made from the heading."

    @property
    def is_required_part(self) -> bool:
        """One of the parts that every page of its kind has: its anchor stays, and it's left empty rather than
        deleted.
        """
        section = self.instance
        return bool(section.pk) and section.anchor in DOCUMENT_TYPES[section.document.kind].PARTS

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("anchor") and "anchor" not in self.errors:
            cleaned["anchor"] = slugify(cleaned.get("heading", ""))[:60]
            if not cleaned["anchor"]:
                self.add_error("heading", "Enter a heading.")
        return cleaned


class SectionFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.is_required_part and "DELETE" in form.fields:
            form.fields["DELETE"].disabled = True


class SectionInline(NoRelatedChangesMixin, admin.StackedInline):
    """A draft's sections, in the order in which patients read them."""

    model = Section
    form = SectionForm
    formset = SectionFormSet
    template = "admin/edit_inline/parts.html"
    extra = 0
    autocomplete_fields = ("picture",)
    fieldsets = (
        (None, {"fields": ("heading", "body")}),
        ("Picture and place", {"fields": ("picture", ("anchor", "position")), "classes": ("collapse",)}),
    )
    verbose_name = "part"
    verbose_name_plural = "parts of the page"

    def get_queryset(self, request):
        rank = [When(anchor=anchor, then=Value(i)) for i, anchor in enumerate(self.parent_model.PARTS)]
        return (
            super()
            .get_queryset(request)
            .select_related("document", "picture")
            .annotate(rank=Case(*rank, default=Value(len(rank)), output_field=IntegerField()))
            .order_by("rank", "position", "pk")
        )

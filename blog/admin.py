from django import forms
from django.contrib import admin

from blog.models import Answer, Topic
from clinic_site.accounts.models import User
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.publishing.admin import DocumentAdmin


@admin.register(Topic)
class TopicAdmin(BaseAdmin):
    logs_values = True
    list_display = ("title", "slug")
    search_fields = ("title",)
    prepopulated_fields = {"slug": ("title",)}


@admin.register(Answer)
class AnswerAdmin(DocumentAdmin):
    list_display = ("title", "answered_by", *DocumentAdmin.list_display[1:])
    list_filter = ("topics", "treatments")
    list_select_related = ("answered_by",)
    autocomplete_fields = ("treatments",)
    fieldsets = (
        ("The question", {"fields": ("title", "slug", "detail")}),
        ("The answer in short", {"fields": ("summary", "answered_by")}),
        ("What it is about", {"fields": ("topics", "treatments", "shows_before_treatment")}),
        ("An older answer", {"fields": ("first_posted", "correction")}),
    )
    page_template = "blog/answer.html"
    aside = ("What it is about", "An older answer")

    def get_changeform_initial_data(self, request):
        return {"answered_by": request.user.pk, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "answered_by":
            return forms.ModelChoiceField(
                User.objects.filter(is_staff=True), help_text="Their name stands under the answer."
            )
        if db_field.name == "topics":
            return forms.ModelMultipleChoiceField(
                Topic.objects.all(), widget=forms.CheckboxSelectMultiple, required=False
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "title":
            field.label = "Question"
        return field

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from blog.emails import send_refusal
from blog.forms import CloseForm, DraftForm, ExistingAnswerForm
from blog.models import Answer, Question, Topic
from clinic_site.accounts.models import User
from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly
from clinic_site.publishing.admin import DocumentAdmin
from clinic_site.publishing.errors import PublishingError


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


def draft_answer(question, *, by, title, treatments, topics) -> ActionResult:
    """Begin an answer to it, and lead to its form."""
    draft = question.draft_answer(title=title, by=by, treatments=treatments, topics=topics)
    return ActionResult(
        f"The answer to question {question.reference} has a draft.",
        reverse("admin:blog_answer_change", args=[draft.pk]),
    )


def answer_with(question, *, by, answer) -> str:
    question.answer_with(answer)
    return f"Question {question.reference} is answered by “{answer}”."


def close(question, *, by, because) -> str:
    if to := question.close(because=because, by=by):
        send_refusal(question, to)
    return f"Question {question.reference} is closed."


def is_waiting(question) -> bool:
    return question.state == "Waiting"


def is_open(question) -> bool:
    return not (question.closed_at or question.told_at)


class QuestionStateFilter(admin.SimpleListFilter):
    title, parameter_name = "state", "state"
    STATES = {
        "waiting": ("Waiting", Q(answer=None, closed_at=None)),
        "writing": ("Answer being written", Q(answer__isnull=False, told_at=None, closed_at=None)),
        "answered": ("Answered", Q(told_at__isnull=False)),
        "closed": ("Closed", Q(closed_at__isnull=False)),
    }

    def lookups(self, request, model_admin):
        return [(name, label) for name, (label, _) in self.STATES.items()]

    def queryset(self, request, queryset):
        return queryset.filter(self.STATES[self.value()][1]) if self.value() in self.STATES else queryset


@admin.register(Question)
class QuestionAdmin(ReadOnly, BaseAdmin):
    """Somebody else's words: staff answer in their own. Nobody is shown the address of who asked."""

    list_display = ("reference", "asked", "state", "at")
    list_filter = (QuestionStateFilter,)
    search_fields = ("reference", "words")
    refusals = (PublishingError, PermissionError)
    fields = ("reference", "at", "state", "asked", "waits", "answered_in", "closed")
    row_actions = (
        Action(
            "draft",
            "Write an answer…",
            "blog.change_question",
            draft_answer,
            form=DraftForm,
            is_open=is_waiting,
            help_text="It makes a draft with your wording of the question. What was sent to us is never "
            "published.",
        ),
        Action(
            "existing",
            "Choose an answer that exists…",
            "blog.change_question",
            answer_with,
            form=ExistingAnswerForm,
            is_open=is_open,
            is_secondary=lambda question: True,
        ),
        Action(
            "close",
            "Close without an answer…",
            "blog.change_question",
            close,
            form=CloseForm,
            is_open=is_open,
            is_secondary=lambda question: True,
        ),
    )

    # the form's own labels speak to whoever asks
    @admin.display(description="question")
    def asked(self, question):
        return question.words

    @admin.display(description="wants the answer by e-mail")
    def waits(self, question):
        return "Yes" if question.email else "No"

    @admin.display(description="answer")
    def answered_in(self, question):
        if not question.answer:
            return ""
        address = reverse("admin:blog_answer_change", args=[question.answer_id])
        return format_html('<a href="{}">{}</a>', address, question.answer)

    @admin.display(description="closed")
    def closed(self, question):
        if not question.closed_at:
            return ""
        return f"By {question.closed_by}: {question.get_closed_because_display()}"

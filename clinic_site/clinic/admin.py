from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html
from post_office.models import Attachment, Email, EmailTemplate, Log

from clinic_site.accounts.models import User
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly, SingleRowAdmin, timestamp_filter
from clinic_site.clinic.models import Accreditation, Details, Message, Policy, Testimonial
from clinic_site.editorial.checks import RULES
from clinic_site.publishing.admin import DocumentAdmin
from clinic_site.text.phones import dialled

# those pages show what mails say
for model in (Email, EmailTemplate, Attachment, Log):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Details)
class DetailsAdmin(SingleRowAdmin):
    logs_values = True
    fieldsets = (
        (None, {"fields": ("name", "strapline", "lead", "accent")}),
        ("Location", {"fields": ("street", "town", "region", "postcode", "country")}),
        ("Contact details", {"fields": ("phone", "email", "booking_url", "hours", "directions")}),
        (
            "Shown on the site",
            {
                "fields": ("show_testimonials", "show_banner"),
                "description": "Each of these is forbidden somewhere. What is switched off is gone from the "
                "site at once.",
            },
        ),
    )


@admin.register(Policy)
class PolicyAdmin(DocumentAdmin):
    fields = ("title", "slug", "summary")

    def get_prepopulated_fields(self, request, obj=None):
        return {}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "slug":
            pages = [(slug, slug.replace("-", " ").capitalize()) for slug in Policy.ADDRESSES]
            return forms.ChoiceField(label="Which page", choices=pages)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def public_page(self, page):
        if page.slug == "about":
            return "clinic/about.html", {"people": User.objects.filter(is_active=True).exclude(about="")}
        if page.slug == "how-we-write":
            return "clinic/how_we_write.html", {"rules": [rule for rule in RULES if rule.promise]}
        return "clinic/policy.html", {}


class TestimonialForm(BaseForm):
    constraint_words = {
        "consent_has_a_scope": "Say what the patient agreed to.",
        "consent_ends_after_it_began": "The consent would end before it began.",
    }


@admin.register(Testimonial)
class TestimonialAdmin(BaseAdmin):
    recoverable_fields = ("words",)  # who said it is a person
    form = TestimonialForm
    list_display = ("said_by", "words", "consented_on", "consent_until", "withdrawn_on", "is_sample")
    list_filter = (("withdrawn_on", timestamp_filter("consent", "Given", "Withdrawn")), "is_sample")
    search_fields = ("said_by", "words")
    fieldsets = (
        (None, {"fields": ("words", "said_by", "is_sample")}),
        ("Consent", {"fields": ("consented_on", "consent_scope", "consent_until", "withdrawn_on")}),
    )
    readonly_fields = ("is_sample",)


class AccreditationForm(BaseForm):
    constraint_words = {
        "published_needs_number_and_date": "Before patients see it, it needs its number and the date it was "
        "awarded.",
    }


@admin.register(Accreditation)
class AccreditationAdmin(BaseAdmin):
    logs_values = True
    form = AccreditationForm
    list_display = ("name", "issuer", "number", "awarded_on", "valid_until", "published_on", "is_sample")
    search_fields = ("name", "issuer", "number")
    autocomplete_fields = ("logo",)
    fieldsets = (
        (None, {"fields": ("name", "issuer", "number", "url", "logo", "is_sample")}),
        ("Dates", {"fields": ("awarded_on", "valid_until", "published_on")}),
        ("For staff", {"fields": ("note",)}),
    )
    readonly_fields = ("is_sample",)


def answered(message, *, by) -> str:
    """Stamp that `by` answered it, outside this site."""
    _stamp(message, timezone.now(), by)
    return f"Message {message.reference} is marked as answered."


def not_answered(message, *, by) -> str:
    _stamp(message, None, None)
    return f"Message {message.reference} is marked as not answered."


def _stamp(message, at, by) -> None:
    message.answered_at, message.answered_by = at, by
    message.save(update_fields=["answered_at", "answered_by"])


@admin.register(Message)
class MessageAdmin(ReadOnly, BaseAdmin):
    """Somebody else's words: read here, answered by mail or phone, and never changed."""

    list_display = ("reference", "state", "whose", "at", "answered_by")
    list_filter = (("answered_at", timestamp_filter("state", "Waiting", "Answered")),)
    list_select_related = ("answered_by",)
    search_fields = ("reference", "name", "email", "phone")
    ordering: ClassVar[Any] = (F("answered_at").desc(nulls_first=True), "-at")
    fields = ("reference", "at", "whose", "mail_to", "call", "wrote", "answered_at", "answered_by")
    row_actions = (
        Action(
            "answered",
            "Mark as answered…",
            "clinic.change_message",
            answered,
            is_open=lambda message: not message.answered_at,
            help_text="It leaves the list of unanswered messages. The message itself stays as it is.",
        ),
        Action(
            "not-answered",
            "Mark as not answered…",
            "clinic.change_message",
            not_answered,
            is_open=lambda message: bool(message.answered_at),
            is_secondary=lambda message: True,
            help_text="For a message that was marked as answered by mistake.",
        ),
    )

    @admin.display(description="state", ordering="answered_at")
    def state(self, message):
        return (
            f"Answered on {timezone.localtime(message.answered_at):%-d %B %Y}"
            if message.answered_at
            else "Waiting"
        )

    # the contact form's own labels speak to whoever writes
    @admin.display(description="name", ordering="name")
    def whose(self, message):
        return message.name

    @admin.display(description="e-mail address")
    def mail_to(self, message):
        return message.email and format_html('<a href="mailto:{0}">{0}</a>', message.email)

    @admin.display(description="phone number")
    def call(self, message):
        return message.phone and format_html('<a href="tel:{}">{}</a>', dialled(message.phone), message.phone)

    @admin.display(description="message")
    def wrote(self, message):
        return message.words

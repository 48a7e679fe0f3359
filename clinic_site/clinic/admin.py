from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html
from post_office.models import Attachment, Email, EmailTemplate, Log

from clinic_site.amounts import AmountField
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import BaseForm
from clinic_site.backoffice.model_admin import (
    BaseAdmin,
    ReadOnly,
    SingleRowAdmin,
    TableInline,
    timestamp_filter,
)
from clinic_site.clinic.models import (
    PRICE_RULES,
    Accreditation,
    Closure,
    Details,
    Fee,
    Message,
    OpeningHours,
    Policy,
    Profile,
    Testimonial,
)
from clinic_site.clinic.people import shown_people
from clinic_site.editorial.checks import RULES
from clinic_site.publishing.admin import DocumentAdmin
from clinic_site.text.phones import dialled

# those pages show what mails say
for model in (Email, EmailTemplate, Attachment, Log):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class OpeningHoursForm(BaseForm):
    constraint_words = {
        "opens_before_it_closes": "It closes before it opens.",
        "opens_once_at_a_time": "These hours are listed already.",
    }


class OpeningHoursFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        seen: list[OpeningHours] = []
        for form in self.forms:
            row = form.instance
            if not form.has_changed() and row._state.adding or form.errors or self._should_delete_form(form):
                continue
            if any(row.overlaps(other) for other in seen):
                form.add_error("opens", "These hours overlap with others of that day.")
            seen.append(row)


class OpeningHoursInline(TableInline):
    model = OpeningHours
    form = OpeningHoursForm
    formset = OpeningHoursFormSet
    extra = 0


class ClosureForm(BaseForm):
    constraint_words = {"a_closure_ends_after_it_began": "It ends before it begins."}


class ClosureInline(TableInline):
    model = Closure
    form = ClosureForm
    extra = 0


@admin.register(Details)
class DetailsAdmin(SingleRowAdmin):
    inlines = (OpeningHoursInline, ClosureInline)
    logs_values = True
    fieldsets = (
        (None, {"fields": ("name", "strapline", "lead", "accent")}),
        ("Location", {"fields": ("street", "town", "region", "postcode", "country", "map_service")}),
        ("Contact details", {"fields": ("phone", "email", "booking_url", "hours")}),
        ("Getting here", {"fields": ("directions", "parking", "access")}),
        (
            "Shown on the site",
            {
                "fields": ("show_testimonials", "show_fees", "show_banner"),
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
            return "clinic/about.html", {"people": shown_people()}
        if page.slug == "how-we-write":
            return "clinic/how_we_write.html", {"rules": [rule for rule in RULES if rule.promise]}
        return "clinic/policy.html", {}


@admin.register(Profile)
class ProfileAdmin(BaseAdmin):
    list_display = ("person", "position", "is_shown", "order", "works_here", "is_sample")
    list_filter = ("is_shown",)
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    autocomplete_fields = ("portrait", "treats")
    fieldsets = (
        (None, {"fields": ("person", "is_shown", "order", "portrait")}),
        (
            "What patients read",
            {
                "fields": ("training", "register_url", "treats", "languages", "days", "maker_money"),
                "description": "It goes live when you save, without a signature: no medical figures here.",
            },
        ),
    )

    def get_readonly_fields(self, request, obj=None):
        return ("person",) if obj else ()

    @admin.display(description="position", ordering="person__position")
    def position(self, profile):
        return profile.person.position

    @admin.display(description="works here", boolean=True, ordering="person__is_active")
    def works_here(self, profile):
        return profile.person.is_active and profile.person.is_staff

    @admin.display(description="a sample", boolean=True, ordering="person__is_sample")
    def is_sample(self, profile):
        return profile.person.is_sample


class FeeForm(BaseForm):
    low_cents = AmountField(label="From", least=0, help_text="Such as 120 or 99.50. 0: no charge.")
    high_cents = AmountField(
        label="To", least=0, required=False, help_text="Empty: there is one price, that above."
    )

    constraint_words = {
        "a_fee_rises_from_low_to_high": "“To” is lower than “from”.",
        "another_fee_says_what_it_is_for": "Say what it is for, or choose another kind.",
    }


@admin.register(Fee)
class FeeAdmin(BaseAdmin):
    logs_values = True
    form = FeeForm
    list_display = ("title", "kind", "treatment", "low", "high", "changed_on", "order")
    list_filter = ("kind", "treatment")
    list_select_related = ("treatment",)
    search_fields = ("name", "treatment__title")
    autocomplete_fields = ("treatment",)
    readonly_fields = ("changed_on",)

    def get_fieldsets(self, request, obj=None):
        rule = PRICE_RULES.get(Details.current().country, "")
        asked = "You can switch the fees off under “Clinic details”."
        return (
            (None, {"fields": ("kind", "name", "treatment"), "description": f"{rule} {asked}".strip()}),
            ("Amount", {"fields": ("low_cents", "high_cents", "changed_on")}),
            ("Beside it", {"fields": ("plans", "not_charged", "order")}),
        )

    @admin.display(description="from", ordering="low_cents")
    def low(self, fee):
        return f"{fee.low_cents / 100:.2f}"

    @admin.display(description="to", ordering="high_cents")
    def high(self, fee):
        return "" if fee.high_cents is None else f"{fee.high_cents / 100:.2f}"


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

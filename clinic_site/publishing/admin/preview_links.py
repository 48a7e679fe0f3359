"""Preview links in the admin: made on an edition's page, copied there, taken back."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.forms import ActionForm
from clinic_site.backoffice.model_admin import ReadOnly
from clinic_site.publishing.admin.actions import PublishingAdmin
from clinic_site.publishing.models import PreviewLink
from clinic_site.publishing.models.preview_link import MOST_DAYS

USUAL_DAYS = 14


class LinkForm(ActionForm):
    reader = forms.CharField(
        label="For whom?",
        max_length=80,
        required=False,
        help_text="In a few words, without names: “our insurer”, “the college”. They read it above the page.",
    )
    last_day = forms.DateField(
        label="Until the end of",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=f"{MOST_DAYS} days from now at the most.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["last_day"].initial = timezone.localdate() + timedelta(days=USUAL_DAYS)

    def clean_last_day(self):
        day, today = self.cleaned_data["last_day"], timezone.localdate()
        if day < today:
            raise forms.ValidationError("That day has passed. Choose one to come.")
        if day > today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(
                f"A link lasts {MOST_DAYS} days at the most. Make another one when it has ended."
            )
        return day

    def clean(self):
        cleaned = super().clean()
        if "last_day" in cleaned:
            cleaned["ends_at"] = timezone.make_aware(
                datetime.combine(cleaned.pop("last_day"), time(23, 59, 59))
            )
        return cleaned


def make(edition, *, by, reader, ends_at):
    link = PreviewLink.make(edition, by=by, reader=reader, ends_at=ends_at)
    return f"The link for {link.reader} is made. Copy its address under “Preview links”."


def take_back(link, *, by):
    link.take_back(by=by)
    back = reverse("admin:publishing_edition_change", args=[link.edition_id])
    return ActionResult(f"The link for {link.reader} no longer works.", redirect_to=back)


MAKE = Action(
    "preview-link",
    "Preview link…",
    "publishing.submit_document",
    make,
    LinkForm,
    help_text="Somebody who has no account here reads this edition, as it was sealed and with a note above "
    "it, until the day that you choose. Whoever has the address can read it, so give it to them alone. You "
    "can take it back at any time.",
    is_open=lambda edition: not edition.withdrawn_at,
    is_secondary=lambda edition: True,
)


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("closed", "Ended or taken back")]

    def queryset(self, request, queryset):
        opens = {"taken_back_at": None, "ends_at__gt": timezone.now(), "edition__withdrawn_at": None}
        if self.value() == "open":
            return queryset.filter(**opens)
        return queryset.exclude(**opens) if self.value() == "closed" else queryset


@admin.register(PreviewLink)
class PreviewLinkAdmin(ReadOnly, PublishingAdmin):
    list_display = ("reader", "page", "state", "made_by", "ends_at")
    list_filter = (OpenFilter,)
    list_select_related = ("edition__document", "made_by", "taken_back_by")
    search_fields = ("reader", "edition__document__title")
    ordering: ClassVar[Any] = (
        Case(When(taken_back_at=None, ends_at__gt=Now(), then=Value(0)), default=Value(1)),
        F("made_at").desc(),
    )
    fields = (
        "reader",
        "page",
        "state",
        "address_to_copy",
        "made_by",
        "made_at",
        "ends_at",
        "taken_back_by",
        "taken_back_at",
    )
    row_actions = (
        Action(
            "take-back",
            "Take back…",
            "publishing.submit_document",
            take_back,
            is_open=lambda link: link.opens,
            is_destructive=True,
            help_text="The link stops working at once, for good.",
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).defer("edition__page_text", "edition__card_text")

    @admin.display(description="page", ordering="edition__document__title")
    def page(self, link):
        return f"{link.edition.document.title}, edition {link.edition.number}"

    @admin.display(description="state")
    def state(self, link):
        return link.state

    @admin.display(description="address")
    def address_to_copy(self, link):
        return (
            format_html('<code class="secret">{}</code>', link.address)
            if link.opens
            else "It no longer works."
        )

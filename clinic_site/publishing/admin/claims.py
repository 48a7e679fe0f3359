"""Claims and sources as this room sees them, with the pages they stand on; and the stops of claims."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import ReadOnly, timestamp_filter
from clinic_site.evidence import admin as evidence_admin
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.admin.actions import PublishingAdmin, ReasonForm, lift, stop_saying
from clinic_site.publishing.admin.usages import SUBMIT_BATCH, AsksAboutUsages
from clinic_site.publishing.models import Mark, PublishingError, Stop
from clinic_site.publishing.usages import ChangedEvidence, usages_of

LIFTED = "Patients read the claim again at once, wherever a signed edition says it."
NOT_STOPPED = "This claim isn’t stopped."

admin.site.unregister(Claim)
admin.site.unregister(Source)


def is_stopped(claim) -> bool:
    return Stop.of(claim) is not None


def lift_its_stop(claim, *, by):
    if stop := Stop.of(claim):
        return lift(stop, by=by)
    raise PublishingError(NOT_STOPPED)


@admin.register(Claim)
class ClaimAdmin(AsksAboutUsages, evidence_admin.ClaimAdmin, PublishingAdmin):
    """A claim with the pages that it stands on, and the button that stops it."""

    fieldsets = (
        evidence_admin.ClaimAdmin.fieldsets[0],
        ("Where it’s used", {"fields": ("said_on", "stopped")}),
        *evidence_admin.ClaimAdmin.fieldsets[1:],
    )
    readonly_fields = (*evidence_admin.ClaimAdmin.readonly_fields, "said_on", "stopped")
    row_actions = (
        *evidence_admin.ClaimAdmin.row_actions,
        SUBMIT_BATCH,
        Action(
            "stop",
            "Stop saying this…",
            "publishing.add_stop",
            stop_saying,
            ReasonForm,
            help_text="Patients stop reading this statement at once, on every page, old editions included. "
            "They read that it is being checked. A clinician or a manager can lift the stop. Your reason is "
            "for them.",
            is_open=lambda claim: not is_stopped(claim),
            why_closed=lambda claim: "This claim is stopped already.",
            is_destructive=True,
        ),
        Action(
            "lift",
            "Lift the stop…",
            "publishing.lift_stop",
            lift_its_stop,
            is_open=is_stopped,
            why_closed=lambda claim: NOT_STOPPED,
            help_text=LIFTED,
        ),
    )

    def action_context(self, request, row, action, refused):
        context = super().action_context(request, row, action, refused)
        if action.name in ("stop", "lift"):
            where = ", ".join(str(one.document) for one in usages_of(ChangedEvidence.by(row)))
            context["facts"] = [*context["facts"], ("Where it’s used", where or "Nowhere")]
        return context

    @admin.display(description="stopped")
    def stopped(self, claim):
        stop = Stop.objects.open().filter(claim=claim.pk).select_related("by").first()
        if stop is None:
            return "No."
        return format_html(
            'Since {}, by {}: {} <a href="{}">See the stop</a>',
            f"{timezone.localtime(stop.at):%-d %B %Y, %H:%M}",
            stop.by,
            stop.because,
            reverse("admin:publishing_stop_change", args=[stop.pk]),
        )

    def in_use_by(self, row):
        yield from super().in_use_by(row)
        if Mark.objects.filter(kind=Mark.Kind.CLAIM, key=row.key).exists():
            yield f"Editions that say [[{row.key}]]: they keep it for good"
        for one in usages_of(ChangedEvidence.by(row)):
            if one.in_draft:
                yield f"Draft: {one.document}"


@admin.register(Source)
class SourceAdmin(AsksAboutUsages, evidence_admin.SourceAdmin, PublishingAdmin):
    """A source with the pages that cite it."""

    fieldsets = (*evidence_admin.SourceAdmin.fieldsets, ("Where it’s used", {"fields": ("said_on",)}))
    readonly_fields = (*evidence_admin.SourceAdmin.readonly_fields, "said_on")
    row_actions = (*evidence_admin.SourceAdmin.row_actions, SUBMIT_BATCH)


@admin.register(Stop)
class StopAdmin(ReadOnly, PublishingAdmin):
    """Stops are said on the claim itself, and lifted here."""

    list_display = ("claim", "because", "by", "at", "lifted_at", "lifted_by")
    list_select_related = ("claim", "by", "lifted_by")
    list_filter = (("lifted_at", timestamp_filter("state", "Open", "Lifted")),)
    search_fields = ("claim__key", "because")
    ordering: ClassVar[Any] = (F("lifted_at").desc(nulls_first=True), "-at")
    fields = ("claim", "because", "by", "at", "lifted_at", "lifted_by")
    row_actions = (
        Action(
            "lift",
            "Lift…",
            "publishing.lift_stop",
            lift,
            is_open=lambda stop: not stop.lifted_at,
            why_closed=lambda stop: "This stop was lifted already.",
            help_text=LIFTED,
        ),
    )

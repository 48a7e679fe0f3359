from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import ActionForm
from clinic_site.backoffice.model_admin import BaseAdmin, ReadOnly, choice_filter
from clinic_site.text.phones import dialled
from clinic_site.visits.models import (
    BOOKED,
    CAME,
    CLOSED,
    REACHED,
    STATES,
    STEPS,
    CloseReason,
    VisitError,
    VisitRequest,
)

# An action's message names nobody: the audit log keeps it.


class CloseForm(ActionForm):
    because = forms.ChoiceField(
        label="Why does it come to nothing? This person",
        choices=CloseReason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason."},
    )


def reached(request, *, by) -> str:
    request.reach(by=by)
    return f"{request}: you reached this person."


def booked(request, *, by) -> str:
    request.book(by=by)
    return f"{request}: this person has a time for a visit."


def came(request, *, by) -> str:
    request.come(by=by)
    return f"{request}: this person came."


def closed(request, *, by, because) -> str:
    request.close(by=by, because=because)
    return f"{request} is closed: this person {CloseReason(because).label}."


def _action(step: str, label: str, run, help_text: str, **more) -> Action:
    return Action(
        step,
        label,
        "visits.handle_visitrequest",
        run,
        help_text=help_text,
        is_open=lambda request: request.may(step),
        why_closed=lambda request: f"{request} is marked as {request.state} already.",
        **more,
    )


@admin.register(VisitRequest)
class VisitRequestAdmin(ReadOnly, BaseAdmin):
    """Somebody else's words: read here, answered by phone or mail, and never changed."""

    change_list_template = "admin/visits/request_list.html"
    refusals = (VisitError,)
    list_display = ("reference", "stage", "whose", "subject", "at", "last_by")
    list_filter = (choice_filter("state", **STATES), "closed_because")
    list_select_related = ("reached_by", "booked_by", "came_by", "closed_by")
    search_fields = ("reference", "name", "email", "phone")
    fields = ("reference", "at", "urgent", "whose", "call", "mail_to", "when", "subject", "steps")
    row_actions = (
        _action(
            REACHED, "Reached…", reached, "You spoke with them, or wrote to them. It leaves the first page."
        ),
        _action(BOOKED, "Booked…", booked, "They have a time, which stands in your own appointments."),
        _action(
            CAME, "Came…", came, "They were here for their first visit.", is_secondary=lambda request: True
        ),
        _action(
            CLOSED,
            "Close…",
            closed,
            "It comes to nothing. Whoever asked is told nothing by it.",
            form=CloseForm,
            is_destructive=True,
        ),
    )

    def get_fields(self, request, obj=None):
        hidden = () if obj and obj.names_danger else ("urgent",)
        return [name for name in self.fields if name not in hidden]

    @admin.display(description="state")
    def stage(self, request):
        danger = " · may be an emergency" if request.state == "new" and request.names_danger else ""
        return f"{request.state.capitalize()}{danger}"

    @admin.display(description="read it now")
    def urgent(self, request):
        return format_html("<strong>{}</strong>", "What this person wrote may tell of an emergency.")

    # the form's own labels speak to whoever asks
    @admin.display(description="name", ordering="name")
    def whose(self, request):
        return request.name

    @admin.display(description="phone number")
    def call(self, request):
        return request.phone and format_html('<a href="tel:{}">{}</a>', dialled(request.phone), request.phone)

    @admin.display(description="e-mail address")
    def mail_to(self, request):
        return request.email and format_html('<a href="mailto:{0}">{0}</a>', request.email)

    @admin.display(description="when to reach them")
    def when(self, request):
        return request.times

    @admin.display(description="about", ordering="about_title")
    def subject(self, request):
        return request.about_title or "something else, or not known yet"

    @admin.display(description="last step by")
    def last_by(self, request):
        return getattr(request, f"{request.state}_by", None)

    @admin.display(description="what was done")
    def steps(self, request):
        done = []
        for step in STEPS:
            if at := getattr(request, f"{step}_at"):
                by = getattr(request, f"{step}_by")
                done.append(f"{step.capitalize()} on {timezone.localtime(at):%-d %B %Y, %H:%M}, {by}")
        if request.closed_because:
            done.append(f"This person {request.get_closed_because_display()}.")
        return format_html_join(mark_safe("<br>"), "{}", ((one,) for one in done)) or "Nothing yet"

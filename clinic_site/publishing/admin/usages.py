"""A claim or a source in the admin: which pages it stands on, asked before a change is saved, and submitted
in one step after.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.text import capfirst

from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.model_admin import BaseAdmin
from clinic_site.evidence.models import Claim
from clinic_site.publishing.admin.actions import NoteForm
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Batch, Document
from clinic_site.publishing.self_review import in_words
from clinic_site.publishing.usages import Candidate, ChangedEvidence, Usage, candidates, left_out, usages_of
from clinic_site.text.diff import marked

SEEN = "_seen"  # beside a form whose sender has read what its change touches


def draft_address(document: Document) -> str:
    return reverse(DOCUMENT_TYPES[document.kind].admin_view("change"), args=[document.pk])


def _with_addresses(found: list[Usage]) -> list[tuple[Usage, str, str]]:
    return [
        (one, draft_address(one.document), one.live.get_absolute_url() if one.live else "") for one in found
    ]


# the pages that a change touches, by their readiness: heading, what it means, whether they may be ticked
_GROUPS = {
    "ready": ("Ready", "Nothing else changed on them.", True),
    "mixed": (
        "With other changes",
        "Their drafts have other changes, which would be submitted too. Tick one if those are done.",
        True,
    ),
    "unchecked": (
        "Waiting for a check",
        "A clinician checks the claim first: it’s on their first page. Then submit these from here.",
        False,
    ),
    "sample": (
        "Signed as a sample",
        "Nobody of the clinic has signed them yet. Submit each from its draft, to be read whole.",
        False,
    ),
    "stopped": ("Not ready", "The checks stop them. Fix that first, then come back.", False),
    "same": ("Nothing to submit", "Their newest edition says this already.", False),
}


class BatchForm(NoteForm):
    """The pages that a change touches, each with a tick."""

    pages = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": "A page that you ticked was changed. Check the pages, and tick them again."
        },
    )
    field_order = ("pages", "change_note", "nature", "was_wrong")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.found: dict[str, list[Candidate]] = {readiness: [] for readiness in _GROUPS}
        for candidate in candidates(ChangedEvidence.by(self.row), by=self.by):
            self.found[candidate.readiness].append(candidate)
        ready, self.to_tick = self.found["ready"], self.found["ready"] + self.found["mixed"]
        self.fields["pages"].choices = [(c.shown, c.document.title) for c in self.to_tick]
        self.fields["pages"].initial = [c.shown for c in ready]

    @property
    def ticked(self) -> list[str]:
        return self["pages"].value() or []

    @property
    def groups(self) -> list[tuple[str, str, bool, list[tuple[Candidate, str]]]]:
        """Each group that has pages as in `_GROUPS`, with the pages and the addresses of their drafts."""
        return [
            (*_GROUPS[readiness], [(c, draft_address(c.document)) for c in found])
            for readiness, found in self.found.items()
            if found
        ]

    @property
    def left_out(self) -> list[tuple[Usage, str, str]]:
        """What is touched and can't be among them, each with the address of its draft, and why."""
        return [
            (
                one,
                draft_address(one.document),
                f"Edition {waiting.number} waits for a signature, and may say the words before."
                if waiting
                else "Patients don’t read it.",
            )
            for one, waiting in left_out(ChangedEvidence.by(self.row))
        ]

    def clean_pages(self):
        return {
            int(pk): digest
            for pk, _, digest in (value.partition(":") for value in self.cleaned_data["pages"])
        }


def submit_batch(row, *, by, pages, **said):
    made = Batch.submit(pages, by=by, about=f"{row._meta.model_name}:{row.key}", **said)
    words = f"{len(pages)} {'page waits' if len(pages) == 1 else 'pages wait'} for one signature."
    return ActionResult(words, redirect_to=reverse("admin:publishing_batch_change", args=[made.pk]))


def awaits_check(row) -> bool:
    """Whether the pages of a claim can't be submitted before a clinician has checked it."""
    return isinstance(row, Claim) and not row.is_checked


_SEALED = "Each ticked page is sealed as an edition with today's words."

SUBMIT_BATCH = Action(
    "submit-batch",
    "Submit the pages that use it…",
    "publishing.submit_document",
    submit_batch,
    BatchForm,
    help_text=in_words(
        f"{_SEALED} A clinician who wrote none of it reads what changed once, and signs them all together.",
        f"{_SEALED} A clinician who wrote none of it signs them all together. Whoever wrote part of it signs "
        "each by itself, a day later.",
    ),
    is_open=lambda row: ChangedEvidence.by(row).live().exists(),
    is_secondary=awaits_check,
    template="admin/batch_submit.html",
)


class AsksAboutUsages(BaseAdmin):
    """Mixed in before the admin of claims or of sources.

    A change of one that pages stand on is asked about before it's saved.
    """

    @admin.display(description="pages")
    def said_on(self, row):
        found = usages_of(ChangedEvidence.by(row)) if row.pk else []
        return render_to_string("admin/usages.html", {"usages": _with_addresses(found)})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        is_unasked = request.method == "POST" and object_id and SEEN not in request.POST
        asked = self._asked_before(request, object_id) if is_unasked else None
        return asked or super().changeform_view(request, object_id, form_url, extra_context)

    def _asked_before(self, request, object_id) -> TemplateResponse | None:
        """The page that says what the change touches, with the form as it was sent; None where there's
        nothing to say.
        """
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_change_permission(request, row):
            return None
        found = usages_of(ChangedEvidence.by(row))
        name = str(row)  # as it's called now: the form changes the row
        if not found:
            return None
        form = self.get_form(request, row, change=True)(request.POST, request.FILES, instance=row)
        if not form.is_valid() or not form.changed_data:
            return None
        context = self.page_context(request, "Before you save", row) | {
            "original": name,
            "usages": _with_addresses(found),
            "live": sum(one.live is not None for one in found),
            "is_claim": isinstance(row, Claim),
            "changes": [_change(form, name) for name in form.changed_data],
            "sent": [
                (field, value)
                for field, values in request.POST.lists()
                if field != "csrfmiddlewaretoken"
                for value in values
            ],
            "seen": SEEN,
        }
        return TemplateResponse(request, "admin/confirm_change.html", context)

    def response_change(self, request, obj):
        if SEEN not in request.POST or "_save" not in request.POST:
            return super().response_change(request, obj)
        if awaits_check(obj):
            may_check = request.user.has_perm("evidence.check_claim")
            then = " Then submit the pages that use it from here." if SUBMIT_BATCH.is_open(obj) else ""
            words = (
                "Compare it with its sources now"
                if may_check
                else "A clinician checks it first: it stands on their first page"
            )
            messages.success(request, f"Saved. {words}.{then}")
            return redirect(self.address("change", obj))
        may_submit = SUBMIT_BATCH.is_allowed(request.user, obj) and SUBMIT_BATCH.is_open(obj)
        if may_submit and any(
            candidate.is_new for candidate in candidates(ChangedEvidence.by(obj), by=request.user)
        ):
            messages.success(request, "Saved. Now submit the pages that use it.")
            return redirect(self.address("submit-batch", obj))
        return super().response_change(request, obj)


def _change(form, name: str) -> tuple[str, str]:
    """A field's name, and what changed in it, marked, as HTML."""
    field = form.fields[name]
    said = (_said(field, form.initial.get(name)), _said(field, form.cleaned_data.get(name)))
    return capfirst(str(field.label)), marked(*map(escape, said))[0]


def _said(field, value) -> str:
    if isinstance(value, QuerySet | list | tuple):
        return ", ".join(sorted(map(str, value)))
    named = dict(cast(Any, field.choices)) if isinstance(field, forms.TypedChoiceField) else {}
    return str(named.get(value, "" if value is None else value))

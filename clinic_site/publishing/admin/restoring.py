"""Making an older edition the draft again: what would go, what would come back, and what can't, before
anybody decides.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import _get_foreign_key

from clinic_site.audit_log import log
from clinic_site.backoffice.actions import Action, ActionResult
from clinic_site.backoffice.forms import ActionForm
from clinic_site.pages.diff import compare
from clinic_site.pages.shapes import Page, seal
from clinic_site.publishing.models import SHARED_BLOCKS, Edition, Stop
from clinic_site.publishing.self_review import in_words


class RestoreForm(ActionForm):
    """Holds on to the draft that would go, so that nobody gives up what a colleague wrote meanwhile."""

    instead_of = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, row, by, **kwargs):
        self.digest = seal(row.document.specific.compose())["digest"]
        super().__init__(*args, row=row, by=by, **{**kwargs, "initial": {"instead_of": self.digest}})

    def clean(self):
        if self.cleaned_data.get("instead_of") != self.digest:
            self.data = {"instead_of": self.digest}
            raise ValidationError(
                "Somebody changed the draft while you read. This is what would go and come now."
            )
        return self.cleaned_data


def _in_the_log(document) -> log.State:
    """The draft with the rows that its form edits too."""
    kind = type(document)
    parts = [
        (inline.model, cast(Any, _get_foreign_key(kind, inline.model)).name)
        for inline in admin.site.get_model_admin(kind).inlines
    ]
    return log.state_of(kind, document.pk, parts)


def restore(edition, *, by, instead_of):
    document = edition.document.specific
    before = _in_the_log(document)
    lacks = edition.restore(by=by, instead_of=instead_of)
    changes = log.difference(before, _in_the_log(document), values=True)
    log.write(
        "restored",
        document,
        by=by,
        said=f"The draft says what edition {edition.number} said.",
        changes=changes,
    )
    signed = in_words("somebody else signs it", "it is signed as any other")()
    happened = f"The draft says what edition {edition.number} said. Check it, then submit it: {signed}."
    draft = admin.site.get_model_admin(type(document)).address("change", document)
    return ActionResult(" ".join([happened, *lacks]), redirect_to=draft)


_REPLACED = (
    "The draft is replaced by what this edition says, each fact as it's worded today. Patients go on reading "
    "what they read now: the draft is submitted and signed as any other"
)

RESTORE_ACTION = Action(
    "restore",
    "Restore to draft…",
    lambda edition: edition.document_type.restoring_permission(),
    restore,
    RestoreForm,
    help_text=in_words(
        f"{_REPLACED}, by somebody who isn't you. Whoever wrote this edition counts as its writer again.",
        f"{_REPLACED}. Whoever wrote this edition counts as its writer again.",
    ),
    is_secondary=lambda edition: True,
)


def _tried(edition: Edition) -> tuple[Page, list[str]]:
    """The page that the draft would make, and what couldn't be taken. Nothing is kept."""
    with transaction.atomic():
        document = edition.document.specific
        lacks = document.restore_from(edition.page)
        page = document.compose()
        transaction.set_rollback(True)
    return page, lacks


def _reworded(sealed: Page, now: Page):
    for change in compare(sealed, now).claims:
        if change.before and change.after:
            figure = "has another figure" if change.is_new_figure else "is reworded"
            yield f"[[{change.key}]] {figure} today, and the draft gets that."


def shown_beforehand(edition: Edition) -> dict:
    """What the action's page shows: what changes in the draft, what goes for good, and what doesn't come back
    as it was.
    """
    draft = edition.document.specific.compose()
    page, notes = _tried(edition)
    newest = edition.document.editions.order_by("-number").first()
    if newest and not newest.says(draft):
        lost = (
            f"The draft was changed since edition {newest.number}. No edition keeps those changes: only "
            "the draft's history does."
        )
        notes.insert(0, lost)
    notes += _reworded(edition.page, page)
    stopped = (
        Stop.objects.open()
        .filter(claim__key__in=[claim.key for claim in page.claims])
        .values_list("claim__key", flat=True)
    )
    notes += [
        f"[[{key}]] is stopped now: nobody can sign a page with it before the stop is lifted."
        for key in stopped
    ]
    for name, block in SHARED_BLOCKS.items():
        if getattr(edition.page, name) != getattr(page, name):
            notes.append(f"The text “{block._meta.verbose_name}” comes in as it is today.")
    if edition.slug != page.slug:
        notes.append(f"The address stays as it is in the draft: “{page.slug}”.")
    return {
        "comparison": compare(draft, page),
        "comparison_title": "What changes in the draft",
        "notes": notes,
    }

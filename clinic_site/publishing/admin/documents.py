"""The base of every room's documents in the admin: drafts are written, checked, compared, previewed and
submitted.
"""

from datetime import timedelta
from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import transaction
from django.db.models import (
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Value,
)
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from clinic_site.audit_log.models import DraftSave
from clinic_site.backoffice import edit_conflicts
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.forms import BaseForm
from clinic_site.editorial.checks import examine
from clinic_site.pages.diff import compare
from clinic_site.pages.fields import declared
from clinic_site.publishing.admin.actions import PublishingAdmin, SubmitForm, WithdrawForm, submit, withdraw
from clinic_site.publishing.admin.comparisons import chosen_edition, comparison_page
from clinic_site.publishing.admin.placed_findings import counts_of, mark_parts, with_fields
from clinic_site.publishing.admin.previewing import Previewed
from clinic_site.publishing.admin.sections import SectionInline
from clinic_site.publishing.document_types import SPREAD
from clinic_site.publishing.editor import security_policy
from clinic_site.publishing.models import Edition, Live, Section
from clinic_site.publishing.reading import DraftReading
from clinic_site.publishing.self_review import in_words

# of one kind of page, what is due first: as `Document.due_on`, in the query itself
EARLY = ExpressionWrapper(F("pk") * 23 % SPREAD * Value(timedelta(days=1)), output_field=DurationField())


# what is saved before it: by the name of its view, and what is said where it can't be
NOT_YET = {
    "preview": "There is no preview yet.",
    "submit": "It isn’t submitted yet.",
    "compare": "There is no comparison yet.",
}


def then_of(request) -> str:
    """Where the sender of a draft's form wants to be once it's saved, by the name of the view; empty: nowhere
    else.
    """
    return next((view for view in NOT_YET if f"_then_{view}" in request.POST), "")


def _wrong(forms) -> list[tuple[str, str]]:
    """What keeps forms from being saved: each field's anchor on the page, and what is wrong first."""
    return [
        (f"#{form.auto_id % form.add_prefix(name)}" if name != NON_FIELD_ERRORS else "", str(says[0]))
        for form in forms
        for name, says in form.errors.items()
    ]


_SEALED = "The draft as it was last saved is sealed as an edition."


class DocumentForm(BaseForm):
    """A summary is one line, however many its box shows."""

    def clean_summary(self):
        return " ".join(self.cleaned_data["summary"].split())


class DocumentAdmin(Previewed, PublishingAdmin):
    """Drafts: written, checked, previewed, submitted.

    A room names the template of its page in `page_template`.
    """

    form = DocumentForm
    change_form_template = "admin/document_change_form.html"
    actions = None
    list_display: tuple[str, ...] = ("title", "newest_status", "is_live", "review_due_on", "changed_at")
    search_fields = ("title", "slug", "summary")
    inlines: ClassVar[tuple[type, ...]] = (SectionInline,)
    page_template = ""
    aside: tuple[str, ...] = ()  # fieldsets that are folded once the draft is there
    row_actions = (
        Action(
            "submit",
            "Submit for signature…",
            "publishing.submit_document",
            submit,
            SubmitForm,
            help_text=in_words(
                f"{_SEALED} Somebody who didn't write it signs it, and then patients can read it.",
                f"{_SEALED} A clinician signs it, and then patients can read it. Whoever wrote part of it "
                "can sign it a day later.",
            ),
        ),
        Action(
            "withdraw",
            "Withdraw…",
            "publishing.withdraw_edition",
            withdraw,
            WithdrawForm,
            help_text="Takes the page away from patients at once. To bring it back, submit the draft again "
            "and have it signed.",
            is_open=lambda document: Live.objects.filter(document=document.pk).exists(),
            why_closed=lambda document: f"{document.if_withdrawn}.",
            is_destructive=True,
        ),
    )

    def public_page(self, page) -> tuple[str, dict]:
        """The template that patients read `page` in, and what that needs beside the page."""
        return self.page_template, {}

    # --- lists ----------------------------------------------------------------------------------------------

    def get_queryset(self, request):
        newest = Edition.objects.filter(document=OuterRef("pk")).with_status().order_by("-number")
        return (
            super()
            .get_queryset(request)
            .annotate(
                newest_status=Subquery(newest.values("status")[:1]),
                newest_number=Subquery(newest.values("number")[:1]),
                live_signed_at=F("live__edition__signed_at"),
                due_at=F("live__edition__signed_at") - EARLY,
            )
        )

    @admin.display(description="newest edition", ordering="newest_status")
    def newest_status(self, document):
        return (
            f"{document.newest_number}: {document.newest_status.label}"
            if document.newest_number
            else "none: draft"
        )

    @admin.display(description="live", boolean=True, ordering="live_signed_at")
    def is_live(self, document):
        return document.live_signed_at is not None

    @admin.display(description="review due", ordering="due_at")
    def review_due_on(self, document):
        if document.live_signed_at:
            return document.due_on(document.pk, timezone.localdate(document.live_signed_at))
        return None

    def view_on_site(self, document):
        return document.get_absolute_url() if document.live_signed_at else None

    # --- the draft ------------------------------------------------------------------------------------------

    def get_urls(self):
        views = [("compare", self.compare_view), ("check", self.check_view)]
        return [
            *(
                path(f"<path:object_id>/{name}/", self.admin_site.admin_view(v), name=self.url_name(name))
                for name, v in views
            ),
            *super().get_urls(),
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "summary":
            kwargs["widget"] = forms.Textarea({"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj or edit_conflicts.RECREATE in request.POST else ()

    def get_fieldsets(self, request, obj=None):
        """Once a draft is there, what stands in lists and menus is folded: a writer comes for the words."""
        sets = self.with_new_fields(super().get_fieldsets(request, obj))
        if obj is None:
            return sets
        return [
            (name, {**how, "classes": ("collapse",)} if name in self.aside else how) for name, how in sets
        ]

    def with_new_fields(self, sets) -> list:
        """The fieldsets, and a last one for the fields of the page that none of them names."""
        own = {field.name for field in self.opts.get_fields() if getattr(field, "editable", False)}
        on_page = {name for name, one in declared(self.model.page_shape).items() if one.is_restored}
        new = sorted(own.intersection(on_page).difference(flatten_fieldsets(sets)))
        return [*sets, ("Also on the page", {"fields": new})] if new else list(sets)

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ("title",)}

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        document = form.instance
        if not change:
            there = set(document.sections.values_list("anchor", flat=True))  # where a draft is made anew
            Section.objects.bulk_create(
                Section(document_id=document.pk, anchor=anchor, position=i)
                for i, anchor in enumerate(self.model.PARTS)
                if anchor not in there
            )
            if before := request.POST.get(edit_conflicts.RECREATE):  # a draft that a colleague deleted
                saves = DraftSave.objects.filter(words=f"document:{before}").values_list("user_id", flat=True)
                document.note_restored(by=request.user, writers=saves)

    def response_add(self, request, obj, post_url_continue=None):
        if "_addanother" not in request.POST and "_popup" not in request.POST:
            is_recreated = edit_conflicts.RECREATE in request.POST
            said = (
                "The draft was created again, with your words."
                if is_recreated
                else "The draft was created. Now write its parts."
            )
            messages.success(request, said)
            return redirect(self.address("change", obj))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        if then := then_of(request):
            messages.success(request, "Saved.")
            return redirect(self.address(then, obj))
        return super().response_change(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        then = object_id and then_of(request)
        document = self.get_object(request, unquote(object_id)) if then else None
        may_save = document and self.has_change_permission(request, document)
        if may_save and edit_conflicts.is_untouched(request.POST, *self.bound(request, document)):
            return redirect(
                self.address(then, document)
            )  # whoever only looks isn't noted as a writer, who couldn't sign
        response = super().changeform_view(request, object_id, form_url, extra_context)
        response._csp_update = security_policy()
        return response

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if then := then_of(request):
            messages.error(
                request,
                f"{NOT_YET[then]} Nothing is saved yet: fix what is marked below, and press the button "
                "again.",
            )
        if obj:
            context["saves_first"] = NOT_YET
            form = context["adminform"].form
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            findings = with_fields(obj.findings(by=request.user), obj, form, formsets)
            mark_parts(findings, formsets)
            context |= {
                "check": self.address("check", obj),
                "findings": findings,
                "counts": counts_of(findings),
                "newest": obj.editions.with_status()
                .order_by("-number")
                .defer("page_text", "card_text")
                .first(),
                "read_now": obj.live.edition if obj.live_signed_at else None,
                "preview": self.address("preview", obj),
                "compare": self.address("compare", obj) if obj.newest_number else "",
                "review_due_on": self.review_due_on(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def check_view(self, request, object_id):
        """What the checks say of the form as it is typed.

        It's composed as if it were saved, and nothing is.
        """
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, document):
            raise PermissionDenied
        if request.method != "POST":
            return redirect(self.address("change", document))
        wrong, findings = [], []
        with transaction.atomic():
            form, formsets = self.bound(request, document)
            if all([form.is_valid(), *(formset.is_valid() for formset in formsets)]):
                form.save()
                for formset in formsets:
                    formset.save()
                composed = self.model.objects.get(pk=document.pk)
                findings = with_fields(composed.findings(by=request.user), composed, form, formsets)
            else:
                wrong = _wrong([form, *(row for formset in formsets for row in formset.forms)])
            transaction.set_rollback(True)
        context = {"findings": findings, "wrong": wrong, "counts": counts_of(findings), "is_typed": True}
        # asked for while typing, to be put into the form's page
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return render(request, "admin/check_response.html", context)
        context |= self.page_context(request, "What the checks say of what you typed", document)
        return render(request, "admin/check_page.html", context)

    def action_context(self, request, row, action, refused):
        if action.name != "submit":
            return {}
        before = row.editions.answering().order_by("-number").first()
        draft = row.draft(by=request.user)
        signed_for = compare(before.page if before and before.is_intact else None, draft.page)
        return {
            "signed_for": signed_for,
            "since": f"edition {before.number}" if before else "",
            "compare": f"{self.address('compare', row)}?with={before.number}" if before else "",
            "findings": (refused and refused.findings) or examine(draft),
            "preview": self.address("preview", row),
            "withdrawals": row.open_withdrawals(),
        }

    def delete_view(self, request, object_id, extra_context=None):
        document = self.get_object(request, unquote(object_id))
        if document and self.has_view_or_change_permission(request, document) and document.newest_number:
            messages.error(
                request,
                "This draft was submitted before, so it can't be deleted: what patients may have read is "
                "kept. Withdraw the page instead.",
            )
            return redirect(self.address("change", document))
        return super().delete_view(request, object_id, extra_context)

    # --- comparing and previewing ---------------------------------------------------------------------------

    def compare_view(self, request, object_id):
        """The draft as it was last saved, beside an edition: by itself the one that patients read."""
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, document):
            raise PermissionDenied
        live = Live.objects.filter(document=document.pk).values_list("edition", flat=True).first()
        before = chosen_edition(request, document, live)
        return comparison_page(
            self, request, document, document, before, document.compose(), "The draft, compared"
        )

    def reading_of(self, document):
        edition = Edition(
            document=document,
            kind=document.KIND,
            slug=document.slug,
            number=(document.newest_number or 0) + 1,
            posted_on=document.first_posted_on(),
            submitted_at=timezone.now(),
        )
        return DraftReading(document.compose(), edition)

    def page_of(self, request, document, reading):
        return self.render_page(request, reading, as_print=request.GET.get("as") == "print")

    def render_page(self, request, reading, **more):
        """The public template with a page that patients may not read yet.

        `more`: what `publishing/preview.html` says of it.
        """
        template, context = self.public_page(reading.page)
        response = render(
            request,
            "publishing/preview.html",
            {
                **context,
                "public_template": template,
                "reading": reading,
                "page": reading.page,
                "canonical": settings.SITE_URL + reading.address,
                "is_preview": isinstance(reading, DraftReading),
                **more,
            },
        )
        response["X-Robots-Tag"] = "noindex"
        return response

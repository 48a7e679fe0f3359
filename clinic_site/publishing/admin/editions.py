"""Sealed editions in the admin: looked at, compared, signed, sent back, published, withdrawn."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst, get_text_list

from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import ReadOnly
from clinic_site.editorial.checks import to_judge, to_judge_since
from clinic_site.pages.diff import compare, figure_in_words
from clinic_site.publishing.admin import preview_links, restoring
from clinic_site.publishing.admin.actions import (
    MomentForm,
    PublishingAdmin,
    ReturnForm,
    SignForm,
    TakeBackForm,
    WithdrawForm,
    publish,
    send_back,
    sign,
    take_back,
    withdraw,
)
from clinic_site.publishing.admin.comparisons import chosen_edition, comparison_page
from clinic_site.publishing.admin.previewing import Previewed
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Edition, EditionStatus
from clinic_site.publishing.reading import DraftReading, Reading
from clinic_site.publishing.self_review import in_words
from clinic_site.publishing.work_queue.editions import EDITION_QUEUES, editions_of

TO_JUDGE = "For you to judge: statements without a source"


class StatusFilter(admin.SimpleListFilter):
    title = parameter_name = "status"

    def lookups(self, request, model_admin):
        return [(status.value, status.label.capitalize()) for status in EditionStatus]

    def queryset(self, request, queryset):
        return queryset.filter(status=self.value()) if self.value() in EditionStatus else queryset


class DocumentTypeFilter(admin.SimpleListFilter):
    title, parameter_name = "type", "kind"

    def lookups(self, request, model_admin):
        return [(kind, capfirst(one._meta.verbose_name)) for kind, one in DOCUMENT_TYPES.items()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() in DOCUMENT_TYPES else queryset


class EditionQueueFilter(admin.SimpleListFilter):
    """The whole of a work queue, of which the first page shows the first items."""

    title, parameter_name = "to do", "queue"

    def lookups(self, request, model_admin):
        return [(queue.name, queue.title) for queue in EDITION_QUEUES]

    def queryset(self, request, queryset):
        return (
            queryset.filter(pk__in=[e.pk for e in editions_of(self.value(), request.user)])
            if self.value()
            else queryset
        )


@admin.register(Edition)
class EditionAdmin(ReadOnly, Previewed, PublishingAdmin):
    """Editions are read, and changed by actions alone: nobody fills in a form to edit one."""

    change_form_template = "admin/edition_change_form.html"
    list_display = (
        "title",
        "number",
        "type_name",
        "current_status",
        "submitted_by",
        "submitted_at",
        "signed_by",
    )
    list_filter = (EditionQueueFilter, StatusFilter, DocumentTypeFilter)
    list_select_related = ("document", "submitted_by", "signed_by")
    search_fields = ("document__title", "slug")
    ordering: ClassVar[Any] = (
        Case(When(signed_at=None, returned_at=None, then=Value(0)), default=Value(1)).asc(),
        "-submitted_at",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "number",
                    "current_status",
                    "change_note",
                    "nature",
                    "written_by",
                    "submitted_at",
                    "posted",
                    "seal",
                )
            },
        ),
        ("What happened", {"fields": ("signed", "goes_live", "returned", "withdrawn")}),
    )
    row_actions = (
        Action(
            "sign",
            "Sign…",
            lambda edition: edition.signing_permission,
            sign,
            SignForm,
            help_text="You say by this that you have read these sealed words, with their claims and sources, "
            "and take responsibility for them.",
            is_open=lambda edition: edition.is_waiting,
            why_closed=lambda edition: edition.why_not_signed,
            template="admin/sign.html",
        ),
        Action(
            "publish",
            "Publish…",
            "publishing.schedule_edition",
            publish,
            MomentForm,
            is_open=lambda edition: not edition.why_not_published,
            why_closed=lambda edition: edition.why_not_published,
        ),
        Action(
            "send-back",
            "Send back…",
            lambda edition: edition.signing_permission,
            send_back,
            ReturnForm,
            help_text="Say what has to change. The writers find it above their draft.",
            is_open=lambda edition: edition.is_waiting,
            why_closed=lambda edition: edition.why_not_signed,
            is_destructive=True,
        ),
        Action(
            "withdraw",
            "Withdraw…",
            "publishing.withdraw_edition",
            withdraw,
            WithdrawForm,
            help_text="These words never come back by themselves: to bring them back, submit them again and "
            "have them signed.",
            is_open=lambda edition: not edition.why_not_withdrawn,
            why_closed=lambda edition: edition.why_not_withdrawn,
            is_destructive=True,
        ),
        Action(
            "take-back",
            "Take back…",
            "publishing.submit_document",
            take_back,
            TakeBackForm,
            help_text="It goes back to its writers before anybody signs it. The draft stays as it is.",
            is_open=lambda edition: edition.is_waiting,
            why_closed=lambda edition: edition.why_not_signed,
            is_destructive=True,
            # whoever signs it sends it back, and says what has to change
            is_for=lambda user, edition: (
                edition.submitted_by_id == user.pk or not user.has_perm(edition.signing_permission)
            ),
        ),
        restoring.RESTORE_ACTION,
        preview_links.MAKE,
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_status().defer("page_text", "card_text")

    def get_urls(self):
        compare = self.admin_site.admin_view(self.compare_view)
        return [
            path("<path:object_id>/compare/", compare, name=self.url_name("compare")),
            *super().get_urls(),
        ]

    @admin.display(description="page", ordering="document__title")
    def title(self, edition):
        return edition.document.title

    @admin.display(description="status", ordering="status")
    def current_status(self, edition):
        return edition.status.label

    @admin.display(description="type", ordering="kind")
    def type_name(self, edition):
        return edition.document_type._meta.verbose_name

    @admin.display(description="written by")
    def written_by(self, edition):
        """Everybody, as patients read it; then those who wrote something since the last signature, and can't
        sign this one.
        """
        everybody = f"{edition.page.written_by}. " if edition.is_intact and edition.page.written_by else ""
        writers = [writer.user for writer in edition.writers.select_related("user")]
        if writers == [edition.submitted_by]:
            how = in_words("can’t sign it", "can sign it a day later")()
            return f"{everybody}Submitted by {edition.submitted_by}, who {how}"
        names = get_text_list([str(writer) for writer in writers], "and")
        return (
            f"{everybody}Submitted by {edition.submitted_by}. Wrote part of it since the last signature, and "
            f"{in_words('can’t sign it', 'can sign it a day later')()}: {names}"
        )

    @admin.display(description="page first posted on")
    def posted(self, edition):
        on = f"{edition.posted_on:%-d %B %Y}"
        return (
            on
            if edition.document.editions.once_live().exists()
            else f"Not yet. Patients would read {on} there."
        )

    @staticmethod
    def may_sign_now(edition, user) -> bool:
        is_self_review = settings.SOLE_CLINICIAN and edition.is_work_of(user)
        return not edition.why_not(user, as_self_review=is_self_review)

    @admin.display(description="seal")
    def seal(self, edition):
        if edition.is_intact:
            return format_html(
                'Intact: these are the words that were sealed. <span class="seal-number">Number of the seal: '
                "{}</span>",
                edition.digest,
            )
        return (
            "BROKEN: these aren't the words that were sealed. Nobody is shown them. Tell whoever looks "
            "after the site."
        )

    @admin.display(description="signed")
    def signed(self, edition):
        if not edition.signed_at:
            return "No."
        sample = " (a sample)" if edition.signed_as_sample else ""
        stamp = f"{timezone.localtime(edition.signed_at):%-d %B %Y, %H:%M}, {edition.signed_name}{sample}."
        if edition.self_review_because is None:
            return stamp
        ticked = format_html_join(
            "", "<li>{}</li>", ((line,) for line in (edition.self_review_checklist or "").splitlines())
        )
        return format_html(
            "{} They wrote part of it, because: {}<ul>{}</ul>", stamp, edition.self_review_because, ticked
        )

    @admin.display(description="live from")
    def goes_live(self, edition):
        if not edition.live_from:
            return "–"
        on = f"{timezone.localtime(edition.went_live_at or edition.live_from):%-d %B %Y, %H:%M}"
        return f"Cancelled: it was to be {on}" if edition.withdrawn_at and not edition.went_live_at else on

    @admin.display(description="sent or taken back")
    def returned(self, edition):
        if not edition.returned_at:
            return "No."
        return (
            f"{timezone.localtime(edition.returned_at):%-d %B %Y, %H:%M}, {edition.returned_by}: "
            f"{edition.returned_because}"
        )

    @admin.display(description="withdrawn")
    def withdrawn(self, edition):
        if not edition.withdrawn_at:
            return "No."
        return (
            f"{timezone.localtime(edition.withdrawn_at):%-d %B %Y, %H:%M}, {edition.who_withdrew}: "
            f"{edition.withdrawn_because}"
        )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        drafts = self.admin_site.get_model_admin(obj.document_type)
        context |= {
            "preview": self.address("preview", obj),
            "preview_page": self.address("preview_page", obj),
            "compare": self.address("compare", obj) if obj.number > 1 else "",
            "sealed": (sealed := obj.page if obj.is_intact else None),
            "claims": [(claim, *figure_in_words(claim.figure)) for claim in sealed.claims] if sealed else [],
            "judge": to_judge(sealed) if sealed else [],
            "is_to_judge": self.may_sign_now(obj, request.user),
            "not_shown": obj.why_not_shown() if sealed else "",
            "links": obj.preview_links.select_related("made_by")
            if preview_links.MAKE.is_allowed(request.user, obj)
            else (),
            "draft": drafts.address("change", obj.document)
            if drafts.has_view_or_change_permission(request)
            else "",
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def action_context(self, request, row, action, refused):
        """Whoever signs or sends back reads what changed, and what the checks leave to their judgement."""
        if action.name == "restore" and row.is_intact:
            return restoring.shown_beforehand(row)
        if action.name not in ("sign", "send-back") or not row.is_intact:
            return {}
        before, sent_back = row.edition_before(), row.sent_back_before()
        earlier = before.page if before and before.is_intact else None
        new, known = to_judge_since(earlier, row.page)
        context = {
            "comparison": compare(earlier, row.page),
            "since": f"edition {before.number}" if before else "",
            "is_first": before is None,
            "sample_before": row.sample_before if before is None else None,
            "sent_back": sent_back,
            "compare": self.address("compare", row),
            "findings": new,
            "known": known,
            "findings_title": TO_JUDGE
            if self.may_sign_now(row, request.user)
            else TO_JUDGE.partition(": ")[2].capitalize(),
            "preview": self.address("preview", row),
            "withdrawals": row.document.open_withdrawals(),
        }
        if action.name == "sign":
            context |= {
                "change": row.page.change,
                "written_by": self.written_by(row),
                "address": row.document_type.address_of(row.slug),
                "returning": ReturnForm(row=row, by=request.user),
                "send_back": self.address("send-back", row),
                "is_waiting": row.is_waiting,
                "batch": reverse("admin:publishing_batch_sign", args=[row.batch_id]) if row.batch_id else "",
            }
        return context

    def compare_view(self, request, object_id):
        edition = self.get_object(request, unquote(object_id))
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        if not edition.is_intact:
            return self.preview_page_view(request, object_id)
        earlier = (
            edition.edition_before() or edition.document.editions.filter(number__lt=edition.number).first()
        )
        before = chosen_edition(request, edition.document, earlier and earlier.pk)
        return comparison_page(
            self,
            request,
            edition,
            edition.document,
            before,
            edition.page,
            f"Edition {edition.number}, compared",
        )

    def reading_of(self, edition):
        if not edition.is_intact:
            return None
        return (Reading if edition.is_signed else DraftReading)(edition.page, edition)

    def page_of(self, request, edition, reading):
        """The sealed words in the template that patients will read them in."""
        drafts = self.admin_site.get_model_admin(edition.document_type)
        return drafts.page_of(request, edition.document, reading)

"""A change to several pages: one combined comparison, one signature or one reason to send it back."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from clinic_site.accounts.second_factor_forms import AsksAgain
from clinic_site.backoffice.actions import Action
from clinic_site.backoffice.model_admin import ReadOnly
from clinic_site.editorial.checks import to_judge_since
from clinic_site.evidence.models import Claim
from clinic_site.pages.diff import combine
from clinic_site.pages.shapes import Page
from clinic_site.publishing.admin.actions import MomentForm, PublishingAdmin, ReturnForm
from clinic_site.publishing.models import Batch, Edition, Ready


class SignBatchForm(AsksAgain, MomentForm):
    """Holds on to the editions that were shown: nobody signs what a colleague sent back, or stopped,
    meanwhile. That is said before a code is spent.
    """

    HOLD = "hold"
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["when"].choices += [(self.HOLD, "Not yet: somebody publishes them later")]
        self.ready = self.row.ready_for(self.by)
        self.blocked = "" if self.ready.editions else self.row.nothing_ready(self.ready)
        self.fields["shown"].initial = self.now_shown

    @property
    def now_shown(self) -> str:
        return ",".join(map(str, sorted(self.ready.keys)))

    def clean_shown(self):
        return {
            int(pk)
            for pk in self.cleaned_data["shown"].split(",")
            if pk.isascii() and pk.isdigit() and len(pk) < 19
        }

    def chosen(self, when):
        if changed := self.blocked or self.row.what_changed(self.ready, self.cleaned_data.get("shown", ())):
            self.add_error(None, changed)
            self.data = self.data.copy()
            self.data["shown"] = self.now_shown
        return {"hold": when == self.HOLD}


def sign(batch, *, by, shown, **how):
    count = batch.sign(by=by, shown=shown, **how)
    return f"{count} {'page is' if count == 1 else 'pages are'} signed."


def send_back(batch, *, by, because):
    count = batch.send_back(by=by, because=because)
    return f"{count} {'page' if count == 1 else 'pages'} went back to the writers: {because.strip()}"


def none_waits(batch) -> str:
    return Batch.nothing_ready(Ready([], []))


def _withdrawals(editions: list[Edition]) -> list[Edition]:
    """See `Document.open_withdrawals`, of all their pages in one query."""
    found = Edition.objects.withdrawn_since_signed().filter(document__in=[e.document_id for e in editions])
    return list(found.select_related("document", "withdrawn_by").defer("page_text", "card_text"))


def _before(editions: list[Edition]) -> dict[int, Edition]:
    """What each edition is compared with (see `Edition.edition_before`), by its key, in two queries."""
    answering = Edition.objects.answering().filter(document__in=[e.document_id for e in editions])
    earlier = list(answering.order_by("-number").values_list("pk", "document_id", "number"))
    chosen = {}
    for edition in editions:
        own = (pk for pk, of, number in earlier if of == edition.document_id and number < edition.number)
        if found := next(own, None):
            chosen[edition.pk] = found
    rows = Edition.objects.in_bulk(chosen.values())
    return {pk: rows[before] for pk, before in chosen.items()}


@admin.register(Batch)
class BatchAdmin(ReadOnly, PublishingAdmin):
    logs_values = True
    list_display = ("what", "change_note", "by", "at", "pages", "waiting")
    list_select_related = ("by",)
    search_fields = ("about", "change_note")
    fields = ("what", "change_note", "by", "at", "editions")
    readonly_fields = ("what", "editions")
    row_actions = (
        Action(
            "sign",
            "Sign all…",
            lambda batch: batch.signing_permission,
            sign,
            SignBatchForm,
            help_text="You say by this that you have read what changed on these pages, with the claims and "
            "sources, and take responsibility for their sealed words.",
            is_open=lambda batch: batch.editions.waiting().exists(),
            why_closed=none_waits,
            template="admin/batch_sign.html",
        ),
        Action(
            "send-back",
            "Send all back…",
            lambda batch: batch.signing_permission,
            send_back,
            ReturnForm,
            help_text="Every page of this change that waits goes back. The writers find the reason above "
            "their drafts.",
            is_open=lambda batch: batch.editions.waiting().exists(),
            why_closed=none_waits,
            is_destructive=True,
        ),
    )

    def get_queryset(self, request):
        waiting = Count("editions", filter=Q(editions__signed_at=None, editions__returned_at=None))
        claim = Claim.objects.filter(key=Substr(OuterRef("about"), len("claim:") + 1)).values("sentence")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(all_pages=Count("editions"), waiting_pages=waiting, sentence=Subquery(claim))
        )

    @admin.display(description="what changed", ordering="about")
    def what(self, batch):
        kind, _, key = batch.about.partition(":")
        return f"{kind.capitalize()} {key}" + (f": {batch.sentence}" if batch.sentence else "")

    @admin.display(description="pages", ordering="all_pages")
    def pages(self, batch):
        return batch.all_pages

    @admin.display(description="waiting for a signature", ordering="waiting_pages")
    def waiting(self, batch):
        return batch.waiting_pages

    @admin.display(description="its pages")
    def editions(self, batch):
        rows = batch.editions.select_related("document").defer("page_text", "card_text").with_status()
        told = (
            (reverse("admin:publishing_edition_change", args=[e.pk]), e, e.status.label)
            for e in rows.order_by("document__title", "pk")
        )
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a>: {}</li>', told))

    def action_context(self, request, row, action, refused):
        if action.name != "sign":
            return {}
        ready = row.ready_for(request.user)
        pages = _pages(ready.editions)
        combined = combine((edition.document.title, earlier, page) for edition, earlier, page in pages)
        told = _told(pages, combined.pages)
        return {
            "withdrawals": _withdrawals(ready.editions),
            "combined": combined,
            "natures": list(dict.fromkeys(e.nature_name for e in ready.editions if e.nature)),
            "apart": [(e, reason, _address(e)) for e, reason in ready.apart],
            "pages": told,
            "pages_with_more": [one for one in told if _has_more(one)],
            "pages_with_no_more": [one for one in told if not _has_more(one)],
            "returning": ReturnForm(row=row, by=request.user),
            "send_back": self.address("send-back", row),
            "deciding": {
                "sign": f"Sign {len(pages)} page{'' if len(pages) == 1 else 's'}",
                "them": "them all",
                "send_back": "Send all back",
                "back": "Back",
            },
            "is_waiting": bool(ready.editions or ready.apart),
        }


def _pages(editions: list[Edition]) -> list[tuple[Edition, Page | None, Page]]:
    """Each edition with the page that its own is compared with (None where there is none), and its own."""
    before = _before(editions)
    earlier = (before.get(edition.pk) for edition in editions)
    return [
        (edition, old.page if old and old.is_intact else None, edition.page)
        for edition, old in zip(editions, earlier, strict=True)
    ]


def _told(pages: list[tuple[Edition, Page | None, Page]], changes: Iterable) -> list[dict]:
    return [
        {
            "change": change,
            "address": _address(edition),
            "preview": _address(edition, "preview"),
            "judge": to_judge_since(earlier, page)[0],
        }
        for (edition, earlier, page), change in zip(pages, changes, strict=True)
    ]


def _has_more(told: dict) -> bool:
    """Whether something is to be said of a page beside the claims and sources of the whole change."""
    return bool(told["change"].address or told["change"].passages or told["judge"])


def _address(edition: Edition, view: str = "change") -> str:
    return reverse(f"admin:publishing_edition_{view}", args=[edition.pk])

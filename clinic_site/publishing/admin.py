"""The admin of documents and editions, and the base that each room's documents stand on (`DocumentAdmin`)."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from django.views.decorators.clickjacking import xframe_options_sameorigin

from clinic_site.evidence import admin as evidence_admin
from clinic_site.evidence.models import Claim
from clinic_site.publishing.checks import to_judge
from clinic_site.publishing.comparing import compare
from clinic_site.publishing.editor import ProseField, security_policy
from clinic_site.publishing.models import Document, Edition, Live, Mark, Picture, Refused, Section, Stop, UrgentHelp
from clinic_site.publishing.reading import Reading
from clinic_site.staff.admin_bases import NoDetours, ReadOnly, RoomAdmin, RoomForm, SingleRowAdmin, Step, StepForm
from clinic_site.staff.second_factor_forms import AsksAgain

WAITING = "waiting for a signature"
STANDINGS = (WAITING, "sent back", "signed", "scheduled", "live", "earlier", "withdrawn")


def with_standing(editions):
    """Editions annotated with `standing`: what `Edition.state` says, for lists, in the query itself."""
    return editions.annotate(
        standing=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(returned_at__isnull=False, then=Value("sent back")),
            When(signed_at=None, then=Value(WAITING)),
            When(Exists(Live.objects.filter(edition=OuterRef("pk"))), then=Value("live")),
            When(live_from=None, then=Value("signed")),
            When(live_from__gt=timezone.now(), then=Value("scheduled")),
            default=Value("earlier"),
        )
    )


class DraftReading(Reading):
    """A page that nobody has signed, with what the public templates ask a `Reading` for: as if it were signed today."""

    reviewed_by = "(not signed)"
    updated_on = seal = None
    is_overdue = is_sample = False

    @property
    def reviewed_on(self):
        return timezone.localdate()


# --- steps ------------------------------------------------------------------------------------------------------------


class NoteForm(StepForm):
    change_note = forms.CharField(
        label="What changed, and why?",
        help_text="A sentence or two. Patients can read it in the page's history.",
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        required=False,  # the verb refuses an empty one, in its own words
    )


class ReasonForm(StepForm):
    because = forms.CharField(label="Why?", max_length=2000, widget=forms.Textarea({"rows": 3}), required=False)


class PublicReasonForm(ReasonForm):
    because = forms.CharField(
        label="Why?", help_text="Patients read this where the page was.", max_length=2000,
        widget=forms.Textarea({"rows": 3}), required=False,
    )  # fmt: skip


class MomentForm(StepForm):
    """When patients can read it."""

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        label="When can patients read it?", choices=[(NOW, "At once"), (LATER, "From a time that I choose")],
        widget=forms.RadioSelect, initial=NOW,
    )  # fmt: skip
    live_from = forms.DateTimeField(
        label="From", required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["live_from"].help_text = f"In the clinic's own time ({settings.TIME_ZONE})."

    def clean(self):
        cleaned = super().clean()
        when, live_from = cleaned.pop("when", None), cleaned.get("live_from")
        if when == self.LATER and not live_from and "live_from" not in self.errors:
            self.add_error("live_from", "Choose the day and the time.")
        if when != self.LATER and live_from:
            self.add_error("when", "You wrote a time as well. Choose “From a time that I choose”, or empty the time.")
        return {**cleaned, **self.chosen(when)}

    def chosen(self, when) -> dict:
        return {}


class SignForm(AsksAgain, MomentForm):
    HOLD = "hold"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["when"].choices += [(self.HOLD, "Not yet: somebody publishes it later")]
        if settings.SOLE_CLINICIAN and self.row.writers.filter(user=self.by).exists():
            self.fields["own_work_because"] = forms.CharField(
                label="You wrote part of this. Why do you sign it yourself?", max_length=300,
                help_text="Patients read it under the page.", widget=forms.Textarea({"rows": 2}),
            )  # fmt: skip

    def chosen(self, when):
        return {"hold": when == self.HOLD}


def _from_when(edition) -> str:
    if edition.live_from is None:
        return "Patients can't read it until somebody publishes it."
    if edition.live_from > timezone.now():
        return f"Patients can read it from {timezone.localtime(edition.live_from):%-d %B %Y, %H:%M}."
    return "Patients can read it now."


def submit(document, *, by, change_note):
    edition = document.submit(by=by, change_note=change_note)
    return f"Edition {edition.number} waits for a signature. Its words are sealed; you can go on working on the draft."


def withdraw(row, *, by, because):
    row.withdraw(by=by, because=because)
    return f"Withdrawn. Patients read the reason instead: {because.strip()}"


def sign(edition, *, by, **how):
    edition.sign(by=by, **how)
    return f"Edition {edition.number} is signed. {_from_when(edition)}"


def publish(edition, *, by, live_from):
    edition.publish(by=by, live_from=live_from)
    return f"Edition {edition.number} is published. {_from_when(edition)}"


def send_back(edition, *, by, because):
    edition.send_back(by=by, because=because)
    return f"Edition {edition.number} went back to its writers: {because.strip()}"


def stop_saying(claim, *, by, because):
    Stop.say(claim, by=by, because=because)
    return f"Patients no longer read [[{claim.key}]], on any page: {because.strip()}"


def lift(stop, *, by):
    stop.lift(by=by)
    return f"Patients read [[{stop.claim.key}]] again."


class PublishingAdmin(RoomAdmin):
    """A room's admin whose verbs refuse with `Refused`."""

    refusals = (Refused, PermissionError)


# --- documents --------------------------------------------------------------------------------------------------------


class SectionForm(RoomForm):
    body = ProseField(label="Text")

    class Meta:
        model = Section
        fields = ("anchor", "heading", "body", "picture", "position")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["anchor"].required = False
        self.fields["anchor"].disabled = self.is_required_part
        self.fields["anchor"].help_text = "The end of the link that leads to this part. Left empty: made from the heading."

    @property
    def is_required_part(self) -> bool:
        """One of the parts that every page of its kind has: its anchor stays, and it's left empty rather than deleted."""
        section = self.instance
        return bool(section.pk) and section.anchor in Document.kinds[section.document.kind].PARTS

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("anchor") and "anchor" not in self.errors:
            cleaned["anchor"] = slugify(cleaned.get("heading", ""))[:60]
            if not cleaned["anchor"]:
                self.add_error("heading", "Give this part a heading.")
        return cleaned


class SectionFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.is_required_part and "DELETE" in form.fields:
            form.fields["DELETE"].disabled = True


class SectionInline(NoDetours, admin.StackedInline):
    """A draft's sections, in the order in which patients read them."""

    model = Section
    form = SectionForm
    formset = SectionFormSet
    extra = 0
    autocomplete_fields = ("picture",)
    fieldsets = (
        (None, {"fields": ("heading", "body")}),
        ("Picture and place", {"fields": ("picture", ("anchor", "position")), "classes": ("collapse",)}),
    )
    verbose_name = "part"
    verbose_name_plural = "parts of the page"

    def get_queryset(self, request):
        rank = [When(anchor=anchor, then=Value(i)) for i, anchor in enumerate(self.parent_model.PARTS)]
        return (
            super().get_queryset(request).select_related("document", "picture")
            .annotate(rank=Case(*rank, default=Value(len(rank)), output_field=IntegerField())).order_by("rank", "position", "pk")
        )  # fmt: skip


class DocumentAdmin(PublishingAdmin):
    """Drafts: written, checked, previewed, submitted. A room names the template of its page in `page_template`."""

    change_form_template = "admin/document_change_form.html"
    actions = None
    list_display = ("title", "newest_standing", "is_live", "review_due_on", "changed_at")
    search_fields = ("title", "slug", "summary")
    inlines = (SectionInline,)
    page_template = ""
    steps = (
        Step(
            "submit", "Submit for signature…", "publishing.submit_document", submit, NoteForm,
            explained="The draft as it was last saved is sealed as an edition. Somebody who didn't write it signs it, and then "
            "patients can read it.",
        ),
        Step(
            "withdraw", "Withdraw…", "publishing.withdraw_edition", withdraw, PublicReasonForm,
            explained="Takes the page away from patients at once. To bring it back, submit the draft again and have it signed.",
            is_open=lambda document: Live.objects.filter(document=document.pk).exists(), takes_away=True,
        ),
    )  # fmt: skip

    def public_page(self, page) -> tuple[str, dict]:
        """The template that patients read `page` in, and what that needs beside the page."""
        return self.page_template, {}

    # --- lists ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request):
        newest = with_standing(Edition.objects.filter(document=OuterRef("pk"))).order_by("-number")
        return (
            super().get_queryset(request)
            .annotate(
                newest_standing=Subquery(newest.values("standing")[:1]), newest_number=Subquery(newest.values("number")[:1]),
                live_signed_at=F("live__edition__signed_at"),
            )
        )  # fmt: skip

    @admin.display(description="newest edition", ordering="newest_standing")
    def newest_standing(self, document):
        return f"{document.newest_number}: {document.newest_standing}" if document.newest_number else "none: draft"

    @admin.display(description="live", boolean=True, ordering="live_signed_at")
    def is_live(self, document):
        return document.live_signed_at is not None

    @admin.display(description="review due", ordering="live_signed_at")
    def review_due_on(self, document):
        if document.live_signed_at:
            return timezone.localdate(document.live_signed_at) + timedelta(days=document.REVIEW_DAYS)
        return None

    def view_on_site(self, document):
        return document.get_absolute_url() if document.live_signed_at else None

    # --- the draft ------------------------------------------------------------------------------------------------

    def get_urls(self):
        views = [("preview", self.preview_view), ("compare", self.compare_view)]
        return [
            *(path(f"<path:object_id>/{name}/", self.admin_site.admin_view(v), name=self.url_name(name)) for name, v in views),
            *super().get_urls(),
        ]

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ("title",)}

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        document = form.instance
        if not change:
            Section.objects.bulk_create(
                Section(document_id=document.pk, anchor=anchor, position=i) for i, anchor in enumerate(self.model.PARTS)
            )

    def response_add(self, request, obj, post_url_continue=None):
        if "_addanother" not in request.POST and "_popup" not in request.POST:
            messages.success(request, "The draft is there. Now write its parts.")
            return redirect(self.address("change", obj))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        for then in ("preview", "submit"):
            if f"_then_{then}" in request.POST:
                return redirect(self.address(then, obj))
        return super().response_change(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        response = super().changeform_view(request, object_id, form_url, extra_context)
        response._csp_update = security_policy()
        return response

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            findings = obj.findings()
            context |= {
                "findings": findings,
                "stopping": sum(finding.stops for finding in findings),
                "advice": sum(not finding.stops for finding in findings),
                "newest": obj.editions.order_by("-number").defer("page_text", "card_text").first(),
                "preview": self.address("preview", obj),
                "compare": self.address("compare", obj) if obj.newest_number else "",
                "review_due_on": self.review_due_on(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def context_of_step(self, request, row, step, refused):
        if step.name != "submit":
            return {}
        return {"findings": (refused and refused.findings) or row.findings(), "preview": self.address("preview", row)}

    def delete_view(self, request, object_id, extra_context=None):
        document = self.get_object(request, unquote(object_id))
        if document and self.has_view_or_change_permission(request, document) and document.newest_number:
            messages.error(
                request,
                "This draft was submitted before, so it can't be deleted: what patients may have read is kept. "
                "Withdraw the page instead.",
            )
            return redirect(self.address("change", document))
        return super().delete_view(request, object_id, extra_context)

    # --- comparing and previewing ---------------------------------------------------------------------------------

    def compare_view(self, request, object_id):
        """The draft as it was last saved, beside an edition: by itself the one that patients read."""
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, document):
            raise PermissionDenied
        live = Live.objects.filter(document=document.pk).values_list("edition", flat=True).first()
        before = chosen_edition(request, document, live)
        return comparison_page(self, request, document, document, before, document.compose(), "The draft, compared")

    def preview_view(self, request, object_id):
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, document):
            raise PermissionDenied
        edition = Edition(
            document=document, kind=document.KIND, slug=document.slug, number=(document.newest_number or 0) + 1,
            posted_on=document.first_posted_on(), submitted_at=timezone.now(),
        )  # fmt: skip
        return self.render_page(request, DraftReading(document.compose(), edition))

    def render_page(self, request, reading):
        """The public template with a page that patients may not read yet."""
        template, context = self.public_page(reading.page)
        response = render(
            request,
            "publishing/preview.html",
            {
                **context, "public_template": template, "reading": reading, "page": reading.page,
                "canonical": settings.SITE_URL + reading.address, "is_preview": isinstance(reading, DraftReading),
            },
        )  # fmt: skip
        response["X-Robots-Tag"] = "noindex"
        return response


# --- editions ---------------------------------------------------------------------------------------------------------


def chosen_edition(request, document, default: int | None) -> Edition | None:
    """The edition of that document that the address asks to compare with, by its number; else that of the key `default`."""
    number = request.GET.get("with", "")
    editions = document.editions.all()
    wanted = editions.filter(number=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 9 else None
    return wanted or editions.filter(pk=default).first() or editions.order_by("-number").first()


def comparison_page(room, request, row, document, before: Edition | None, after, title: str):
    """What changed from the edition `before` to the page `after`, with every other edition to choose from."""
    editions = with_standing(document.editions.defer("page_text", "card_text")).order_by("-number")
    context = {
        **room.admin_site.each_context(request), "title": title, "original": row, "opts": room.opts,
        "back": room.address("change", row), "chosen": str(before.number) if before else "",
        "choices": [(str(e.number), f"Edition {e.number}, {e.standing}") for e in editions],
        "since": f"edition {before.number}" if before else "",
        "comparison": compare(before.page if before and before.is_intact else None, after),
    }  # fmt: skip
    return TemplateResponse(request, "admin/compare.html", context)


def figure_in_words(figure) -> tuple[str, str]:
    """A sealed claim's figure and its comparator's, as a signer reads them."""
    if figure is None:
        return "–", "–"

    def span(low, high):
        return f"{low:g}" if high is None else f"{low:g} to {high:g}"

    measured = f"{span(figure.low, figure.high)} {figure.unit}: {figure.measure}"
    people = [figure.population, f"n = {figure.n}" if figure.n else "", f"day {figure.at_days}" if figure.at_days else ""]
    compared = str(Claim.Comparator(figure.comparator).label) if figure.comparator else "–"
    if figure.comparator_low is not None:
        compared = f"{compared}: {span(figure.comparator_low, figure.comparator_high)} {figure.unit}"
    return "; ".join([measured, *filter(None, people)]), compared


class StandingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [(standing, standing.capitalize()) for standing in STANDINGS]

    def queryset(self, request, queryset):
        return queryset.filter(standing=self.value()) if self.value() in STANDINGS else queryset


@admin.register(Edition)
class EditionAdmin(ReadOnly, PublishingAdmin):
    """Editions are looked at, and moved by steps; nobody fills in a form to change one."""

    change_form_template = "admin/edition_change_form.html"
    list_display = ("title", "number", "kind", "standing", "submitted_by", "submitted_at", "signed_by")
    list_filter = (StandingFilter, "kind")
    list_select_related = ("document", "submitted_by", "signed_by")
    search_fields = ("document__title", "slug")
    ordering = (Case(When(signed_at=None, returned_at=None, then=Value(0)), default=Value(1)).asc(), "-submitted_at")
    fieldsets = (
        (None, {"fields": ("title", "number", "standing", "change_note", "written_by", "submitted_at", "posted_on", "seal")}),
        ("What happened to it", {"fields": ("signed", "live_from", "returned", "withdrawn")}),
    )
    steps = (
        Step(
            "sign", "Sign…", lambda edition: edition.signing_permission, sign, SignForm,
            explained="You say by this that you have read these sealed words, with their claims and sources, and stand for them.",
            is_open=lambda edition: edition.is_waiting,
        ),
        Step(
            "publish", "Publish…", "publishing.schedule_edition", publish, MomentForm,
            is_open=lambda edition: edition.is_signed and not edition.live_from and not edition.withdrawn_at,
        ),
        Step(
            "send-back", "Send back…", lambda edition: edition.signing_permission, send_back, ReasonForm,
            explained="Say what has to change. The writers find it above their draft.",
            is_open=lambda edition: edition.is_waiting, takes_away=True,
        ),
        Step(
            "withdraw", "Withdraw…", "publishing.withdraw_edition", withdraw, PublicReasonForm,
            explained="Takes these words away from patients at once, or calls off their date.",
            is_open=lambda edition: edition.is_signed and not edition.withdrawn_at, takes_away=True,
        ),
    )  # fmt: skip

    def get_queryset(self, request):
        return with_standing(super().get_queryset(request)).defer("page_text", "card_text")

    def get_urls(self):
        views = [("preview", xframe_options_sameorigin(self.preview_view)), ("compare", self.compare_view)]
        return [
            *(path(f"<path:object_id>/{name}/", self.admin_site.admin_view(v), name=self.url_name(name)) for name, v in views),
            *super().get_urls(),
        ]

    @admin.display(description="page", ordering="document__title")
    def title(self, edition):
        return edition.document.title

    @admin.display(description="state", ordering="standing")
    def standing(self, edition):
        return edition.standing

    @admin.display(description="written by")
    def written_by(self, edition):
        names = [str(writer.user) for writer in edition.writers.select_related("user")]
        return f"{', '.join(names)}; submitted by {edition.submitted_by}"

    @admin.display(description="seal")
    def seal(self, edition):
        if edition.is_intact:
            return f"Intact: {edition.digest}"
        return "BROKEN: these aren't the words that were sealed. Nobody is shown them. Tell whoever looks after the site."

    @admin.display(description="signed")
    def signed(self, edition):
        if not edition.signed_at:
            return "No."
        sample = " (a sample)" if edition.signed_as_sample else ""
        own = f" They wrote part of it, because: {edition.own_work_because}" if edition.own_work_because else ""
        return f"{timezone.localtime(edition.signed_at):%-d %B %Y, %H:%M}, {edition.signed_name}{sample}.{own}"

    @admin.display(description="sent back")
    def returned(self, edition):
        if not edition.returned_at:
            return "No."
        return f"{timezone.localtime(edition.returned_at):%-d %B %Y, %H:%M}, {edition.returned_by}: {edition.returned_because}"

    @admin.display(description="withdrawn")
    def withdrawn(self, edition):
        if not edition.withdrawn_at:
            return "No."
        return f"{timezone.localtime(edition.withdrawn_at):%-d %B %Y, %H:%M}, {edition.withdrawn_by}: {edition.withdrawn_because}"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        drafts = self.admin_site.get_model_admin(Document.kinds[obj.kind])
        context |= {
            "preview": self.address("preview", obj),
            "compare": self.address("compare", obj) if obj.number > 1 else "",
            "sealed": (sealed := obj.page if obj.is_intact else None),
            "claims": [(claim, *figure_in_words(claim.figure)) for claim in sealed.claims] if sealed else [],
            "judge": to_judge(sealed) if sealed else [],
            "stopped": obj.stopped_claims(),
            "draft": drafts.address("change", obj.document) if drafts.has_view_or_change_permission(request) else "",
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def context_of_step(self, request, row, step, refused):
        """Whoever signs or sends back reads what changed, and what the checks leave to their judgement."""
        if step.name not in ("sign", "send-back") or not row.is_intact:
            return {}
        before = row.edition_before()
        return {
            "comparison": compare(before.page if before and before.is_intact else None, row.page),
            "since": f"edition {before.number}" if before else "",
            "findings": to_judge(row.page), "findings_title": "For you to judge: what stands without a source",
            "preview": self.address("preview", row),
        }  # fmt: skip

    def compare_view(self, request, object_id):
        edition = self.get_object(request, unquote(object_id))
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        if not edition.is_intact:
            return self.preview_view(request, object_id)
        earlier = edition.edition_before()
        before = chosen_edition(request, edition.document, earlier and earlier.pk)
        return comparison_page(
            self, request, edition, edition.document, before, edition.page, f"Edition {edition.number}, compared"
        )

    def preview_view(self, request, object_id):
        """The sealed words in the template that patients will read them in. The edition's own admin page frames it."""
        edition = self.get_object(request, unquote(object_id))
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        if not edition.is_intact:
            context = {**self.admin_site.each_context(request), "title": "A broken seal"}
            response = render(request, "admin/broken_seal.html", context)
        else:
            reading = (Reading if edition.is_signed else DraftReading)(edition.page, edition)
            response = self.admin_site.get_model_admin(Document.kinds[edition.kind]).render_page(request, reading)
        response._csp_replace = {"frame-ancestors": ["'self'"]}
        return response


# --- claims, as this room sees them -----------------------------------------------------------------------------------

admin.site.unregister(Claim)


def _live_pages_with(claim):
    return Live.objects.filter(edition__marks__kind=Mark.Kind.CLAIM, edition__marks__key=claim.key).select_related("document")


def _drafts_with(claim):
    mark = f"[[{claim.key}]]"
    return Document.objects.filter(Q(sections__body__contains=mark) | Q(summary__contains=mark)).distinct()


@admin.register(Claim)
class ClaimAdmin(evidence_admin.ClaimAdmin, PublishingAdmin):
    """A claim with the pages that it stands on, and the button that stops it."""

    fieldsets = (*evidence_admin.ClaimAdmin.fieldsets, ("Where it stands", {"fields": ("said_on", "stopped")}))
    readonly_fields = (*evidence_admin.ClaimAdmin.readonly_fields, "said_on", "stopped")
    steps = (
        *evidence_admin.ClaimAdmin.steps,
        Step(
            "stop", "Stop saying this…", "publishing.add_stop", stop_saying, ReasonForm,
            explained="Patients stop reading this statement at once, on every page, old editions included. They read that it is "
            "being checked. A clinician or a manager can lift the stop. Your reason is for them.",
            is_open=lambda claim: not Stop.objects.open().filter(claim=claim).exists(), takes_away=True,
        ),
    )  # fmt: skip

    @admin.display(description="pages that patients read")
    def said_on(self, claim):
        pages = [(live.get_absolute_url(), live.document.title) for live in _live_pages_with(claim)] if claim.pk else []
        rows = format_html_join("", '<li><a href="{}">{}</a></li>', pages)
        return format_html("<ul>{}</ul>", rows) if rows else "None now."

    @admin.display(description="stopped")
    def stopped(self, claim):
        stop = Stop.objects.open().filter(claim=claim.pk).select_related("by").first()
        if stop is None:
            return "No."
        return format_html(
            'Since {}, by {}: {} <a href="{}">See the stop</a>',
            f"{timezone.localtime(stop.at):%-d %B %Y, %H:%M}", stop.by, stop.because,
            reverse("admin:publishing_stop_change", args=[stop.pk]),
        )  # fmt: skip

    def in_use_by(self, row):
        yield from super().in_use_by(row)
        if Mark.objects.filter(kind=Mark.Kind.CLAIM, key=row.key).exists():
            yield f"Editions that say [[{row.key}]]: they keep it for good"
        for document in _drafts_with(row):
            yield f"Draft: {document}"


@admin.register(Stop)
class StopAdmin(ReadOnly, PublishingAdmin):
    """Stops are said on the claim itself, and lifted here."""

    list_display = ("claim", "because", "by", "at", "lifted_at", "lifted_by")
    list_select_related = ("claim", "by", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("claim__key", "because")
    ordering = (F("lifted_at").desc(nulls_first=True), "-at")
    fields = ("claim", "because", "by", "at", "lifted_at", "lifted_by")
    steps = (
        Step(
            "lift", "Lift…", "publishing.lift_stop", lift, is_open=lambda stop: not stop.lifted_at,
            explained="Patients read the claim again at once, wherever a signed edition says it.",
        ),
    )  # fmt: skip


# --- what pages are made with -----------------------------------------------------------------------------------------


@admin.register(UrgentHelp)
class UrgentHelpAdmin(SingleRowAdmin):
    fields = ("title", "lead", "signs", "closing")


@admin.register(Picture)
class PictureAdmin(RoomAdmin):
    list_display = ("thumbnail", "alt", "is_decorative", "size", "added_at")
    list_display_links = ("thumbnail", "alt")
    search_fields = ("alt", "credit", "file")
    fields = ("file", "thumbnail", "size", "alt", "is_decorative", "credit", "consent")
    readonly_fields = ("thumbnail", "size")

    @admin.display(description="picture")
    def thumbnail(self, picture):
        if not picture.pk:
            return "Not uploaded yet."
        smallest = picture.files["webp"][-1][1]
        return format_html('<img class="thumbnail" src="{}" alt="{}">', reverse("media", args=[smallest]), picture.alt)

    @admin.display(description="size")
    def size(self, picture):
        return f"{picture.width} × {picture.height} pixels" if picture.width else "–"

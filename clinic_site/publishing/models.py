"""How words reach patients.

Staff write a `Document`; submitting it seals the page that it makes as an `Edition`; a clinician signs that
edition; then a row of `Live` points at it. The public site reads live editions and nothing else.

What is live, and the stops laid over it, stands in `live.py`; when a review is due in `reviewing.py`; a
doctor who signs their own words in `own_work.py`.

What must stay true, here and in the database:
- An edition's words never change; each of its stamps is set once. (append_only)
- Whoever saved the draft since the edition before can't sign it, whatever their role. (trigger, CHECK)
- Only somebody whose role signs this kind of page can sign it, a medical one with a registration; superusers
  are no exception. (triggers)
- Where a clinic with one doctor lets that doctor sign their own words, a day has passed since they were
  submitted, and the whole checklist is ticked and kept. (trigger)
- Only a signed edition of that very document, not withdrawn, can be live. (trigger)
- An address that was live once belongs to its document for good. (unique)
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from modelsearch import index

from clinic_site.accounts.roles import CLINICIAN, MANAGER
from clinic_site.append_only import Rule, WrittenOnce, WrittenOnceQuerySet
from clinic_site.audit_log.models import DraftSave
from clinic_site.editorial.checks import Draft, Finding, examine
from clinic_site.evidence.models import Claim
from clinic_site.pages import compose, decompose, redaction, shapes
from clinic_site.pages.diff import ClaimChange, digest_of_changes, reworded
from clinic_site.publishing import reviewing
from clinic_site.publishing.kinds import KINDS
from clinic_site.publishing.live import (  # noqa: F401 : models of this room among them
    Address,
    Live,
    Mark,
    Stop,
    refuse_taken_address,
    stopped_keys,
    stopped_now,
    taken_address,
)
from clinic_site.publishing.own_work import OWN_WORK_ASKED, OWN_WORK_CHECKLIST, OWN_WORK_RESTS, own_work
from clinic_site.publishing.pictures import Picture, held_back_rule
from clinic_site.publishing.refusing import Refused, refuse_medical_words
from clinic_site.publishing.reviewing import WITHDRAWN_AFTER
from clinic_site.publishing.urgent import URGENT_WORDS, UrgentHelp  # noqa: F401 : a model of this room

REWORDED = (
    "A claim on this page was changed since it was submitted. Read what it says now, and sign the sealed "
    "words all the same, or send them back."
)
MOST_AHEAD = timedelta(days=730)  # that a page is signed for
RESERVED = {"compare", "topics", "feed", "history", "ask"}


def check_slug(slug: str) -> None:
    """Raises ValidationError for an address that the site needs itself."""
    if slug in RESERVED or re.fullmatch(r"\d{4}", slug):
        raise ValidationError({"slug": f"“{slug}” is an address that the site uses itself. Choose another."})


class Document(models.Model):
    """What staff write: one working draft, with an address.

    Rooms add their own kind of document as a subclass.

    A subclass names its `KIND`, its `page_shape` (a `pages.Page`), the `PARTS` that its page must have
    (anchor: heading), its `url_name`, how long a signature holds (`REVIEW_DAYS`) and the role that signs
    (`SIGNED_BY`), and implements `compose_with(composer)`.
    """

    KIND = ""
    PARTS: dict[str, str] = {}
    REVIEW_DAYS = 365
    SIGNED_BY = CLINICIAN
    url_name = ""
    page_shape = shapes.Page
    kinds: dict[str, type["Document"]] = KINDS

    kind = models.CharField(max_length=12, editable=False)
    slug = models.SlugField(
        "address",
        max_length=80,
        help_text="The last part of the page's address. Changing it leaves a redirect.",
    )
    title = models.CharField(max_length=160)
    summary = models.CharField(
        max_length=300, blank=True, help_text="One line: what a card and a search result show."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("submit_document", "May submit a draft for signature")]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="one_draft_an_address")]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.KIND:
            KINDS[cls.KIND] = cls

    def __str__(self):
        return self.title

    @classmethod
    def due_on(cls, key: int | None, signed_on: date) -> date:
        """When the review of the document with that key is due, signed on that day."""
        return reviewing.due_on(cls.REVIEW_DAYS, key, signed_on)

    def save(self, *args, **kwargs):
        self.kind = self.KIND or self.kind
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        check_slug(self.slug)
        kind = self.KIND or self.kind
        if Document.objects.filter(kind=kind, slug=self.slug).exclude(pk=self.pk).exists():
            raise ValidationError({"slug": "Another draft of this kind has this address."})
        if Address.objects.filter(kind=kind, slug=self.slug).exclude(document_id=self.pk).exists():
            raise ValidationError(
                {"slug": "Another page had this address once, and old links must go on leading there."}
            )

    @classmethod
    def address_of(cls, slug: str) -> str:
        """The public address of a page of this kind."""
        return reverse(cls.url_name, args=[slug])

    def get_absolute_url(self):
        """Where patients find it: the address of the live edition, or that of the draft if there is none."""
        live = getattr(self, "live", None)
        return Document.kinds[self.kind].address_of(live.slug if live else self.slug)

    @property
    def specific(self) -> "Document":
        """The same document as its own kind."""
        if type(self) is not Document:
            return self
        return Document.kinds[self.kind].objects.get(pk=self.pk)

    # --- from draft to page ---------------------------------------------------------------------------------

    def texts(self) -> list[str]:
        """Every text of the draft that may refer to claims."""
        return [self.summary, *(s.body for s in self.ordered_sections())]

    def own_keys(self) -> list[str]:
        """Claim keys that the draft refers to outside its texts."""
        return []

    def ordered_sections(self) -> list["Section"]:
        """The draft's sections in the order that patients see: the fixed parts first, then the others."""
        rank = {anchor: i for i, anchor in enumerate(self.PARTS)}
        found = self.sections.select_related("picture") if self.pk else []
        return sorted(found, key=lambda s: (rank.get(s.anchor, len(rank)), s.position, s.pk))

    def heading_of(self, section: "Section") -> str:
        return section.heading or self.PARTS.get(section.anchor, "")

    def parts(self, composer: compose.Composer) -> tuple[shapes.Part, ...]:
        """The draft's sections, rendered. Empty ones are left out."""
        made = []
        for section in self.ordered_sections():
            html = composer.prose(section.body)
            if html or section.picture:
                image = section.picture.as_image() if section.picture else None
                made.append(
                    shapes.Part(
                        anchor=section.anchor, heading=self.heading_of(section), html=html, image=image
                    )
                )
        return tuple(made)

    def compose_with(self, composer: compose.Composer) -> shapes.Page:
        raise NotImplementedError

    def missing(self) -> list[str]:
        """What the draft lacks beside its parts, in words for staff."""
        return []

    def draft(self) -> Draft:
        """The page as it would be sealed now, with what it was made from."""
        composer = compose.Composer([*compose.keys_in(*self.texts()), *self.own_keys()])
        page = self.compose_with(composer)
        return Draft(
            page=page,
            claims=dict(composer.used),
            unknown=tuple(composer.unknown),
            required=self.PARTS,
            missing=tuple(self.missing()),
            is_medical=self.SIGNED_BY == CLINICIAN,
            pictures={s.anchor: s.picture for s in self.ordered_sections() if s.picture},
        )

    def compose(self) -> shapes.Page:
        """The page that this draft makes. Nothing else turns a draft into a page."""
        return self.draft().page

    def findings(self) -> list[Finding]:
        """What the editorial checks say of the draft as it stands."""
        return examine(self.draft())

    # --- verbs ----------------------------------------------------------------------------------------------

    def note_save(self, *, by) -> None:
        """Remember that `by` saved this draft: they can't sign its next edition."""
        DraftSave.objects.create(
            words=self.words_key, user=by, digest=shapes.digest_of_own(self.specific.compose())
        )

    @property
    def words_key(self) -> str:
        return f"document:{self.pk}"

    @transaction.atomic
    def submit(self, *, by, change_note: str, together: "Together | None" = None) -> "Edition":
        """Seal the draft as the next edition, waiting for a signature.

        Raises Refused, with the findings, where a check that stops complains; where `by` may not; where
        nothing changed.
        """
        if not by.has_role_permission("publishing.submit_document"):
            raise Refused("Your role doesn't submit pages.")
        refuse_taken_address(self.kind, self.slug, self.pk)
        Document.objects.select_for_update().get(pk=self.pk)
        draft = self.draft()
        findings = examine(draft)
        if any(f.stops for f in findings):
            raise Refused("The checks found something that has to be mended first.", findings)
        if not change_note.strip():
            raise Refused(
                "Say in a sentence what changed and why: patients can read it in the page's history."
            )
        refuse_medical_words(change_note)
        last = self.editions.order_by("-number").first()
        stands = last and (
            last.is_waiting or last.is_signed and not (last.withdrawn_at or last.is_near_review)
        )
        if stands and last.says(draft.page):
            raise Refused(f"Nothing changed since edition {last.number}.")
        words = shapes.seal(replace(draft.page, written_by=self.written_by(by)))
        for waiting in self.editions.waiting():
            waiting.stamp(
                returned_at=timezone.now(), returned_by=by, returned_because="Replaced by a newer edition."
            )
        edition = Edition.objects.create(
            document_id=self.pk,
            kind=self.kind,
            slug=self.slug,
            number=last.number + 1 if last else 1,
            together=together,
            change_note=change_note.strip(),
            posted_on=self.first_posted_on(),
            submitted_at=timezone.now(),
            submitted_by=by,
            **words,
        )
        # whoever worded a claim of the page, or its warning, wrote the page too
        written = [
            self.words_key,
            *(c.words_key for c in draft.claims.values()),
            *([URGENT_WORDS] if draft.page.urgent else []),
        ]
        saves = DraftSave.objects.filter(words__in=written)
        if last:
            saves = saves.filter(at__gt=last.submitted_at)
        writers = {*saves.values_list("user_id", flat=True), by.pk}
        EditionWriter.objects.bulk_create(
            EditionWriter(edition=edition, user_id=pk) for pk in sorted(writers)
        )
        Mark.objects.bulk_create(
            [Mark(edition=edition, kind=Mark.Kind.CLAIM, key=c.key) for c in draft.page.claims]
            + [Mark(edition=edition, kind=Mark.Kind.SOURCE, key=s.key) for s in draft.page.sources]
            + [Mark(edition=edition, kind=Mark.Kind.SUBJECT, key=s) for s in draft.page.subjects]
            + [Mark(edition=edition, kind=Mark.Kind.PICTURE, key=name) for name in draft.page.pictures]
        )
        return edition

    def written_by(self, by) -> str:
        """Everybody who saved the draft, the first one first; where nobody did, `by`, who submits it."""
        saves = DraftSave.objects.filter(words=self.words_key).select_related("user").order_by("at", "pk")
        people = dict.fromkeys(saved.user for saved in saves) or [by]
        return get_text_list([person.signature for person in people if person.signature], "and")

    def first_posted_on(self):
        """The date that lists sort by: today, but for what was first posted elsewhere."""
        first = self.editions.order_by("number").first()
        return first.posted_on if first else timezone.localdate()

    def take_words_of(self, page: shapes.Page) -> list[str]:
        """Make the draft say what the sealed `page` says; its address stays.

        Returns, in sentences for staff, what is no more and couldn't be taken. `Edition.restore` calls it; a
        kind of document adds what it has beside its parts.
        """
        self.title, self.summary = page.title, decompose.typed_line(page.summary)
        self.save()
        lacks = self._take_parts(page)
        known = set(
            Claim.objects.filter(key__in=(keys := compose.keys_in(*self.texts()))).values_list(
                "key", flat=True
            )
        )
        return lacks + [
            f"[[{key}]] is no claim any more. Its mark stays in the text, and the checks stop the draft "
            "until that is mended."
            for key in keys
            if key not in known
        ]

    def _take_parts(self, page: shapes.Page) -> list[str]:
        had, lacks = {section.anchor: section for section in self.sections.all()}, []
        for position, part in enumerate(page.parts):
            section = had.pop(part.anchor, None) or Section(document_id=self.pk, anchor=part.anchor)
            section.heading = "" if part.heading == self.PARTS.get(part.anchor) else part.heading
            section.body, section.position = decompose.typed(part.html), position
            section.picture = Picture.objects.filter(file=part.image.name).first() if part.image else None
            if part.image and section.picture is None:
                lacks.append(
                    f"The picture “{part.image.alt or part.image.name}” in “{part.heading}” is there no more."
                )
            section.save()
        for anchor, section in had.items():
            if anchor in self.PARTS:  # every page of its kind has that part: it's emptied
                section.heading, section.body, section.picture = "", "", None
                section.save()
            else:
                section.delete()
        return lacks

    def withdraw(self, *, by, because: str) -> str:
        """Take the page away from patients, at once and alone.

        They read `because` in its place. Returns what `if_withdrawn` said of it.
        """
        _refuse_unless_they_withdraw(by)
        live = Live.objects.filter(document_id=self.pk).select_related("edition").first()
        if live is None:
            raise Refused("This page isn't live.")
        return live.edition.withdraw(by=by, because=because)

    @property
    def if_withdrawn(self) -> str:
        """As `Edition.if_withdrawn`, of the edition that patients read."""
        live = getattr(self, "live", None)
        return (
            live.edition.if_withdrawn
            if live
            else "Patients don’t read this page now, so there is nothing to withdraw"
        )

    def open_withdrawals(self) -> list["Edition"]:
        """Its withdrawn editions that no signature since has answered, the newest first, without their text:
        whoever submits or signs the page reads why it went.
        """
        return list(
            self.editions.withdrawn_since_signed()
            .select_related("withdrawn_by")
            .defer("page_text", "card_text")
        )


def _refuse_unless_they_withdraw(by) -> None:
    if not by.has_role_permission("publishing.withdraw_edition"):
        raise Refused("Your role doesn't withdraw pages.")


class Section(models.Model):
    """A part of a draft's running text."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="sections")
    anchor = models.SlugField("part", max_length=60)
    heading = models.CharField(
        max_length=120, blank=True, help_text="Left empty: the usual heading of this part."
    )
    body = models.TextField("text", blank=True)
    picture = models.ForeignKey("Picture", models.PROTECT, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["document", "anchor"], name="one_section_a_part")]

    def __str__(self):
        return self.heading or Document.kinds[self.document.kind].PARTS.get(self.anchor, self.anchor)

    def save(self, *args, **kwargs):
        self.body = compose.clean_html(self.body)
        super().save(*args, **kwargs)


class EditionQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        return self.filter(signed_at=None, returned_at=None)

    def signed(self):
        return self.filter(signed_at__isnull=False)

    def for_cards(self):
        """Those that are live, with the few columns that a card needs, and the keys `stopped` now."""
        return (
            self.signed()
            .filter(live__isnull=False, withdrawn_at=None)
            .annotate(stopped=stopped_keys())
            .only("kind", "slug", "posted_on", "card_text", "card_digest", "signed_as_sample")
        )

    def once_live(self):
        """Those that patients could read at some time: none that was withdrawn, held up or overtaken before
        it went live.
        """
        return self.filter(went_live_at__isnull=False)

    def withdrawn_since_signed(self):
        """Withdrawn, and their page has no edition since that is signed and stands. Newest first."""
        since = Edition.objects.filter(
            document=OuterRef("document"), signed_at__gt=OuterRef("withdrawn_at"), withdrawn_at=None
        )
        return self.filter(~Exists(since), withdrawn_at__isnull=False).order_by("-withdrawn_at", "-pk")

    def scheduled(self):
        """Signed for a time to come, or due and not live yet."""
        return self.signed().filter(live_from__isnull=False, went_live_at=None, withdrawn_at=None, live=None)

    def overtaken(self, now: datetime):
        """An expression, for a row: a newer edition of its page was due before it could go live, so it never
        will.
        """
        return Exists(
            self.model.objects.filter(
                document=OuterRef("document"), number__gt=OuterRef("number"), live_from__lte=now
            )
        )

    def held_up(self) -> list[tuple["Edition", str]]:
        """Those that are scheduled, or due, and couldn't go live as things stand, each with why.

        Two queries at the most.
        """
        taken = Address.objects.filter(kind=OuterRef("kind"), slug=OuterRef("slug")).exclude(
            document=OuterRef("document")
        )
        waiting = (
            self.scheduled().filter(~self.overtaken(timezone.now())).annotate(lost_its_address=Exists(taken))
        )
        waiting = list(waiting.select_related("document").order_by("live_from"))
        stopped = stopped_now() if waiting else ()
        found = [
            (e, taken_address(e.slug) if e.lost_its_address else e.why_not_shown(stopped)) for e in waiting
        ]
        return [(edition, reason) for edition, reason in found if reason]

    def overdue(self, by: int = 0) -> list["Edition"]:
        """Those that patients read and whose review is overdue by more than `by` days, the longest first,
        without their text.
        """
        found = self.signed().filter(reviewing.signed_long_ago(by), live__isnull=False, withdrawn_at=None)
        return reviewing.longest_overdue(found.defer("page_text", "card_text"), by)


class Edition(WrittenOnce):
    """The whole page as data, sealed when it was submitted. Its stamps say what happened to it since."""

    stamps = (
        "returned_at",
        "returned_by",
        "returned_because",
        "signed_at",
        "signed_by",
        "signed_name",
        "signed_as_sample",
        "own_work_because",
        "own_work_checklist",
        "live_from",
        "went_live_at",
        "withdrawn_at",
        "withdrawn_by",
        "withdrawn_because",
        "withdrawn_overdue_days",
    )
    database_rules = (
        Rule(
            "insert",
            "INSERT",
            "NEW.returned_at IS NOT NULL OR NEW.signed_at IS NOT NULL OR NEW.own_work_because IS NOT NULL "
            "OR NEW.own_work_checklist IS NOT NULL OR NEW.live_from IS NOT NULL OR NEW.went_live_at IS NOT "
            "NULL OR NEW.withdrawn_at IS NOT NULL",
            "an edition starts without stamps",
        ),
        Rule(
            "together",
            "INSERT",
            "NEW.together_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM publishing_together t "
            "WHERE t.id = NEW.together_id AND t.by_id = NEW.submitted_by_id)",
            "whoever makes a change to several pages submits each of them",
        ),
        Rule(
            "signer_wrote",
            "UPDATE",
            "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL AND NEW.own_work_because IS NULL AND ("
            "EXISTS (SELECT 1 FROM publishing_editionwriter w WHERE w.edition_id = NEW.id AND w.user_id = "
            "NEW.signed_by_id) OR NOT EXISTS (SELECT 1 FROM publishing_editionwriter w WHERE w.edition_id = "
            "NEW.id))",
            "nobody signs what they wrote",
        ),
        Rule(
            "own_work",
            "UPDATE",
            "OLD.own_work_because IS NULL AND NEW.own_work_because IS NOT NULL AND (OLD.signed_by_id IS NOT "
            "NULL OR NOT EXISTS (SELECT 1 FROM publishing_editionwriter w WHERE w.edition_id = NEW.id AND "
            "w.user_id = NEW.signed_by_id))",
            "only whoever wrote it signs it as their own work, and when they sign",
        ),
        Rule(
            "own_work_rested",
            "UPDATE",
            "OLD.own_work_because IS NULL AND NEW.own_work_because IS NOT NULL "
            "AND LEAST(NEW.signed_at, CURRENT_TIMESTAMP) < NEW.submitted_at + INTERVAL '24 hours'",
            "own work is signed a day after it was submitted",
            refused_on_sqlite="OLD.own_work_because IS NULL AND NEW.own_work_because IS NOT NULL "
            "AND unixepoch(MIN(datetime(NEW.signed_at), datetime('now'))) - unixepoch(NEW.submitted_at) < "
            "86400",
        ),
        Rule(
            "own_work_checked",
            "UPDATE",
            "(OLD.own_work_because IS NULL AND NEW.own_work_because IS NOT NULL "
            "OR OLD.own_work_checklist IS NULL AND NEW.own_work_checklist IS NOT NULL) AND ("
            "OLD.signed_by_id IS NOT NULL OR NEW.own_work_because IS NULL OR NEW.own_work_checklist IS NULL "
            "OR "
            + " OR ".join(
                f"NEW.own_work_checklist NOT LIKE '%{line}%'"
                for line in (*OWN_WORK_CHECKLIST, f"{OWN_WORK_ASKED}_")
            )
            + ")",
            "own work is signed with its whole checklist",
        ),
        Rule(
            "signer_role",
            "UPDATE",
            "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL AND NOT EXISTS ("
            "SELECT 1 FROM accounts_user u JOIN accounts_user_groups ug ON ug.user_id = u.id JOIN auth_group "
            "g ON g.id = ug.group_id WHERE u.id = NEW.signed_by_id AND u.is_active "
            f"AND g.name = CASE WHEN NEW.kind = 'policy' THEN '{MANAGER}' ELSE '{CLINICIAN}' END)",
            "this kind of page is signed by another role",
        ),
        Rule(
            "signer_registered",
            "UPDATE",
            "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL AND NEW.kind <> 'policy' AND NOT "
            "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.signed_by_id AND u.registration_number "
            "<> '')",
            "a medical page is signed by somebody with a registration",
        ),
        Rule(
            "sample",
            "UPDATE",
            "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL AND NEW.signed_as_sample IS NOT TRUE "
            "AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.signed_by_id AND u.is_sample)",
            "what a sample signs stays labelled a sample",
        ),
        held_back_rule(
            "consent", "UPDATE", "NEW.id", "OLD.signed_by_id IS NULL AND NEW.signed_by_id IS NOT NULL AND "
        ),
    )

    document = models.ForeignKey(Document, models.PROTECT, related_name="editions")
    # the change to several pages that it's part of
    together = models.ForeignKey("Together", models.PROTECT, null=True, related_name="editions")
    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=80)
    number = models.PositiveIntegerField()
    page_text = models.TextField()
    card_text = models.TextField()
    card_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    change_note = models.TextField("what changed and why")
    posted_on = models.DateField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_because = models.TextField(null=True)  # noqa: DJ001 : a stamp, null until it happens
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=300, null=True)  # noqa: DJ001 : as it stood at the signature
    signed_as_sample = models.BooleanField(null=True)
    own_work_because = models.TextField(null=True)  # noqa: DJ001 : why the writer signed; shown on the page
    own_work_checklist = models.TextField(null=True)  # noqa: DJ001 : a stamp, as it was ticked
    live_from = models.DateTimeField(null=True)
    went_live_at = models.DateTimeField(
        null=True
    )  # since when patients could read it: later, where something held it up
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(null=True)  # noqa: DJ001 : a stamp
    # withdrawn by nobody: because its review was overdue by so many days
    withdrawn_overdue_days = models.PositiveSmallIntegerField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [
            ("sign_edition", "May sign medical pages"),
            ("sign_policy", "May sign policy pages"),
            ("withdraw_edition", "May withdraw a page"),
            ("schedule_edition", "May choose when a page goes live"),
            ("restore_edition", "May make an older edition the draft again"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_edition_a_number"),
            models.UniqueConstraint(fields=["together", "document"], name="one_edition_a_page_of_a_change"),
            # one doctor's clinic aside (which then says so), the submitter is never the signer
            models.CheckConstraint(
                condition=Q(signed_by=None)
                | ~Q(signed_by=F("submitted_by"))
                | Q(own_work_because__isnull=False),
                name="submitter_is_not_signer",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, signed_name=None, signed_as_sample=None)
                | Q(
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                    signed_name__isnull=False,
                    signed_as_sample__isnull=False,
                ),
                name="a_signature_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_by=None, returned_because=None)
                | Q(returned_at__isnull=False, returned_by__isnull=False, returned_because__isnull=False),
                name="a_return_has_a_name_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at=None, withdrawn_by=None, withdrawn_because=None, withdrawn_overdue_days=None
                )
                | Q(withdrawn_at__isnull=False, withdrawn_because__isnull=False)
                & (
                    Q(withdrawn_by__isnull=False, withdrawn_overdue_days=None)
                    | Q(
                        withdrawn_by=None,
                        withdrawn_overdue_days__isnull=False,
                        withdrawn_overdue_days__gt=WITHDRAWN_AFTER,
                    )
                ),
                name="a_withdrawal_has_a_name_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(returned_at=None), name="signed_or_returned"
            ),
            # live needs who signed, not only when
            models.CheckConstraint(
                condition=Q(live_from=None) | Q(signed_by__isnull=False, live_from__gte=F("signed_at")),
                name="live_needs_a_signature",
            ),
            models.CheckConstraint(
                condition=Q(went_live_at=None) | Q(live_from__isnull=False, went_live_at__gte=F("live_from")),
                name="live_when_its_time_has_come",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(signed_by__isnull=False),
                name="only_signed_editions_are_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["document", "live_from"])]

    def __str__(self):
        return f"{self.document.title}, edition {self.number}"

    # --- what it says ---------------------------------------------------------------------------------------

    @property
    def is_intact(self) -> bool:
        """The words are those that were sealed."""
        return self.card_is_intact and shapes.digest_of(self.page_text, self.card_digest) == self.digest

    @property
    def card_is_intact(self) -> bool:
        """The words that lists show are those that were sealed. Needs no page text."""
        return shapes.sha256(self.card_text) == self.card_digest

    @property
    def page(self) -> shapes.Page:
        """The page as it was sealed, stops not laid over it: for signers and proofs."""
        return self.page_without(())

    def page_without(self, stopped: Iterable[str]) -> shapes.Page:
        """The page as patients read it while the claims with the keys `stopped` are stopped."""
        return shapes.unseal(redaction.without(self.page_text, stopped), Document.kinds[self.kind].page_shape)

    def card_without(self, stopped: Iterable[str]) -> dict:
        """What lists show of it, likewise."""
        keys = set(stopped)
        card = json.loads(redaction.without(self.card_text, keys))
        if any(
            map(redaction.is_picture, keys)
        ):  # one of this page's: the card knows the pieces that were cut, not whence
            card.pop("picture", None)
        return card

    def says(self, page: shapes.Page) -> bool:
        """Whether it says what `page` says, whoever wrote either."""
        text = shapes.seal(replace(page, written_by=self.page.written_by))["page_text"]
        # read as the sealed one is: a field that pages got since then says nothing by its default
        return text == self.page_text or shapes.unseal(text, type(self.page)) == self.page

    def edition_before(self) -> "Edition | None":
        """What it is compared with: the newest edition before it that was signed.

        Of a page that nobody ever signed: None.
        """
        return self.document.editions.filter(number__lt=self.number).signed().order_by("-number").first()

    def sent_back_before(self) -> "Edition | None":
        """The edition right before it, where that was sent back: what was mended since may be looked at by
        itself.
        """
        last = self.document.editions.filter(number__lt=self.number).order_by("-number").first()
        return last if last and last.returned_at else None

    def reworded(self) -> tuple[ClaimChange, ...]:
        """Its claims that were changed since it was sealed."""
        return reworded(self.page) if self.is_intact else ()

    @property
    def review_due_on(self) -> date:
        """Follows from the signature, never typed."""
        return Document.kinds[self.kind].due_on(self.document_id, timezone.localdate(self.signed_at))

    @property
    def days_overdue(self) -> int:
        """Since when its review should have been done; nought on the day when it's due, and below before."""
        return reviewing.days_overdue(self.kind, self.document_id, self.signed_at)

    @property
    def is_near_review(self) -> bool:
        return self.days_overdue >= -reviewing.NEAR

    @property
    def who_withdrew(self) -> str:
        """For staff: who took it away, where somebody did."""
        return str(self.withdrawn_by) if self.withdrawn_by_id else "By itself, because its review was overdue"

    @property
    def withdrawal(self) -> str:
        """When, by whom and why it was withdrawn, in a sentence for staff."""
        on = f"{timezone.localtime(self.withdrawn_at):%-d %B %Y}"
        if self.withdrawn_by_id:
            return (
                f"Edition {self.number} was withdrawn on {on} by {self.withdrawn_by}, because: "
                f"{self.withdrawn_because}"
            )
        return f"Edition {self.number} went by itself on {on}: {self.withdrawn_because}"

    @property
    def if_withdrawn(self) -> str:
        """What a withdrawal does to patients, and who reads its reason, as it stands now."""
        live = Live.objects.filter(document=self.document_id).select_related("edition").first()
        if live and live.edition_id == self.pk:
            return "Patients read the reason where the page was"
        others = (
            f"Patients go on reading edition {live.edition.number}"
            if live
            else "Patients have no page there, as before"
        )
        if self.went_live_at:
            return f"{others}. In the page's history the reason stands beside this edition"
        called_off = "Its date is called off" if self.live_from else "Nobody can publish it any more"
        return f"{called_off}. {others}. The reason is for staff"

    @property
    def is_waiting(self) -> bool:
        return self.signed_at is None and self.returned_at is None

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def was_sent_back(self) -> bool:
        """Returned by somebody else than who submitted it."""
        return self.returned_at is not None and not self.was_taken_back

    @property
    def was_taken_back(self) -> bool:
        """Returned by the one who submitted it."""
        return self.returned_by_id is not None and self.returned_by_id == self.submitted_by_id

    @property
    def state(self) -> str:
        """Where it stands, in a word for staff."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.returned_at:
            return "taken back" if self.was_taken_back else "sent back"
        if not self.signed_at:
            return "waiting for a signature"
        if Live.objects.filter(edition=self.pk).exists():
            return "live"
        if self.live_from is None:
            return "signed"
        if self.went_live_at:
            return "earlier"
        now, one = timezone.now(), Edition.objects.filter(pk=self.pk)
        if one.filter(one.overtaken(now)).exists():
            return "overtaken"
        return "scheduled" if self.live_from > now else "held up"

    # --- verbs ----------------------------------------------------------------------------------------------

    def _locked(self) -> "Edition":
        return Edition.objects.select_for_update().get(pk=self.pk)

    @property
    def signing_permission(self) -> str:
        """What signs this kind of page, and sends it back."""
        return "publishing.sign_policy" if self.kind == "policy" else "publishing.sign_edition"

    @property
    def own_work_from(self) -> datetime:
        """From when on its writer may sign it, in a clinic with one doctor."""
        return self.submitted_at + OWN_WORK_RESTS

    def is_work_of(self, user) -> bool:
        return any(writer.user_id == user.pk for writer in self.writers.all())

    @property
    def why_not_signed(self) -> str:
        """What became of it already, in a sentence; empty while it waits."""
        if self.signed_at:
            return f"{self.signed_name} signed this edition already."
        return f"This edition was {self.state} meanwhile: {self.returned_because}" if self.returned_at else ""

    def why_not_by(self, by) -> str:
        """Why `by` signs no page of this kind, in a sentence; empty where they do."""
        if not by.has_role_permission(self.signing_permission):
            return (
                f"Pages of this kind are signed by {'a manager' if self.kind == 'policy' else 'a clinician'}."
            )
        if self.kind != "policy" and not by.registration_number:
            return (
                "A medical page is signed with a registration: its body and number have to stand in your "
                "account first."
            )
        return ""

    def why_not(self, by, *, as_own_work: bool = False) -> str:
        """Why `by` can't sign this edition as it stands, in a sentence; empty where they can."""
        return self.why_not_by(by) or self.why_not_now(by, as_own_work=as_own_work)

    def why_not_now(self, by, *, as_own_work: bool = False, stopped: Iterable[str] | None = None) -> str:
        """Likewise, of somebody who signs pages of this kind.

        `stopped`: all that is stopped, if at hand (`stopped_now`).
        """
        if not self.is_waiting:
            return self.why_not_signed
        is_theirs = self.is_work_of(by)
        if as_own_work:
            if not settings.SOLE_CLINICIAN:
                return "In this clinic nobody signs what they wrote."
            if not is_theirs:
                return "You wrote nothing of this edition: sign it as any other."
            if timezone.now() < self.own_work_from:
                return (
                    "You wrote part of this edition. What you wrote yourself you can sign a day after it was "
                    "submitted: from "
                    f"{timezone.localtime(self.own_work_from):%-d %B %Y, %H:%M} on."
                )
        elif is_theirs:
            return "You wrote part of this edition, and nobody signs what they wrote. Ask a colleague."
        return self.why_not_shown(stopped)

    def why_not_shown(self, stopped: Iterable[str] | None = None) -> str:
        """Why patients mustn't read it as it stands, in a sentence: its words aren't the sealed ones, a claim
        was stopped, a consent no longer holds. Empty where they may. `stopped`: all that is stopped, if at
        hand.
        """
        if not self.is_intact:
            return "The sealed words don't match their digest. Submit the draft again."
        page, keys = self.page, set(stopped_now() if stopped is None else stopped)
        if claims := sorted({note.key for note in page.claims} & keys):
            return f"A claim on this page was stopped meanwhile: {', '.join(claims)}."
        if page.pictures & keys:
            return (
                "Somebody in a picture on this page no longer agrees to be shown: their consent has ended, "
                "or they withdrew it. Take the picture out of the draft, or note their new consent."
            )
        return ""

    @transaction.atomic
    def sign(
        self,
        *,
        by,
        live_from=None,
        hold: bool = False,
        own_work_because: str | None = None,
        own_work_ticked: Iterable[str] = (),
        own_work_asked: str = "",
        despite: str = "",
    ) -> None:
        """Sign the sealed words.

        They go live at once, at `live_from` (an aware datetime to come), or, with `hold`, when somebody
        publishes them. In a clinic with one doctor who wrote them: with why, every line of
        `OWN_WORK_CHECKLIST` ticked, and who else was asked. Where claims were changed since it was sealed:
        `despite` those changes, by their digest (`digest_of_changes`), as they were read.

        Raises Refused where `by` may not sign it, where it was signed, returned or changed, or where one of
        its claims is stopped.
        """
        now = timezone.now()
        edition = self._locked()
        is_own_work = own_work_because is not None
        if reason := edition.why_not(by, as_own_work=is_own_work):
            raise Refused(reason)
        if digest_of_changes(edition.reworded()) != despite:
            raise Refused(REWORDED)
        values = {
            "signed_at": now,
            "signed_by": by,
            "signed_name": by.signature,
            "signed_as_sample": by.is_sample,
        }
        if is_own_work:
            values |= own_work(own_work_because, own_work_ticked, own_work_asked)
        edition.stamp(**values)
        if not hold:
            edition._set_live_from(live_from, now)
        self.refresh_from_db()

    @property
    def why_not_published(self) -> str:
        """Why nobody chooses a date for it, in a sentence; empty where it was held. A date is set once."""
        if not self.signed_at:
            return "Nobody has signed this edition."
        if self.withdrawn_at:
            return self.why_not_withdrawn
        if self.live_from:
            reason = (
                f"This edition has its date already: {timezone.localtime(self.live_from):%-d %B %Y, %H:%M}."
            )
            if self.live_from <= timezone.now():
                return reason
            return (
                f"{reason} A date stays as it was set. To choose another one, withdraw this edition, then "
                "submit its words again "
                "and have them signed."
            )
        if self.document.editions.filter(number__gt=self.number, live_from__isnull=False).exists():
            return "A newer edition went before it. Submit the draft again instead."
        return ""

    @transaction.atomic
    def publish(self, *, by, live_from=None) -> None:
        """Let patients read a signed edition that was held: now, or from `live_from` on."""
        edition = self._locked()
        if not by.has_role_permission("publishing.schedule_edition"):
            raise Refused("A clinician or a manager chooses when a page goes live.")
        if reason := edition.why_not_published:
            raise Refused(reason)
        edition._refuse_stopped()
        edition._set_live_from(live_from, timezone.now())
        self.refresh_from_db()

    def _refuse_stopped(self) -> None:
        if reason := self.why_not_shown():
            raise Refused(reason)

    def _set_live_from(self, wanted, now) -> None:
        if wanted is not None and wanted < now:
            raise Refused("That time has passed. Choose one to come, or let patients read it at once.")
        if wanted is not None and wanted > now + MOST_AHEAD:
            raise Refused(
                "That is more than two years ahead, when its review will be due. Choose an earlier time."
            )
        refuse_taken_address(self.kind, self.slug, self.document_id)
        self.stamp(live_from=wanted or now)
        if self.live_from <= now:
            self.go_live()

    @transaction.atomic
    def send_back(self, *, by, because: str) -> None:
        """Return it to its writers with a reason."""
        edition = self._locked()
        if not by.has_role_permission(edition.signing_permission):
            raise Refused("Pages are sent back by whoever may sign them.")
        if not edition.is_waiting:
            raise Refused("This edition isn't waiting for a signature.")
        if not because.strip():
            raise Refused("Say what has to change.")
        edition.stamp(returned_at=timezone.now(), returned_by=by, returned_because=because.strip())
        self.refresh_from_db()

    @transaction.atomic
    def take_back(self, *, by, because: str = "") -> None:
        """Return it to its writers before anybody signs it, as one of those who submit pages; `because` is
        for staff.
        """
        edition = self._locked()
        if not by.has_role_permission("publishing.submit_document"):
            raise Refused("Your role doesn't submit pages.")
        if not edition.is_waiting:
            raise Refused(edition.why_not_signed)
        reason = because.strip() or "Taken back before it was signed."
        edition.stamp(returned_at=timezone.now(), returned_by=by, returned_because=reason)
        self.refresh_from_db()

    @property
    def why_not_withdrawn(self) -> str:
        """Why there is nothing to withdraw, in a sentence; empty where there is."""
        if self.withdrawn_at:
            return (
                f"{self.withdrawal} It stays withdrawn: to bring its words back, submit them again and "
                "have them signed."
            )
        return "" if self.signed_at else "Nobody has signed this edition, so there is nothing to withdraw."

    @transaction.atomic
    def withdraw(self, *, by, because: str) -> str:
        """Take it away from patients (or call off its date), at once and alone.

        Returns what `if_withdrawn` said of it.
        """
        _refuse_unless_they_withdraw(by)
        edition = self._locked()
        if reason := edition.why_not_withdrawn:
            raise Refused(reason)
        follows = edition.if_withdrawn
        if not because.strip():
            raise Refused(f"Give the reason. {follows}.")
        refuse_medical_words(because)
        edition._take_away(withdrawn_by=by, withdrawn_because=because.strip())
        self.refresh_from_db()
        return follows

    @transaction.atomic
    def withdraw_overdue(self) -> None:
        """Take it away from patients without anybody's doing: nobody has reviewed it for too long.

        Called by `tick`, where the clinic wants that.

        Raises Refused where it isn't live any more, or not overdue for so long.
        """
        edition = self._locked()
        if not Live.objects.filter(edition=edition).exists() or edition.days_overdue <= WITHDRAWN_AFTER:
            raise Refused("Only a page that has been overdue for too long goes by itself.")
        because = (
            f"The review of this page was due on {edition.review_due_on:%-d %B %Y}, and it was "
            "overdue "
            "for too long."
        )
        edition._take_away(withdrawn_overdue_days=edition.days_overdue, withdrawn_because=because)
        self.refresh_from_db()

    def _take_away(self, **stamps) -> None:
        self.stamp(withdrawn_at=timezone.now(), **stamps)
        for live in Live.objects.filter(edition=self):
            index.remove_object(live)
            live.delete()

    @property
    def restoring_permission(self) -> str:
        """What makes an edition of this kind the draft again: policy pages are the managers' alone."""
        return "publishing.sign_policy" if self.kind == "policy" else "publishing.restore_edition"

    @transaction.atomic
    def restore(self, *, by, instead_of: str) -> list[str]:
        """Make the draft say what this edition says: claims come in as they're worded today, and it is
        submitted and signed as any draft is. `instead_of`: the digest of the draft that `by` has seen and
        gives up.

        Returns, in sentences for staff, what couldn't be taken. Raises Refused.
        """
        if not by.has_role_permission(self.restoring_permission):
            raise Refused(
                "An edition is made the draft again by a "
                + ("manager." if self.kind == "policy" else "clinician or a manager.")
            )
        Document.objects.select_for_update().get(pk=self.document_id)
        document = self.document.specific
        if not self.is_intact:
            raise Refused("The sealed words don't match their digest, so they don't come back.")
        draft = document.compose()
        if shapes.seal(draft)["digest"] != instead_of:
            raise Refused("Somebody changed the draft while you read. Look again at what would go.")
        if self.says(draft):
            raise Refused("The draft says this already.")
        lacks = document.take_words_of(self.page)
        document.note_save(by=by)
        return lacks

    @transaction.atomic
    def go_live(self) -> None:
        """Point the public site at this edition. Called by `sign` and, when its time comes, by `tick`.

        Raises Refused where its address went to another page meanwhile, a claim of it was stopped or a
        consent ended.
        """
        self._refuse_stopped()
        Document.objects.select_for_update().get(pk=self.document_id)
        Address.objects.get_or_create(
            kind=self.kind, slug=self.slug, defaults={"document_id": self.document_id}
        )
        refuse_taken_address(self.kind, self.slug, self.document_id)
        Edition.objects.filter(pk=self.pk, went_live_at=None).stamp(
            went_live_at=max(timezone.now(), self.live_from)
        )
        live, _ = Live.objects.update_or_create(
            document_id=self.document_id,
            defaults={"edition": self, "kind": self.kind, "slug": self.slug, "posted_on": self.posted_on},
        )
        index.insert_or_update_object(live)


class EditionWriter(WrittenOnce):
    """Somebody who saved the draft since the edition before, or submitted it: they can't sign it."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="writers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "user"], name="a_writer_once_an_edition")]

    def __str__(self):
        return f"{self.user} wrote {self.edition_id}"


from clinic_site.publishing import outside  # noqa: E402, F401 : a model of this room, which needs those above
from clinic_site.publishing.together import Together  # noqa: E402 : likewise

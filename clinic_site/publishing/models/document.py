"""What staff write: drafts."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from django.core import checks
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import get_text_list

from clinic_site.audit_log.models import DraftSave
from clinic_site.editorial.checks import Draft, Finding, examine
from clinic_site.evidence.models import Claim
from clinic_site.pages import compose, decompose, shapes
from clinic_site.pages.fields import Declaration, declared
from clinic_site.publishing.change_notes import change_of
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.errors import SAY_WHAT_CHANGED, PublishingError, refuse_medical_words
from clinic_site.publishing.models.address import Address, refuse_taken_address
from clinic_site.publishing.models.edition import Edition, refuse_unless_they_withdraw
from clinic_site.publishing.models.live import Live
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.picture import Picture
from clinic_site.publishing.models.section import Section
from clinic_site.publishing.models.shared_block import SHARED_BLOCKS, ShowsSharedBlocks
from clinic_site.publishing.models.writers import EditionWriter, authors_of, writers_of
from clinic_site.text.saying import has_visible_letters

RESERVED = {"compare", "topics", "feed", "history", "ask"}


def check_slug(slug: str) -> None:
    """Raises ValidationError for an address that the site needs itself."""
    if slug in RESERVED or re.fullmatch(r"\d{4}", slug):
        raise ValidationError({"slug": f"“{slug}” is an address that the site uses itself. Choose another."})


class Document(ShowsSharedBlocks):
    """What staff write: one working draft, with an address.

    Rooms add their own kind of document as a subclass.

    A subclass says what `DocumentType` asks of it. It has a field for each that its page declares; what isn't
    one field of the draft it makes in `compose_<name>` and takes back in `restore_<name>`.
    """

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

    def __str__(self):
        return self.title

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

    def get_absolute_url(self):
        """Where patients find it: the address of the live edition, or that of the draft if there is none."""
        live = getattr(self, "live", None)
        return DOCUMENT_TYPES[self.kind].address_of(live.slug if live else self.slug)

    @property
    def specific(self) -> "Document":
        """The same document as its own kind."""
        if type(self) is not Document:
            return self
        return cast(Document, DOCUMENT_TYPES[self.kind]._default_manager.get(pk=self.pk))

    # --- from draft to page ---------------------------------------------------------------------------------

    @classmethod
    def fields_with_marks(cls) -> list[tuple[type[models.Model], str, str]]:
        """The draft's fields that may refer to claims: each with the model that has it, and its label."""
        found = declared(cls.page_shape).items()
        marked = [
            (name, one.label) for name, one in found if one.has_marks and not hasattr(cls, f"compose_{name}")
        ]
        return [(cls._meta.get_field(name).model, name, label) for name, label in marked]

    def texts(self) -> list[str]:
        """Every text of the draft that may refer to claims."""
        return [
            *(getattr(self, name) for _, name, _ in self.fields_with_marks()),
            *(s.body for s in self.ordered_sections()),
        ]

    def own_keys(self) -> list[str]:
        """Claim keys that the draft refers to outside its texts."""
        return [*self.emergency_keys(), *self.shared_keys()]

    def ordered_sections(self) -> list[Section]:
        """The draft's sections in the order that patients see: the fixed parts first, then the others."""
        rank = {anchor: i for i, anchor in enumerate(self.PARTS)}
        found = self.sections.select_related("picture") if self.pk else []
        return sorted(found, key=lambda s: (rank.get(s.anchor, len(rank)), s.position, s.pk))

    def heading_of(self, section: Section) -> str:
        return section.heading or self.PARTS.get(section.anchor, "")

    def compose_parts(self, composer: compose.Composer) -> tuple[shapes.Part, ...]:
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
        """Its page, field by field as they are declared: of the draft's field of that name, or by
        `compose_…`.
        """
        made = {}
        for name, one in declared(self.page_shape).items():
            if one.from_draft:
                made[name] = self._compose_field(name, one, composer)
        page = self.page_shape(kind=self.KIND, **made, **composer.finish())
        return replace(page, subjects=page.about())

    def _compose_field(self, name: str, one: Declaration, composer: compose.Composer) -> Any:
        if name in SHARED_BLOCKS:
            return self.compose_shared(name, composer)
        composed = getattr(self, f"compose_{name}", None)
        return composed(composer) if composed else composer.words(one, getattr(self, name))

    @classmethod
    def check(cls, **kwargs):
        """Beside Django's own checks: whether a draft has each field of its page, and takes it back from an
        edition.
        """
        own = {field.name for field in cls._meta.get_fields() if not field.is_relation}
        wrong = [
            f"{cls.page_shape.__name__}.{name}"
            for name, one in declared(cls.page_shape).items()
            if one.from_draft
            and not (
                name in own
                or name in SHARED_BLOCKS
                or hasattr(cls, f"compose_{name}")
                and (one.because or hasattr(cls, f"restore_{name}"))
            )
        ]
        hint = f"Give {cls.__name__} a field of that name, or compose_… and restore_… for it."
        said = [f"No draft says what {field} says." for field in wrong]
        return super().check(**kwargs) + [
            checks.Error(one, hint=hint, obj=cls, id="publishing.E001") for one in said
        ]

    def missing(self) -> list[str]:
        """What the draft lacks beside its parts, in words for staff."""
        return []

    def draft(self, *, by=None) -> Draft:
        """The page as it would be sealed now, with what it was made from, as it stands for `by`: for a person
        of the clinic a sample account's checks of claims are none.
        """
        composer = compose.Composer([*compose.keys_in(*self.texts()), *self.own_keys()])
        page = self.compose_with(composer)
        for claim in composer.used.values():
            claim.trusts_samples = by is None or by.is_sample
        return Draft(
            page=page,
            claims=dict(composer.used),
            unknown=tuple(composer.unknown),
            required=self.PARTS,
            missing=tuple(self.missing()),
            shared=self.shared_blocks(),
            is_medical=self.IS_MEDICAL,
            pictures={s.anchor: s.picture for s in self.ordered_sections() if s.picture},
        )

    def compose(self) -> shapes.Page:
        """The page that this draft makes. Nothing else turns a draft into a page."""
        return self.draft().page

    def findings(self, *, by=None) -> list[Finding]:
        """What the editorial checks say of the draft as it stands, for `by`."""
        return examine(self.draft(by=by))

    # --- verbs ----------------------------------------------------------------------------------------------

    def note_save(self, *, by) -> None:
        """Remember that `by` saved this draft: they can't sign it before a colleague's words were signed."""
        DraftSave.note(self.words_key, by=by, digest=shapes.digest_of_own(self.specific.compose()))

    def note_restored(self, *, by, writers: Iterable[int]) -> None:
        """Remember that `by` brought back an edition, and that its words are those of `writers` (their keys)
        as before.
        """
        digest = shapes.digest_of_own(self.specific.compose())
        people = dict.fromkeys([by.pk, *sorted(writers)])
        DraftSave.objects.bulk_create(
            DraftSave(words=self.words_key, user_id=pk, digest=digest) for pk in people
        )

    @property
    def words_key(self) -> str:
        return f"document:{self.pk}"

    @transaction.atomic
    def submit(
        self,
        *,
        by,
        change_note: str,
        batch=None,
        nature: str | None = None,
        was_wrong: bool | None = None,
    ) -> Edition:
        """Seal the draft as the next edition, waiting for a signature. `nature`, `was_wrong`: see
        `change_notes.change_of`.

        Raises PublishingError, with the findings, where a check that stops complains; where `by` may not;
        where nothing changed.
        """
        if not by.has_role_permission("publishing.submit_document"):
            raise PublishingError("Your role doesn't submit pages.")
        refuse_taken_address(self.kind, self.slug, self.pk)
        Document.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()  # somebody may have saved it since it was looked at
        DraftSave.settle()
        self.take_over(by=by)
        draft, last = self.draft(by=by), self.editions.order_by("-number").first()
        self._refuse_unless_ready(draft, last, change_note, by)
        change = change_of(
            self.editions.read_last(), draft.page, nature=nature, was_wrong=was_wrong, note=change_note
        )
        words = shapes.seal(replace(draft.page, written_by=self.written_by(by), change=change))
        for waiting in self.editions.waiting():
            waiting.stamp(
                returned_at=timezone.now(), returned_by=by, returned_because="Replaced by a newer edition."
            )
        edition = Edition.objects.create(
            document_id=self.pk,
            kind=self.kind,
            slug=self.slug,
            number=last.number + 1 if last else 1,
            batch=batch,
            change_note=change_note.strip(),
            nature=change.nature if change else None,
            posted_on=self.first_posted_on(),
            submitted_at=timezone.now(),
            submitted_by=by,
            **words,
        )
        writers = sorted(writers_of(edition) | self.named_on_page() | {by.pk})
        EditionWriter.objects.bulk_create(EditionWriter(edition=edition, user_id=pk) for pk in writers)
        Mark.objects.bulk_create(Mark.of_page(edition, draft.page))
        return edition

    def _refuse_unless_ready(self, draft: Draft, last: Edition | None, change_note: str, by) -> None:
        findings = examine(draft)
        if any(f.stops for f in findings):
            raise PublishingError("The checks found something that has to be fixed first.", findings)
        if not has_visible_letters(change_note):
            raise PublishingError(SAY_WHAT_CHANGED)
        refuse_medical_words(change_note)
        if last and last.stands_for(by) and not last.withdrawn_at and last.says(draft.page):
            raise PublishingError(f"Nothing changed since edition {last.number}.")

    @property
    def is_signed_by_sample(self) -> bool:
        """Its last signature is a sample's, which is none: nobody of the clinic has read all of it."""
        last = self.editions.signed().order_by("-number").values_list("signed_as_sample", flat=True)
        return bool(last.first())

    def take_over(self, *, by) -> None:
        """Put `by`, a person of the clinic, in the place of a sample account that the page names."""

    def named_on_page(self) -> set[int]:
        """Whom the page itself names as its author, by their keys."""
        return set()

    def written_by(self, by) -> str:
        """Its authors as patients read them, once `by` submits it."""
        people = authors_of(self, by=by)
        return get_text_list([person.signature for person in people if person.signature], "and")

    def first_posted_on(self):
        """The date that lists sort by: today, but for what was first posted elsewhere."""
        first = self.editions.order_by("number").first()
        return first.posted_on if first else timezone.localdate()

    def restore_from(self, page: shapes.Page) -> list[str]:
        """Make the draft say what the sealed `page` says; its address stays.

        Returns, in sentences for staff, what is no more and couldn't be taken. `Edition.restore` calls it.
        """
        fields = {name: one for name, one in declared(self.page_shape).items() if one.is_restored}
        by_method = {name: getattr(self, f"restore_{name}", None) for name in fields}
        for name in fields.keys() - SHARED_BLOCKS.keys():
            if not by_method[name]:
                setattr(self, name, decompose.decompose(fields[name], getattr(page, name)))
        self.save()
        lacks = [
            lack for name, restore in by_method.items() if restore for lack in restore(getattr(page, name))
        ]
        keys = compose.keys_in(*self.texts())
        known = set(Claim.objects.filter(key__in=keys).values_list("key", flat=True))
        return lacks + [
            f"[[{key}]] is no claim any more. Its mark stays in the text, and the checks stop the draft "
            "until that is fixed."
            for key in keys
            if key not in known
        ]

    def restore_parts(self, parts: tuple[shapes.Part, ...]) -> list[str]:
        had, lacks = {section.anchor: section for section in self.sections.all()}, []
        for position, part in enumerate(parts):
            section = had.pop(part.anchor, None) or Section(document_id=self.pk, anchor=part.anchor)
            section.heading = "" if part.heading == self.PARTS.get(part.anchor) else part.heading
            section.body, section.position = decompose.decompose_prose(part.html), position
            section.picture = Picture.objects.filter(file=part.image.name).first() if part.image else None
            if part.image and section.picture is None:
                lacks.append(
                    f"The picture “{part.image.alt or part.image.name}” in “{part.heading}” no longer exists."
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
        refuse_unless_they_withdraw(by)
        live = Live.objects.filter(document_id=self.pk).select_related("edition").first()
        if live is None:
            raise PublishingError("This page isn't live.")
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

    def open_withdrawals(self) -> list[Edition]:
        """Its withdrawn editions that no signature since has answered, the newest first, without their text:
        whoever submits or signs the page reads why it went.
        """
        return list(
            self.editions.withdrawn_since_signed()
            .select_related("withdrawn_by")
            .defer("page_text", "card_text")
        )

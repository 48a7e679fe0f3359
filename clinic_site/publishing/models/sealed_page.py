"""The words of an edition: sealed when it was submitted."""

import json
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.db import models

from clinic_site.append_only import WrittenOnce
from clinic_site.editorial.checks import Draft
from clinic_site.editorial.evidence import unclaimed_figure
from clinic_site.pages import redaction, shapes
from clinic_site.pages.diff import ClaimChange, reworded
from clinic_site.publishing.change_notes import NAMES, Nature
from clinic_site.publishing.document_types import DOCUMENT_TYPES, DocumentType


class SealedPage(WrittenOnce):
    """The whole page as data, and whoever submitted it."""

    document = models.ForeignKey("publishing.Document", models.PROTECT, related_name="editions")
    # the change to several pages that it's part of
    batch = models.ForeignKey("publishing.Batch", models.PROTECT, null=True, related_name="editions")
    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=80)
    number = models.PositiveIntegerField()
    page_text = models.TextField()
    card_text = models.TextField()
    card_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    change_note = models.TextField("what changed and why")
    # as the sealed page says; null where patients had read nothing before, and before editions said it
    nature = models.CharField(  # noqa: DJ001
        "kind of change", max_length=10, choices=Nature, null=True, editable=False
    )
    posted_on = models.DateField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.document.title}, edition {self.number}"

    @property
    def document_type(self) -> type[DocumentType]:
        return DOCUMENT_TYPES[self.kind]

    @property
    def nature_name(self) -> str:
        """What kind of change it is, in a word; empty where it says nothing of that."""
        return NAMES[Nature(self.nature)] if self.nature else ""

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
        return shapes.unseal(redaction.redact(self.page_text, stopped), self.document_type.page_shape)

    def card_without(self, stopped: Iterable[str]) -> dict:
        """What lists show of it, likewise."""
        keys = set(stopped)
        card = json.loads(redaction.redact(self.card_text, keys))
        if any(
            map(redaction.is_picture, keys)
        ):  # one of this page's: the card knows the pieces that were cut, not whence
            card.pop("picture", None)
        return card

    def says(self, page: shapes.Page) -> bool:
        """Whether it says what `page` says, whoever wrote either, and whatever it was before."""
        mine = self.page
        text = shapes.seal(replace(page, written_by=mine.written_by, change=mine.change))["page_text"]
        # read as the sealed one is: a field that pages got since then says nothing by its default
        return text == self.page_text or shapes.unseal(text, type(mine)) == mine

    @property
    def unfounded(self) -> list[str]:
        """What it says without a source: each medical figure that is no claim's, by its sentence, and each
        claim that rests on nothing, by its key.
        """
        draft = Draft(page=self.page, required=self.document_type.PARTS)
        bare = [sentence for _, sentence, *_ in unclaimed_figure(draft)]
        return [*bare, *(f"[[{note.key}]]" for note in draft.page.claims if not note.sources)]

    def reworded(self) -> tuple[ClaimChange, ...]:
        """Its claims that were changed since it was sealed."""
        return reworded(self.page) if self.is_intact else ()

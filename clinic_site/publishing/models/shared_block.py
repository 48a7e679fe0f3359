"""Words that many pages need alike: kept in one row each, and sealed into every edition that shows them."""

from typing import Any, ClassVar, Self

from django.db import models

from clinic_site.audit_log.models import DraftSave
from clinic_site.pages import shapes
from clinic_site.pages.compose import Composer, keys_in
from clinic_site.publishing.document_types import DocumentType


class SharedBlock(models.Model):
    """A block of the clinic's words, of which there is one row.

    A page has it under the name of a field of `shapes.Page`; the types of document that can't do without say
    so in `DocumentType.SHARED_BLOCKS`. A page may say more than the block, and never leaves it out: the
    checks and the database refuse an edition that does.
    """

    WORDS: ClassVar[str]  # what its saves are kept under
    TEXTS: ClassVar[tuple[str, ...]]  # its fields that may refer to claims

    title = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

    def note_save(self, *, by) -> None:
        """Remember that `by` worded it: they can't sign the next edition of a page that it stands on."""
        digest = shapes.sha256(shapes.canonical([self.title, *(getattr(self, name) for name in self.TEXTS)]))
        DraftSave.note(self.WORDS, by=by, digest=digest)

    @property
    def keys(self) -> list[str]:
        """The claims that it refers to."""
        return keys_in(*(getattr(self, name) for name in self.TEXTS))

    def compose_with(self, composer: Composer) -> shapes.Urgent | shapes.BeforeTreatment:
        """What an edition seals of it."""
        raise NotImplementedError

    @classmethod
    def current(cls) -> Self | None:
        return cls._default_manager.filter(pk=1).first()


def lines(text: str, composer: Composer) -> tuple[str, ...]:
    """Each line that isn't empty, with its claims put in."""
    return tuple(composer.line(line, refs=True) for line in text.splitlines() if line.strip())


class UrgentHelp(SharedBlock):
    """When to get help now: the warning that stands on every treatment page and every answer."""

    WORDS = "urgent-help"
    TEXTS = ("lead", "signs", "closing", "emergencies_lead")

    lead = models.CharField(
        max_length=300,
        help_text="One sentence. Write {emergency} where the emergency number of the clinic's country goes.",
    )
    signs = models.TextField(help_text="One sign a line. Claims go in double square brackets.")
    closing = models.TextField(
        blank=True,
        help_text="Write {clinic} where the clinic and its telephone number go, and {report} where the place "
        "goes that side effects are reported to in the clinic's country.",
    )
    emergencies_lead = models.CharField(
        "line above a treatment's own signs",
        max_length=300,
        default="Call {emergency} for these as well, with or without injections.",
        help_text="Stands where a treatment lists emergencies of its own, such as a sudden headache.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "when to get help now"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_urgent_help")]

    def compose_with(self, composer: Composer) -> shapes.Urgent:
        return shapes.Urgent(
            title=self.title,
            lead=composer.line(self.lead, refs=True),
            signs=lines(self.signs, composer),
            closing=composer.line(self.closing, refs=True),
        )

    def compose_emergencies(self, keys: list[str], composer: Composer) -> shapes.Emergencies:
        signs = tuple(composer.span(key, starts=True) for key in keys)
        return shapes.Emergencies(lead=composer.line(self.emergencies_lead, refs=True), signs=signs)


class BeforeTreatment(SharedBlock):
    """Who must not have the injections, and what the clinician has to know first."""

    WORDS = "before-treatment"
    TEXTS = ("avoid_lead", "avoid", "tell_lead", "tell", "closing")

    avoid_lead = models.CharField("line above who must not have it", max_length=300)
    avoid = models.TextField(
        "who must not have it", help_text="One reason a line. Claims go in double square brackets."
    )
    tell_lead = models.CharField("line above what to tell", max_length=300)
    tell = models.TextField("what to tell", help_text="One a line. Claims go in double square brackets.")
    closing = models.TextField("last line", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "before treatment"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_before_treatment")]

    def compose_with(self, composer: Composer) -> shapes.BeforeTreatment:
        return shapes.BeforeTreatment(
            title=self.title,
            avoid_lead=composer.line(self.avoid_lead, refs=True),
            avoid=lines(self.avoid, composer),
            tell_lead=composer.line(self.tell_lead, refs=True),
            tell=lines(self.tell, composer),
            closing=composer.line(self.closing, refs=True),
        )


# by the field of a page that holds it
SHARED_BLOCKS: dict[str, type[SharedBlock]] = {"urgent": UrgentHelp, "before_treatment": BeforeTreatment}


class ShowsSharedBlocks(DocumentType):
    """A draft whose page shows some of them. Restored, they come in as they are today."""

    class Meta:
        abstract = True

    def shared_blocks(self) -> tuple[str, ...]:
        """The fields of its page that hold words of the whole clinic."""
        return self.SHARED_BLOCKS

    def shared_rows(self) -> dict[str, SharedBlock | None]:
        """Those words by the name of the field; None where the clinic has none yet."""
        return {name: SHARED_BLOCKS[name].current() for name in self.shared_blocks()}

    def shared_keys(self) -> list[str]:
        """The claims that those words refer to."""
        return [key for row in self.shared_rows().values() if row for key in row.keys]

    def compose_shared(self, name: str, composer: Composer) -> Any:
        """The clinic's words for that field of the page, or None where the page doesn't show them."""
        row = composer.once(self.shared_rows).get(name)
        return row.compose_with(composer) if row else None

    def emergency_keys(self) -> list[str]:
        """Claims that its page names as emergencies of its own, below the clinic's signs."""
        return []

    def compose_emergencies(self, composer: Composer) -> shapes.Emergencies | None:
        keys, warning = self.emergency_keys(), composer.once(self.shared_rows).get("urgent")
        if not keys or not isinstance(warning, UrgentHelp):
            return None
        return warning.compose_emergencies(keys, composer)

    def restore_emergencies(self, sealed: shapes.Emergencies | None) -> list[str]:
        """A treatment has them; a page about it takes them as they are today."""
        return []

"""When to get help now: one text, kept in one row, sealed into each edition that needs it."""

from django.db import models

from clinic_site.audit_log.models import DraftSave
from clinic_site.pages.compose import Composer, keys_in
from clinic_site.pages.shapes import Urgent, canonical, sha256

URGENT_WORDS = "urgent-help"


class UrgentHelp(models.Model):
    """The warning that stands on every treatment page and every answer about one. One row."""

    title = models.CharField(max_length=120)
    lead = models.CharField(
        max_length=300,
        help_text="One sentence. Write {emergency} where the emergency number of the clinic's country goes.",
    )
    signs = models.TextField(help_text="One sign a line. Claims go in double square brackets.")
    closing = models.TextField(
        blank=True, help_text="Write {clinic} where the clinic and its telephone number go."
    )

    class Meta:
        verbose_name = verbose_name_plural = "urgent help"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_urgent_help")]

    def __str__(self):
        return self.title

    def note_save(self, *, by) -> None:
        """Remember that `by` worded it: they can't sign the next edition of a page that it stands on."""
        digest = sha256(canonical([self.title, self.lead, self.signs, self.closing]))
        DraftSave.objects.create(words=URGENT_WORDS, user=by, digest=digest)

    @property
    def keys(self) -> list[str]:
        return keys_in(self.lead, self.signs, self.closing)

    def compose_with(self, composer: Composer) -> Urgent:
        return Urgent(
            title=self.title,
            lead=composer.line(self.lead, refs=True),
            signs=tuple(composer.line(s, refs=True) for s in self.signs.splitlines() if s.strip()),
            closing=composer.line(self.closing, refs=True),
        )

    @classmethod
    def current(cls) -> "UrgentHelp | None":
        return cls.objects.filter(pk=1).first()

"""The parts of a draft."""

from django.db import models

from clinic_site.pages import compose
from clinic_site.publishing.document_types import DOCUMENT_TYPES


class Section(models.Model):
    """A part of a draft's running text."""

    document = models.ForeignKey("Document", models.CASCADE, related_name="sections")
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
        return self.heading or DOCUMENT_TYPES[self.document.kind].PARTS.get(self.anchor, self.anchor)

    def save(self, *args, **kwargs):
        self.body = compose.clean_html(self.body)
        super().save(*args, **kwargs)

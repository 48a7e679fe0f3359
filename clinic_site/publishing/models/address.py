"""Addresses that a page was once live at."""

from django.db import models

from clinic_site.publishing.errors import PublishingError


class Address(models.Model):
    """Where a document was once live. It never belongs to another one."""

    kind = models.CharField(max_length=12)
    slug = models.SlugField(max_length=80)
    document = models.ForeignKey("Document", models.PROTECT, related_name="addresses")

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="an_address_leads_to_one_page")]

    def __str__(self):
        return f"{self.kind}/{self.slug}"


def refuse_taken_address(kind: str, slug: str, document_id: int) -> None:
    """Raises PublishingError for an address where another page was live once: old links must go on leading
    there.
    """
    if Address.objects.filter(kind=kind, slug=slug).exclude(document_id=document_id).exists():
        raise PublishingError(taken_address(slug))


def taken_address(slug: str) -> str:
    """What staff are told of an address that belongs to another page."""
    return f"The address “{slug}” belongs to another page. Choose another one in the draft, and submit that."

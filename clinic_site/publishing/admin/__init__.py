"""The admin of publishing. Each room's documents stand on `DocumentAdmin`."""

from clinic_site.publishing.admin import claims, editions, material, outside, together  # noqa: F401 : they register themselves
from clinic_site.publishing.admin.documents import DocumentAdmin, SectionInline

__all__ = ["DocumentAdmin", "SectionInline"]

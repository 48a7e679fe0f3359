"""The admin of publishing. Each room's documents stand on `DocumentAdmin`."""

from clinic_site.publishing.admin import (  # noqa: F401 : they register themselves
    batches,
    claim_search,
    claims,
    editions,
    material,
    preview_links,
)
from clinic_site.publishing.admin.documents import DocumentAdmin
from clinic_site.publishing.admin.sections import SectionInline

__all__ = ["DocumentAdmin", "SectionInline"]

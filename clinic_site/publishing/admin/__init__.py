"""The admin of publishing. Each room's documents stand on `DocumentAdmin`."""

from clinic_site.publishing.admin import (  # noqa: F401 : they register themselves
    claim_search,
    claims,
    editions,
    material,
    outside,
    together,
)
from clinic_site.publishing.admin.documents import DocumentAdmin, SectionInline

__all__ = ["DocumentAdmin", "SectionInline"]

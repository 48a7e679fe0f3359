"""How words reach patients.

Staff write a `Document`; submitting it seals the page that it makes as an `Edition`; a clinician signs that
edition; then a row of `Live` points at it. The public site reads live editions and nothing else.

What must stay true, here and in the database:
- An edition's words never change; each of its stamps is set once. (append_only)
- Whoever saved words of it since the last edition that somebody of the clinic signed can't sign it, whatever
  their role, and whatever became of the editions between. (trigger, CHECK)
- Only somebody whose role signs this kind of page can sign it, a medical one with a registration; superusers
  are no exception. (triggers)
- Where a clinic with one doctor lets that doctor sign their own words, a day has passed since they were
  submitted, and the whole checklist is ticked and kept. (trigger)
- Only a signed edition of that very document, not withdrawn, can be live. (trigger)
- An edition of what patients have read says whether it corrects, updates or rewords, as it's sealed. Where
  that was wrong, or nobody said that it wasn't, it's a correction. (triggers)
- An address that was live once belongs to its document for good. (unique)
"""

from clinic_site.publishing.errors import PublishingError
from clinic_site.publishing.models.address import Address
from clinic_site.publishing.models.batch import Batch, Ready
from clinic_site.publishing.models.document import Document
from clinic_site.publishing.models.edition import Edition
from clinic_site.publishing.models.live import Live
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.picture import Picture
from clinic_site.publishing.models.preview_link import PreviewLink
from clinic_site.publishing.models.section import Section
from clinic_site.publishing.models.shared_block import SHARED_BLOCKS, BeforeTreatment, SharedBlock, UrgentHelp
from clinic_site.publishing.models.status import EditionStatus
from clinic_site.publishing.models.stop import Stop, stopped_keys, stopped_now
from clinic_site.publishing.models.writers import EditionWriter

__all__ = [
    "SHARED_BLOCKS",
    "Address",
    "BeforeTreatment",
    "Document",
    "Edition",
    "EditionStatus",
    "EditionWriter",
    "Live",
    "Mark",
    "PreviewLink",
    "Picture",
    "PublishingError",
    "Ready",
    "Section",
    "SharedBlock",
    "Stop",
    "Batch",
    "UrgentHelp",
    "stopped_keys",
    "stopped_now",
]

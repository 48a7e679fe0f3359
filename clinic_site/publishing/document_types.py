"""The types of document, by their `KIND`.

Each enters itself here when its class is defined, and says what is its own; nothing outside a type asks for
its name.
"""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.urls import reverse

from clinic_site.accounts.roles import CLINICIAN, EDITOR, MANAGER
from clinic_site.pages.shapes import ADDRESSES, Page
from clinic_site.publishing.schema_org import reviewed_page

DOCUMENT_TYPES: dict[str, type["DocumentType"]] = {}
SPREAD = 57  # days that reviews are spread over: nought to eight weeks
# what the signature of a role asks for, and what makes an older edition the draft again
SIGNING = {CLINICIAN: "publishing.sign_edition", MANAGER: "publishing.sign_policy"}
RESTORING = {CLINICIAN: "publishing.restore_edition", MANAGER: "publishing.sign_policy"}
RESTORED_BY = {CLINICIAN: "clinician or a manager", MANAGER: "manager"}


class DocumentType(models.Model):
    """What a type of document says of itself."""

    KIND = ""  # its name in rows, at most 12 letters
    LABEL = ""  # what patients see it called in search results and on shared pictures
    page_shape: type[Page] = Page
    url_name = ""  # of its public address, by its slug
    PARTS: dict[str, str] = {}  # that a page must have: anchor, heading
    SHARED_BLOCKS: tuple[str, ...] = ()  # the fields of its page without which no edition is made
    IS_MEDICAL = True  # its signer is registered, and every medical check holds it
    SIGNED_BY = CLINICIAN
    WRITTEN_BY: tuple[str, ...] = (MANAGER, EDITOR, CLINICIAN)
    REVIEW_DAYS = 365  # that a signature holds
    SEARCH_RANK = 50  # among pages that answer a query equally well: the lowest first
    SEARCH_WEIGHT = 1.0  # how much more a match on it counts
    OPEN_GRAPH_TYPE = "article"

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.KIND:
            if cls.SIGNED_BY not in SIGNING or cls.IS_MEDICAL and cls.SIGNED_BY != CLINICIAN:
                raise ImproperlyConfigured(
                    f"{cls.__name__}: a clinician signs what is medical, and a manager may sign the rest."
                )
            DOCUMENT_TYPES[cls.KIND] = cls
            ADDRESSES[cls.KIND] = cls.address_of

    @classmethod
    def address_of(cls, slug: str) -> str:
        """The public address of a page of this type."""
        return reverse(cls.url_name, args=[slug])

    @classmethod
    def due_on(cls, document: int | None, signed_on: date) -> date:
        """When the review of the page with that key is due, signed on that day: after `REVIEW_DAYS`, less
        nought to eight weeks that its key fixes, so that what was signed in one week isn't all due in one.
        """
        return signed_on + timedelta(days=cls.REVIEW_DAYS - (document or 0) * 23 % SPREAD)

    @property
    def was_read_elsewhere(self) -> bool:
        """Whether patients read it somewhere before its first edition, which may then correct it."""
        return False

    @classmethod
    def signing_permission(cls) -> str:
        """What signs a page of this type, and sends it back."""
        return SIGNING[cls.SIGNED_BY]

    @classmethod
    def restoring_permission(cls) -> str:
        return RESTORING[cls.SIGNED_BY]

    @classmethod
    def permission(cls, verb: str) -> str:
        """What `verb` ("add", "change", "delete", "view") asks for, of its drafts in the admin."""
        return f"{cls._meta.app_label}.{verb}_{cls._meta.model_name}"

    @classmethod
    def admin_view(cls, view: str) -> str:
        """The name of a view of its drafts in the admin."""
        return f"admin:{cls._meta.app_label}_{cls._meta.model_name}_{view}"

    @classmethod
    def structured_data(cls, reading: Any) -> dict | None:
        """What a live page says for machines (schema.org), of its `reading.Reading`; None: nothing."""
        return reviewed_page(reading) if cls.IS_MEDICAL else None


def sql_list(types: "list[type[DocumentType]]") -> str:
    """Their names as a list in SQL."""
    return "(" + (", ".join(f"'{one.KIND}'" for one in types) or "''") + ")"

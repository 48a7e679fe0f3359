"""Finding editions: those that wait, are signed, overdue, or go live by themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from clinic_site.append_only import WrittenOnceQuerySet
from clinic_site.publishing import review_dates
from clinic_site.publishing.models.address import Address, taken_address
from clinic_site.publishing.models.sealed_page import SealedPage
from clinic_site.publishing.models.signed_page import SignedPage
from clinic_site.publishing.models.status import WAITING, EditionStatus, edition_status
from clinic_site.publishing.models.stop import stopped_keys, stopped_now

Signed = TypeVar("Signed", bound=SignedPage)


class EditionQuerySet(WrittenOnceQuerySet):
    def waiting(self):
        return self.filter(WAITING)

    def with_status(self, now: datetime | None = None):
        """Each with its `status`, now or at that time, in the query itself."""
        return self.annotate(status=edition_status(self.model.objects.all(), now or timezone.now()))

    def with_last_signature(self):
        """Each with whether the last one before it that was signed, `is_after_sample`, was so by a sample."""
        before = self.model.objects.filter(
            document=OuterRef("document"), number__lt=OuterRef("number"), signed_at__isnull=False
        )
        last = before.order_by("-number").values("signed_as_sample")[:1]
        return self.annotate(is_after_sample=Subquery(last))

    def signed(self):
        return self.filter(signed_at__isnull=False)

    def answering(self, at: datetime | None = None):
        """Those that answer for what they say: signed by a person of the clinic (a sample's signature is
        none), and not withdrawn, now or `at` that time.
        """
        stood = Q(withdrawn_at=None) | Q(withdrawn_at__gt=at) if at else Q(withdrawn_at=None)
        return self.signed().filter(stood, signed_as_sample=False)

    def answering_before(self, edition: Any, at: datetime | None = None):
        """Likewise, those of its document before `edition`."""
        return self.answering(at).filter(document=edition.document_id, number__lt=edition.number).order_by()

    def for_cards(self):
        """Those that are live, with the few columns that a card needs, and the keys `stopped` now."""
        return (
            self.signed()
            .filter(live__isnull=False, withdrawn_at=None)
            .annotate(stopped=stopped_keys())
            .only("kind", "slug", "posted_on", "card_text", "card_digest", "signed_as_sample")
        )

    def once_live(self):
        """Those that patients could read at some time: none that was withdrawn, held up or overtaken before
        it went live.
        """
        return self.filter(went_live_at__isnull=False)

    def read_last(self) -> SealedPage | None:
        """Of the editions of one document: the newest that patients could read."""
        return self.once_live().order_by("-number").first()

    def withdrawn_since_signed(self):
        """Withdrawn, and their page has no edition since that is signed and stands. Newest first."""
        since = self.model.objects.filter(
            document=OuterRef("document"), signed_at__gt=OuterRef("withdrawn_at"), withdrawn_at=None
        )
        return self.filter(~Exists(since), withdrawn_at__isnull=False).order_by("-withdrawn_at", "-pk")

    def to_go_live(self, now: datetime):
        """Those that are scheduled at that time, or due and not live yet."""
        found = self.filter(live_from__isnull=False, went_live_at=None).with_status(now)
        return found.filter(status__in=[EditionStatus.SCHEDULED, EditionStatus.HELD_UP])

    def held_up(self) -> list[tuple[Any, str]]:
        """Those that are scheduled, or due, and couldn't go live as things stand, each with why.

        Two queries at the most.
        """
        taken = Address.objects.filter(kind=OuterRef("kind"), slug=OuterRef("slug")).exclude(
            document=OuterRef("document")
        )
        waiting = self.to_go_live(timezone.now()).annotate(lost_its_address=Exists(taken))
        waiting = list(waiting.select_related("document").order_by("live_from"))
        stopped = stopped_now() if waiting else ()
        found = [
            (e, taken_address(e.slug) if e.lost_its_address else e.why_not_shown(stopped)) for e in waiting
        ]
        return [(edition, reason) for edition, reason in found if reason]

    def overdue(self, by: int = 0) -> list[Any]:
        """Those that patients read and whose review is overdue by more than `by` days, the longest first,
        without their text.
        """
        found = self.signed().filter(review_dates.signed_long_ago(by), live__isnull=False, withdrawn_at=None)
        return longest_overdue(found.defer("page_text", "card_text"), by)


def longest_overdue(editions: Iterable[Signed], by: int = 0) -> list[Signed]:
    """Those of them that are overdue by more than `by` days, the longest first."""
    return sorted(
        (edition for edition in editions if edition.days_overdue > by),
        key=lambda edition: -edition.days_overdue,
    )

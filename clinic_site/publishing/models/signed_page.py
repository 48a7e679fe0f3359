"""Who signed an edition or sent it back, who may, and why they can't."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Self, cast

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import get_text_list

from clinic_site.evidence.models import Claim
from clinic_site.pages.diff import reworded
from clinic_site.publishing import review_dates
from clinic_site.publishing.errors import PublishingError
from clinic_site.publishing.models.sealed_page import SealedPage
from clinic_site.publishing.models.stop import stopped_now
from clinic_site.publishing.models.writers import writers_of
from clinic_site.publishing.self_review import SELF_REVIEW_RESTS, in_words
from clinic_site.text.saying import has_visible_letters


def _may_be_signed(claim: Claim | None, *, by, is_reworded: bool) -> bool:
    if claim is None:
        return False
    claim.trusts_samples = by.is_sample
    return claim.was_checked if is_reworded else claim.is_checked


class SignedPage(SealedPage):
    """A sealed page on its way from its writers to its signer, or back."""

    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_because = models.TextField(null=True)  # noqa: DJ001 : a stamp, null until it happens
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=300, null=True)  # noqa: DJ001 : as it stood at the signature
    signed_as_sample = models.BooleanField(null=True)
    self_review_because = models.TextField(null=True)  # noqa: DJ001 : why the writer signed; shown on the page
    self_review_checklist = models.TextField(null=True)  # noqa: DJ001 : a stamp, as it was ticked

    writers: models.Manager[Any]  # of `EditionWriter`

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return self.signed_at is None and self.returned_at is None

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    def stands_for(self, by) -> bool:
        """Whether what it says needn't be submitted again by `by`, for all that its signature tells. What a
        sample account submitted or signed, a person of the clinic may make theirs as it is.
        """
        if self.is_waiting:
            return by.is_sample or not self.submitted_by.is_sample
        return self.is_signed and not self.is_near_review and (by.is_sample or not self.signed_as_sample)

    @property
    def was_taken_back(self) -> bool:
        """Returned by the one who submitted it."""
        return self.returned_by_id is not None and self.returned_by_id == self.submitted_by_id

    @property
    def review_due_on(self) -> date:
        """Follows from the signature, never typed."""
        return self.document_type.due_on(self.document_id, timezone.localdate(self.signed_at))

    @property
    def days_overdue(self) -> int:
        """Since when its review should have been done; nought on the day when it's due, and below before."""
        return review_dates.days_overdue(self.kind, self.document_id, self.signed_at)

    @property
    def is_near_review(self) -> bool:
        return self.days_overdue >= -review_dates.NEAR

    def _locked(self) -> Self:
        return cast(Self, type(self)._default_manager.select_for_update().get(pk=self.pk))

    @property
    def signing_permission(self) -> str:
        """What signs this type of page, and sends it back."""
        return self.document_type.signing_permission()

    @property
    def self_review_from(self) -> datetime:
        """From when on its writer may sign it, in a clinic with one doctor."""
        return self.submitted_at + SELF_REVIEW_RESTS

    def is_work_of(self, user) -> bool:
        """Whether they wrote part of it, by the list that it keeps or by the saves themselves."""
        if self.is_listed_work_of(user):
            return True
        return self.is_intact and user.pk in writers_of(self, until=self.submitted_at)

    def is_listed_work_of(self, user) -> bool:
        return any(writer.user_id == user.pk for writer in self.writers.all())

    @property
    def why_not_signed(self) -> str:
        """What became of it already, in a sentence; empty while it waits."""
        if self.signed_at:
            return f"{self.signed_name} signed this edition already."
        how = "taken back" if self.was_taken_back else "sent back"
        return f"This edition was {how} meanwhile: {self.returned_because}" if self.returned_at else ""

    def why_not_by(self, by) -> str:
        """Why `by` signs no page of this kind, in a sentence; empty where they do."""
        if not by.has_role_permission(self.signing_permission):
            return f"Pages of this kind are signed by a {self.document_type.SIGNED_BY.lower()}."
        if self.document_type.IS_MEDICAL and not by.registration_number:
            return (
                "A medical page is signed with a registration: its body and number have to stand in your "
                "account first."
            )
        return ""

    def why_not(self, by, *, as_self_review: bool = False) -> str:
        """Why `by` can't sign this edition as it stands, in a sentence; empty where they can."""
        return self.why_not_by(by) or self.why_not_now(by, as_self_review=as_self_review)

    def why_not_now(
        self,
        by,
        *,
        as_self_review: bool = False,
        stopped: Iterable[str] | None = None,
        claims: Mapping[str, Claim] | None = None,
        is_theirs: bool | None = None,
    ) -> str:
        """Likewise, of somebody who signs pages of this kind.

        If at hand: all that is `stopped` (`stopped_now`), the page's `claims` by their keys, and whether it
        `is_theirs` (`is_work_of`).
        """
        if not self.is_waiting:
            return self.why_not_signed
        is_theirs = self.is_work_of(by) if is_theirs is None else is_theirs
        if as_self_review:
            if not settings.SOLE_CLINICIAN:
                return "In this clinic nobody signs what they wrote."
            if not is_theirs:
                return "You wrote nothing of this edition: sign it as any other."
            if timezone.now() < self.self_review_from:
                return (
                    "You wrote part of this edition. What you wrote yourself you can sign a day after it was "
                    "submitted: from "
                    f"{timezone.localtime(self.self_review_from):%-d %B %Y, %H:%M} on."
                )
        elif is_theirs:
            return in_words(
                "You wrote part of this edition, and nobody signs what they wrote. Ask a colleague.",
                "You wrote part of this edition: sign it by itself, as your own words.",
            )()
        if reason := self.why_not_shown(stopped) or self.why_unchecked(by, claims):
            return reason
        if found := self.unfounded:
            return f"It says something without a source: {found[0]}. Send it back."
        return ""

    def why_unchecked(self, by, claims: Mapping[str, Claim] | None = None) -> str:
        """Why `by` can't sign it before a clinician has checked its claims, in a sentence; empty where they
        can. One that says something else today than was sealed is told as such (`reworded`): it was checked
        as it was sealed.
        """
        keys = [note.key for note in self.page.claims]
        if claims is None:
            claims = {claim.key: claim for claim in Claim.objects.filter(key__in=keys).with_sources()}
        changed = {change.key for change in reworded(self.page, claims)}
        wanting = [
            f"“{claims.get(key) or key}”"
            for key in keys
            if not _may_be_signed(claims.get(key), by=by, is_reworded=key in changed)
        ]
        if not wanting:
            return ""
        more = [f"{len(wanting) - 3} more"] if len(wanting) > 3 else []
        names = get_text_list([*wanting[:3], *more], "and")
        return (
            f"A clinician has to check {names} first: nobody has since it was changed, or a sample account "
            "alone, whose check counts as none."
        )

    def why_not_shown(self, stopped: Iterable[str] | None = None) -> str:
        """Why patients mustn't read it as it stands, in a sentence: its words aren't the sealed ones, a claim
        was stopped, a consent no longer holds. Empty where they may. `stopped`: all that is stopped, if at
        hand.
        """
        if not self.is_intact:
            return "The sealed words don't match their digest. Submit the draft again."
        page, keys = self.page, set(stopped_now() if stopped is None else stopped)
        if claims := sorted({note.key for note in page.claims} & keys):
            return f"A claim on this page was stopped meanwhile: {', '.join(claims)}."
        if page.pictures & keys:
            return (
                "Somebody in a picture on this page no longer agrees to be shown: their consent has ended, "
                "or they withdrew it. Take the picture out of the draft, or note their new consent."
            )
        return ""

    @transaction.atomic
    def send_back(self, *, by, because: str) -> None:
        """Return it to its writers with a reason."""
        edition = self._locked()
        if not by.has_role_permission(edition.signing_permission):
            raise PublishingError("Pages are sent back by whoever may sign them.")
        if not edition.is_waiting:
            raise PublishingError("This edition isn't waiting for a signature.")
        if not has_visible_letters(because):
            raise PublishingError("Say what has to change.")
        edition.stamp(returned_at=timezone.now(), returned_by=by, returned_because=because.strip())
        self.refresh_from_db()

    @transaction.atomic
    def take_back(self, *, by, because: str = "") -> None:
        """Return it to its writers before anybody signs it, as one of those who submit pages; `because` is
        for staff.
        """
        edition = self._locked()
        if not by.has_role_permission("publishing.submit_document"):
            raise PublishingError("Your role doesn't submit pages.")
        if not edition.is_waiting:
            raise PublishingError(edition.why_not_signed)
        reason = because.strip() if has_visible_letters(because) else "Taken back before it was signed."
        edition.stamp(returned_at=timezone.now(), returned_by=by, returned_because=reason)
        self.refresh_from_db()

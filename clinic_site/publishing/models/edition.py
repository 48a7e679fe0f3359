"""What patients read: a page as it was sealed, and what happened to it since."""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from modelsearch import index

from clinic_site.pages import shapes
from clinic_site.pages.diff import digest_of_changes
from clinic_site.publishing.document_types import RESTORED_BY
from clinic_site.publishing.errors import PublishingError, refuse_medical_words
from clinic_site.publishing.models.address import Address, refuse_taken_address
from clinic_site.publishing.models.edition_queries import EditionQuerySet
from clinic_site.publishing.models.edition_rules import CONSTRAINTS, edition_rules
from clinic_site.publishing.models.live import Live
from clinic_site.publishing.models.signed_page import SignedPage
from clinic_site.publishing.models.status import EditionStatus
from clinic_site.publishing.models.writers import writers_of_own
from clinic_site.publishing.review_dates import WITHDRAWN_AFTER
from clinic_site.publishing.self_review import self_review
from clinic_site.text.saying import has_visible_letters

REWORDED = (
    "A claim on this page was changed since it was submitted. Read what it says now, and sign the sealed "
    "words all the same, or send them back."
)
MOST_AHEAD = timedelta(days=730)  # that a page is signed for


class Edition(SignedPage):
    """The whole page as data, sealed when it was submitted. Its stamps say what happened to it since."""

    stamps = (
        "returned_at",
        "returned_by",
        "returned_because",
        "signed_at",
        "signed_by",
        "signed_name",
        "signed_as_sample",
        "self_review_because",
        "self_review_checklist",
        "live_from",
        "went_live_at",
        "withdrawn_at",
        "withdrawn_by",
        "withdrawn_because",
        "withdrawn_overdue_days",
    )
    database_rules = edition_rules

    live_from = models.DateTimeField(null=True)
    # false: submitted before 1.1, when a submission that nobody signed ended the count of its writers
    counted_since_signature = models.BooleanField(default=True, db_default=True, editable=False)
    went_live_at = models.DateTimeField(
        null=True
    )  # since when patients could read it: later, where something held it up
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(null=True)  # noqa: DJ001 : a stamp
    # withdrawn by nobody: because its review was overdue by so many days
    withdrawn_overdue_days = models.PositiveSmallIntegerField(null=True)

    objects: ClassVar = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [
            ("sign_edition", "May sign pages as a clinician"),
            ("sign_policy", "May sign pages as a manager"),
            ("withdraw_edition", "May withdraw a page"),
            ("schedule_edition", "May choose when a page goes live"),
            ("restore_edition", "May make an older edition the draft again"),
        ]
        constraints = CONSTRAINTS
        indexes = [models.Index(fields=["document", "live_from"])]

    def edition_before(self) -> "Edition | None":
        """What it is compared with: the newest edition before it that answers for its words.

        Of a page that nobody of the clinic has signed: None. All of it is new to the signer.
        """
        return Edition.objects.answering_before(self).order_by("-number").first()

    @property
    def sample_before(self) -> int | None:
        """The number of the last edition before it that was signed, where that is a sample's signature."""
        before = self.document.editions.filter(number__lt=self.number).signed().order_by("-number")
        number, is_sample = before.values_list("number", "signed_as_sample").first() or (None, False)
        return number if is_sample else None

    def sent_back_before(self) -> "Edition | None":
        """The edition right before it, where that was sent back: what was mended since may be looked at by
        itself.
        """
        last = self.document.editions.filter(number__lt=self.number).order_by("-number").first()
        return last if last and last.returned_at else None

    @property
    def who_withdrew(self) -> str:
        """For staff: who took it away, where somebody did."""
        return str(self.withdrawn_by) if self.withdrawn_by_id else "By itself, because its review was overdue"

    @property
    def withdrawal(self) -> str:
        """When, by whom and why it was withdrawn, in a sentence for staff."""
        on = f"{timezone.localtime(self.withdrawn_at):%-d %B %Y}"
        if self.withdrawn_by_id:
            return (
                f"Edition {self.number} was withdrawn on {on} by {self.withdrawn_by}, because: "
                f"{self.withdrawn_because}"
            )
        return f"Edition {self.number} went by itself on {on}: {self.withdrawn_because}"

    @property
    def if_withdrawn(self) -> str:
        """What a withdrawal does to patients, and who reads its reason, as it stands now."""
        live = Live.objects.filter(document=self.document_id).select_related("edition").first()
        if live and live.edition_id == self.pk:
            return "Patients read the reason where the page was"
        others = (
            f"Patients go on reading edition {live.edition.number}"
            if live
            else "Patients have no page there, as before"
        )
        if self.went_live_at:
            return f"{others}. In the page's history the reason stands beside this edition"
        called_off = "Its date is cancelled" if self.live_from else "Nobody can publish it any more"
        return f"{called_off}. {others}. The reason is for staff"

    @cached_property
    def status(self) -> EditionStatus:
        """Where it stands. Of a row that was loaded `with_status`, no query is made."""
        return Edition.objects.with_status().values_list("status", flat=True).get(pk=self.pk)

    def refresh_from_db(self, *args, **kwargs):
        vars(self).pop("status", None)
        super().refresh_from_db(*args, **kwargs)

    # --- verbs ----------------------------------------------------------------------------------------------

    def _locked_document(self):
        rows = Edition.objects.select_for_update(of=("document",)).select_related("document").only("document")
        return rows.get(pk=self.pk).document

    @transaction.atomic
    def sign(
        self,
        *,
        by,
        live_from=None,
        hold: bool = False,
        self_review_because: str | None = None,
        self_review_ticked: Iterable[str] = (),
        self_review_asked: str = "",
        despite: str = "",
    ) -> None:
        """Sign the sealed words.

        They go live at once, at `live_from` (an aware datetime to come), or, with `hold`, when somebody
        publishes them. In a clinic with one doctor who wrote them: with why, every line of
        `SELF_REVIEW_CHECKLIST` ticked, and who else was asked. Where claims were changed since it was sealed:
        `despite` those changes, by their digest (`digest_of_changes`), as they were read.

        Raises PublishingError where `by` may not sign it, where it was signed, returned or changed, or where
        one of its claims is stopped.
        """
        now = timezone.now()
        edition = self._locked()
        if reason := edition.why_not(by, as_self_review=self_review_because is not None):
            raise PublishingError(reason)
        if digest_of_changes(edition.reworded()) != despite:
            raise PublishingError(REWORDED)
        values = {
            "signed_at": now,
            "signed_by": by,
            "signed_name": by.signature,
            "signed_as_sample": by.is_sample,
        }
        if self_review_because is not None:
            values |= self_review(self_review_because, self_review_ticked, self_review_asked)
        edition.stamp(**values)
        if not hold:
            edition._set_live_from(live_from, now)
        self.refresh_from_db()

    @property
    def why_not_published(self) -> str:
        """Why nobody chooses a date for it, in a sentence; empty where it was held. A date is set once."""
        if not self.signed_at:
            return "Nobody has signed this edition."
        if self.withdrawn_at:
            return self.why_not_withdrawn
        if self.live_from:
            reason = (
                f"This edition has its date already: {timezone.localtime(self.live_from):%-d %B %Y, %H:%M}."
            )
            if self.live_from <= timezone.now():
                return reason
            return (
                f"{reason} A date stays as it was set. To choose another one, withdraw this edition, then "
                "submit its words again "
                "and have them signed."
            )
        if self.document.editions.filter(number__gt=self.number, live_from__isnull=False).exists():
            return "A newer edition went before it. Submit the draft again instead."
        return ""

    @transaction.atomic
    def publish(self, *, by, live_from=None) -> None:
        """Let patients read a signed edition that was held: now, or from `live_from` on."""
        edition = self._locked()
        if not by.has_role_permission("publishing.schedule_edition"):
            raise PublishingError("A clinician or a manager chooses when a page goes live.")
        if reason := edition.why_not_published:
            raise PublishingError(reason)
        edition._refuse_stopped()
        edition._set_live_from(live_from, timezone.now())
        self.refresh_from_db()

    def _refuse_stopped(self) -> None:
        if reason := self.why_not_shown():
            raise PublishingError(reason)

    def _set_live_from(self, wanted, now) -> None:
        if wanted is not None and wanted < now:
            raise PublishingError(
                "That time has passed. Choose one to come, or let patients read it at once."
            )
        if wanted is not None and wanted > now + MOST_AHEAD:
            raise PublishingError(
                "That is more than two years ahead, when its review will be due. Choose an earlier time."
            )
        refuse_taken_address(self.kind, self.slug, self.document_id)
        self.stamp(live_from=wanted or now)
        if self.live_from <= now:
            self.go_live()

    @property
    def why_not_withdrawn(self) -> str:
        """Why there is nothing to withdraw, in a sentence; empty where there is."""
        if self.withdrawn_at:
            return (
                f"{self.withdrawal} It stays withdrawn: to bring its words back, submit them again and "
                "have them signed."
            )
        return "" if self.signed_at else "Nobody has signed this edition, so there is nothing to withdraw."

    @transaction.atomic
    def withdraw(self, *, by, because: str) -> str:
        """Take it away from patients (or call off its date), at once and alone.

        Returns what `if_withdrawn` said of it.
        """
        refuse_unless_they_withdraw(by)
        edition = self._locked()
        if reason := edition.why_not_withdrawn:
            raise PublishingError(reason)
        follows = edition.if_withdrawn
        if not has_visible_letters(because):
            raise PublishingError(f"Give the reason. {follows}.")
        refuse_medical_words(because)
        edition._take_away(withdrawn_by=by, withdrawn_because=because.strip())
        self.refresh_from_db()
        return follows

    @transaction.atomic
    def withdraw_overdue(self) -> None:
        """Take it away from patients without anybody's doing: nobody has reviewed it for too long.

        Called by `tick`, where the clinic wants that.

        Raises PublishingError where it isn't live any more, or not overdue for so long.
        """
        edition = self._locked()
        if not Live.objects.filter(edition=edition).exists() or edition.days_overdue <= WITHDRAWN_AFTER:
            raise PublishingError("Only a page that has been overdue for too long goes by itself.")
        because = (
            f"The review of this page was due on {edition.review_due_on:%-d %B %Y}, and it was "
            "overdue "
            "for too long."
        )
        edition._take_away(withdrawn_overdue_days=edition.days_overdue, withdrawn_because=because)
        self.refresh_from_db()

    def _take_away(self, **stamps) -> None:
        self.stamp(withdrawn_at=timezone.now(), **stamps)
        for live in Live.objects.filter(edition=self):
            index.remove_object(live)
            live.delete()

    @transaction.atomic
    def restore(self, *, by, instead_of: str) -> list[str]:
        """Make the draft say what this edition says: claims come in as they're worded today, and it is
        submitted and signed as any draft is. `instead_of`: the digest of the draft that `by` has seen and
        gives up.

        Returns, in sentences for staff, what couldn't be taken. Raises PublishingError.
        """
        if not by.has_role_permission(self.document_type.restoring_permission()):
            raise PublishingError(
                f"An edition is made the draft again by a {RESTORED_BY[self.document_type.SIGNED_BY]}."
            )
        document = self._locked_document().specific
        if not self.is_intact:
            raise PublishingError("The sealed words don't match their digest, so they don't come back.")
        draft = document.compose()
        if shapes.seal(draft)["digest"] != instead_of:
            raise PublishingError("Somebody changed the draft while you read. Look again at what would go.")
        if self.says(draft):
            raise PublishingError("The draft says this already.")
        lacks = document.restore_from(self.page)
        document.note_restored(by=by, writers=writers_of_own(self))
        return lacks

    @transaction.atomic
    def go_live(self) -> None:
        """Point the public site at this edition. Called by `sign` and, when its time comes, by `tick`.

        Raises PublishingError where its address went to another page meanwhile, a claim of it was stopped or
        a consent ended.
        """
        self._refuse_stopped()
        self._locked_document()
        Address.objects.get_or_create(
            kind=self.kind, slug=self.slug, defaults={"document_id": self.document_id}
        )
        refuse_taken_address(self.kind, self.slug, self.document_id)
        assert self.live_from is not None
        Edition.objects.filter(pk=self.pk, went_live_at=None).stamp(
            went_live_at=max(timezone.now(), self.live_from)
        )
        live, _ = Live.objects.update_or_create(
            document_id=self.document_id,
            defaults={"edition": self, "kind": self.kind, "slug": self.slug, "posted_on": self.posted_on},
        )
        index.insert_or_update_object(live)


def refuse_unless_they_withdraw(by) -> None:
    if not by.has_role_permission("publishing.withdraw_edition"):
        raise PublishingError("Your role doesn't withdraw pages.")

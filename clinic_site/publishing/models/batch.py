"""A change that touches many pages: their editions are submitted in one step, and signed, or sent back, in
one step.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import get_text_list

from clinic_site.accounts.roles import CLINICIAN
from clinic_site.append_only import Rule, WrittenOnce
from clinic_site.evidence.models import Claim
from clinic_site.pages.diff import reworded
from clinic_site.pages.shapes import seal
from clinic_site.publishing.document_types import DOCUMENT_TYPES, SIGNING
from clinic_site.publishing.errors import SAY_WHAT_CHANGED, PublishingError
from clinic_site.publishing.models.document import Document
from clinic_site.publishing.models.edition import Edition
from clinic_site.publishing.models.stop import stopped_now
from clinic_site.text.saying import has_visible_letters, says_nothing

SAMPLE_ALONE = (
    "Its last signature is a sample's, so nobody of the clinic has read all of it. It is submitted and "
    "signed by itself."
)


REWORDED_APART = "A claim on it was changed since it was submitted. Look at it by itself."


@dataclass(frozen=True)
class Ready:
    """What somebody may sign now, and what they can't, each with why."""

    editions: list[Edition]
    apart: list[tuple[Edition, str]]

    @property
    def keys(self) -> set[int]:
        return {edition.pk for edition in self.editions}


class Batch(WrittenOnce):
    """One change: what changed, by whom, and the editions that it made.

    Each edition keeps its own stamps and rules.
    """

    database_rules = (
        Rule("said", "INSERT", says_nothing("NEW.change_note"), "a change of several pages says what"),
    )

    about = models.CharField(
        "what changed", max_length=100, help_text="The claim or the source, by its key: “claim:sweat-lasts”."
    )
    change_note = models.TextField("what changed and why")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "change to several pages"
        verbose_name_plural = "changes to several pages"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.about.partition(':')[2]}: a change to several pages"

    @property
    def signing_permission(self) -> str:
        """What its pages are signed with: a medical page among them is signed by a clinician."""
        kinds = self.editions.order_by().values_list("kind", flat=True).distinct()
        asked = {DOCUMENT_TYPES[kind].signing_permission() for kind in kinds}
        return asked.pop() if len(asked) == 1 else SIGNING[CLINICIAN]

    @staticmethod
    @transaction.atomic
    def submit(
        drafts: Mapping[int, str], *, by, about: str, change_note: str, nature=None, was_wrong=None
    ) -> "Batch":
        """Seal these drafts (document: the digest of its page as it was looked at) as editions that belong
        together: all or none. `nature`, `was_wrong`: of each of them (`change_notes.change_of`).

        Raises PublishingError, with the page's name, where one of them can't be submitted or changed since it
        was looked at.
        """
        if not by.has_role_permission("publishing.submit_document"):
            raise PublishingError("Your role doesn't submit pages.")
        if not drafts:
            raise PublishingError("Tick the pages that are to be submitted.")
        if not has_visible_letters(change_note):
            raise PublishingError(SAY_WHAT_CHANGED)
        made = Batch.objects.create(about=about, change_note=change_note.strip(), by=by)
        for document in Document.objects.select_for_update().filter(pk__in=drafts).order_by("pk"):
            document = document.specific
            if document.is_signed_by_sample and not by.is_sample:
                raise PublishingError(f"“{document}”: {SAMPLE_ALONE} Nothing was submitted.")
            if seal(document.compose())["digest"] != drafts[document.pk]:
                raise PublishingError(
                    f"“{document}” was changed meanwhile. Nothing was submitted: check the pages again."
                )
            try:
                document.submit(
                    by=by, change_note=change_note, batch=made, nature=nature, was_wrong=was_wrong
                )
            except PublishingError as refused:
                raise PublishingError(
                    f"“{document}”: {refused} Nothing was submitted.", refused.findings
                ) from refused
        return made

    def ready_for(self, by) -> Ready:
        """Its editions that wait, as they stand for `by`."""
        found = self.editions.waiting().with_last_signature().select_related("document")
        waiting = list(found.prefetch_related("writers").order_by("document__title", "pk"))
        keys = {note.key for edition in waiting if edition.is_intact for note in edition.page.claims}
        claims = {claim.key: claim for claim in Claim.objects.filter(key__in=keys).with_sources()}
        kinds = {edition.kind: edition for edition in waiting}
        reasons = {kind: edition.why_not_by(by) for kind, edition in kinds.items()}
        stopped, ready = stopped_now(), Ready([], [])
        for edition in waiting:
            if reason := reasons[edition.kind] or self._why_apart(edition, by, stopped, claims):
                ready.apart.append((edition, reason))
            else:
                ready.editions.append(edition)
        return ready

    @staticmethod
    def _why_apart(edition, by, stopped: list[str], claims: Mapping[str, Claim]) -> str:
        if edition.is_after_sample and not by.is_sample:
            return SAMPLE_ALONE
        # by the list of its writers: at the signature the saves themselves are asked
        is_theirs = edition.is_listed_work_of(by)
        reason = edition.why_not_now(by, stopped=stopped, claims=claims, is_theirs=is_theirs)
        return reason or (REWORDED_APART if reworded(edition.page, claims) else "")

    def _lock(self) -> None:
        # in one order, so that two who sign at once wait for each other
        list(Edition.objects.select_for_update().filter(batch=self.pk).order_by("pk").values_list("pk"))

    @transaction.atomic
    def sign(self, *, by, shown: Collection[int], live_from=None, hold: bool = False) -> int:
        """Sign the editions `shown` (by their keys), all or none. Returns how many.

        Raises PublishingError where they aren't the ones any more that wait and that `by` may sign.
        """
        self._lock()
        ready = self.ready_for(by)
        if not ready.editions and not shown:
            raise PublishingError(self.nothing_ready(ready))
        if changed := self.what_changed(ready, shown):
            raise PublishingError(changed)
        for edition in ready.editions:
            edition.sign(by=by, live_from=live_from, hold=hold)
        return len(ready.editions)

    @staticmethod
    def nothing_ready(ready: Ready) -> str:
        if ready.apart:
            return "None of these pages can be signed by you: " + " ".join(
                dict.fromkeys(reason for _, reason in ready.apart)
            )
        return "None of these pages waits for a signature any more."

    def what_changed(self, ready: Ready, shown: Collection[int]) -> str:
        """What became of the editions since they were `shown`, in sentences; empty where they're as they
        were.
        """
        if ready.keys == set(shown):
            return ""
        reasons = {edition.pk: reason for edition, reason in ready.apart}
        gone = self.editions.filter(pk__in=set(shown) - ready.keys).select_related("document")
        told = [f"{edition}: {reasons.get(edition.pk) or edition.why_not_signed}" for edition in gone]
        more = [str(edition) for edition in ready.editions if edition.pk not in set(shown)]
        if more:
            told.append(f"You can sign {get_text_list(more, 'and')} as well.")
        return " ".join([*told, "Nothing was signed: look at what is here now, and sign that."])

    @transaction.atomic
    def send_back(self, *, by, because: str) -> int:
        """Return every edition of it that waits, with one reason. Returns how many."""
        self._lock()
        waiting = [
            e for e in self.editions.waiting().order_by("pk") if by.has_role_permission(e.signing_permission)
        ]
        if not waiting:
            raise PublishingError("None of these pages waits for you.")
        for edition in waiting:
            edition.send_back(by=by, because=because)
        return len(waiting)

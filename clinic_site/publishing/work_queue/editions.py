"""Editions that wait for somebody: one query finds those that may, and each queue says which of them do."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from clinic_site.accounts.models import User
from clinic_site.accounts.roles import CLINICIAN
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.document_types import SIGNING
from clinic_site.publishing.models import Edition, EditionStatus
from clinic_site.publishing.models.edition_queries import longest_overdue
from clinic_site.publishing.self_review import in_words
from clinic_site.publishing.work_queue.outdated import AnnotatedEdition
from clinic_site.publishing.work_queue.waiting_editions import (
    ALONE_FOR,
    WaitingEditions,
    may_sign,
    may_write,
    waiting_editions,
)
from clinic_site.registry import ITEMS_SHOWN, Priority, WorkItem


def day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y}"


def of_draft(edition: AnnotatedEdition, view: str = "change") -> str:
    return reverse(edition.document_type.admin_view(view), args=[edition.document_id])


def of_edition(edition: AnnotatedEdition, view: str = "change") -> str:
    return reverse(f"admin:publishing_edition_{view}", args=[edition.pk])


def list_of(name: str) -> str:
    return f"{reverse('admin:publishing_edition_changelist')}?queue={name}"


@dataclass(frozen=True)
class EditionQueue:
    """One reason why editions wait: which of them, in whose list, with which button and note.

    `name` stands in addresses.
    """

    name: str
    priority: Callable[[User], Priority]
    said: str | Callable[[], str]
    chosen: Callable[[User, WaitingEditions], list[AnnotatedEdition]]
    button: str
    address: Callable[[AnnotatedEdition], str]
    note: Callable[[AnnotatedEdition], str]
    words: Callable[[AnnotatedEdition], str] = lambda edition: edition.document.title
    shown: int = ITEMS_SHOWN

    @property
    def title(self) -> str:
        return self.said() if callable(self.said) else self.said

    def item(self, edition: AnnotatedEdition) -> WorkItem:
        return WorkItem(self.words(edition), self.button, self.address(edition), self.note(edition))


def _overdue(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    submitted = {edition.document_id for edition in editions if edition.status == EditionStatus.WAITING}
    return longest_overdue(
        e
        for e in editions
        if e.status == EditionStatus.LIVE and e.document_id not in submitted and may_write(user, e.kind)
    )


def _gone(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    return [e for e in editions if e.is_newest and e.withdrawn_overdue_days and may_write(user, e.kind)]


def _all_sent_back(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    sent_back = [e for e in editions if e.is_newest and e.status == EditionStatus.SENT_BACK]
    return [e for e in sent_back if may_write(user, e.kind)]


def _sent_back(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    return [e for e in _all_sent_back(user, editions) if e.is_mine]


def _sent_back_to_others(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    return [e for e in _all_sent_back(user, editions) if not e.is_mine]


def _changes_to_sign(user: User, editions: list[AnnotatedEdition]) -> dict[int, list[AnnotatedEdition]]:
    """Several pages of one change that wait for this person's one signature, by that change."""
    changes = defaultdict(list)
    for edition in editions:
        if edition.batch_id and edition.status == EditionStatus.WAITING and may_sign(user, edition):
            changes[edition.batch_id].append(edition)
    return {change: pages for change, pages in changes.items() if len(pages) > 1}


def _batches_to_sign(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    """The first page of each such change, which knows the titles of them all."""
    first = []
    for pages in _changes_to_sign(user, editions).values():
        pages[0].titles = [page.document.title for page in pages]
        first.append(pages[0])
    return first


def _to_sign(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    batches = _changes_to_sign(user, editions)
    return [
        e
        for e in editions
        if e.status == EditionStatus.WAITING and e.batch_id not in batches and may_sign(user, e)
    ]


def _submitted(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    return [
        e
        for e in editions
        if e.status == EditionStatus.WAITING and e.submitted_by_id == user.pk and not may_sign(user, e)
    ]


def _held(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    may = "publishing.schedule_edition" in user.role_permissions
    return [e for e in editions if may and e.is_newest and e.status == EditionStatus.SIGNED]


def _held_up(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    if not any(e.status in (EditionStatus.SCHEDULED, EditionStatus.HELD_UP) for e in editions):
        return []
    found = [(e, why) for e, why in Edition.objects.held_up() if may_write(user, e.kind)]
    for edition, why in found:
        edition.why_held_up = why
    return [edition for edition, _ in found]


def _samples(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    return [
        e
        for e in editions
        if e.status == EditionStatus.LIVE and e.signed_as_sample and may_write(user, e.kind)
    ]


def _alone(user: User, editions: list[AnnotatedEdition]) -> list[AnnotatedEdition]:
    may, since = "publishing.schedule_edition" in user.role_permissions, timezone.now() - ALONE_FOR
    return [e for e in editions if may and e.self_review_because and e.signed_at > since]


def _all_differing(user: User, editions: WaitingEditions) -> list[AnnotatedEdition]:
    overdue = {edition.pk for edition in _overdue(user, editions)}  # they stand there already
    return [e for e in editions.differing if e.pk not in overdue and may_write(user, e.kind)]


def _by_change(user: User, editions: WaitingEditions) -> dict[str, list[AnnotatedEdition]]:
    """Pages that read otherwise because of claims or sources alone, by one of those: one that nobody has
    checked since before others, then the one on most pages. A lone page that is ready isn't among them: it's
    submitted by itself.
    """
    found = [
        edition
        for edition in _all_differing(user, editions)
        if all(words.startswith(("claim:", "source:")) for words in edition.changed_words)
    ]
    count = Counter(words for edition in found for words in edition.changed_words)
    changes = defaultdict(list)
    for edition in found:
        first = min(
            edition.changed_words,
            key=lambda words: (not _awaits_check(words, editions), -count[words], words),
        )
        changes[first].append(edition)
    return {
        words: pages for words, pages in changes.items() if len(pages) > 1 or _awaits_check(words, editions)
    }


def _awaits_check(words: str, editions: WaitingEditions) -> bool:
    kind, _, key = words.partition(":")
    return kind == "claim" and key in editions.claims and not editions.claims[key].stands_checked


def _differing(user: User, editions: WaitingEditions) -> list[AnnotatedEdition]:
    batches = {edition.pk for pages in _by_change(user, editions).values() for edition in pages}
    return [edition for edition in _all_differing(user, editions) if edition.pk not in batches]


def _to_submit_batch(user: User, editions: WaitingEditions) -> list[AnnotatedEdition]:
    """The first page of each such change that may be submitted, which knows the change, and the titles of all
    its pages.
    """
    changes = {
        words: pages
        for words, pages in _by_change(user, editions).items()
        if not _awaits_check(words, editions)
    }
    keys = [words.partition(":")[2] for words in changes if words.startswith("source:")]
    rows = {source.words_key: source for source in Source.objects.filter(key__in=keys)} if keys else {}
    return _first_of(
        {
            words: (rows.get(words) or editions.claims.get(words[6:]), pages)
            for words, pages in changes.items()
        }
    )


def _to_be_checked(user: User, editions: WaitingEditions) -> list[AnnotatedEdition]:
    """Likewise of claims that nobody has checked since.

    Whoever checks them finds them in a queue of their own.
    """
    if "evidence.check_claim" in user.role_permissions:
        return []
    changes = {
        words: pages for words, pages in _by_change(user, editions).items() if _awaits_check(words, editions)
    }
    return _first_of({words: (editions.claims[words[6:]], pages) for words, pages in changes.items()})


def _first_of(changes: dict[str, tuple]) -> list[AnnotatedEdition]:
    first = []
    for row, pages in changes.values():
        if row:
            pages[0].change, titles = row, [page.document.title for page in pages]
            pages[0].titles = titles if len(titles) <= 4 else [*titles[:3], f"{len(titles) - 3} more"]
            first.append(pages[0])
    return first


def _of_change(edition: AnnotatedEdition, view: str = "submit-batch") -> str:
    return reverse(f"admin:evidence_{edition.change._meta.model_name}_{view}", args=[edition.change.pk])


def _words_of_change(edition: AnnotatedEdition) -> str:
    return edition.change.sentence if isinstance(edition.change, Claim) else edition.change.title


def _sign_first(user: User) -> Priority:
    return Priority.OWN_SIGNATURE if SIGNING[CLINICIAN] in user.role_permissions else Priority.SIGNATURE


def _always(priority: Priority) -> Callable[[User], Priority]:
    return lambda user: priority


EDITION_QUEUES = (
    EditionQueue(
        "sign-batch",
        _sign_first,
        "One change to several pages, for your signature",
        _batches_to_sign,
        "Read and sign all",
        lambda e: reverse("admin:publishing_batch_sign", args=[e.batch_id]),
        lambda e: f"{get_text_list(e.titles, 'and')}. Submitted by {e.submitted_by} on {day(e.submitted_at)}",
        lambda e: f"{len(e.titles)} pages: {e.change_note}",
    ),
    EditionQueue(
        "sign",
        _sign_first,
        "Waiting for your signature",
        _to_sign,
        "Read and sign",
        lambda e: of_edition(e, "sign"),
        lambda e: f"Edition {e.number}, submitted by {e.submitted_by} on {day(e.submitted_at)}",
    ),
    EditionQueue(
        "overdue",
        _always(Priority.OVERDUE),
        "Review overdue",
        _overdue,
        "Review",
        of_draft,
        lambda e: f"Since {e.review_due_on:%-d %B %Y}. Patients read that it is overdue",
    ),
    EditionQueue(
        "gone",
        _always(Priority.OVERDUE),
        "Withdrawn automatically, because nobody reviewed it",
        _gone,
        "Review",
        of_draft,
        lambda e: f"On {day(e.withdrawn_at)}, {e.withdrawn_overdue_days} days overdue",
    ),
    EditionQueue(
        "sent-back",
        _always(Priority.SENT_BACK),
        "Sent back to you",
        _sent_back,
        "Edit",
        of_draft,
        lambda e: f"{e.returned_by}: {e.returned_because}",
    ),
    EditionQueue(
        "held",
        _always(Priority.HELD),
        "Signed, but nobody has published it",
        _held,
        "Publish",
        lambda e: of_edition(e, "publish"),
        lambda e: f"Signed on {day(e.signed_at)}",
    ),
    EditionQueue(
        "held-up",
        _always(Priority.HELD),
        "Signed, but can’t go live",
        _held_up,
        "Edit",
        of_draft,
        lambda e: f"For {timezone.localtime(e.live_from):%-d %B %Y, %H:%M}. {e.why_held_up}",
    ),
    EditionQueue(
        "submitted",
        _always(Priority.SUBMITTED),
        in_words(
            "Submitted by you: waits for a colleague to sign", "Submitted by you: waits for a signature"
        ),
        _submitted,
        "View",
        of_edition,
        lambda e: f"Since {day(e.submitted_at)}",
    ),
    EditionQueue(
        "submit-batch",
        _always(Priority.CHANGED),
        "Pages affected by a change: patients still read the old words",
        _to_submit_batch,
        "Submit all",
        _of_change,
        lambda e: get_text_list(e.titles, "and"),
        _words_of_change,
    ),
    EditionQueue(
        "to-be-checked",
        _always(Priority.CHANGED),
        "Changed claims: a clinician checks them, then their pages can be submitted",
        _to_be_checked,
        "View",
        lambda e: _of_change(e, "change"),
        lambda e: get_text_list(e.titles, "and"),
        _words_of_change,
    ),
    EditionQueue(
        "changed",
        _always(Priority.CHANGED),
        "Changed, but patients still read the old words",
        _differing,
        "Submit",
        lambda e: of_draft(e, "submit"),
        lambda e: f"What changed: {', '.join(e.what_changed)}",
    ),
    EditionQueue(
        "sent-back-to-others",
        _always(Priority.SENT_BACK_TO_OTHERS),
        "Sent back to colleagues",
        _sent_back_to_others,
        "Edit",
        of_draft,
        lambda e: f"{e.returned_by}: {e.returned_because}",
    ),
    EditionQueue(
        "samples",
        _always(Priority.SAMPLES),
        "Sample pages that patients can read",
        _samples,
        "Edit",
        of_draft,
        lambda e: f"Signed by {e.signed_name}, who is no real person: rewrite it or submit it as it stands",
        shown=3,  # on a new site that's every page, and what has to be done stands above the rooms
    ),
    EditionQueue(
        "alone",
        _always(Priority.ALONE),
        "Written and signed by one person in the last 90 days",
        _alone,
        "Read",
        of_edition,
        lambda e: f"{e.signed_name}, {day(e.signed_at)}: {e.self_review_because}",
    ),
)


def editions_of(name: str, user: User) -> list[Edition]:
    """All editions of one queue that wait for this person: the first page shows the first of them."""
    queue = next((queue for queue in EDITION_QUEUES if queue.name == name), None)
    return queue.chosen(user, waiting_editions(user)) if queue else []

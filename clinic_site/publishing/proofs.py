"""Publishing's promises, recomputed from the rows."""

import json
from collections.abc import Iterable, Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim
from clinic_site.pages.shapes import canonical
from clinic_site.publishing.change_notes import Nature, asked_of
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Batch, Edition, EditionWriter, Live, PreviewLink, Stop
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.writers import writers_of
from clinic_site.publishing.review_dates import WITHDRAWN_AFTER, days_overdue
from clinic_site.publishing.self_review import SELF_REVIEW_ASKED
from clinic_site.registry import Proof, proofs
from clinic_site.text.saying import has_visible_letters


def _signed_by_their_writer(signed: QuerySet) -> Iterator[Edition]:
    """Those whose signer wrote part of them, recomputed from the saves. What was signed while writers counted
    otherwise is told for as long as patients read it: somebody else can sign its page anew.
    """
    saved = DraftSave.objects.filter(user=OuterRef("signed_by"), at__lte=OuterRef("submitted_at"))
    for edition in signed.filter(Exists(saved), Q(counted_since_signature=True) | Q(live__isnull=False)):
        as_signed = {"until": edition.submitted_at, "at": edition.signed_at}
        if edition.is_intact and edition.signed_by_id in writers_of(edition, **as_signed):
            yield edition


def signed_by_another() -> tuple[int, list[str]]:
    """Promise 1: whatever is or was live is signed, and not by anybody who wrote it (unless the edition says
    so); what is medical by somebody registered.
    """
    ever_live = Edition.objects.filter(live_from__isnull=False).defer("page_text", "card_text")
    wrote = EditionWriter.objects.filter(edition=OuterRef("pk"), user=OuterRef("signed_by"))
    signed = Edition.objects.filter(signed_by__isnull=False).defer("card_text")
    broken = {
        *ever_live.filter(Q(signed_by=None) | Q(signed_at=None)),
        *signed.filter(self_review_because=None).filter(Q(signed_by=F("submitted_by")) | Exists(wrote)),
        *_signed_by_their_writer(signed.filter(self_review_because=None)),
    }
    own = Edition.objects.filter(self_review_because__isnull=False).defer("page_text", "card_text")
    hasty = [e for e in own if not e.self_review_checklist or e.signed_at < e.self_review_from]
    plain = [kind for kind, one in DOCUMENT_TYPES.items() if not one.IS_MEDICAL]
    # a registration stands in brackets behind the signer's name: see `User.signature`
    unregistered = ever_live.exclude(kind__in=plain).exclude(signed_name__regex=r"\(.+, .+\)$")
    pointers = Live.objects.filter(
        Q(edition__signed_by=None)
        | Q(edition__withdrawn_at__isnull=False)
        | ~Q(edition__document=F("document"))
    )
    return ever_live.count(), [
        *(
            f"edition {e.pk} isn't signed by somebody who didn't write it"
            for e in sorted(broken, key=lambda edition: edition.pk)
        ),
        *(
            f"edition {e.pk} was signed by its writer without the checklist, or before a day had passed"
            for e in hasty
        ),
        *(f"edition {e.pk} is medical, and its signature names no registration" for e in unregistered),
        *(f"live page {live.pk} points at an edition that may not be live" for live in pointers),
        *samples_without_label(),
    ]


def went_by_themselves() -> tuple[int, list[str]]:
    """Promise 1: what nobody withdrew went because its review was overdue for as long as that takes, reckoned
    anew from its signature. A day is granted: the clinic may have lived in another time zone then.
    """
    gone = Edition.objects.filter(withdrawn_at__isnull=False, withdrawn_by=None).defer(
        "page_text", "card_text"
    )
    broken = [
        f"edition {e.pk} went by itself, and its review wasn't overdue for more than {WITHDRAWN_AFTER} days"
        for e in gone
        if days_overdue(e.kind, e.document_id, e.signed_at, e.withdrawn_at) < WITHDRAWN_AFTER
    ]
    return len(gone), broken


def figures_are_claims() -> tuple[int, list[str]]:
    """Promise 3: whatever medical figure patients read is a claim with a source."""
    live = Edition.objects.filter(live__isnull=False, counted_since_signature=True).defer("card_text")
    told = [(e, e.unfounded) for e in live.iterator(chunk_size=200) if e.is_intact]
    return len(told), [f"edition {e.pk} says without a source: {found[0]}" for e, found in told if found]


def _tells(card, page_card) -> bool:
    """Whether a sealed card tells what its page does, as far as both tell it: what cards hold has changed
    since the first.
    """
    if isinstance(card, dict) and isinstance(page_card, dict):
        return all(_tells(card[key], page_card[key]) for key in card.keys() & page_card.keys())
    if isinstance(card, list) and isinstance(page_card, list):
        return len(card) == len(page_card) and all(map(_tells, card, page_card))
    return card == page_card


def _marks_of(marks: Iterable[Mark]) -> set[tuple[str, str]]:
    return {(mark.kind, mark.key) for mark in marks}


def seals_hold() -> tuple[int, list[str]]:
    """Promise 2: the words of every edition are those that were sealed, its card is its page's, and its marks
    name what it holds.
    """
    broken, count = [], 0
    for edition in Edition.objects.prefetch_related("marks").iterator(chunk_size=200):
        count += 1
        if not edition.is_intact:
            broken.append(f"edition {edition.pk} doesn't match its digest")
        elif not _tells(json.loads(edition.card_text), json.loads(canonical(edition.page.card()))):
            broken.append(f"edition {edition.pk} has a card that isn't its page's")
        elif _marks_of(Mark.of_page(edition, edition.page)) - _marks_of(edition.marks.all()):
            broken.append(f"edition {edition.pk} lacks a mark of what it holds")
    return count, broken


def changes_are_told() -> tuple[int, list[str]]:
    """Promise 2: an edition is the kind of change that is sealed, and where a figure, a source or urgent
    words changed, it was asked whether what patients read was wrong; a yes made it a correction.
    """
    broken, count = [], 0
    read: dict[int, list[Edition]] = {}  # of each document, the editions that patients could read
    for edition in Edition.objects.order_by("document_id", "number").iterator(chunk_size=200):
        earlier = read.setdefault(edition.document_id, [])
        last = next((e for e in reversed(earlier) if e.went_live_at <= edition.submitted_at), None)
        if edition.went_live_at:
            earlier.append(edition)
        if edition.is_intact:  # of others, another proof tells it
            count += 1
            broken += [f"edition {edition.pk} {how}" for how in _untold(edition, last)]
    return count, broken


def _untold(edition: Edition, last: Edition | None) -> Iterator[str]:
    change = edition.page.change
    if edition.nature != (change.nature if change else None):
        yield "is told as another kind of change than the sealed one"
    if change is None or change.nature == Nature.CORRECTION or change.was_wrong is False:
        return
    if change.changed or asked_of(last, edition.page):
        yield "changes what patients read, and nobody said that it was right"


def every_day_has_an_answer() -> tuple[int, list[str]]:
    """Promise 7: the editions of a document are numbered without a gap, and went live one at a time."""
    broken, count = [], 0
    last: dict[int, int] = {}
    rows = Edition.objects.order_by("document_id", "number").values_list("pk", "document_id", "number")
    for pk, document, number in rows:
        count += 1
        if number != last.get(document, 0) + 1:
            broken.append(
                f"edition {pk} of document {document} has number {number} after {last.get(document, 0)}"
            )
        last[document] = number
    return count, broken


def shared_blocks_stand() -> tuple[int, list[str]]:
    """Promise 4: no edition leaves out a block that its type of page always has. Those that were sealed
    before there were such blocks don't name them.
    """
    wanted = {one.KIND: one.SHARED_BLOCKS for one in DOCUMENT_TYPES.values() if one.SHARED_BLOCKS}
    editions = Edition.objects.filter(kind__in=wanted, page_text__contains='"before_treatment":')
    lacks = Q(pk=None)
    for kind, names in wanted.items():
        for name in names:
            lacks |= Q(kind=kind) & ~Q(page_text__contains=f'"{name}":{{')
    broken = editions.filter(lacks).values_list("pk", flat=True)
    return editions.count(), [f"edition {pk} lacks words that all pages like it have" for pk in broken]


def samples_without_label() -> list[str]:
    """A sample account's signature or check counts as none. An edition without the sample label was signed by
    a person, and no claim of it was last checked by a sample before. Of what was signed before that counted,
    what patients read is told: a person checks its claims.
    """
    real = Edition.objects.filter(signed_as_sample=False).defer("page_text", "card_text")
    told = real.filter(Q(counted_since_signature=True) | Q(live__isnull=False))
    by_sample = Claim.objects.filter(checked_by__is_sample=True).values_list("key", "checked_at")
    checked = dict(by_sample)
    marks = Mark.objects.filter(kind=Mark.Kind.CLAIM, key__in=checked, edition__in=told)
    broken = {
        pk: f"claims that a sample account alone had checked, such as {key}"
        for pk, key, at in marks.order_by("-key").values_list("edition", "key", "edition__signed_at")
        if checked[key] <= at
    }
    signed = real.filter(signed_by__is_sample=True).values_list("pk", flat=True)
    broken |= dict.fromkeys(signed, "a sample account's signature")
    words = "has no sample label, and"
    return [f"edition {pk} {words} {what}" for pk, what in sorted(broken.items())]


def reasons_say_something() -> tuple[int, list[str]]:
    """Promise 1: every reason for a step, and every note on what changed, has letters that can be seen."""
    editions = Edition.objects.order_by("pk").values(
        "pk",
        "change_note",
        "returned_because",
        "withdrawn_because",
        "self_review_because",
        "self_review_checklist",
    )
    count, broken = 0, []
    for row in editions.iterator():
        pk, checklist = row.pop("pk"), row.pop("self_review_checklist")
        if checklist is not None:
            row["self_review_asked"] = checklist.rpartition(SELF_REVIEW_ASKED)[2]
        count += sum(said is not None for said in row.values())
        broken += [
            f"edition {pk} has a {name} that says nothing"
            for name, said in row.items()
            if said is not None and not has_visible_letters(said)
        ]
    for model, name in ((Stop, "because"), (Batch, "change_note"), (PreviewLink, "reader")):
        for pk, said in model.objects.order_by("pk").values_list("pk", name).iterator():
            count += 1
            if not has_visible_letters(said):
                broken.append(f"{model._meta.verbose_name} {pk} has a {name} that says nothing")
    return count, broken


proofs += [
    Proof(
        1, "every live edition is signed by a person of the right role who didn't write it", signed_by_another
    ),
    Proof(1, "every page that went by itself had been overdue for too long", went_by_themselves),
    Proof(1, "every reason for a step says something", reasons_say_something),
    Proof(2, "every edition's words match the seal that was signed", seals_hold),
    Proof(2, "every change that was a correction is told as one", changes_are_told),
    Proof(3, "every medical figure that patients read is a claim with a source", figures_are_claims),
    Proof(4, "every page has the warning, and what must be known before treatment", shared_blocks_stand),
    Proof(7, "every document's editions are numbered without a gap", every_day_has_an_answer),
]

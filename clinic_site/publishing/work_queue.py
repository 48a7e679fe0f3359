"""What waits for somebody in publishing: one query finds the editions that may, and each kind says which of
them do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.models import (
    Document,
    Edition,
    EditionWriter,
    Live,
    Mark,
    Picture,
    Section,
    Stop,
)
from clinic_site.publishing.reviewing import longest_overdue, signed_long_ago
from clinic_site.publishing.urgent import URGENT_WORDS
from clinic_site.registry import MOST, Priority, WorkItem, WorkQueue, pile, work_queues

ALONE_FOR = timedelta(days=90)  # how long a page that its writer signed is shown to the others
SOON = timedelta(days=60)  # before a consent ends


def day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y}"


# --- who may act --------------------------------------------------------------------------------------------


def may_write(user: User, kind: str) -> bool:
    options = Document.kinds[kind]._meta
    return f"{options.app_label}.change_{options.model_name}" in user.role_permissions


def may_sign(user: User, edition: Edition) -> bool:
    """Whether this edition waits for that person's signature. `is_mine`: they wrote part of it."""
    return (
        edition.signing_permission in user.role_permissions
        and (edition.kind == "policy" or bool(user.registration_number))
        and (not edition.is_mine or settings.SOLE_CLINICIAN and timezone.now() >= edition.own_work_from)
    )


# --- editions -----------------------------------------------------------------------------------------------


def is_newest():
    """A condition: no later edition of its document."""
    return ~Exists(Edition.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number")))


class Matter(list[Edition]):
    """Editions that may wait for somebody; and what more than one kind of thing to do asks for, which is
    looked up once.
    """

    @cached_property
    def differing(self) -> list[Edition]:
        return differing()

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Every claim by its key, with who changed it last, and on how many pages patients read it."""
        live = Mark.objects.filter(
            kind=Mark.Kind.CLAIM, key=OuterRef("key"), edition__live__isnull=False
        ).order_by()
        last = DraftSave.objects.filter(words=Concat(Value("claim:"), OuterRef("key"))).order_by("-at", "-pk")
        found = Claim.objects.annotate(
            pages=Subquery(live.values("key").annotate(pages=Count("pk")).values("pages")),
            changed_at=Subquery(last.values("at")[:1]),
            changed_by=Subquery(last.values("user__name")[:1]),
        )
        return {claim.key: claim for claim in found.with_checks()}


def editions_that_matter(user: User) -> Matter:
    """Every edition that may wait for somebody, without its text, in one query."""
    unpublished = Q(signed_at__isnull=False, live_from=None, withdrawn_at=None)
    scheduled = Q(signed_at__isnull=False, live_from__isnull=False, went_live_at=None, withdrawn_at=None)
    found = Edition.objects.annotate(
        is_newest=is_newest(),
        is_live=Exists(Live.objects.filter(edition=OuterRef("pk"))),
        is_mine=Exists(EditionWriter.objects.filter(edition=OuterRef("pk"), user=user)),
    ).filter(
        Q(signed_at=None, returned_at=None)
        | scheduled
        | Q(
            Q(returned_at__isnull=False) | unpublished | Q(withdrawn_overdue_days__isnull=False),
            is_newest=True,
        )
        | Q(Q(signed_as_sample=True) | signed_long_ago(), withdrawn_at=None, is_live=True)
        | Q(own_work_because__isnull=False, signed_at__gt=timezone.now() - ALONE_FOR)
    )
    names = (
        "document__title",
        "submitted_by__name",
        "submitted_by__email",
        "returned_by__name",
        "returned_by__email",
    )
    fields = (
        "kind",
        "number",
        "submitted_at",
        "returned_at",
        "returned_because",
        "signed_at",
        "signed_name",
        "signed_as_sample",
        "own_work_because",
        "live_from",
        "went_live_at",
        "withdrawn_at",
        "withdrawn_overdue_days",
        "together",
        "change_note",
    )
    return Matter(
        found.select_related("document", "submitted_by", "returned_by")
        .only(*fields, *names)
        .order_by("submitted_at")
    )


def of_draft(edition: Edition, view: str = "change") -> str:
    options = Document.kinds[edition.kind]._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{view}", args=[edition.document_id])


def of_edition(edition: Edition, view: str = "change") -> str:
    return reverse(f"admin:publishing_edition_{view}", args=[edition.pk])


def list_of(name: str) -> str:
    return f"{reverse('admin:publishing_edition_changelist')}?to_do={name}"


@dataclass(frozen=True)
class Kind:
    """One kind of thing that waits: which editions, in whose list, with which button and note.

    `name` stands in addresses.
    """

    name: str
    rank: Callable[[User], Priority]
    title: str
    chosen: Callable[[User, list[Edition]], list[Edition]]
    button: str
    address: Callable[[Edition], str]
    note: Callable[[Edition], str]
    words: Callable[[Edition], str] = lambda edition: edition.document.title
    most: int = MOST

    def row(self, edition: Edition) -> WorkItem:
        return WorkItem(self.words(edition), self.button, self.address(edition), self.note(edition))


def _overdue(user: User, editions: list[Edition]) -> list[Edition]:
    submitted = {edition.document_id for edition in editions if edition.is_waiting}
    return longest_overdue(
        e for e in editions if e.is_live and e.document_id not in submitted and may_write(user, e.kind)
    )


def _gone(user: User, editions: list[Edition]) -> list[Edition]:
    return [e for e in editions if e.is_newest and e.withdrawn_overdue_days and may_write(user, e.kind)]


def _sent_back(user: User, editions: list[Edition]) -> list[Edition]:
    return [e for e in editions if e.is_newest and e.was_sent_back and e.is_mine and may_write(user, e.kind)]


def _sent_back_to_others(user: User, editions: list[Edition]) -> list[Edition]:
    return [
        e for e in editions if e.is_newest and e.was_sent_back and not e.is_mine and may_write(user, e.kind)
    ]


def _changes_to_sign(user: User, editions: list[Edition]) -> dict[int, list[Edition]]:
    """Several pages of one change that wait for this person's one signature, by that change."""
    changes = defaultdict(list)
    for edition in editions:
        if edition.together_id and edition.is_waiting and may_sign(user, edition):
            changes[edition.together_id].append(edition)
    return {change: pages for change, pages in changes.items() if len(pages) > 1}


def _to_sign_together(user: User, editions: list[Edition]) -> list[Edition]:
    """The first page of each such change, which knows the titles of them all."""
    first = []
    for pages in _changes_to_sign(user, editions).values():
        pages[0].titles = [page.document.title for page in pages]
        first.append(pages[0])
    return first


def _to_sign(user: User, editions: list[Edition]) -> list[Edition]:
    together = _changes_to_sign(user, editions)
    return [e for e in editions if e.is_waiting and e.together_id not in together and may_sign(user, e)]


def _submitted(user: User, editions: list[Edition]) -> list[Edition]:
    return [e for e in editions if e.is_waiting and e.submitted_by_id == user.pk and not may_sign(user, e)]


def _held(user: User, editions: list[Edition]) -> list[Edition]:
    may = "publishing.schedule_edition" in user.role_permissions
    return [
        e for e in editions if may and e.is_newest and e.is_signed and not (e.live_from or e.withdrawn_at)
    ]


def _held_up(user: User, editions: list[Edition]) -> list[Edition]:
    if not any(e.is_signed and e.live_from and not (e.went_live_at or e.withdrawn_at) for e in editions):
        return []
    found = [(e, why) for e, why in Edition.objects.held_up() if may_write(user, e.kind)]
    for edition, why in found:
        edition.why_held_up = why
    return [edition for edition, _ in found]


def _samples(user: User, editions: list[Edition]) -> list[Edition]:
    return [e for e in editions if e.is_live and e.signed_as_sample and may_write(user, e.kind)]


def _alone(user: User, editions: list[Edition]) -> list[Edition]:
    may, since = "publishing.schedule_edition" in user.role_permissions, timezone.now() - ALONE_FOR
    return [e for e in editions if may and e.own_work_because and e.signed_at > since]


def _all_differing(user: User, editions: Matter) -> list[Edition]:
    overdue = {edition.pk for edition in _overdue(user, editions)}  # they stand there already
    return [e for e in editions.differing if e.pk not in overdue and may_write(user, e.kind)]


def _by_change(user: User, editions: Matter) -> dict[str, list[Edition]]:
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


def _awaits_check(words: str, editions: Matter) -> bool:
    kind, _, key = words.partition(":")
    return kind == "claim" and key in editions.claims and not editions.claims[key].stands_checked


def _differing(user: User, editions: Matter) -> list[Edition]:
    together = {edition.pk for pages in _by_change(user, editions).values() for edition in pages}
    return [edition for edition in _all_differing(user, editions) if edition.pk not in together]


def _to_submit_together(user: User, editions: Matter) -> list[Edition]:
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


def _to_be_checked(user: User, editions: Matter) -> list[Edition]:
    """Likewise of claims that nobody has checked since.

    Whoever checks them finds them in a pile of their own.
    """
    if "evidence.check_claim" in user.role_permissions:
        return []
    changes = {
        words: pages for words, pages in _by_change(user, editions).items() if _awaits_check(words, editions)
    }
    return _first_of({words: (editions.claims[words[6:]], pages) for words, pages in changes.items()})


def _first_of(changes: dict[str, tuple]) -> list[Edition]:
    first = []
    for row, pages in changes.values():
        if row:
            pages[0].change, titles = row, [page.document.title for page in pages]
            pages[0].titles = titles if len(titles) <= 4 else [*titles[:3], f"{len(titles) - 3} more"]
            first.append(pages[0])
    return first


def _of_change(edition: Edition, view: str = "together") -> str:
    return reverse(f"admin:evidence_{edition.change._meta.model_name}_{view}", args=[edition.change.pk])


def _words_of_change(edition: Edition) -> str:
    return edition.change.sentence if isinstance(edition.change, Claim) else edition.change.title


def _sign_first(user: User) -> Priority:
    return (
        Priority.OWN_SIGNATURE if "publishing.sign_edition" in user.role_permissions else Priority.SIGNATURE
    )


def _always(rank: Priority) -> Callable[[User], Priority]:
    return lambda user: rank


KINDS = (
    Kind(
        "sign-together",
        _sign_first,
        "One change to several pages, for your signature",
        _to_sign_together,
        "Read and sign all",
        lambda e: reverse("admin:publishing_together_sign", args=[e.together_id]),
        lambda e: f"{get_text_list(e.titles, 'and')}. Submitted by {e.submitted_by} on {day(e.submitted_at)}",
        lambda e: f"{len(e.titles)} pages: {e.change_note}",
    ),
    Kind(
        "sign",
        _sign_first,
        "Waiting for your signature",
        _to_sign,
        "Read and sign",
        lambda e: of_edition(e, "sign"),
        lambda e: f"Edition {e.number}, submitted by {e.submitted_by} on {day(e.submitted_at)}",
    ),
    Kind(
        "overdue",
        _always(Priority.OVERDUE),
        "Review overdue",
        _overdue,
        "Review it",
        of_draft,
        lambda e: f"Since {e.review_due_on:%-d %B %Y}. Patients read that it is overdue",
    ),
    Kind(
        "gone",
        _always(Priority.OVERDUE),
        "Taken away by itself, because nobody reviewed it",
        _gone,
        "Review it",
        of_draft,
        lambda e: f"On {day(e.withdrawn_at)}, {e.withdrawn_overdue_days} days overdue",
    ),
    Kind(
        "sent-back",
        _always(Priority.SENT_BACK),
        "Sent back to you",
        _sent_back,
        "Mend it",
        of_draft,
        lambda e: f"{e.returned_by}: {e.returned_because}",
    ),
    Kind(
        "held",
        _always(Priority.HELD),
        "Signed, but nobody has published it",
        _held,
        "Publish it",
        lambda e: of_edition(e, "publish"),
        lambda e: f"Signed on {day(e.signed_at)}",
    ),
    Kind(
        "held-up",
        _always(Priority.HELD),
        "Signed, but can’t go live",
        _held_up,
        "Mend it",
        of_draft,
        lambda e: f"For {timezone.localtime(e.live_from):%-d %B %Y, %H:%M}. {e.why_held_up}",
    ),
    Kind(
        "submitted",
        _always(Priority.SUBMITTED),
        "Submitted by you: waits for a colleague to sign",
        _submitted,
        "See how it stands",
        of_edition,
        lambda e: f"Since {day(e.submitted_at)}",
    ),
    Kind(
        "changed-together",
        _always(Priority.CHANGED),
        "Pages that a change touches: patients still read the old words",
        _to_submit_together,
        "Submit them together",
        _of_change,
        lambda e: get_text_list(e.titles, "and"),
        _words_of_change,
    ),
    Kind(
        "to-be-checked",
        _always(Priority.CHANGED),
        "Changed claims: a clinician checks them, then their pages can be submitted",
        _to_be_checked,
        "See how it stands",
        lambda e: _of_change(e, "change"),
        lambda e: get_text_list(e.titles, "and"),
        _words_of_change,
    ),
    Kind(
        "changed",
        _always(Priority.CHANGED),
        "Changed, but patients still read the old words",
        _differing,
        "Submit it",
        lambda e: of_draft(e, "submit"),
        lambda e: f"What changed: {', '.join(e.what_changed)}",
    ),
    Kind(
        "sent-back-to-others",
        _always(Priority.SENT_BACK_TO_OTHERS),
        "Sent back to colleagues",
        _sent_back_to_others,
        "Mend it",
        of_draft,
        lambda e: f"{e.returned_by}: {e.returned_because}",
    ),
    Kind(
        "samples",
        _always(Priority.SAMPLES),
        "Sample pages that patients can read",
        _samples,
        "Write it anew",
        of_draft,
        lambda e: f"Signed by {e.signed_name}, who is no real person: write it anew, and have it signed",
        most=3,  # on a new site that's every page, and what has to be done stands above the rooms
    ),
    Kind(
        "alone",
        _always(Priority.ALONE),
        "Written and signed by one person in the last 90 days",
        _alone,
        "Read it",
        of_edition,
        lambda e: f"{e.signed_name}, {day(e.signed_at)}: {e.own_work_because}",
    ),
)


def editions_of(name: str, user: User) -> list[Edition]:
    """All editions of one kind that wait for this person: what the kind's pile shows the first of."""
    kind = next((kind for kind in KINDS if kind.name == name), None)
    return kind.chosen(user, editions_that_matter(user)) if kind else []


# --- drafts that differ from what is live -------------------------------------------------------------------


def differing() -> list[Edition]:
    """Live editions, the newest of their documents, whose draft, claims, sources, licences or warning read
    otherwise now than when they were submitted. `changed_words` has their keys, and `what_changed` names
    their kinds. Two queries, however many pages there are.

    Two saves with one digest changed nothing, and neither did what was changed back.
    """
    live = Edition.objects.filter(live__isnull=False).order_by()
    oldest = live.values(one=Value(1)).annotate(oldest=Min("submitted_at")).values("oldest")
    lately = DraftSave.objects.filter(at__gt=Subquery(oldest)).values("words")
    saves: dict[str, list[tuple]] = defaultdict(list)
    for words, *save in (
        DraftSave.objects.filter(words__in=lately).order_by("at", "pk").values_list("words", "at", "digest")
    ):
        saves[words].append(save)
    if not saves:
        return []
    keys = {
        kind: [words.partition(":")[2] for words in saves if words.startswith(f"{kind}:")] for kind in _NAMES
    }
    # no mark has an empty key; of an empty list Django would make a join that finds no edition at all
    saved_marks = Q(marks__kind=Mark.Kind.CLAIM, marks__key__in=["", *keys["claim"]])
    saved_marks |= Q(marks__kind=Mark.Kind.SOURCE, marks__key__in=["", *keys["source"]])
    touched = Q(document__in=[int(key) for key in keys["document"]]) | Q(mark__isnull=False)
    # what has no mark is looked for in the sealed page
    sealed = {f"use:{key}": Q(page_text__contains=f'"use":"{key}"') for key in keys["use"]}
    if URGENT_WORDS in saves:
        sealed[URGENT_WORDS] = Q(page_text__contains='"urgent":{')
    for holds in sealed.values():
        touched |= holds
    found: dict[int, Edition] = {}
    for edition in (  # one row for each of its marks that was saved lately
        live.alias(mark=FilteredRelation("marks", condition=saved_marks))
        .filter(touched, is_newest())
        .annotate(
            mark_kind=F("mark__kind"),
            mark_key=F("mark__key"),
            **{f"holds_{n}": q for n, q in enumerate(sealed.values())},
        )
        .select_related("document")
        .order_by("submitted_at")
        .only("kind", "number", "submitted_at", "signed_at", "document__title")
    ):
        words = [edition.document.words_key, f"{edition.mark_kind}:{edition.mark_key}"]
        words += [one for n, one in enumerate(sealed) if getattr(edition, f"holds_{n}")]
        if changed := [one for one in words if _has_changed(saves.get(one, []), edition.submitted_at)]:
            first = found.setdefault(edition.pk, edition)
            first.changed_words = list(dict.fromkeys(getattr(first, "changed_words", []) + changed))
            first.what_changed = list(
                dict.fromkeys(_NAMES[one.partition(":")[0]] for one in first.changed_words)
            )
    return list(found.values())


_NAMES = {
    "document": "the draft",
    "claim": "a claim",
    "source": "a source",
    "use": "a licence",
    URGENT_WORDS: "when to get help now",
}


def _has_changed(saves: list[tuple], since: datetime) -> bool:
    """Whether words (their saves as (when, digest), in order) read otherwise now than at that time."""
    before = [digest for at, digest in saves if at <= since]
    after = [digest for at, digest in saves if at > since]
    return bool(after) and (not before or not after[-1] or after[-1] != before[-1])


# --- all of it ----------------------------------------------------------------------------------------------


def of_publishing(user: User) -> Iterator[WorkQueue]:
    if "publishing.view_edition" not in user.role_permissions:
        return
    editions = editions_that_matter(user)
    for kind in KINDS:
        yield from pile(
            kind.rank(user), kind.title, kind.chosen(user, editions), kind.row, list_of(kind.name), kind.most
        )
    if "evidence.check_claim" in user.role_permissions:
        yield from _claims(editions)
    if "evidence.change_claim" in user.role_permissions:
        yield from _sources()
    if "publishing.change_picture" in user.role_permissions:
        yield from _pictures()
    yield from _stops(user)


def _claims(editions: Matter) -> list[WorkQueue]:
    """What stands on most pages first: patients may read something there that holds no more."""

    def row(claim: Claim) -> WorkItem:
        changed = f" by {claim.changed_by}" if claim.changed_by else ""
        since = f"Changed{changed} on {day(claim.changed_at)}" if claim.changed_at else "Not checked yet"
        on = f"stands on {claim.pages} page{'s' * (claim.pages > 1)}" if claim.pages else "on no page"
        address = reverse("admin:evidence_claim_check", args=[claim.pk])
        return WorkItem(claim.sentence, "Check it", address, f"{since}; {on} that patients read")

    unchecked = [claim for claim in editions.claims.values() if not claim.stands_checked]
    newest_first = sorted(
        unchecked, key=lambda claim: claim.changed_at.timestamp() if claim.changed_at else 0, reverse=True
    )
    found = sorted(newest_first, key=lambda claim: claim.pages or 0, reverse=True)
    return pile(
        Priority.CLAIMS,
        "Claims to check",
        found,
        row,
        f"{reverse('admin:evidence_claim_changelist')}?checked=no",
    )


def _sources() -> list[WorkQueue]:
    pages = Mark.objects.filter(
        kind=Mark.Kind.SOURCE, key=OuterRef("key"), edition__live__isnull=False
    ).order_by()
    old = Source.objects.exclude(status=Source.Status.CURRENT).annotate(
        pages=Subquery(pages.values("key").annotate(pages=Count("pk")).values("pages"))
    )

    def row(source: Source) -> WorkItem:
        where = "one page" if source.pages == 1 else f"{source.pages} pages"
        note = f"{source.get_status_display().capitalize()}; stands on {where}"
        return WorkItem(
            source.title,
            "See what rests on it",
            reverse("admin:evidence_source_change", args=[source.pk]),
            note,
        )

    listed = f"{reverse('admin:evidence_source_changelist')}?status__in={Source.Status.SUPERSEDED},{Source.Status.RETRACTED}"
    old = old.filter(pages__gt=0).order_by("status", "-pages")  # a retracted one first
    return pile(Priority.SOURCES, "Pages rest on a source that no longer holds", old, row, listed)


def _shown() -> Exists:
    """A condition: the live edition of some page was sealed with this picture."""
    return Exists(
        Mark.objects.filter(kind=Mark.Kind.PICTURE, key=OuterRef("file"), edition__live__isnull=False)
    )


def _ending() -> Q:
    """A condition: a consent that has ended or soon does, or one withdrawn to a picture that a page or a
    draft still has.
    """
    withdrawn = Q(consent_withdrawn_on__isnull=False) & (Q(is_shown=True) | Q(is_in_a_draft=True))
    return Q(consent_until__lte=timezone.localdate() + SOON, consent_withdrawn_on=None) | withdrawn


def _unasked() -> Q:
    """A condition: patients see it, and nobody has said whether it shows a person.

    It was uploaded before anybody was asked.
    """
    return Q(is_shown=True, shows_person=None)


# What waits of pictures, by the name of the pile in addresses: its title, the button, and the condition.
PICTURES = {
    "consent": ("Consent to a picture of a person ends", "See to it", _ending),
    "person": (
        "Patients see pictures of which nobody has said whether they show a person",
        "Say it",
        _unasked,
    ),
}


def waiting_pictures() -> QuerySet[Picture]:
    """All that wait, each with the pile that it is `in_` by name: `in_consent`, `in_person`."""
    found = Picture.objects.annotate(
        is_shown=_shown(), is_in_a_draft=Exists(Section.objects.filter(picture=OuterRef("pk")))
    )
    found = found.annotate(
        **{
            f"in_{name}": Case(
                When(condition(), then=Value(True)), default=Value(False), output_field=BooleanField()
            )
            for name, (_, _, condition) in PICTURES.items()
        }
    )
    found = found.filter(Q(in_consent=True) | Q(in_person=True))
    return found.order_by(
        F("consent_withdrawn_on").desc(nulls_last=True), F("consent_until").asc(nulls_last=True), "pk"
    )


def _pictures() -> Iterator[WorkQueue]:
    def note(picture: Picture) -> str:
        if not (picture.consent_until or picture.consent_withdrawn_on):
            return "Where it shows one, it needs a written consent, or it comes out of its pages"
        if not (gone := picture.why_held_back):
            return f"Ends on {picture.consent_until:%-d %B %Y}: {picture.consent}"
        left = (
            "Its pages are without a picture now" if picture.is_shown else "No page that patients read has it"
        )
        return f"{gone[0].upper()}{gone[1:]}: {picture.consent}. {left}"

    found = list(waiting_pictures())
    for name, (title, button, _) in PICTURES.items():
        yield from pile(
            Priority.EXPIRES,
            title,
            [one for one in found if getattr(one, f"in_{name}")],
            lambda one, button=button: WorkItem(
                str(one), button, reverse("admin:publishing_picture_change", args=[one.pk]), note(one)
            ),
            f"{reverse('admin:publishing_picture_changelist')}?to_do={name}",
        )


def _stops(user: User) -> list[WorkQueue]:
    """Whoever may lift a stop, lifts it; the others mend the claim."""
    lifts = "publishing.lift_stop" in user.role_permissions
    if not (lifts or "evidence.change_claim" in user.role_permissions):
        return []

    def row(stop: Stop) -> WorkItem:
        note = f"Stopped by {stop.by} on {day(stop.at)}: {stop.because}"
        if lifts:
            return WorkItem(
                stop.claim.sentence, "Lift it", reverse("admin:publishing_stop_lift", args=[stop.pk]), note
            )
        address = reverse("admin:evidence_claim_change", args=[stop.claim_id])
        return WorkItem(stop.claim.sentence, "Mend the claim", address, note)

    listed = f"{reverse('admin:publishing_stop_changelist')}?lifted_at__isempty=1"
    stops = Stop.objects.open().select_related("claim", "by").order_by("at")
    return pile(
        Priority.STOPS, "Claims that are stopped: patients read a notice in their place", stops, row, listed
    )


work_queues.append(of_publishing)

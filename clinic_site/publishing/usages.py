"""Where a claim or a source stands: every live page, every draft, and where in them; and what a change of it
would submit.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from django.db.models import Q

from clinic_site.accounts.models import User
from clinic_site.editorial.checks import Draft, Finding, examine
from clinic_site.evidence.models import Claim, Source
from clinic_site.pages import redaction, shapes
from clinic_site.pages.diff import Comparison, compare
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import SHARED_BLOCKS, Document, Edition, Live, Mark, Section

# Each room's share of where drafts refer to evidence: of claim keys and source keys, (document, where).
draft_usages: list[Callable[[set[str], set[str]], Iterable[tuple[int, str]]]] = []


@dataclass(frozen=True)
class ChangedEvidence:
    """The claims and the sources whose words on a page a change concerns, by their keys."""

    claims: frozenset[str]
    sources: frozenset[str] = frozenset()

    @classmethod
    def by(cls, row: Claim | Source) -> "ChangedEvidence":
        if isinstance(row, Claim):
            return cls(frozenset({row.key}))
        return cls(frozenset(row.claims.values_list("key", flat=True)), frozenset({row.key}))

    def live(self):
        """The live pages that say one of the claims or cite one of the sources."""
        marked = Mark.objects.filter(
            Q(kind=Mark.Kind.CLAIM, key__in=self.claims) | Q(kind=Mark.Kind.SOURCE, key__in=self.sources)
        ).values("edition")
        return Live.objects.filter(edition__in=marked)

    def marks(self) -> str:
        """A regular expression: how a draft's text refers to one of the claims."""
        return rf"\[\[\s*({'|'.join(map(re.escape, sorted(self.claims)))})\s*\]\]"


@dataclass(frozen=True)
class Usage:
    """A document that a change touches: where patients read it now, and where its draft says it."""

    document: Document
    live: Live | None
    on_page: tuple[str, ...] = ()
    in_draft: tuple[str, ...] = ()

    @property
    def kind_name(self) -> str:
        return str(DOCUMENT_TYPES[self.document.kind]._meta.verbose_name)


def usages_of(changed: ChangedEvidence) -> list[Usage]:
    """Every document whose live page or draft refers to what is changed, live ones first.

    As many queries for any number.
    """
    lives = {live.document_id: live for live in changed.live().select_related("edition")}
    drafts: dict[int, list[str]] = {}
    for document, where in _draft_places(changed):
        drafts.setdefault(document, []).append(where)
    documents = Document.objects.filter(pk__in={*lives, *drafts}).order_by("title", "pk")
    found = [
        Usage(
            document,
            live := lives.get(document.pk),
            tuple(_places(live.edition, changed)) if live else (),
            tuple(dict.fromkeys(drafts.get(document.pk, ()))),
        )
        for document in documents
    ]
    return sorted(found, key=lambda one: one.live is None)


def _places(edition: Edition, changed: ChangedEvidence) -> list[str]:
    page = edition.page
    cited = {source.number for source in page.sources if source.key in changed.sources}
    keys = changed.claims | {note.key for note in page.claims if cited.intersection(note.sources)}
    places = [where for where, html in page.shown() if any(f'data-claim="{key}"' in html for key in keys)]
    return list(dict.fromkeys([*places, *page.drawn_from(keys), *(["Sources"] if cited else [])]))


def _draft_places(changed: ChangedEvidence) -> Iterable[tuple[int, str]]:
    if changed.claims:
        for section in Section.objects.filter(body__regex=changed.marks()).select_related("document"):
            yield section.document_id, str(section)
        for model, name, label in {
            text for one in cast(Iterable[Any], DOCUMENT_TYPES.values()) for text in one.fields_with_marks()
        }:
            for pk in model.objects.filter(**{f"{name}__regex": changed.marks()}).values_list(
                "pk", flat=True
            ):
                yield pk, label
        yield from _shared_places(changed.claims)
    for places in draft_usages:
        yield from places(set(changed.claims), set(changed.sources))


def _shared_places(claims: frozenset[str]) -> Iterable[tuple[int, str]]:
    """The drafts whose shared blocks refer to one of these claims, or that name it as an emergency."""
    rows = {name: block.current() for name, block in SHARED_BLOCKS.items()}
    touched = {name for name, row in rows.items() if row and claims.intersection(row.keys)}
    for model in DOCUMENT_TYPES.values():
        for document in cast(Any, model)._default_manager.all():
            for name in touched.intersection(document.shared_blocks()):
                yield document.pk, str(SHARED_BLOCKS[name]._meta.verbose_name).capitalize()


# --- submitting what a change touches -----------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A live page that a change touches, with the edition that its draft would make now."""

    document: Document
    draft: Draft
    stops: tuple[Finding, ...]
    # what else would go along: changes of the draft that have nothing to do with what is concerned
    others: Comparison
    is_new: bool  # the draft says something that the newest edition doesn't
    replaces: Edition | None  # an edition that waits for a signature
    is_sample: bool = False  # nobody of the clinic has signed the page: it's submitted, and read, by itself

    @property
    def shown(self) -> str:
        """What tells this draft from what it may become meanwhile: the document, and a digest of its page."""
        return f"{self.document.pk}:{shapes.seal(self.draft.page)['digest']}"

    @property
    def awaits_check(self) -> bool:
        """Nothing stops it but claims that a clinician has to check first."""
        return bool(self.stops) and all(finding.rule == "unchecked-claim" for finding in self.stops)

    @property
    def has_others(self) -> bool:
        return bool(self.others.address or self.others.claims or self.others.sources or self.others.changed)

    @property
    def readiness(self) -> str:
        """Which of the `BatchForm`'s groups it stands in."""
        if not self.is_new:
            return "same"
        if self.is_sample:
            return "sample"
        if self.stops:
            return "unchecked" if self.awaits_check else "stopped"
        return "mixed" if self.has_others else "ready"


def candidates(changed: ChangedEvidence, *, by: User | None = None) -> list[Candidate]:
    """Every live page that is touched, as it stands for `by`, who would submit it."""
    lives = list(changed.live().select_related("document", "edition").order_by("document__title", "pk"))
    waiting = {
        e.document_id: e
        for e in Edition.objects.waiting().filter(document__in=[live.document_id for live in lives])
    }
    return [_candidate(live, waiting.get(live.document_id), changed, by) for live in lives]


def left_out(changed: ChangedEvidence) -> list[tuple[Usage, Edition | None]]:
    """Every document that is touched and isn't live, each with its edition that waits for a signature, where
    one does.
    """
    found = [one for one in usages_of(changed) if one.live is None]
    waiting = (
        Edition.objects.waiting()
        .filter(document__in=[one.document.pk for one in found])
        .defer("page_text", "card_text")
    )
    editions = {edition.document_id: edition for edition in waiting}
    return [(one, editions.get(one.document.pk)) for one in found]


def _candidate(live: Live, waiting: Edition | None, changed: ChangedEvidence, by: User | None) -> Candidate:
    document = live.document.specific
    draft = document.draft(by=by)
    newest = waiting or live.edition
    return Candidate(
        document,
        draft,
        tuple(finding for finding in examine(draft) if finding.stops),
        _others(live.edition, draft.page, changed),
        not newest.says(draft.page),
        waiting,
        is_sample=bool(by and not by.is_sample) and document.is_signed_by_sample,
    )


def _others(edition: Edition, page: shapes.Page, changed: ChangedEvidence) -> Comparison:
    """What the draft changes beyond what is changed: both pages are compared with those claims taken out."""
    expected = set(changed.sources)
    for either in (edition.page, page):
        under = {number for note in either.claims if note.key in changed.claims for number in note.sources}
        expected |= {source.key for source in either.sources if source.number in under}
    text = redaction.redact(
        shapes.canonical(asdict(replace(page, written_by="", change=None))), changed.claims
    )
    rest = compare(edition.page_without(changed.claims), shapes.unseal(text, type(page)))
    return Comparison(
        address=rest.address,
        claims=tuple(change for change in rest.claims if change.key not in changed.claims),
        sources=tuple(change for change in rest.sources if change.key not in expected),
        passages=rest.passages,
    )

"""Pages whose draft, or what it rests on, reads otherwise now than patients read it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Subquery, Value

from clinic_site.audit_log.models import DraftSave
from clinic_site.publishing.models import SHARED_BLOCKS, Edition, Mark

_NAMES = {
    "document": "the draft",
    "claim": "a claim",
    "source": "a source",
    "use": "a licence",
    **{block.WORDS: str(block._meta.verbose_name) for block in SHARED_BLOCKS.values()},
}


# An Edition with what a query or a queue says of it beside its columns: `is_newest`, `is_mine`, `titles`, …
AnnotatedEdition = Any


def is_newest():
    """A condition: no later edition of its document."""
    return ~Exists(Edition.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number")))


def differing() -> list[AnnotatedEdition]:
    """Live editions, the newest of their documents, whose draft, claims, sources, licences or shared words
    read otherwise now than when they were submitted. `changed_words` has their keys, and `what_changed` names
    their kinds. Two queries, however many pages there are.

    Two saves with one digest changed nothing, and neither did what was changed back.
    """
    live = Edition.objects.filter(live__isnull=False).order_by()
    saves = _saves_since(live)
    sealed = _without_marks(saves)
    found: dict[int, AnnotatedEdition] = {}
    for edition in _touched(live, saves, sealed) if saves else ():
        rests_on = [edition.document.words_key, f"{edition.mark_kind}:{edition.mark_key}"]
        rests_on += [one for n, one in enumerate(sealed) if getattr(edition, f"holds_{n}")]
        if changed := [one for one in rests_on if _has_changed(saves.get(one, []), edition.submitted_at)]:
            first = found.get(edition.pk) or edition
            found[edition.pk] = first
            first.changed_words = list(dict.fromkeys(getattr(first, "changed_words", []) + changed))
            names = (_NAMES[one.partition(":")[0]] for one in first.changed_words)
            first.what_changed = list(dict.fromkeys(names))
    return list(found.values())


def _without_marks(saves: dict[str, list[Any]]) -> dict[str, Q]:
    """The words that no mark names: they're looked for in the sealed page."""
    sealed = {f"use:{key}": Q(page_text__contains=f'"use":"{key}"') for key in _keys(saves, "use")}
    for name, block in SHARED_BLOCKS.items():
        if block.WORDS in saves:
            sealed[block.WORDS] = Q(page_text__contains=f'"{name}":{{')
    return sealed


def _saves_since(live: QuerySet[Edition]) -> dict[str, list[Any]]:
    """All saves, as (when, digest), of words that were saved since the oldest edition was submitted."""
    oldest = live.values(one=Value(1)).annotate(oldest=Min("submitted_at")).values("oldest")
    lately = DraftSave.objects.filter(at__gt=Subquery(oldest)).values("words")
    saves: dict[str, list[Any]] = defaultdict(list)
    rows = DraftSave.objects.filter(words__in=lately).order_by("at", "pk")
    for words, *save in rows.values_list("words", "at", "digest"):
        saves[words].append(save)
    return saves


def _keys(saves: Iterable[str], kind: str) -> list[str]:
    return [words.partition(":")[2] for words in saves if words.startswith(f"{kind}:")]


def _touched(
    live: QuerySet[Edition], saves: Iterable[str], sealed: dict[str, Q]
) -> QuerySet[AnnotatedEdition]:
    """A row for each mark of an edition that was saved, and for each edition else that holds what was saved.

    `holds_0` and so on say whether it meets the conditions of `sealed`.
    """
    # no mark has an empty key; of an empty list Django would make a join that finds no edition at all
    saved_marks = Q(marks__kind=Mark.Kind.CLAIM, marks__key__in=["", *_keys(saves, "claim")])
    saved_marks |= Q(marks__kind=Mark.Kind.SOURCE, marks__key__in=["", *_keys(saves, "source")])
    touched = Q(document__in=[int(key) for key in _keys(saves, "document")]) | Q(mark__isnull=False)
    for holds in sealed.values():
        touched |= holds
    marked = live.alias(mark=FilteredRelation("marks", condition=saved_marks)).filter(touched, is_newest())
    return (
        marked.annotate(mark_kind=F("mark__kind"), mark_key=F("mark__key"))
        .annotate(**{f"holds_{n}": holds for n, holds in enumerate(sealed.values())})
        .select_related("document")
        .order_by("submitted_at")
        .only("kind", "number", "submitted_at", "signed_at", "document__title")
    )


def _has_changed(saves: list[Any], since: datetime) -> bool:
    """Whether words (their saves as (when, digest), in order) read otherwise now than at that time."""
    before = [digest for at, digest in saves if at <= since]
    after = [digest for at, digest in saves if at > since]
    return bool(after) and (not before or not after[-1] or after[-1] != before[-1])

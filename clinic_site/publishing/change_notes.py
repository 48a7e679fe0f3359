"""What an edition is beside the one that patients read before it: a correction, an update or a rewording.

Whoever submits it says which. Where a figure, a source or urgent words changed, they are asked whether what
patients read was wrong, and a yes makes it a correction: nobody words one as an update. What was asked about
and the answer are sealed with the page.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import zip_longest
from typing import Protocol

from django.db.models import TextChoices
from django.utils.text import get_text_list

from clinic_site.append_only import Rule
from clinic_site.editorial.checks import CLAIM, Draft, Sentence, Text, said_by
from clinic_site.editorial.figures import digits_in, figures_in
from clinic_site.evidence.models import Claim
from clinic_site.pages.compose import claim_span
from clinic_site.pages.diff import figure_in_words
from clinic_site.pages.fields import compared, pieces
from clinic_site.pages.shapes import CORRECTION, Change, Changed, ClaimNote, Page, SourceNote
from clinic_site.publishing.errors import PublishingError
from clinic_site.text.emergency_words import names_danger

FIGURE, SOURCE, URGENT = "figure", "source", "urgent words"
_URGENT = re.compile(r"\b(?:emergency|urgent(?:ly)?|ambulance|911|999|112|at once|same day)\b", re.I)
_KEYS = re.compile(r"\[\[(.+?)\]\]")


class Nature(TextChoices):
    """What kind of change an edition is, in the words of whoever submits it."""

    CORRECTION = CORRECTION, "It corrects: what patients read was wrong"
    UPDATE = "update", "It updates: what patients read was right, and there is something new"
    REWORDING = "rewording", "It rewords: the same is said in other words"


NAMES = {Nature.CORRECTION: "Correction", Nature.UPDATE: "Update", Nature.REWORDING: "Rewording"}


# what the database refuses of an edition that comes in
CHANGE_RULES = (
    Rule(
        "change_named",
        "INSERT",
        "NEW.nature IS NULL AND EXISTS (SELECT 1 FROM publishing_edition e "
        "WHERE e.document_id = NEW.document_id AND e.went_live_at IS NOT NULL)",
        "an edition of what patients have read says what kind of change it is",
    ),
    Rule(
        "change_sealed",
        "INSERT",
        "NEW.nature IS DISTINCT FROM (NEW.page_text::json #>> '{change,nature}')",
        "the kind of change is the one that is sealed",
        refused_on_sqlite="NEW.nature IS NOT json_extract(NEW.page_text, '$.change.nature')",
    ),
    Rule(
        "change_answered",
        "INSERT",
        "NEW.nature <> 'correction' AND (NEW.page_text::json #>> '{change,was_wrong}') IS DISTINCT FROM "
        "'false' AND (NEW.page_text::json #>> '{change,changed,0}') IS NOT NULL",
        "what patients read was wrong, or nobody said that it wasn't: this is a correction",
        refused_on_sqlite="NEW.nature <> 'correction' "
        "AND json_extract(NEW.page_text, '$.change.was_wrong') IS NOT 0 "
        "AND json_array_length(NEW.page_text, '$.change.changed') > 0",
    ),
)


class Sealed(Protocol):
    """An edition, as far as a change asks about it."""

    @property
    def is_intact(self) -> bool: ...
    @property
    def page(self) -> Page: ...


def change_of(
    last: Sealed | None, page: Page, *, nature: str | None, was_wrong: bool | None, note: str
) -> Change | None:
    """What is sealed of the change from `last`, the edition that patients read before, to `page`; None where
    they read nothing before and nothing is said. Without a word of its kind it's an update.

    Raises PublishingError, in words for staff, where a question is open or its answer contradicts `nature`.
    """
    changed = asked_of(last, page)
    if not nature:
        nature = CORRECTION if changed and was_wrong else Nature.UPDATE if last else None
    if nature is None:
        return None
    if nature not in Nature.values:
        raise PublishingError("Say whether the change corrects, updates or rewords.")
    if not changed:
        return Change(nature=str(nature), note=note.strip())
    if nature != CORRECTION:
        _refuse_unless_right(changed, was_wrong)
    return Change(nature=str(nature), was_wrong=was_wrong is not False, note=note.strip(), changed=changed)


def _refuse_unless_right(changed: tuple[Changed, ...], was_wrong: bool | None) -> None:
    if was_wrong is None:
        told = get_text_list(list(dict.fromkeys(one.what for one in changed)), "and")
        raise PublishingError(
            f"What patients read changes here: {told}. Say whether what they read was wrong."
        )
    if was_wrong:
        raise PublishingError("What patients read was wrong, so this is a correction. Choose “It corrects”.")


def asked_of(last: Sealed | None, page: Page) -> tuple[Changed, ...]:
    """What has to be answered for: see `asked_about`. Nothing where patients read nothing before, or words
    that aren't those that were sealed.
    """
    return tuple(asked_about(last.page, page)) if last and last.is_intact else ()


def asked_about(before: Page, after: Page) -> Iterator[Changed]:
    """Each figure, source and urgent sentence that stood in `before` and stands otherwise in `after`, or no
    more.
    """
    yield from _claims(before, after)
    yield from _sources(before, after)
    yield from _licences(before, after)
    old, new = _urgent_sentences(before), _urgent_sentences(after)
    gone = [html for shown, html in old.items() if shown not in new]
    came = [html for shown, html in new.items() if shown not in old]
    for one, other in zip_longest(gone, came, fillvalue="") if gone else ():
        yield Changed(what=URGENT, before=one, after=other)


def _claims(before: Page, after: Page) -> Iterator[Changed]:
    now = {note.key: note for note in after.claims}
    said, says = _said(before), _said(after)
    for old in before.claims:
        new, were, are = now.get(old.key), said[old.key], says[old.key]
        rests_on = [_rests_on(old, before), _rests_on(new, after) if new else set()]
        if old.figure != (new and new.figure) or _numbers(were) != _numbers(are):
            what = FIGURE
        elif old.kind == Claim.Kind.SAFETY and (new is None or _is_reworded(were, are)):
            what = URGENT
        elif new and rests_on[0] != rests_on[1]:
            what = SOURCE
        else:
            continue
        yield Changed(what=what, before=_words(old, were, are), after=_words(new, are, were))


def _said(page: Page) -> defaultdict[str, list[str]]:
    """What a page says of each claim: first its sentence, then the phrases that stand in its texts."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    spans = [span for text in Draft(page=page).texts() for span in CLAIM.findall(text.html)]
    for key, span in [*((note.key, note.html) for note in page.claims), *spans]:
        if (words := said_by(span)).casefold() not in map(str.casefold, found[key]):
            found[key].append(words)
    return found


def _without(words: list[str], others: list[str]) -> list[str]:
    """Those that the others don't hold, wherever in a sentence they stand."""
    known = {other.casefold() for other in others}
    return [one for one in words if one.casefold() not in known]


def _is_reworded(were: list[str], are: list[str]) -> bool:
    """Whether its sentence is another one, or a phrase of it; not whether it's only said in fewer places."""
    return were[:1] != are[:1] or bool(_without(were, are) and _without(are, were))


def _numbers(words: list[str]) -> set[str]:
    text = "\n".join(words)
    return {*digits_in(text), *(figure.casefold() for one in words for figure in figures_in(one))}


def _rests_on(note: ClaimNote, page: Page) -> set[str]:
    return {source.key for source in page.sources if source.number in note.sources}


def _words(note: ClaimNote | None, mine: list[str], others: list[str]) -> str:
    """A claim's words that the other page doesn't have, with its figure where they're the same; in its mark,
    so that a stop reaches them.
    """
    if note is None:
        return ""
    apart = _without(mine, others)
    told = apart[0] if apart else f"{mine[0]} ({'; '.join(figure_in_words(note.figure))})"
    return claim_span(note.key, told if apart or note.figure else mine[0])


def _sources(before: Page, after: Page) -> Iterator[Changed]:
    now = {source.key: source for source in after.sources}
    for old in before.sources:
        new = now.get(old.key)
        if new and compared(old) != compared(new):
            yield Changed(what=SOURCE, before=_described(old), after=_described(new))


def _described(source: SourceNote) -> str:
    told = [
        source.title,
        source.where,
        source.href,
        source.note,
        "" if source.status == "current" else source.status,
    ]
    return escape(". ".join(filter(None, told)), quote=False)


def _licences(before: Page, after: Page) -> Iterator[Changed]:
    def rows(page: Page) -> dict:
        found = getattr(page, "licences", ())
        return {(row.use, row.country): replace(row, source=0) for row in found}

    now = rows(after)
    for place, old in rows(before).items():
        new = now.get(place)
        if new is None or compared(old) != compared(new):
            said = [escape(", ".join(filter(None, compared(row) or ())), quote=False) for row in (old, new)]
            yield Changed(what=FIGURE, before=said[0], after=said[1])


def _urgent_sentences(page: Page) -> dict[str, str]:
    """Sentences that tell when help is needed, or by which sign: as they were typed, and as HTML."""
    lines = {piece.html for piece in pieces(page.urgent)} if page.urgent else set()
    return {
        sentence.shown: _as_html(sentence, text)
        for text in Draft(page=page).texts()
        for sentence in text.sentences()
        if text.html in lines or _URGENT.search(sentence.own) or names_danger(sentence.own)
    }


def _as_html(sentence: Sentence, text: Text) -> str:
    """With its claims in their marks, so that a stop reaches them."""
    said = {key: said_by(span) for key, span in CLAIM.findall(text.html)}
    return _KEYS.sub(
        lambda match: claim_span(match[1], said.get(match[1], "")), escape(sentence.shown, quote=False)
    )

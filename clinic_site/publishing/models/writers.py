"""Who wrote an edition: everybody who saved words that it holds, since the last edition of its document that
a person of the clinic signed and that stands. What became of the editions between, nobody asks: words that
were taken back or sent back have the same writers when they come again.

Words are the draft's own, and what it takes from elsewhere: claims, sources, licences, descriptions of
pictures, the warning. Each is answered for by the newest such edition that held it; of words that none held,
every save counts.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Max, Q, QuerySet

from clinic_site.append_only import WrittenOnce
from clinic_site.audit_log.models import DraftSave
from clinic_site.pages.shapes import Page
from clinic_site.publishing.models.mark import Mark
from clinic_site.publishing.models.shared_block import SHARED_BLOCKS

# texts that many pages share, by the key of their saves: the field of a page that holds them
SHARED_WORDS = {block.WORDS: name for name, block in SHARED_BLOCKS.items()}


class EditionWriter(WrittenOnce):
    """Somebody who wrote part of an edition, or submitted it: they can't sign it."""

    edition = models.ForeignKey("Edition", models.PROTECT, related_name="writers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "user"], name="a_writer_once_an_edition")]

    def __str__(self):
        return f"{self.user} wrote {self.edition_id}"


MARKED = {Mark.Kind.CLAIM: "claim:", Mark.Kind.SOURCE: "source-note:", Mark.Kind.PICTURE: "picture:"}


def words_of(document: int, page: Page) -> set[str]:
    """The words that a page of that document holds, by the keys of their saves."""
    return {
        f"document:{document}",
        *(f"claim:{note.key}" for note in page.claims),
        *(f"source-note:{source.key}" for source in page.sources),
        *(f"picture:{name}" for name in page.pictures),
        *(f"use:{row.use}" for row in getattr(page, "licences", ())),
        *(words for words, name in SHARED_WORDS.items() if getattr(page, name, None)),
    }


def _sealed_text(words: str) -> str:
    """What stands in the text of a page that holds words which no mark names."""
    return f'"{SHARED_WORDS[words]}":{{' if words in SHARED_WORDS else f'"use":"{words.removeprefix("use:")}"'


def _answered(of: set[str], before: QuerySet) -> dict[str, datetime | None]:
    """Until when the saves of these words are answered for, by the editions `before` that held them."""
    marks = Mark.objects.filter(edition__in=before, kind__in=MARKED).values_list("kind", "key")
    lasts: Any = marks.annotate(Max("edition__submitted_at"))
    found = {f"{MARKED[Mark.Kind(kind)]}{key}": at for kind, key, at in lasts}
    unmarked = [words for words in of if words in SHARED_WORDS or words.startswith("use:")]
    held = [Max("submitted_at", filter=Q(page_text__contains=_sealed_text(words))) for words in unmarked]
    told = before.aggregate(own=Max("submitted_at"), **{f"n{n}": last for n, last in enumerate(held)})
    found |= {words: told[f"n{n}"] for n, words in enumerate(unmarked)}
    return found | {words: told["own"] for words in of if words.startswith("document:")}


def _saves_of(edition: Any, until: datetime | None, at: datetime | None = None) -> Iterator[tuple[str, int]]:
    """(words, who) of each save of words that `edition` holds and no signature before has answered for."""
    words = words_of(edition.document_id, edition.page)
    answered = _answered(words, type(edition).objects.answering_before(edition, at))
    saves = DraftSave.objects.filter(words__in=words)
    if until:
        saves = saves.filter(at__lte=until)
    for one, user, saved_at in saves.values_list("words", "user_id", "at"):
        if (last := answered.get(one)) is None or saved_at > last:
            yield one, user


def writers_of(edition: Any, *, until: datetime | None = None, at: datetime | None = None) -> set[int]:
    """Who wrote part of `edition`, by their keys, recomputed from the saves: `until` then, where they may
    have saved others since; and with the signatures that stood `at` a time. The trigger `signer_wrote` asks
    the same of the database.
    """
    return {user for _, user in _saves_of(edition, until, at)}


def writers_of_own(edition: Any) -> set[int]:
    """Likewise, who wrote the words that are its draft's own."""
    own = f"document:{edition.document_id}"
    return {user for words, user in _saves_of(edition, edition.submitted_at) if words == own}


def authors_of(document: Any, *, by: Any) -> list[Any]:
    """Whom a page names as its authors once `by` submits it: everybody who ever saved its draft, the first
    one first; where nobody did, `by`. Of a page of the clinic no sample account is an author: there its first
    one is who submitted it as it stood.
    """
    saves = DraftSave.objects.filter(words=f"document:{document.pk}").select_related("user")
    saves = saves.order_by("at", "pk")
    if by.is_sample:
        return list(dict.fromkeys(saved.user for saved in saves)) or [by]
    saves = saves.filter(user__is_sample=False)
    people = dict.fromkeys(saved.user for saved in saves)
    first = document.editions.answering().select_related("submitted_by").order_by("number").first()
    if first and not saves.filter(at__lte=first.submitted_at).exists():
        people = {first.submitted_by: None} | people
    return list(people) or [by]


def _words_in_sql(edition: str) -> str:
    """SQL: the rows of `words_of`, of the row of editions called `edition`."""
    marked = " ".join(f"WHEN '{kind.value}' THEN '{prefix}'" for kind, prefix in MARKED.items())
    kinds = ", ".join(f"'{kind.value}'" for kind in MARKED)
    rows = [
        f"SELECT 'document:' || {edition}.document_id AS words",
        f"SELECT CASE m.kind {marked} END || m.key FROM publishing_mark m "
        f"WHERE m.edition_id = {edition}.id AND m.kind IN ({kinds})",
        "SELECT 'use:' || u.key FROM evidence_use u "
        f"""WHERE {edition}.page_text LIKE '%"use":"' || u.key || '"%'""",
        *(
            f"SELECT '{words}' WHERE {edition}.page_text LIKE '%{_sealed_text(words)}%'"
            for words in SHARED_WORDS
        ),
    ]
    return " UNION ALL ".join(rows)


def wrote_in_sql(user: str) -> str:
    """SQL: whether that `user` wrote part of the edition that is changed (`NEW`): see `writers_of`."""
    return (
        "(EXISTS (SELECT 1 FROM publishing_editionwriter w "
        f"WHERE w.edition_id = NEW.id AND w.user_id = {user}) "
        f"OR EXISTS (SELECT 1 FROM ({_words_in_sql('NEW')}) n "
        "JOIN audit_log_draftsave s ON s.words = n.words "
        f"WHERE s.user_id = {user} AND s.at <= NEW.submitted_at AND NOT EXISTS ("
        "SELECT 1 FROM publishing_edition b WHERE b.document_id = NEW.document_id AND b.number < NEW.number "
        "AND b.signed_by_id IS NOT NULL AND b.signed_as_sample IS NOT TRUE AND b.withdrawn_at IS NULL "
        f"AND b.submitted_at >= s.at AND EXISTS (SELECT 1 FROM ({_words_in_sql('b')}) h "
        "WHERE h.words = s.words))))"
    )

"""Which live pages match a query.

The engine only says which; `ranking` says in which order, from the words of a capped set of them. So SQLite
and PostgreSQL, whose own rankings differ, give a patient the same answer, and a word that stands on every
page costs no more than a rare one.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When
from modelsearch.backends import get_search_backend
from modelsearch.query import And, Or, PlainText, SearchQuery

from clinic_site.pages.search_text import in_title
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Live
from clinic_site.search.query import Idea, stems_of

MAX_CANDIDATES = 200  # pages whose words are weighed
FEW_MATCHES = 5  # with fewer pages that speak of every idea, pages that speak of one are looked at too


@dataclass(frozen=True)
class Match:
    """A page that matches, with the stems of its title, summary, headings and running text."""

    pk: int
    kind: str
    slug: str
    posted_on: date
    fields: tuple[str, ...]

    @property
    def default_order(self) -> tuple:
        """Its place among equals: by the type of document, then the newest."""
        return DOCUMENT_TYPES[self.kind].SEARCH_RANK, -self.posted_on.toordinal(), self.slug

    def count(self, field: int, stem: str) -> int:
        return self.fields[field].count(f" {stem} ")


def candidates(ideas: list[Idea]) -> list[Match]:
    """At most MAX_CANDIDATES pages that speak of every idea; where they are few, of any."""
    queries = [Or([PlainText(" ".join(stems), operator="and") for stems in idea.phrasings]) for idea in ideas]
    in_titles = Or([PlainText(in_title(s)) for s in stems_of(ideas)])
    found = first_matches(And(queries), in_titles)
    if len(found) < FEW_MATCHES and len(queries) > 1:
        found |= first_matches(Or(queries), in_titles)
    return list(found.values())


def first_matches(query: SearchQuery, in_titles: SearchQuery) -> dict[int, Match]:
    """The pages that match, by key: of too many, those with one of the words in their title."""
    found = matches(And([query, in_titles]))
    for candidate in matches(query).values() if len(found) < MAX_CANDIDATES else ():
        if len(found) < MAX_CANDIDATES:
            found.setdefault(candidate.pk, candidate)
    return found


def matches(query: SearchQuery) -> dict[int, Match]:
    """The first MAX_CANDIDATES matches in their default order. One query."""
    ordered = matching(query).order_by(kind_rank(), F("posted_on").desc(), F("slug").asc())
    # PostgreSQL keeps the text that was indexed beside the vector that was made of it
    text = "index_entries__body_text" if connection.vendor == "postgresql" else "index_entries__body"
    rows = Live.objects.filter(pk__in=ordered.values("pk")[:MAX_CANDIDATES])
    found = [
        Match(pk, kind, slug, posted_on, tuple(f" {line} " for line in words.split("\n")))
        for pk, kind, slug, posted_on, words in rows.values_list("pk", "kind", "slug", "posted_on", text)
    ]
    return {c.pk: c for c in sorted(found, key=lambda c: c.default_order)}


def kind_rank() -> Case:
    return Case(*(When(kind=kind, then=Value(one.SEARCH_RANK)) for kind, one in DOCUMENT_TYPES.items()))


def matching(query: SearchQuery) -> QuerySet[Live]:
    """The live pages that match, in no order."""
    search = get_search_backend().search(query, Live.objects.all(), order_by_relevance=False)
    if connection.vendor == "postgresql":
        # modelsearch 1.3.2 would look into `title || body`, for which it makes no index; here all words stand
        # in `body`
        compiler = search.query_compiler
        tsquery = compiler.build_tsquery(query, compiler.get_config(search.backend))
        return Live.objects.filter(index_entries__body=tsquery)
    return search.get_queryset()

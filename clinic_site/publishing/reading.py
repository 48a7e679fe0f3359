"""What patients read: one row, verified, with the stops of this moment laid over it."""

import logging
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import ClassVar

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from clinic_site.pages.shapes import Page
from clinic_site.publishing.models import Address, Document, Edition, Live, stopped_keys
from clinic_site.publishing.prepared import Prepared
from clinic_site.publishing.review_dates import UNLISTED_AFTER
from clinic_site.registry import person_slug

log = logging.getLogger(__name__)


class Moved(Exception):
    """The page has another address now: `args[0]`."""


class Gone(Exception):
    """The page was withdrawn. `edition` says why."""

    def __init__(self, edition: Edition):
        super().__init__(edition.withdrawn_because)
        self.edition = edition


class Broken(Exception):
    """The stored words don't match their seal: they are nobody's, so nobody reads them."""


@dataclass(frozen=True)
class Reading:
    """A page with the edition that it comes from."""

    page: Page
    edition: Edition
    stopped: tuple[str, ...] = ()
    is_signed: ClassVar[bool] = True

    @property
    def seal(self) -> tuple | None:
        """What this reading follows from: the sealed edition, when it went live, the stops laid over it, and
        the page of its signer.
        """
        edition = self.edition
        return edition.pk, edition.digest, edition.live_from, self.stopped, self.signer_slug

    @property
    def reviewed_on(self) -> date:
        """When its signer signed it."""
        return timezone.localdate(self.edition.signed_at)

    @property
    def reviewed_by(self) -> str | None:
        return self.edition.signed_name

    @property
    def signer_slug(self) -> str:
        """Of the page about whoever signed it; empty where they have none, and for an old edition."""
        return getattr(self.edition, "signer_slug", "") or ""

    @property
    def is_own_words(self) -> bool:
        """Whoever signed it is its only author, in a clinic with one doctor: one step, not two."""
        return bool(self.edition.self_review_because) and self.page.written_by == self.reviewed_by

    @property
    def review_due_on(self) -> date:
        """Follows from the signature, never typed."""
        return self.edition.document_type.due_on(self.edition.document_id, self.reviewed_on)

    @property
    def is_medical(self) -> bool:
        """A clinician signed it, as something medical."""
        return self.edition.document_type.IS_MEDICAL

    @property
    def open_graph_type(self) -> str:
        return self.edition.document_type.OPEN_GRAPH_TYPE

    @property
    def is_overdue(self) -> bool:
        return timezone.localdate() > self.review_due_on

    @property
    def is_unlisted(self) -> bool:
        """Overdue for so long that search engines are asked to forget it."""
        return (timezone.localdate() - self.review_due_on).days > UNLISTED_AFTER

    @property
    def posted_on(self) -> date:
        return self.edition.posted_on

    @property
    def updated_on(self) -> date | None:
        """When these words went live, if that is later than the day it was first posted."""
        live = timezone.localdate(self.edition.live_from)
        return live if live > self.edition.posted_on else None

    @property
    def is_sample(self) -> bool:
        return bool(self.edition.signed_as_sample)

    @property
    def address(self) -> str:
        return self.edition.document_type.address_of(self.edition.slug)


class DraftReading(Reading):
    """A page that nobody has signed, with what the public templates ask a `Reading` for: as if it were signed
    today.
    """

    is_signed = False
    reviewed_by = "(not signed)"
    updated_on = seal = None
    is_overdue = is_sample = False

    @property
    def reviewed_on(self):
        return timezone.localdate()


@dataclass(frozen=True)
class Card:
    """What a list shows of a live page: the sealed card's fields, and the edition for its dates."""

    fields: dict
    edition: Edition
    stopped: tuple[str, ...] = ()

    @property
    def seal(self) -> tuple:
        """What it follows from: the sealed card and the stops laid over it."""
        return self.edition.pk, self.edition.card_digest, self.stopped

    def __getattr__(self, name):
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def address(self) -> str:
        return self.edition.document_type.address_of(self.edition.slug)

    @property
    def posted_on(self) -> date:
        return self.edition.posted_on


def _split(stopped: str | None) -> tuple[str, ...]:
    return tuple(stopped.split()) if stopped else ()


def reading_of(edition: Edition, stopped: str | None) -> Reading:
    """`edition` as it may be read, by patients once it's signed.

    Raises Broken where its words aren't those that were sealed.
    """
    if not edition.is_intact:
        log.error("Edition %s doesn't match its digest: it is not shown.", edition.pk)
        raise Broken
    keys = _split(stopped)
    return (Reading if edition.is_signed else DraftReading)(edition.page_without(keys), edition, keys)


_live_edition = Prepared(
    lambda kind, slug: Edition.objects.filter(
        live__kind=kind, live__slug=slug, signed_at__isnull=False, withdrawn_at=None
    ).annotate(stopped=stopped_keys(), signer_slug=person_slug("signed_by")),
    str,
    str,
)


def read(kind: type[Document], slug: str) -> Reading:
    """The live page at an address, in one query.

    Raises Moved, Gone or Http404 where there is none, Broken where its words were changed behind our backs.
    """
    for edition in _live_edition(kind.KIND, slug):
        return reading_of(edition, edition.stopped)
    known = Address.objects.filter(kind=kind.KIND, slug=slug).first()
    if known is None:
        raise Http404
    elsewhere = Live.objects.readable().filter(document=known.document_id).first()
    if elsewhere:
        raise Moved(elsewhere.get_absolute_url())
    withdrawn = Edition.objects.once_live().filter(document=known.document_id, withdrawn_at__isnull=False)
    withdrawn = withdrawn.order_by("-number").first()
    if withdrawn:
        raise Gone(withdrawn)
    raise Http404


def cards(rows) -> list[Card]:
    """The cards of some live pages, given as rows of `Live.objects.cards()` or `Edition.objects.for_cards()`.

    One whose words aren't those that were sealed is left out.
    """
    made = []
    for row in rows:
        edition = row if isinstance(row, Edition) else row.edition
        if edition.card_is_intact:
            keys = _split(row.stopped)
            made.append(Card(edition.card_without(keys), edition, keys))
        else:
            log.error("The card of edition %s doesn't match its digest: it is not shown.", edition.pk)
    return made


@dataclass(frozen=True)
class History:
    """Every edition of a page that patients could read, newest first, without its text; and what the newest
    calls the page.
    """

    title: str
    editions: list[Edition]

    @property
    def posted_on(self) -> date:
        return self.editions[-1].posted_on

    @property
    def begins_later(self) -> bool:
        """The page was posted somewhere before the first edition that is kept here."""
        return self.posted_on < timezone.localdate(self.editions[-1].went_live_at)


def history_of(kind: type[Document], slug: str) -> History:
    """What became of the page at an address, in two queries.

    Raises Http404 where the address was never live.
    """
    known = {"document__addresses__kind": kind.KIND, "document__addresses__slug": slug}
    in_use = Exists(Live.objects.filter(edition=OuterRef("pk")))
    found = (
        Edition.objects.once_live()
        .filter(**known)
        .annotate(is_current=in_use)
        .defer("page_text", "card_text")
    )
    editions = list(found.order_by("-number"))
    if not editions:
        raise Http404
    newest = Edition.objects.defer("page_text").get(pk=editions[0].pk)
    return History(newest.card_without(())["title"] if newest.card_is_intact else slug, editions)


def as_it_stood(kind: type[Document], slug: str, number: int) -> Reading:
    """One past edition, with today's stops laid over it.

    Raises Http404 where patients never could read it.
    """
    edition = (
        Edition.objects.once_live()
        .filter(
            kind=kind.KIND,
            number=number,
            document__addresses__kind=kind.KIND,
            document__addresses__slug=slug,
        )
        .annotate(stopped=stopped_keys(), is_current=Exists(Live.objects.filter(edition=OuterRef("pk"))))
        .first()
    )
    if edition is None:
        raise Http404
    return reading_of(edition, edition.stopped)


def _led_to(address: str, request) -> HttpResponse:
    """To where the page is now. Staff may take the address back, so no browser keeps this, and whatever stood
    behind the question mark goes along.
    """
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponseRedirect(f"{address}?{query}" if query else address)
    response["Cache-Control"] = "no-cache"
    return response


def answers_for_readers(view):
    """Turns what `read` raises into what a reader should get: the new address, the reason, or an apology."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Moved as moved:
            return _led_to(moved.args[0], request)
        except Gone as gone:
            return render(request, "410.html", {"because": str(gone), "edition": gone.edition}, status=410)
        except Broken:
            return render(request, "publishing/broken_seal.html", status=503)

    return wrapped

"""What was wrong on any page, what it says now, and since when: a list for patients, and its feed.

Told from sealed cards, with the stops of this moment laid over them.
"""

from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from blog.feeds import AtomFeed
from clinic_site.editorial.checks import said_by
from clinic_site.pages.compose import plain
from clinic_site.publishing.change_notes import Nature
from clinic_site.publishing.models import Edition, stopped_now

PAGE_SIZE = 20


@dataclass(frozen=True)
class Correction:
    """An edition that corrected what patients read before it. `told`: what it says of that itself, in plain
    words; `changed`: what it said and what it says, as HTML.
    """

    edition: Edition
    title: str
    note: str
    told: str
    changed: list[dict[str, str]]

    @property
    def address(self) -> str:
        return self.edition.document_type.address_of(self.edition.slug)

    @property
    def since(self):
        return self.edition.went_live_at


def corrections() -> QuerySet[Edition]:
    """Editions that corrected what patients read, and went live, newest first."""
    found = Edition.objects.once_live().filter(nature=Nature.CORRECTION)
    return found.defer("page_text").order_by("-went_live_at", "-pk")


def told(editions) -> list[Correction]:
    """What is told of these editions. One whose words aren't those that were sealed is left out."""
    found = [edition for edition in editions if edition.card_is_intact]
    stopped = stopped_now() if found else ()
    cards = [(edition, edition.card_without(stopped)) for edition in found]
    return [
        Correction(edition, card["title"], said["note"], said_by(said.get("told", "")), said["changed"])
        for edition, card in cards
        if (said := card.get("corrects"))
    ]


@require_safe
def corrections_page(request):
    try:
        page = Paginator(corrections(), PAGE_SIZE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404("No such page of this list.") from None
    return render(request, "clinic/corrections.html", {"corrections": told(page.object_list), "paging": page})


class CorrectionsFeed(Feed):
    """The newest corrections of any page."""

    feed_type = AtomFeed
    title = "Corrections"
    subtitle = "What was wrong on our pages, what they say now, and since when."

    def link(self):
        return settings.SITE_URL + reverse("clinic:corrections")

    def feed_url(self):
        return settings.SITE_URL + reverse("clinic:corrections-feed")

    def items(self):
        return told(corrections()[:30])

    def item_title(self, correction):
        return f"Corrected: {correction.title}"

    def item_link(self, correction):
        return settings.SITE_URL + correction.address

    def item_guid(self, correction):
        """The same for good (a tag URI, RFC 4151): an edition goes live once."""
        day = correction.since.astimezone(UTC).date().isoformat()  # the clinic's zone may change
        return f"tag:{urlsplit(settings.SITE_URL).hostname},{day}:correction/{correction.edition.pk}"

    def item_description(self, correction):
        said = [correction.note, correction.told]
        for one in correction.changed:
            said += [f"{lead} {plain(html)}" for lead, html in _leads(one) if html]
        return escape(" ".join(filter(None, said)))  # it is read as HTML

    def item_author_name(self, correction):
        return correction.edition.signed_name

    def item_pubdate(self, correction):
        return correction.since

    item_updateddate = item_pubdate


def _leads(one: dict[str, str]) -> list[tuple[str, str]]:
    return [("It said:", one["before"]), ("It says now:", one["after"])]

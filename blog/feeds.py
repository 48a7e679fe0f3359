from datetime import datetime, time
from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from blog.views import live_answers
from clinic_site.pages.compose import plain
from clinic_site.publishing.models import Edition
from clinic_site.publishing.reading import cards
from clinic_site.text.characters import storable


class AtomFeed(Atom1Feed):
    """Whatever is stored, what is written is XML."""

    def __init__(self, title, link, description, **more):
        super().__init__(*_storable([title, link, description]), **_storable(more))

    def add_item(self, title, link, description, **more):
        super().add_item(*_storable([title, link, description]), **_storable(more))


def _storable(values):
    if isinstance(values, dict):
        return {name: _storable(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [_storable(value) for value in values]
    return storable(values) if isinstance(values, str) else values


class AnswersFeed(Feed):
    """The answers that went live or were corrected last.

    An entry's `updated` moves with each edition, and the entry says what changed.
    """

    feed_type = AtomFeed
    title = "Questions and answers"
    subtitle = (
        "Answers about botulinum toxin treatments, each with its sources and the clinician who reviewed it."
    )

    def link(self):
        return settings.SITE_URL + reverse("blog:answers")

    def feed_url(self):
        return settings.SITE_URL + reverse("blog:feed")

    def items(self):
        first = Edition.objects.once_live().filter(document=OuterRef("document")).order_by("number")
        found = live_answers().annotate(first_posted_on=Subquery(first.values("posted_on")[:1]))
        newest = list(found.order_by("-edition__live_from", "-pk")[:30])
        for live in newest:
            live.edition.first_posted_on = live.first_posted_on
        return cards(newest)

    def item_title(self, card):
        return card.title

    def item_link(self, card):
        return settings.SITE_URL + card.address

    def item_guid(self, card):
        """The same for as long as the answer lives, whatever its address and its dates become (a tag URI, RFC
        4151): its day is that of the first edition that patients read, which is written once.
        """
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{card.edition.first_posted_on}:answer/{card.edition.document_id}"

    def item_description(self, card):
        """HTML, as Atom is told that it is."""
        summary = escape(plain(card.summary), quote=False)
        if timezone.localdate(card.edition.live_from) == card.posted_on:
            return summary
        return f"{summary} What changed: {escape(card.edition.change_note, quote=False)}"

    def item_author_name(self, card):
        return card.answered_by

    def item_categories(self, card):
        return [title for _, title in card.topics]

    def item_pubdate(self, card):
        """In the morning of the day that the page names, but never after its update."""
        posted = timezone.make_aware(datetime.combine(card.posted_on, time(9)))
        return min(posted, self.item_updateddate(card))

    def item_updateddate(self, card):
        return card.edition.went_live_at or card.edition.live_from

from datetime import datetime, time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from blog.views import live_answers
from clinic_site.pages.compose import plain
from clinic_site.publishing.reading import cards


class AnswersFeed(Feed):
    """The answers that went live or were corrected last.

    An entry's `updated` moves with each edition, and the entry says what changed.
    """

    feed_type = Atom1Feed
    title = "Questions and answers"
    subtitle = (
        "Answers about botulinum toxin treatments, each with its sources and the clinician who reviewed it."
    )

    def link(self):
        return settings.SITE_URL + reverse("blog:answers")

    def feed_url(self):
        return settings.SITE_URL + reverse("blog:feed")

    def items(self):
        return cards(live_answers().order_by("-edition__live_from", "-pk")[:30])

    def item_title(self, card):
        return card.title

    def item_link(self, card):
        return settings.SITE_URL + card.address

    def item_guid(self, card):
        """The same for as long as the answer lives, whatever its address becomes (a tag URI, RFC 4151)."""
        return (
            f"tag:{urlsplit(settings.SITE_URL).hostname},{card.posted_on}:answer/{card.edition.document_id}"
        )

    def item_description(self, card):
        summary = plain(card.summary)
        if timezone.localdate(card.edition.live_from) == card.posted_on:
            return escape(summary)
        return escape(f"{summary} What changed: {card.edition.change_note}")

    def item_author_name(self, card):
        return card.answered_by

    def item_categories(self, card):
        return [title for _, title in card.topics]

    def item_pubdate(self, card):
        return timezone.make_aware(datetime.combine(card.posted_on, time(9)))

    def item_updateddate(self, card):
        return card.edition.live_from

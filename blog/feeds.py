from datetime import datetime, time

from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags

from blog.views import live_answers
from clinic_site.publishing.reading import cards


class AnswersFeed(Feed):
    """The answers that went live or were corrected last. `updated` moves with each edition, and the entry says what changed."""

    feed_type = Atom1Feed
    title = "Questions and answers"
    link = reverse_lazy("blog:answers")
    subtitle = "Answers about botulinum toxin treatments, each with its sources and the clinician who reviewed it."

    def items(self):
        return cards(live_answers().order_by("-edition__live_from", "-pk")[:30])

    def item_title(self, card):
        return card.title

    def item_link(self, card):
        return card.address

    def item_description(self, card):
        return f"{strip_tags(card.summary)} What changed: {card.edition.change_note}"

    def item_pubdate(self, card):
        return timezone.make_aware(datetime.combine(card.posted_on, time(9)))

    def item_updateddate(self, card):
        return card.edition.live_from

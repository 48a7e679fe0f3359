"""Pages that search must find although they aren't documents: nothing on them is signed, so nothing of them
is indexed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from clinic_site.clinic.models import Details
from clinic_site.search.query import Idea
from clinic_site.text.stemming import stemmed


@dataclass(frozen=True)
class StaticPage:
    """`words`: what people type who want this page; `is_shown`: whether the clinic has it, if not always."""

    name: str
    title: str
    summary: str
    words: str
    sufficient_words: str = ""  # one is enough, whatever else was typed: nothing that is signed says it
    is_shown: Callable[[Details], bool] | None = None

    @property
    def address(self) -> str:
        return reverse(self.name)

    def matches(self, ideas: list[Idea]) -> bool:
        """It has a word for every idea, or one that is enough."""
        sufficient = frozenset(stemmed(self.sufficient_words).split())
        stems = sufficient.union(stemmed(self.words).split())
        return any(sufficient.issuperset(p) for idea in ideas for p in idea.phrasings) or all(
            any(stems.issuperset(p) for p in idea.phrasings) for idea in ideas
        )


STATIC_PAGES = (
    StaticPage(
        "clinic:fees",
        "What it costs",
        "What a visit and a treatment cost here, what plans may pay, and what to ask before you decide.",
        "pay payment plan money expensive cheap afford charge refund receipt",
        sufficient_words="cost price fee insurance",
        is_shown=lambda clinic: clinic.shows_fees,
    ),
    StaticPage(
        "clinic:contact",
        "Contact",
        "Write to us, call us or come by: telephone, e-mail, opening hours, and how to find the door. Ask us "
        "here what it costs.",
        "contact call phone telephone number ring mail email e write message address location find "
        "directions map bus parking entrance wheelchair stairs open opening hours closed weekend holiday "
        "payment complaint complain mistake speak talk somebody receptionist reception desk",
        sufficient_words="cost price fee insurance",
    ),
    StaticPage(
        "visits:ask",
        "Ask for a visit",
        "Tell us how to reach you, and we find a time for a first visit. It takes about a minute.",
        "visit first consultation consult ask for arrange reserve schedule",
        sufficient_words="book booking appointment",
    ),
    StaticPage(
        "referrals:programme",
        "Refer a friend",
        "How refer-a-friend works: what you get, when, what it can be spent on, and what your friend should "
        "know.",
        "refer friend referral family credit reward offer programme recommend spread love",
        is_shown=lambda clinic: clinic.has_programme,
    ),
    StaticPage(
        "clinic:people",
        "Our people",
        "Who treats people here and who signs our pages: training, registration, languages and days.",
        "people person staff team doctor nurse clinician injector practitioner "
        "training trained qualified qualification registration registered language",
        is_shown=lambda clinic: clinic.shows_people,
    ),
    StaticPage(
        "clinic:testimonials",
        "Testimonials",
        "What patients say about the visit and the people here.",
        "testimonial review patient story rating",
        is_shown=lambda clinic: clinic.show_testimonials,
    ),
    StaticPage(
        "clinic:accreditations",
        "Accreditations",
        "Who has accredited the clinic, with numbers that you can look up.",
        "accreditation accredited award certificate certified membership",
    ),
    StaticPage(
        "blog:ask",
        "Ask us a question",
        "Send us a question for the answers. Leave an address, and we tell you when the answer is there.",
        "ask question",
    ),
    StaticPage(
        "clinic:corrections",
        "Corrections",
        "What was wrong on our pages, what they say now, and since when.",
        "correction corrected wrong error erratum errata retraction",
    ),
    StaticPage(
        "treatments:compare",
        "Compare treatments",
        "Up to four treatments side by side, with figures from the signed pages.",
        "compare comparison difference versus",
    ),
)


def static_pages_for(ideas: list[Idea]) -> list[StaticPage]:
    """The pages that are meant by all of the ideas. A query only where a page isn't always shown."""
    found = [page for page in STATIC_PAGES if page.matches(ideas)]
    return [page for page in found if page.is_shown is None or page.is_shown(Details.current())]

"""Pages that search must find although they aren't documents: nothing on them is signed, so nothing of them
is indexed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from clinic_site.clinic.models import Details
from clinic_site.text.stemming import stemmed


def always(clinic: Details) -> bool:
    return True


@dataclass(frozen=True)
class Place:
    """`words`: what people type who want this page; `shown`: whether the clinic has it."""

    name: str
    title: str
    says: str
    words: str
    alone: str = ""  # of these, one is enough, whatever else was typed: nothing that is signed says it
    shown: Callable[[Details], bool] = always

    @property
    def address(self) -> str:
        return reverse(self.name)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(stemmed(f"{self.words} {self.alone}").split())

    def is_meant(self, ways_of_ideas: list[tuple[tuple[str, ...], ...]]) -> bool:
        """It has a word for every idea, or one that is enough."""
        enough = frozenset(stemmed(self.alone).split())
        alone = any(enough.issuperset(way) for ways in ways_of_ideas for way in ways)
        return alone or all(any(self.stems.issuperset(way) for way in ways) for ways in ways_of_ideas)


PLACES = (
    Place(
        "clinic:contact",
        "Contact",
        "Write to us, call us or come by: telephone, e-mail, opening hours, and how to find the door. Ask us "
        "here what it costs.",
        "contact call phone telephone number ring mail email e write message address location find "
        "directions map bus parking entrance wheelchair stairs open opening hours closed weekend holiday "
        "payment complaint complain mistake speak talk somebody receptionist reception desk",
        alone="cost price fee insurance book booking appointment",
    ),
    Place(
        "referrals:programme",
        "Refer a friend",
        "How refer-a-friend works: what you get, when, what it can be spent on, and what your friend should "
        "know.",
        "refer friend referral family credit reward offer programme recommend spread love",
        shown=lambda clinic: clinic.has_programme,
    ),
    Place(
        "clinic:testimonials",
        "Testimonials",
        "What patients say about the visit and the people here.",
        "testimonial review patient story rating",
        shown=lambda clinic: clinic.show_testimonials,
    ),
    Place(
        "clinic:accreditations",
        "Accreditations",
        "Who has accredited the clinic, with numbers that you can look up.",
        "accreditation accredited award certificate certified membership",
    ),
    Place(
        "treatments:compare",
        "Compare treatments",
        "Up to four treatments side by side, with figures from the signed pages.",
        "compare comparison difference versus",
    ),
)


def places_for(ways_of_ideas: list[tuple[tuple[str, ...], ...]]) -> list[Place]:
    """The pages that are meant; each idea is given as its ways to say it, in stems."""
    found = [p for p in PLACES if p.is_meant(ways_of_ideas)]
    return [p for p in found if p.shown is always or p.shown(Details.current())]

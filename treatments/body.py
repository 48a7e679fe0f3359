"""Which part of the body each treatment is about: numbers on one drawing, for whoever knows where but not
what.

The marks say what a page is about, never where a needle goes (that is `treatments.injection_sites`), so they
rest on no claim. Lengths are in the units of the drawing `face_front`, which is 400 wide.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic_site.publishing.reading import Card

# slug: (where it is, where its number stands)
BODY_MAP_POSITIONS = {
    "chronic-migraine": ((114, 132), (30, 92)),
    "blepharospasm": ((142, 196), (30, 180)),
    "tmj-pain": ((128, 284), (30, 268)),
    "hyperhidrosis": ((34, 474), (30, 392)),
    "expression-lines": ((224, 112), (370, 76)),
    "oily-skin-and-acne": ((264, 142), (370, 138)),
    "nose-tip": ((206, 258), (370, 200)),
    "jawline": ((274, 284), (370, 262)),
    "jowls": ((246, 330), (370, 324)),
    "neck-bands": ((222, 398), (370, 386)),
}


@dataclass(frozen=True)
class Numbered:
    """A treatment in a list, with its number on the drawing; 0 where the drawing has no place for it."""

    card: Card
    number: int = 0

    @property
    def place(self) -> tuple[float, float]:
        return BODY_MAP_POSITIONS[self.card.edition.slug][0]

    @property
    def disc(self) -> tuple[float, float]:
        return BODY_MAP_POSITIONS[self.card.edition.slug][1]


def numbered(cards: Iterable[Card]) -> dict[str, list[Numbered]]:
    """The cards by their group, numbered through: the lists beside the drawing, in the order of its numbers
    from above.
    """
    known = list(cards)
    groups: dict[str, list[Numbered]] = {"medical": [], "aesthetic": []}
    number = 0
    for group, made in groups.items():
        mine = [card for card in known if card.group == group]
        for card in sorted(
            mine, key=lambda card: BODY_MAP_POSITIONS.get(card.edition.slug, (0, (0, 1000)))[1][1]
        ):
            number += card.edition.slug in BODY_MAP_POSITIONS
            made.append(Numbered(card, number if card.edition.slug in BODY_MAP_POSITIONS else 0))
    return groups

"""Which part of the body each treatment is about: places on one drawing, for whoever knows where, not what.

The marks say what a page is about, never where a needle goes (that is `treatments.injection_sites`), so they
rest on no claim. Lengths are in the units of the drawing `three_faces`, which is 700 wide and 520 high. Where
the label of each stands over it is said in `body_map.css`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic_site.publishing.reading import Card

# slug: lines from where its label stands to where it is, each as an SVG path and its end
BODY_MAP_POSITIONS = {
    "chronic-migraine": (("M57 204L80 290", (80, 290)),),
    "hyperhidrosis": (("M612 474C640 440 664 380 655 316", (655, 312)), ("M622 490L631 494", (634, 495))),
    "blepharospasm": (("M446 184L379 256", (379, 256)),),
    "tmj-pain": (("M292 446L299 292", (299, 292)),),
    "expression-lines": (("M350 92L350 210", (350, 210)),),
    "oily-skin-and-acne": (("M585 228L560 286", (560, 286)),),
    "nose-tip": (("M490 348L537 341", (537, 341)),),
    "jawline": (("M470 412L514 374", (514, 374)),),
    "jowls": (("M44 424L87 369", (87, 369)),),
    "neck-bands": (("M130 470L123 414", (123, 414)),),
}


@dataclass(frozen=True)
class Placed:
    """A treatment in the list, with its lines on the drawing; none where the drawing has no place for it."""

    card: Card

    @property
    def slug(self) -> str:
        return self.card.edition.slug

    @property
    def lines(self) -> tuple[tuple[str, tuple[float, float]], ...]:
        return BODY_MAP_POSITIONS.get(self.slug, ())


def placed(cards: Iterable[Card]) -> list[Placed]:
    """The cards in the order of the list beside the drawing: what is medical first."""
    return [Placed(card) for card in sorted(cards, key=lambda card: card.group != "medical")]

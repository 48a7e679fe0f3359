"""Where the injections go: our own line drawings, and the sites that each treatment's page marks on them.

A site is drawn only while the claim that it rests on stands on the page: take the claim away, or stop it, and
its mark goes. The sites are typical ones. Their names hold no figure, and the dots and shaded areas say
where, never how many.

Lengths are in the units of the drawings, which are 400 wide. The front, the back and the neck are symmetrical
about x = 200.
"""

from dataclasses import dataclass, replace
from functools import partial
from math import dist

MIDDLE = 200


@dataclass(frozen=True)
class Area:
    """A shaded ellipse, turned clockwise by `turn` degrees about its own middle."""

    x: float
    y: float
    across: float
    down: float
    turn: float = 0

    def mirrored(self) -> "Area":
        return replace(self, x=2 * MIDDLE - self.x, turn=-self.turn)


@dataclass(frozen=True)
class Site:
    """A place on a drawing: its name, the claim it rests on, where its number stands, and what is marked."""

    name: str
    rests_on: str
    at: tuple[float, float]
    areas: tuple[Area, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    is_on_both_sides: bool = False  # what is marked is marked in the mirror too; the number stands once
    is_kept_clear: bool = False  # where the needle does not go: crossed, and said so in the list

    @property
    def shades(self) -> tuple[Area, ...]:
        return self.areas + (tuple(a.mirrored() for a in self.areas) if self.is_on_both_sides else ())

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        return self.dots + (tuple((2 * MIDDLE - x, y) for x, y in self.dots) if self.is_on_both_sides else ())

    @property
    def leads_to(self) -> tuple[float, float]:
        """Where the thin line from the number ends: the middle of the nearest mark."""
        marks = [(area.x, area.y) for area in self.areas] + list(self.dots)
        return min(marks, key=lambda mark: dist(mark, self.at))


@dataclass(frozen=True, kw_only=True)
class View:
    """One drawing as a page shows it: which, how much of it, and the sites on it."""

    drawing: str
    title: str
    shows: str
    box: tuple[float, float, float, float]  # left, top, width, height
    sites: tuple[Site, ...]

    @property
    def template(self) -> str:
        return f"drawings/{self.drawing}.svg"

    @property
    def unit(self) -> float:
        """What numbers and dots are sized by, so that a close view and a wide one carry them equally big."""
        return self.box[2] / 400

    @property
    def disc(self) -> float:
        """The radius of a number's disc."""
        return round(self.unit * 14, 2)

    @property
    def digit(self) -> float:
        """The size of the number in it: more than 12 pixels on a screen 320 pixels wide."""
        return round(self.unit * 19, 2)

    @property
    def dot(self) -> float:
        return round(self.unit * 3.6, 2)


def rows(*ends: tuple[float, float, float, float, int]) -> tuple[tuple[float, float], ...]:
    """Dots in even rows, each row from (x, y) to (x, y) with so many dots."""
    return tuple(
        (round(x + (to_x - x) * i / (count - 1), 1), round(y + (to_y - y) * i / (count - 1), 1))
        for x, y, to_x, to_y, count in ends
        for i in range(count)
    )


JAW_MUSCLE = Area(203, 282, 20, 34, -16)
JAW_EDGE = Area(147, 160, 43, 10, 37)
NECK_BANDS = (Area(163, 262, 11, 62, 10), Area(133, 244, 10, 54, 8))

FACE = partial(View, drawing="face_front", title="The face from the front", box=(50, 14, 300, 350))
PROFILE = partial(View, drawing="face_side", title="The face from the side", box=(56, 24, 340, 360))
NECK = partial(View, drawing="neck_front", title="The jaw and the front of the neck", box=(30, 30, 340, 372))


def _jaw_and_neck(claim: str, bands: str) -> View:
    """`claim`: the key of the one that says where; `bands`: how those of the neck are called."""
    jaw = Site(
        "Along the edge of the jaw, on each side", claim, (62, 176), (JAW_EDGE,), is_on_both_sides=True
    )
    neck = Site(bands, claim, (62, 252), NECK_BANDS, is_on_both_sides=True)
    return NECK(shows="The edge of the jaw and the upright bands of the neck are marked.", sites=(jaw, neck))


VIEWS: dict[str, tuple[View, ...]] = {
    "chronic-migraine": (
        FACE(
            shows="The forehead, the brows and the temples are marked.",
            sites=(
                Site("Forehead", "migraine-where", at=(200, 116), areas=(Area(200, 117, 58, 16),)),
                Site(
                    "Above the inner end of each brow",
                    "migraine-injections",
                    at=(148, 148),
                    areas=(Area(179, 165, 14, 7.5, -4),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Between the brows", "migraine-injections", at=(200, 222), areas=(Area(200, 185, 8, 10),)
                ),
                Site(
                    "Temple, on each side",
                    "migraine-where",
                    at=(72, 152),
                    areas=(Area(114, 154, 11, 26, 6),),
                    is_on_both_sides=True,
                ),
            ),
        ),
        View(
            drawing="head_back",
            title="The head, neck and shoulders from behind",
            box=(0, 10, 400, 400),
            shows="The back of the head, the upper neck and the shoulders are marked.",
            sites=(
                Site(
                    "Back of the head, on each side",
                    "migraine-where",
                    at=(92, 92),
                    areas=(Area(166, 148, 15, 22, -14),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Upper neck, on each side of the middle",
                    "migraine-where",
                    at=(96, 216),
                    areas=(Area(182, 212, 10, 24, 4),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Shoulder, on each side",
                    "migraine-where",
                    at=(104, 306),
                    areas=(Area(104, 306, 54, 17, -22),),
                    is_on_both_sides=True,
                ),
            ),
        ),
    ),
    "hyperhidrosis": (
        View(
            drawing="armpit",
            title="A raised arm and its armpit",
            box=(70, 30, 330, 340),
            shows="Dots are spread evenly over the hollow of the armpit.",
            sites=(
                Site(
                    "Armpit: spread evenly over the wet area",
                    "hyperhidrosis-spread-out",
                    at=(368, 262),
                    dots=rows(
                        (312, 172, 328, 180, 2),
                        (300, 190, 328, 203, 3),
                        (289, 208, 325, 226, 3),
                        (281, 229, 319, 249, 3),
                        (281, 254, 311, 270, 2),
                    ),
                ),
            ),
        ),
        View(
            drawing="palm",
            title="The palm of a hand",
            box=(60, 20, 340, 446),
            shows="Dots stand over the palm.",
            sites=(
                Site(
                    "Palm of the hand, an off-label use",
                    "hyperhidrosis-hands-off-label",
                    at=(348, 404),
                    dots=rows(
                        (134, 264, 248, 242, 5),
                        (124, 292, 262, 266, 6),
                        (121, 322, 280, 292, 7),
                        (122, 352, 294, 320, 7),
                        (132, 380, 284, 352, 6),
                        (144, 408, 266, 386, 5),
                        (154, 434, 250, 418, 4),
                    ),
                ),
            ),
        ),
    ),
    "tmj-pain": (
        PROFILE(
            shows="The big chewing muscle at the side of the jaw and the muscle at the temple are marked.",
            sites=(
                Site(
                    "Big chewing muscle (masseter), on each side",
                    "jaw-where",
                    at=(203, 282),
                    areas=(JAW_MUSCLE,),
                ),
                Site(
                    "Muscle at the temple, on each side: often, not always",
                    "jaw-where",
                    at=(194, 146),
                    areas=(Area(194, 146, 36, 33, 20),),
                ),
            ),
        ),
    ),
    "blepharospasm": (
        View(
            drawing="face_front",
            title="The eyes, close up",
            box=(100, 130, 200, 124),
            shows="Points around each eye are marked, and the places that the needle keeps away from.",
            sites=(
                Site(
                    "Upper lid, towards the nose",
                    "blepharospasm-needles",
                    at=(184, 147),
                    dots=((171, 185),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Upper lid, towards the temple",
                    "blepharospasm-needles",
                    at=(126, 149),
                    dots=((143, 187),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Lower lid, towards the temple",
                    "blepharospasm-needles",
                    at=(130, 238),
                    dots=((145, 210),),
                    is_on_both_sides=True,
                ),
                Site(
                    "Middle of the upper lid",
                    "blepharospasm-spots-avoided",
                    at=(155, 143),
                    dots=((157, 182),),
                    is_on_both_sides=True,
                    is_kept_clear=True,
                ),
                Site(
                    "Lower lid, towards the nose",
                    "blepharospasm-spots-avoided",
                    at=(176, 238),
                    dots=((170, 210),),
                    is_on_both_sides=True,
                    is_kept_clear=True,
                ),
            ),
        ),
    ),
    "oily-skin-and-acne": (
        FACE(
            shows="Dots are spread over the skin of the forehead.",
            sites=(
                Site(
                    "Forehead, shallow in the skin",
                    "oily-forehead-studied",
                    at=(72, 96),
                    dots=rows(
                        (158, 110, 242, 110, 6),
                        (150, 125, 250, 125, 7),
                        (150, 140, 250, 140, 7),
                        (158, 155, 242, 155, 6),
                    ),
                ),
            ),
        ),
    ),
    "nose-tip": (
        View(
            drawing="face_front",
            title="The nose and mouth, close up",
            box=(110, 180, 180, 150),
            shows="The base of the nose, between the nostrils, is marked.",
            sites=(
                Site(
                    "Base of the nose, between the nostrils",
                    "nose-tip-where",
                    at=(248, 246),
                    dots=((200, 269),),
                ),
            ),
        ),
    ),
    "jawline": (
        PROFILE(
            shows="The big chewing muscle at the side of the jaw is marked.",
            sites=(
                Site(
                    "Big chewing muscle (masseter), on each side",
                    "jawline-zone",
                    at=(206, 292),
                    areas=(Area(206, 292, 18, 24, -16),),
                ),
            ),
        ),
    ),
    "jowls": (_jaw_and_neck("jowls-patterns", "Along the upright bands of the neck"),),
    "neck-bands": (_jaw_and_neck("neck-points", "Along the upright bands (platysma)"),),
    "expression-lines": (
        FACE(
            shows="The forehead, the place between the brows and the outer corners of the eyes are marked.",
            sites=(
                Site(
                    "Frown: between the brows and just above them",
                    "lines-frown-points",
                    at=(200, 222),
                    areas=(Area(200, 172, 36, 13),),
                ),
                Site("Forehead", "lines-forehead-points", at=(200, 124), areas=(Area(200, 124, 60, 19),)),
                Site(
                    "Crow’s feet: outer corner of each eye",
                    "lines-crows-feet-points",
                    at=(72, 152),
                    areas=(Area(122, 199, 9, 19),),
                    is_on_both_sides=True,
                ),
            ),
        ),
    ),
}

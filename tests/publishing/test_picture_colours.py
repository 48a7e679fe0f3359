"""What a picture shows is what was taken, whatever its file counted colours in: pixels are compared."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pixels
from PIL import ImageCms, ImageOps

from tests.publishing.test_pictures import SimpleUploadedFile, picture

pytestmark = pytest.mark.django_db
SIZE = (800, 400)
SKIN, SKY, LEAF, NIGHT = (201, 142, 118), (120, 170, 215), (80, 130, 60), (20, 24, 40)
MIDDLES = [(200, 100), (600, 100), (200, 300), (600, 300)]
ENCODING = 10  # steps of 255 that a lossy encoding may move a plain area
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def quarters(colours=(SKIN, SKY, LEAF, NIGHT), mode="RGB") -> Pixels.Image:
    made = Pixels.new(mode, SIZE)
    for (x, y), colour in zip(MIDDLES, colours, strict=True):
        made.paste(colour, (x - 200, y - 100, x + 200, y + 100))
    return made


def shown(image: Pixels.Image, form="PNG", **options) -> list[Pixels.Image]:
    """What is stored of it, in the form for each browser and each width."""
    out = BytesIO()
    image.save(out, form, **options)
    made = picture(SimpleUploadedFile(f"x.{form.lower()}", out.getvalue())).as_image()
    found = []
    for _, name in (*made.webp, *made.avif):
        with default_storage.open(name) as file:
            stored = Pixels.open(file)
            stored.load()
        assert not stored.info.get("icc_profile")
        found.append(stored)
    return found


def assert_shows(stored: list[Pixels.Image], colours, tolerance=ENCODING) -> None:
    for one in stored:
        scale = one.width / SIZE[0]
        for (x, y), colour in zip(MIDDLES, colours, strict=True):
            found = one.convert("RGBA" if len(colour) == 4 else "RGB").getpixel(
                (int(x * scale), int(y * scale))
            )
            far = max(abs(a - b) for a, b in zip(found, colour, strict=True))
            assert far <= tolerance, (one.format, one.width, found, colour)


def alphas(stored: Pixels.Image) -> list[int]:
    scale = stored.width / SIZE[0]
    return [stored.convert("RGBA").getpixel((int(x * scale), int(y * scale)))[3] for x, y in MIDDLES]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_colours_stay(form):
    assert_shows(shown(quarters(), form, quality=95), (SKIN, SKY, LEAF, NIGHT))


GREYS = (0, 90, 170, 255)


def test_sixteen_bits_of_grey_are_no_white_picture():
    deep = quarters(tuple(grey * 257 for grey in GREYS), "I;16")
    assert_shows(shown(deep), [(grey,) * 3 for grey in GREYS])


def test_a_grey_that_stands_for_clear_stays_clear():
    deep = quarters(tuple(grey * 257 for grey in GREYS), "I;16")
    for stored in shown(deep, transparency=90 * 257):
        assert alphas(stored) == [255, 0, 255, 255]


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_eight_bits_of_grey(mode):
    assert_shows(shown(quarters(GREYS, "L").convert(mode)), [(grey,) * 3 for grey in GREYS])


def test_a_palette():
    assert_shows(shown(quarters().quantize(16)), (SKIN, SKY, LEAF, NIGHT))


def test_black_and_white():
    black_and_white = quarters((0, 255, 255, 0), "L").convert("1")
    assert_shows(shown(black_and_white), [(0,) * 3, (255,) * 3, (255,) * 3, (0,) * 3])


def test_a_palette_with_a_clear_colour():
    flat = quarters().quantize(16)
    clear = flat.getpixel(MIDDLES[1])
    for stored in shown(flat, transparency=clear):
        assert alphas(stored) == [255, 0, 255, 255]


def test_what_shines_through_stays_and_takes_no_colour_from_what_is_clear():
    half = quarters(((*SKIN, 255), (*SKY, 128), (*LEAF, 200), (255, 0, 255, 0)), "RGBA")
    for stored in shown(half):
        scale = stored.width / SIZE[0]
        found = [stored.convert("RGBA").getpixel((int(x * scale), int(y * scale))) for x, y in MIDDLES]
        for (*seen, alpha), colour, wanted in zip(
            found, (SKIN, SKY, LEAF, None), (255, 128, 200, 0), strict=True
        ):
            assert abs(alpha - wanted) <= 6
            assert colour is None or max(abs(a - b) for a, b in zip(seen, colour, strict=True)) <= ENCODING


def test_printers_colours():
    """Without a profile: as Pillow reckons them, which is what browsers show."""
    printed = quarters().convert("CMYK")
    assert_shows(shown(printed, "JPEG", quality=95), (SKIN, SKY, LEAF, NIGHT), tolerance=14)


def exchanged(profile: bytes = SRGB) -> bytes:
    """The profile of a device whose red is sRGB's green, and the other way round."""
    return profile.replace(b"rXYZ", b"\0tmp").replace(b"gXYZ", b"rXYZ").replace(b"\0tmp", b"gXYZ")


def swapped(colour):
    return colour[1], colour[0], *colour[2:]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_the_colours_of_another_profile_are_converted_before_it_goes(form):
    stored = shown(quarters(), form, quality=95, icc_profile=exchanged())
    assert_shows(stored, [swapped(colour) for colour in (SKIN, SKY, LEAF, NIGHT)])


def test_so_they_are_beneath_what_shines_through_and_in_a_palette():
    half = quarters(((*SKIN, 255), (*SKY, 255), (*LEAF, 255), (*NIGHT, 255)), "RGBA")
    wanted = [swapped(colour) for colour in (SKIN, SKY, LEAF, NIGHT)]
    assert_shows(shown(half, icc_profile=exchanged()), wanted)
    assert_shows(shown(quarters().quantize(16), icc_profile=exchanged()), wanted)


@pytest.mark.parametrize("profile", [SRGB, b"nonsense", SRGB[:200]], ids=["sRGB", "no profile", "cut"])
def test_a_profile_that_says_nothing_else_changes_nothing(profile):
    assert_shows(shown(quarters(), icc_profile=profile), (SKIN, SKY, LEAF, NIGHT))


def test_a_profile_of_another_kind_of_picture_is_passed_over():
    assert_shows(shown(quarters(GREYS, "L"), icc_profile=SRGB), [(grey,) * 3 for grey in GREYS])


TURNS = {
    1: lambda image: image,
    2: ImageOps.mirror,
    3: lambda image: image.rotate(180),
    4: ImageOps.flip,
    5: lambda image: ImageOps.mirror(image.rotate(-90, expand=True)),
    6: lambda image: image.rotate(90, expand=True),
    7: lambda image: ImageOps.mirror(image.rotate(90, expand=True)),
    8: lambda image: image.rotate(-90, expand=True),
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("turn", TURNS)
def test_a_camera_may_be_held_any_way(turn, form):
    exif = Pixels.Exif()
    exif[0x0112] = turn
    stored = shown(TURNS[turn](quarters()), form, quality=95, exif=exif.tobytes())
    assert {one.width > one.height for one in stored} == {True}
    assert_shows(stored, (SKIN, SKY, LEAF, NIGHT))

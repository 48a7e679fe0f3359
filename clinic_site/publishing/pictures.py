"""Pictures: re-encoded when they come in, named by what they show, so that a sealed name can only mean one
picture.
"""

import hashlib
from io import BytesIO
from threading import Lock

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pixels
from PIL import ImageCms, ImageOps

FORMATS = {"JPEG", "PNG", "WEBP", "AVIF"}
MAX_SIDE, MAX_PIXELS, MAX_BYTES = 12_000, 80_000_000, 25 * 1024 * 1024
WIDTHS = (1600, 800, 400)
ENCODINGS = {
    "webp": {"quality": 78, "method": 4},
    "avif": {"quality": 55, "speed": 6},
    "jpeg": {"quality": 82, "optimize": True},
}
FORMS = ("webp", "avif")  # of the whole picture: each reader's browser takes what it knows
CARD = (16, 9)  # a card in a list
SHARED = (1200, 630)  # what the networks that show cards ask for
MIN_SHARED = 600  # pixels: they leave out what is narrower
SIDEWAYS = {5, 6, 7, 8}  # what EXIF says of a camera that was held upright
ORIENTATION = 0x0112
HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_one_at_a_time = Lock()  # a large picture takes some 300 MB while it's read


def open_safely(upload) -> Pixels.Image:
    """The picture in an upload, turned upright and no wider than the widest that is kept.

    Raises ValidationError in words for whoever uploaded it.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(
            f"This file has {upload.size // 1024**2} MB. At most {MAX_BYTES // 1024**2} MB can be taken."
        )
    try:
        upload.seek(0)
        begins = upload.read(12)
        upload.seek(0)
        picture = Pixels.open(upload, formats=sorted(FORMATS))
    except (Pixels.DecompressionBombError, Pixels.DecompressionBombWarning) as error:
        raise ValidationError(_too_many("far too many")) from error
    except Exception as error:
        if begins[4:8] == b"ftyp" and begins[8:12] in HEIC:
            raise ValidationError(
                "This is an iPhone's own kind of picture (HEIC), which many browsers can't show. Save it as "
                "JPEG, or mail it to yourself and take it from there."
            ) from error
        raise ValidationError(
            "This file isn't a JPEG, PNG, WebP or AVIF picture, whatever its name says."
        ) from error
    width, height = picture.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValidationError(_too_many(f"{width} × {height}"))
    if picture.format != "MPO" and getattr(
        picture, "is_animated", False
    ):  # a telephone's MPO is a JPEG with a small copy
        raise ValidationError(
            "This picture moves. Pages show pictures that stand still: save one moment of it, and take that."
        )
    try:
        with _one_at_a_time:
            return _upright(picture)
    except Exception as error:
        raise ValidationError("This picture is damaged: it couldn't be read to its end.") from error


def _too_many(pixels: str) -> str:
    return (
        f"This picture is {pixels} pixels. At most {MAX_SIDE} a side and {MAX_PIXELS // 10**6} million in "
        "all can be taken: make "
        "it smaller first."
    )


def _upright(picture: Pixels.Image) -> Pixels.Image:
    """Made smaller before it's turned: a JPEG is then never read at its full size."""
    sideways = picture.getexif().get(ORIENTATION) in SIDEWAYS
    profile = picture.info.get("icc_profile")
    room = (WIDTHS[0], WIDTHS[0] * 4)
    room = room[::-1] if sideways else room
    if picture.mode not in ("RGB", "RGBA", "L", "LA", "CMYK") or "transparency" in picture.info:
        picture = _plain(picture)  # made smaller, the others would lose pixels or what shines through
    picture.thumbnail(room, Pixels.Resampling.LANCZOS, reducing_gap=2)
    picture.load()  # where it's small enough already nothing has read it
    return _in_srgb(ImageOps.exif_transpose(picture), profile)


def _plain(picture: Pixels.Image) -> Pixels.Image:
    if picture.mode.startswith("I"):
        picture = _in_eight_bits(picture)
    return picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")


def _in_eight_bits(picture: Pixels.Image) -> Pixels.Image:
    """Grey of sixteen bits a pixel: what is beyond 255 isn't white. One of its greys may stand for clear."""
    clear, deep = picture.info.get("transparency"), picture.convert("I")
    grey = deep.point([value >> 8 for value in range(65536)], "L")
    if clear is not None:
        grey.putalpha(deep.point([0 if value == clear else 255 for value in range(65536)], "L"))
    return grey


def _in_srgb(picture: Pixels.Image, profile: bytes | None) -> Pixels.Image:
    """In the colours that browsers take for granted, since the profile goes: without it those of a
    telephone's wide gamut look pale. A profile that can't be read is passed over, as browsers do.
    """
    picture.info.pop("icc_profile", None)
    if not profile:
        return picture
    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    colours = picture.convert({"RGBA": "RGB", "LA": "L"}.get(picture.mode, picture.mode))
    try:
        source, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        converted = ImageCms.profileToProfile(
            colours, source, srgb, renderingIntent=intent, outputMode="RGB", flags=flags
        )
    except (ImageCms.PyCMSError, OSError):
        return picture
    assert converted is not None  # it is where nothing is converted in place
    if alpha:
        converted.putalpha(alpha)
    return converted


def at_width(picture: Pixels.Image, width: int) -> Pixels.Image:
    """A copy at most `width` pixels wide, without any of the data that cameras add."""
    copy = _plain(picture)
    copy.thumbnail((width, width * 4), Pixels.Resampling.LANCZOS, reducing_gap=2)
    copy.info.clear()
    return copy


def cut(picture: Pixels.Image, shape: tuple[int, int], focus: tuple[int, int]) -> Pixels.Image:
    """The largest piece of that shape whose middle lies as near to `focus` (percent from the left and from
    the top) as the edges allow.
    """
    wide, high = shape
    width = max(1, min(picture.width, round(picture.height * wide / high)))
    height = max(1, min(picture.height, round(picture.width * high / wide)))
    left = min(max(0, round(picture.width * focus[0] / 100 - width / 2)), picture.width - width)
    top = min(max(0, round(picture.height * focus[1] / 100 - height / 2)), picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def on_white(picture: Pixels.Image) -> Pixels.Image:
    """Without what shines through: JPEG has none."""
    if picture.mode != "RGBA":
        return picture
    ground = Pixels.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def encode(picture: Pixels.Image, form: str) -> bytes:
    out = BytesIO()
    picture.save(out, form.upper(), **ENCODINGS[form])
    return out.getvalue()


def keep(data: bytes, form: str) -> str:
    """Store bytes under the digest of their content; returns the name."""
    name = f"{hashlib.sha256(data).hexdigest()[:40]}.{form}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(data))
    return name


def content_matches(name: str, data: bytes) -> bool:
    """Whether the bytes are those that the name was made from."""
    return hashlib.sha256(data).hexdigest()[:40] == name.partition(".")[0]

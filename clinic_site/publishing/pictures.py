"""Pictures: re-encoded when they come in, named by what they show, so that a sealed name can only mean one picture."""

import hashlib
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from PIL import Image as Pixels
from PIL import ImageOps

from clinic_site.publishing.pages import Image

FORMATS = {"JPEG", "PNG", "WEBP", "AVIF"}
MAX_SIDE, MAX_PIXELS, MAX_BYTES = 12_000, 80_000_000, 25 * 1024 * 1024
WIDTHS = (1600, 800, 400)
ENCODINGS = {"webp": {"quality": 78, "method": 4}, "avif": {"quality": 55, "speed": 6}}


def open_safely(upload) -> Pixels.Image:
    """The picture in an upload, turned upright. Raises ValidationError in words for whoever uploaded it."""
    if upload.size > MAX_BYTES:
        raise ValidationError(f"This file has {upload.size // 1024**2} MB. At most {MAX_BYTES // 1024**2} MB can be taken.")
    try:
        upload.seek(0)
        picture = Pixels.open(upload, formats=sorted(FORMATS))
    except Exception as error:
        raise ValidationError("This file isn't a JPEG, PNG, WebP or AVIF picture, whatever its name says.") from error
    width, height = picture.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValidationError(
            f"This picture is {width} × {height} pixels. At most {MAX_SIDE} a side can be taken: make it smaller first."
        )
    try:
        picture.load()
        return ImageOps.exif_transpose(picture)
    except Exception as error:
        raise ValidationError("This picture is damaged: it couldn't be read to its end.") from error


def at_width(picture: Pixels.Image, width: int) -> Pixels.Image:
    """A copy at most `width` pixels wide, without any of the data that cameras add."""
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    copy = picture.convert(mode)
    copy.thumbnail((width, width * 4), Pixels.Resampling.LANCZOS, reducing_gap=2)
    copy.info.clear()
    return copy


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


class Picture(models.Model):
    """A picture that pages may show, with its description, its licence and, for people, their consent."""

    file = models.FileField(upload_to="", help_text="JPEG, PNG, WebP or AVIF.")
    alt = models.CharField("description", max_length=300, blank=True, help_text="What it shows, for somebody who can't see it.")
    is_decorative = models.BooleanField("decorative", default=False, help_text="It says nothing that the text doesn't.")
    credit = models.CharField(max_length=200, blank=True, help_text="Who made it and under which licence.")
    consent = models.CharField(
        max_length=200, blank=True, help_text="For a picture of a person: who consented to what, and when."
    )
    consent_until = models.DateField(
        "consent ends on", null=True, blank=True, help_text="The first page of the admin says so in time. Empty: it doesn't end."
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    files = models.JSONField(editable=False, default=dict)  # form -> [[width, name]], widest first
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-added_at"]

    def __str__(self):
        return self.alt or self.file.name

    def clean(self):
        super().clean()
        if self.file and not self.file._committed:
            open_safely(self.file)

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            picture = open_safely(self.file)
            sizes = [at_width(picture, w) for n, w in enumerate(WIDTHS) if n == 0 or w < picture.width]
            self.width, self.height = sizes[0].size
            self.files = {form: [[p.width, keep(encode(p, form), form)] for p in sizes] for form in ENCODINGS}
            self.file = self.files["webp"][0][1]
        super().save(*args, **kwargs)

    def as_image(self) -> Image:
        """The picture as a page seals it. A missing description is sealed as "?", which the checks refuse."""
        return Image(
            name=self.file.name,
            width=self.width,
            height=self.height,
            alt="" if self.is_decorative else self.alt or "?",
            credit=self.credit,
            webp=tuple((width, name) for width, name in self.files.get("webp", [])),
            avif=tuple((width, name) for width, name in self.files.get("avif", [])),
        )

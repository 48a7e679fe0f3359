"""Pictures: what is taken, what is refused, and that a name means one picture for good."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pixels

from clinic_site.publishing.models import Picture, Section
from tests import factories

pytestmark = pytest.mark.django_db


def upload(size=(1000, 500), form="JPEG", name="x.jpg", **options) -> SimpleUploadedFile:
    out = BytesIO()
    Pixels.new("RGB", size, (90, 120, 100)).save(out, form, **options)
    return SimpleUploadedFile(name, out.getvalue())


def picture(file=None, **fields) -> Picture:
    made = Picture(file=file or upload(), **fields)
    made.full_clean()
    made.save()
    return made


def test_it_is_encoded_again_in_several_widths_and_two_forms(client):
    made = picture(alt="A grey wall")
    image = made.as_image()
    assert (image.width, image.height) == (1000, 500)
    assert [w for w, _ in image.webp] == [1000, 800, 400]
    assert [w for w, _ in image.avif] == [1000, 800, 400]
    for _, name in (*image.webp, *image.avif):
        response = client.get(f"/media/{name}")
        assert response.status_code == 200
        assert Pixels.open(BytesIO(response.content)).format in ("WEBP", "AVIF")
        assert "immutable" in response["Cache-Control"]


def test_what_a_camera_adds_is_left_out(client):
    exif = Pixels.Exif()
    exif[0x010F] = "A camera that says where it was"
    made = picture(upload(exif=exif.tobytes()))
    assert b"camera" not in client.get(f"/media/{made.as_image().name}").content


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (SimpleUploadedFile("x.jpg", b"<html><script>alert(1)</script></html>"), "isn't a JPEG"),
        (SimpleUploadedFile("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), "isn't a JPEG"),
        (SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0 and nothing more"), "isn't a JPEG"),
        (SimpleUploadedFile("x.jpg", b"\x00"), "isn't a JPEG"),
        (upload((20_000, 10)), "20000 × 10 pixels"),
        (upload(form="GIF", name="x.gif"), "isn't a JPEG"),
    ],
    ids=["html", "svg", "cut", "null", "wide", "gif"],
)
def test_what_isnt_a_picture_is_refused_with_a_sentence(file, told):
    with pytest.raises(ValidationError, match=told):
        Picture(file=file).full_clean()


def test_a_damaged_picture_is_refused():
    data = upload((400, 400)).read()
    with pytest.raises(ValidationError, match="damaged"):
        Picture(file=SimpleUploadedFile("x.jpg", data[: len(data) // 2])).full_clean()


def test_a_file_changed_on_the_disk_is_not_served(client, settings):
    name = picture(alt="A wall").as_image().name
    Path(settings.MEDIA_ROOT, name).write_bytes(upload((10, 10)).read())
    assert client.get(f"/media/{name}").status_code == 404


def test_a_new_picture_changes_nothing_for_patients(client, editor, clinician):
    """Promise 2, for images: the sealed name goes on meaning the picture that was signed."""
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    shown = picture(alt="The old wall")
    Section.objects.filter(document=draft, anchor="on-the-day").update(picture=shown)
    factories.live(draft, by=editor, signer=clinician)
    before = client.get("/treatments/sweat/").content
    sealed_name = shown.as_image().name
    sealed_bytes = client.get(f"/media/{sealed_name}").content
    shown.file, shown.alt = upload((300, 300)), "A new wall"
    shown.save()
    assert client.get("/treatments/sweat/").content == before
    assert client.get(f"/media/{sealed_name}").content == sealed_bytes


def test_a_picture_needs_a_description_or_the_mark_decorative(editor, clinician):
    draft = factories.treatment("sweat", by=editor, checked_by=clinician)
    shown = picture()
    Section.objects.filter(document=draft, anchor="on-the-day").update(picture=shown)
    assert "picture-without-alternative" in {f.rule for f in draft.findings()}
    Picture.objects.filter(pk=shown.pk).update(is_decorative=True)
    assert "picture-without-alternative" not in {f.rule for f in draft.findings()}

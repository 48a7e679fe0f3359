"""Pictures: what is taken, what is refused, and that a name means one picture for good."""

import re
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pixels

from clinic_site.pages.shapes import Image
from clinic_site.publishing import pictures, reading
from clinic_site.publishing.models import Edition, Live, Picture, Section
from tests import factories
from tests.admin_forms import as_, errors_of, filled

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def upload(size=(1000, 500), form="JPEG", name="x.jpg", **options) -> SimpleUploadedFile:
    out = BytesIO()
    Pixels.new("RGB", size, (90, 120, 100)).save(out, form, **options)
    return SimpleUploadedFile(name, out.getvalue())


def picture(file=None, **fields) -> Picture:
    made = Picture(file=file or upload(), **{"alt": "A wall", "shows_person": False, **fields})
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
        (
            SimpleUploadedFile("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            "isn't a JPEG",
        ),
        (SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0 and nothing more"), "isn't a JPEG"),
        (SimpleUploadedFile("x.jpg", b"\x00"), "isn't a JPEG"),
        (upload((20_000, 10)), "20000 × 10 pixels"),
        (upload(form="GIF", name="x.gif"), "isn't a JPEG"),
    ],
    ids=["html", "svg", "cut", "null", "wide", "gif"],
)
def test_what_isnt_a_picture_is_refused_with_a_sentence(file, told):
    with pytest.raises(ValidationError, match=told):
        Picture(file=file, alt="A wall", shows_person=False).full_clean()


def test_a_damaged_picture_is_refused():
    data = upload((400, 400)).read()
    with pytest.raises(ValidationError, match="damaged"):
        Picture(
            file=SimpleUploadedFile("x.jpg", data[: len(data) // 2]), alt="A wall", shows_person=False
        ).full_clean()


def test_a_file_changed_on_the_disk_is_not_served(client, settings):
    name = picture(alt="A wall").as_image().name
    Path(settings.MEDIA_ROOT, name).write_bytes(upload((10, 10)).read())
    assert client.get(f"/media/{name}").status_code == 404


def test_a_new_picture_changes_nothing_for_patients(client, draft, editor, clinician):
    """Promise 2, for images: the sealed name goes on meaning the picture that was signed."""
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


def test_a_picture_needs_a_description_or_the_mark_decorative(draft):
    shown = Picture.objects.create(file=upload(), alt="?", shows_person=False)  # from before it was demanded
    Section.objects.filter(document=draft, anchor="on-the-day").update(picture=shown)
    assert "picture-without-alternative" in {f.rule for f in draft.findings()}
    Picture.objects.filter(pk=shown.pk).update(is_decorative=True, alt="")
    assert "picture-without-alternative" not in {f.rule for f in draft.findings()}


# --- the point that must stay in sight ----------------------------------------------------------------------


def striped(size=(1600, 800), name="x.png") -> SimpleUploadedFile:
    """Red on the left, green in the middle, blue on the right."""
    whole = Pixels.new("RGB", size, (0, 200, 0))
    whole.paste((200, 0, 0), (0, 0, size[0] // 4, size[1]))
    whole.paste((0, 0, 200), (size[0] * 3 // 4, 0, size[0], size[1]))
    out = BytesIO()
    whole.save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


def middle_of(client, name) -> str:
    shown = Pixels.open(BytesIO(client.get(f"/media/{name}").content)).convert("RGB")
    strongest = max(range(3), key=shown.getpixel((shown.width // 2, shown.height // 2)).__getitem__)
    return ("red", "green", "blue")[strongest]


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((50, 50), (100, 0, 300, 100)),
        ((0, 0), (0, 0, 200, 100)),
        ((100, 100), (200, 0, 400, 100)),
        ((30, 90), (20, 0, 220, 100)),
    ],
)
def test_a_piece_lies_around_its_focus_and_never_beyond_the_edge(focus, box):
    whole = Pixels.linear_gradient("L").resize((100, 400)).rotate(90, expand=True)
    assert pictures.cut(whole, (2, 1), focus).tobytes() == whole.crop(box).tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2)])
def test_the_smallest_picture_has_a_piece(size, client):
    made = picture(upload(size, "PNG"))
    assert [client.get(f"/media/{name}").status_code for _, name in made.as_image().card] == [200]
    assert made.as_image().shared == ""


def test_pieces_are_cut_around_the_focus_for_lists_and_for_other_sites(client):
    made = picture(striped((4000, 800)), focus_x=5, focus_y=50)
    image = made.as_image()
    assert [w for w, _ in image.card] == [569, 400]
    cards = [Pixels.open(BytesIO(client.get(f"/media/{name}").content)).size for _, name in image.card]
    assert all(abs(w * 9 - h * 16) <= 16 for w, h in cards)
    assert {middle_of(client, name) for _, name in image.card} == {"red"}
    made.focus_x = 95
    made.save()
    assert {middle_of(client, name) for _, name in made.as_image().card} == {"blue"}
    assert made.as_image().webp == image.webp
    shared = client.get(f"/media/{picture(striped((3000, 1600))).as_image().shared}")
    assert shared["Content-Type"] == "image/jpeg"
    assert Pixels.open(BytesIO(shared.content)).size == (1200, 630)


def test_what_is_clear_lies_on_white_where_it_is_shared(client):
    out = BytesIO()
    Pixels.new("RGBA", (1200, 700), (0, 0, 0, 0)).save(out, "PNG")
    made = picture(SimpleUploadedFile("x.png", out.getvalue()))
    shown = Pixels.open(BytesIO(client.get(f"/media/{made.as_image().shared}").content))
    assert min(shown.getpixel((5, 5))) > 250


def show(draft, shown):
    Section.objects.filter(document=draft, anchor="on-the-day").update(picture=shown)


def test_a_live_page_shows_its_pieces_in_lists_and_beside_links(draft, editor, clinician, client):
    show(draft, made := picture(striped()))
    factories.live(draft, by=editor, signer=clinician)
    html = client.get("/treatments/sweat/").content.decode()
    assert f'content="http://testserver/media/{made.as_image().shared}"' in html
    card = next(iter(reading.cards(Live.objects.cards().filter(slug="sweat"))))
    listed = render_to_string("components/entry_picture.html", {"sizes": card.picture})
    assert all(reverse("media", args=[name]) in listed for _, name in made.as_image().card)
    assert Live.objects.get(slug="sweat").edition.page.card()["picture"] == [
        list(size) for size in made.as_image().card
    ]


def test_a_sealed_page_goes_on_showing_its_piece(draft, editor, clinician, client):
    show(draft, made := picture(striped()))
    factories.live(draft, by=editor, signer=clinician)
    before, sealed = client.get("/treatments/sweat/").content, made.as_image()
    made.focus_x = 0
    made.save()
    assert client.get("/treatments/sweat/").content == before
    assert {
        client.get(f"/media/{name}").status_code for name in (sealed.shared, *(n for _, n in sealed.card))
    } == {200}
    assert made.as_image().shared != sealed.shared
    # and the piece is something that whoever signs next is told of
    assert not Edition.objects.get().says(draft.compose())
    assert any("around 0 % from the left" in html for _, html in draft.compose().shown())


def test_a_picture_from_before_there_were_pieces_is_what_it_was(draft, editor, clinician, client):
    show(draft, made := picture(striped()))
    Picture.objects.update(crops={})
    assert (Picture.objects.get().as_image().card, Picture.objects.get().as_image().shared) == ((), "")
    factories.live(draft, by=editor, signer=clinician)
    edition = Live.objects.get(slug="sweat").edition
    # as it was sealed then: without the fields that came later
    text = re.sub(r'"card":\[\],|"focus":\[50,50\],|"shared":"",', "", edition.page_text)
    assert text != edition.page_text
    edition.page_text = text
    vars(edition).pop("page", None)
    assert edition.page.part("on-the-day").image == Picture.objects.get().as_image()
    assert edition.says(draft.compose())
    assert "picture" not in edition.page.card()
    assert "/og/treatment/sweat.png" in client.get("/treatments/sweat/").content.decode()
    made.refresh_from_db()
    made.save()
    assert made.as_image().card


def test_a_person_is_not_handed_to_other_sites(draft, editor, clinician, client):
    show(draft, made := picture(striped(), shows_person=True, consent="A. P., in writing, 3 March"))
    assert made.crops["shared"]
    factories.live(draft, by=editor, signer=clinician)
    html = client.get("/treatments/sweat/").content.decode()
    assert made.crops["shared"] not in html
    assert "/og/treatment/sweat.png" in html
    assert "A. P." not in Live.objects.get(slug="sweat").edition.page_text


# --- going round the form -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"alt": ""}, "picture_described_or_decorative"),
        ({"alt": "   "}, "picture_described_or_decorative"),
        ({"shows_person": True}, "who agreed to what"),
        ({"shows_person": True, "consent": "  "}, "who agreed to what"),
        ({"focus_x": 101}, "picture_focus_in_percent"),
        ({"focus_y": 101}, "picture_focus_in_percent"),
    ],
)
def test_the_database_refuses_what_may_not_be(fields, rule):
    made = picture()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Picture.objects.filter(pk=made.pk).update(**fields)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Picture.objects.create(**{"file": "x.webp", "alt": "A wall", **fields})


def test_the_database_refuses_sql_too():
    made = picture(shows_person=True, consent="A. P.")
    for change in ("consent = ''", "alt = ''", "focus_x = 200", "focus_y = -1"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE publishing_picture SET {change} WHERE id = %s", [made.pk])


# --- the form -----------------------------------------------------------------------------------------------

ADD = "/admin/publishing/picture/add/"
ASKED = {"alt": "A wall", "shows_person": "False", "focus_x": "50", "focus_y": "50"}


def opened(client, address, **changes) -> dict:
    """The form of a person's picture as a browser would send it back."""
    return filled(client.get(address), shows_person="True", **changes)


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"alt": ""}, "alt", "Say in a sentence what it shows, or mark it as decorative"),
        ({"alt": "?"}, "alt", "Say in a sentence"),
        ({"is_decorative": "on"}, "is_decorative", "It has a description."),
        ({"shows_person": ""}, "shows_person", "Say whether it shows a person."),
        ({"shows_person": "perhaps"}, "shows_person", "Select a valid choice"),
        ({"shows_person": "True"}, "consent", "only with their written consent"),
        (
            {"shows_person": "True", "consent": "A. P.", "consent_until": "2020-01-01"},
            "consent_until",
            "This consent has ended",
        ),
        ({"focus_x": "101"}, "focus_x", "At most 100."),
        ({"focus_y": "-1"}, "focus_y", "greater than or equal to 0"),
        ({"focus_x": "left"}, "focus_x", "Enter a whole number."),
        ({"focus_x": ""}, "focus_x", "This field is required."),
        ({"focus_x": "9" * 5000}, "focus_x", "Enter a whole number."),
    ],
)
def test_what_is_wrong_stands_on_its_field_and_the_file_is_asked_for_again(sent, field, said, editor):
    answer = as_(editor).post(ADD, {"file": upload(), **ASKED, "credit": "Our own", **sent})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert said in str(errors[field])
    assert set(errors) == {field, "file"}
    assert "choose it again" in str(errors["file"])
    assert 'value="Our own"' in answer.content.decode()
    assert not Picture.objects.exists()


def test_a_person_with_their_consent_is_taken_and_the_pieces_are_shown(editor):
    client = as_(editor)
    sent = {"file": striped(), **ASKED, "shows_person": "True", "consent": "A. P., 3 March", "focus_x": "5"}
    assert client.post(ADD, sent).status_code == 302
    made = Picture.objects.get()
    assert (made.shows_person, made.focus) == (True, (5, 50))
    html = client.get(reverse("admin:publishing_picture_change", args=[made.pk])).content.decode()
    for _, name in (made.as_image().webp[0], made.as_image().card[0]):
        assert reverse("media", args=[name]) in html
    assert "isn’t handed on" in html
    address = reverse("admin:publishing_picture_change", args=[made.pk])
    assert client.post(address, opened(client, address, focus_x="95")).status_code == 302
    assert Picture.objects.get().focus_x == 95
    assert Picture.objects.get().files == made.files


def test_a_consent_that_ended_may_be_renewed(editor):
    made = picture(shows_person=True, consent="A. P.")
    Picture.objects.update(consent_until=timezone.localdate() - timedelta(days=3))
    client, address = as_(editor), reverse("admin:publishing_picture_change", args=[made.pk])
    assert client.post(address, opened(client, address, credit="Ours")).status_code == 302
    assert (
        client.post(address, opened(client, address, consent_until="", consent="A. P., anew")).status_code
        == 302
    )
    assert Picture.objects.get().consent_until is None


# --- what is too big, or not what it says -------------------------------------------------------------------


def moving(form: str, name: str) -> SimpleUploadedFile:
    first, *rest = (Pixels.new("RGB", (60, 40), colour) for colour in ("red", "blue", "white"))
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=rest, duration=90)
    return SimpleUploadedFile(name, out.getvalue())


def claims_to_be(width: int, height: int) -> SimpleUploadedFile:
    """A PNG of a few bytes that says how large it is."""
    data = bytearray(upload((9, 9), "PNG").read())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return SimpleUploadedFile("x.png", bytes(data))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (lambda: SimpleUploadedFile("x.jpg", b""), "The submitted file is empty."),
        (lambda: SimpleUploadedFile("x.jpg", b"x" * (30 * 1024**2)), "This file has 30 MB. At most 25 MB"),
        (lambda: SimpleUploadedFile("x.jpg", b"<!doctype html><script>alert(1)</script>"), "isn't a JPEG"),
        (
            lambda: SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            "isn't a JPEG",
        ),
        (
            lambda: SimpleUploadedFile("x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" * 9),
            "an iPhone's own kind of picture",
        ),
        (lambda: SimpleUploadedFile("x.jpg", upload((900, 900)).read()[:4000]), "damaged"),
        (lambda: moving("GIF", "x.gif"), "isn't a JPEG"),
        (lambda: moving("GIF", "x.png"), "isn't a JPEG"),
        (lambda: moving("WEBP", "x.webp"), "This picture moves"),
        (lambda: moving("PNG", "x.png"), "This picture moves"),
        (lambda: moving("AVIF", "x.avif"), "This picture moves"),
        (lambda: claims_to_be(9_000, 9_000), "9000 × 9000 pixels"),
        (lambda: claims_to_be(12_001, 10), "12001 × 10 pixels"),
        (lambda: claims_to_be(60_000, 60_000), "far too many pixels"),
    ],
    ids=[
        "empty",
        "30 MB",
        "html",
        "svg",
        "heic",
        "cut",
        "gif",
        "gif as png",
        "webp",
        "apng",
        "avif",
        "81 MP",
        "wide",
        "bomb",
    ],
)
def test_what_cannot_be_taken_is_a_sentence_on_the_field_and_nothing_else_is_lost(file, said, editor):
    answer = as_(editor).post(ADD, {"file": file(), **ASKED, "credit": "Our own"})
    assert answer.status_code == 200
    assert said in errors_of(answer).replace("&#x27;", "'")
    assert list(answer.context["adminform"].form.errors) == ["file"]
    assert 'value="Our own"' in answer.content.decode()
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.jpg",
        "C:\\pictures\\wall.jpg",
        "x" * 5000 + ".jpg",
        "ä \N{PILE OF POO} %2e%2e%2f.jpg",
        "x",
        ".jpg",
    ],
)
def test_a_name_does_not_matter(name, editor, settings):
    answer = as_(editor).post(ADD, {"file": upload(name=name), **ASKED})
    assert answer.status_code == 302, errors_of(answer)
    assert re.fullmatch(r"[0-9a-f]{40}\.webp", Picture.objects.get().file.name)
    assert {re.sub(r"^[0-9a-f]{40}\.", "", path.name) for path in Path(settings.MEDIA_ROOT).rglob("*")} <= {
        "webp",
        "avif",
        "jpeg",
    }


def test_a_photograph_of_sixty_million_pixels_is_taken():
    made = picture(upload((9_000, 6_700)))
    assert made.as_image().webp[0][0] == 1600
    assert (made.width, made.height) == (1600, 1191)


def test_a_large_photograph_is_never_unpacked_whole(monkeypatch):
    sizes = []
    transpose = pictures.ImageOps.exif_transpose
    monkeypatch.setattr(
        pictures.ImageOps, "exif_transpose", lambda whole: sizes.append(whole.size) or transpose(whole)
    )
    exif = Pixels.Exif()
    exif[pictures.ORIENTATION] = 6
    made = picture(upload((6_000, 2_000), exif=exif.tobytes()))
    assert all(width * height <= 1600 * 6400 for width, height in sizes)
    assert (made.width, made.height) == (1600, 4800)


def test_two_pictures_in_one_file_of_a_telephone_are_the_first():
    out = BytesIO()
    Pixels.new("RGB", (400, 300), "red").save(
        out, "MPO", save_all=True, append_images=[Pixels.new("RGB", (40, 30))]
    )
    assert picture(SimpleUploadedFile("x.jpg", out.getvalue())).width == 400


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_is_taken(mode):
    out = BytesIO()
    Pixels.new("RGB" if mode in ("P", "CMYK") else mode, (2000, 900)).convert(mode).save(
        out, "JPEG" if mode == "CMYK" else "PNG"
    )
    assert picture(SimpleUploadedFile("x.png", out.getvalue())).as_image().webp[0][0] == 1600


def test_an_image_sealed_without_pieces_has_none():
    image = Image(name="x.webp", width=1, height=1)
    assert (image.card, image.shared, image.focus) == ((), "", (50, 50))

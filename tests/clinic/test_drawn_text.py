"""Text on the pictures of shared links: every letter of it is drawn, and none beyond the edge."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from clinic_site.clinic.drawn_text import UNASSIGNED, drawable, fitted, font, has, wrapped
from clinic_site.clinic.og_images import CARD_SIZE, MARGIN, PAPER, card_png

SCRIPTS = {
    "French": "Clinique Beauté – Côte-des-Neiges, « l’été » œuvre à Noël, ça où",
    "German, Polish, Czech": "Größe Łódź Źdźbło Příliš žluťoučký",
    "Turkish, Romanian, Icelandic": "İğneada Ştefan Țăran Þórður ð",
    "Vietnamese": "Đặng Thị Nguyễn tự ẩm thực",
    "Greek": "Κλινική Δέρματος Ψ",
    "Cyrillic": "Клиника Ёлка Їжак Љубав",
    "Hebrew": "מרפאת עור",
    "Arabic": "عيادة الجلد",
    "Armenian and Georgian": "Հայերեն ქართული",
    "Inuktitut": "ᐃᓄᒃᑎᑐᑦ",
    "signs": "“quoted” – — … • € £ ™ ½ µ × ± ≥ ‰ №",
    "accents that stand alone": "Cafe\u0301 Beaute\u0301",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=list(SCRIPTS))
def test_every_letter_is_there(text):
    assert drawable(text).split()
    assert all(has(letter) for letter in drawable(text) if letter != " ")


def test_the_font_says_what_it_lacks():
    assert not has(UNASSIGNED)
    assert not has("健")


@pytest.mark.parametrize("text", ["健康 Clinic", "हिन्दी", "ไทย"])
def test_what_cannot_be_written_is_left_out_and_never_boxes(text):
    assert drawable(text) == ""
    with_it, without = (card_png(name, "#14502f", "Treatment", "Sweating") for name in (text, ""))
    assert with_it == without


def test_signs_that_carry_no_words_go_without_the_rest():
    assert drawable("Skin \U0001fae8 first\u200d\u00ad!") == "Skin first!"


class Font:
    """Every letter is one pixel wide."""

    def getlength(self, text):
        return len(text)


def test_a_word_that_is_wider_than_the_line_is_parted():
    assert wrapped("a bb " + "c" * 12 + " d", Font(), 5) == ["a bb", "ccccc", "ccccc", "cc d"]


@pytest.mark.parametrize(
    "text", ["", "A", "word " * 80, "W" * 300, "é" * 300, "Großzügigkeit" * 20, "الجلد" * 80]
)
def test_it_fits_its_place(text):
    block = fitted(text, (80, 60, 40), 500, 200)
    assert all(font(block.size).getlength(line) <= 500 for line in block.lines)
    assert len(block.lines) * block.size * 1.25 <= 200 or not block.lines
    if len(text) > 200:
        assert block.lines[-1].endswith("…")


def test_a_word_is_not_parted_where_smaller_letters_spare_it():
    assert fitted("Hyperhidrosis", (200, 40), 400, 300).lines == ("Hyperhidrosis",)


@pytest.mark.parametrize("text", ["W" * 400, "Wide words " * 60, SCRIPTS["Arabic"] * 30])
def test_nothing_is_drawn_beyond_the_margin(text):
    card = Image.open(BytesIO(card_png(text, "#14502f", text, text))).convert("RGB")
    beyond = card.crop((CARD_SIZE[0] - MARGIN + 4, 0, *CARD_SIZE))
    assert ImageChops.difference(beyond, Image.new("RGB", beyond.size, PAPER)).getbbox() is None


def test_an_accent_is_drawn():
    plain, accented = (card_png(name, "#14502f", "", "") for name in ("Beaute", "Beauté"))
    assert plain != accented

"""One normalisation of text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_site.text.folding import fold, fold_lower, folded, seen
from clinic_site.text.normalise import normal_email, plain_words, surname_first
from clinic_site.text.saying import has_visible_letters
from clinic_site.text.stemming import stemmed, words_of
from tests.text.disguises import disguised, patient

WORDS = "guaranteed risk-free results you'll love in the fifth office"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("risk‑free", "risk-free"),
        ("ﬂawless", "flawless"),
        ("era\u200eses", "erases"),
        ("Perma\u00adnent", "Permanent"),
        ("Ｆｌａｗｌｅｓｓ", "Flawless"),
        ("can`t, can’t, canʼt", "can't, can't, can't"),
        ("Łukasz Sørensen đ ß æ œ þ ħ ı ŋ", "Lukasz Sorensen d ss ae oe th h i n"),
        ("Zoë in NFD: Zoe\u0308", "Zoe in NFD: Zoe"),
        ("Botox™ and Botox®", "Botox  and Botox®"),
        ("cured² of it", "cured  of it"),
        ("③ months, ３ months, ٣ months", "3 months, 3 months, 3 months"),
        ("ᴘᴇʀᴍᴀɴᴇɴᴛ", "permanent"),
        ("РЕRМΑΝΕΝТ", "PERMANENT"),
        ("🅵🅻🅰🆆🅻🅴🆂🆂", "FLAWLESS"),
        ("c\u0336u\u0338re", "cure"),
        ("½ of 5 μg … “so”", "½ of 5 μg … “so”"),
        ("a\u3164\u115fb", "ab"),
    ],
)
def test_what_is_typed_is_read_as_it_looks(typed, read):
    assert fold(typed).text == read


@pytest.mark.parametrize(
    "name", ["Νίκος Παπαδόπουλος", "Жанна Ёлкина", "かがみ ガラス", "한국 사람", "हिन्दी", "李小龍", "محمد"]
)
def test_a_name_of_another_script_is_found_by_its_own_letters(name):
    for typed in (
        name,
        name.upper(),
        name.lower(),
        *(unicodedata.normalize(f, name) for f in ("NFD", "NFC", "NFKC")),
    ):
        assert plain_words(typed) == plain_words(name) != ""


def test_letters_that_make_other_words_in_their_script_stay_apart():
    assert folded("か") != folded("が")
    assert folded("한") != folded("하")
    assert folded("कि") != folded("कु")
    assert folded("Жанна") != folded("Шанна")


@patient
@given(disguised(WORDS))
def test_every_disguise_reads_as_what_it_hides(text):
    assert fold(text).text.lower() == WORDS


@patient
@given(st.text())
def test_places_lead_back_to_the_original(text):
    found = fold_lower(text)
    assert len(found.places) == len(found.text) + 1
    assert list(found.places) == sorted(found.places)
    for at in range(len(found.text)):
        start, end = found.place(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert found.text[at] in fold_lower(text[start:end]).text + " "


# mathematical letters aside, which have no case
@patient
@given(st.text(st.characters(exclude_categories=["Cs", "Sm"], max_codepoint=0x1D3FF)))
def test_folding_again_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


def test_a_finding_is_shown_as_it_stands_in_the_text():
    text = "It’s a ﬂaw\u00adless result"
    found = fold(text)
    at = found.text.index("flawless")
    assert found.shown(at, at + len("flawless")) == "ﬂaw\u00adless"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łukasz", "lukasz"),
        ("Sørensen", "sorensen"),
        ("O`Neil", "O’Neil"),
        ("O'Neil", "oneil"),
        ("Ægir Þórsson", "aegir thorsson"),
        ("Ｚｏë", "zoe"),
        ("Đặng", "dang"),
        ("Strauß", "strauss"),
    ],
)
def test_names_in_two_spellings_are_one(one, other):
    assert plain_words(one) == plain_words(other)
    assert surname_first(one) == surname_first(other)


def test_an_address_keeps_its_letters():
    assert normal_email("Ann\u200b@Example.com\u200e") == "ann@example.com"
    assert normal_email("zoë@example.com") != normal_email("zoe@example.com")
    assert seen("＋１ ４１６\u202c") == "+1 416"


@pytest.mark.parametrize("words", ["migraine\u00ads", "ﬁve ﬂaps", "Cafe\u0301", "Botox™ works", "naïve"])
def test_search_reads_text_from_a_pdf_or_a_mac(words):
    plain = words.replace("\u00ad", "").replace("ﬁ", "fi").replace("ﬂ", "fl").replace("™", "")
    assert stemmed(words) == stemmed(plain)
    assert words_of(words) == words_of(unicodedata.normalize("NFC", plain))


@pytest.mark.parametrize(
    "text", ["", " ", " \u200e ", "\u3164", "...", "—", "12", "🙂", "\u0301", "\u2800", None]
)
def test_these_say_nothing(text):
    assert not has_visible_letters(text)


@pytest.mark.parametrize("text", ["x", "é", "Ж", "李", "1 a", "\u200ea"])
def test_these_say_something(text):
    assert has_visible_letters(text)

"""Ways in which somebody types words so that they read the same and are other characters."""

import unicodedata

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clinic_site.text.lookalikes import latin_letter

# a busy machine is no fault of the text
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202c\u2066\u2069\u061c\u180e"
UNSEEN += "\ufe0f\U000e0041\u034f"
UNSEEN_LETTERS = "\u3164\u115f\u1160\uffa0"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
APOSTROPHES = "'’‘`´ʼ\u2032\uff07"
SPACES = " \u00a0\u2009\u202f\u3000\u2002"
ACCENTS = "\u0301\u0308\u0336\u0338\u0323"
LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "st": "ﬆ"}


def _alike() -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for code in range(0xA0, 0x1F200):
        c = chr(code)
        if 0xAC00 <= code <= 0xD7A3 or not (c.isalpha() or code >= 0x1F100):
            continue
        letter = latin_letter(c) or unicodedata.normalize("NFKC", c)
        if letter.isascii() and letter.isalpha() and len(letter) == 1:
            found.setdefault(letter.lower(), []).append(c)
    return {letter: "".join(others) for letter, others in found.items()}


ALIKE = _alike()


@st.composite
def disguised(draw, phrase: str, *, unseen: bool = True) -> str:
    """The phrase in other characters. `unseen`: also with such between its letters that show nothing."""
    for plain, ligature in LIGATURES.items():
        if plain in phrase and draw(st.booleans()):
            phrase = phrase.replace(plain, ligature)
    out = []
    for c in phrase:
        choices = {"-": HYPHENS, "'": APOSTROPHES, " ": SPACES}.get(c, c + ALIKE.get(c.lower(), ""))
        out.append(draw(st.sampled_from(choices)))
        if c.isalpha() and unseen:
            out.append(draw(st.sampled_from(["", "", "", *UNSEEN, *UNSEEN_LETTERS, *ACCENTS])))
    text = "".join(out)
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)

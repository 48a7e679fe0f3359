"""Letters of other scripts that look like a Latin one, and Latin ones that don't decompose into it.

From Unicode's confusables.txt (UTS 39), kept to the scripts that fonts have, with the small letters of those
capitals. What the decomposition of a letter (NFKC) says already isn't listed.
"""

import re
import unicodedata

_BY_LETTER = {
    "A": "ΑАᎪᗅꓮ",
    "a": "ɑαа",
    "AE": "Ӕ",
    "ae": "ӕ",
    "B": "ΒВᏴᗷꓐꞴ",
    "b": "βвƄЬьᏏᑲᖯ",
    "C": "СᏟⲤꓚϹ",
    "c": "сϲⲥꮯ",
    "D": "ᎠᗞᗪꓓÐ",
    "d": "ԁᏧᑯꓒð",
    "E": "ΕЕᎬⴹꓰƏƐ",
    "e": "εеҽꬲəɛ℮",
    "F": "Ϝᖴꓝ",
    "f": "քẝꬵ",
    "G": "ԌᏀᏳꓖ",
    "g": "ƍɡցԍ",
    "H": "ΗНᎻᕼⲎꓧ",
    "h": "нһհᏂ",
    "I": "ΙІӀⲒⵏꓲ",
    "i": "ıɩιіӏᎥꙇꭵ",
    "J": "ͿЈᎫᒍꓙ",
    "j": "ϳјȷ",
    "K": "ΚКᏦⲔꓗ",
    "k": "κкⲕĸ",
    "L": "ᏞᒪⳐꓡ",
    "l": "Ɩǀ",
    "M": "ΜϺМᎷᗰⲘꓟ",
    "m": "мⲙ",
    "N": "ΝⲚꓠŊ",
    "n": "ηпոռŋⲛ",
    "O": "ΟОՕⲞⵔꓳ",
    "o": "οσςоօჿᴑⲟꬽ",
    "P": "ΡРᏢᑭⲢꓑ",
    "p": "ρрⲣ",
    "Q": "ԚⵕႭ",
    "q": "ԛգզ",
    "R": "ƦᎡᏒᖇꓣ",
    "r": "гᴦⲅꭇꭈꮁ",
    "S": "ЅՏᏕᏚꓢ",
    "s": "ƽѕꮪ",
    "SS": "ẞ",
    "ss": "ß",
    "T": "ΤТᎢⲦꓔ",
    "t": "τтⲧ",
    "Th": "Þ",
    "th": "þ",
    "U": "Սᑌꓴ",
    "u": "υսꞟ",
    "V": "ѴᏙᐯⴸꓦ",
    "v": "νѵꮩ",
    "W": "ԜᎳᏔꓪ",
    "w": "ωɯѡԝաꮃ",
    "X": "ΧХⲬⵝꓫꞳ",
    "x": "χхᕁᕽⲭ",
    "Y": "ΥУҮᎩᎽⲨꓬ",
    "y": "ɣγуүყⲩ",
    "Z": "ΖᏃꓜ",
    "z": "ꮓ",
}
_LIKE = {other: letter for letter, others in _BY_LETTER.items() for other in others}
# "LATIN SMALL LETTER L WITH STROKE" is an l, "NEGATIVE SQUARED LATIN CAPITAL LETTER A" an A
_NAMED = re.compile(
    r"(?:LATIN (SMALL |CAPITAL )?(?:LETTER|LIGATURE)(?: SMALL CAPITAL)?|INDICATOR SYMBOL LETTER) ([A-Z]{1,2})"
    r"(?: WITH .*)?\Z"
)


def latin_letter(character: str) -> str:
    """The Latin letter, or two, that a character is or looks like; empty where there is none."""
    if like := _LIKE.get(character):
        return like
    if match := _NAMED.search(unicodedata.name(character, "")):
        return match[2] if match[1] == "CAPITAL " else match[2].lower()
    return ""

"""Finding medical figures in running text: amounts, in digits or words, that stand with a medical unit.

Also dates of the past, ages, frequencies and shares, because each of them is a fact that somebody measured or
decided.
"""

import re

from clinic_site.pages.compose import ABBREVIATION
from clinic_site.text.folding import fold

# --- amounts ------------------------------------------------------------------------------------------------

_ONES = (
    "one two three four five six seven eight nine zero ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_BIG = "hundred|thousand|million|dozen"
_VULGAR = "½¼¾⅓⅔⅕⅛"

_DIGITS = rf"\d+(?:[.,]\d+){{0,4}}(?:\s\d{{3}}(?!\d)){{0,3}}(?:\s?[{_VULGAR}])?"
_TENS_WORD = rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES[:9])}))?"
_WORD = (
    rf"(?:{_TENS_WORD}|{'|'.join(_ONES)}|{_BIG})(?:\s(?:{_BIG})){{0,3}}"
    r"(?:[\s-]and[\s-]a[\s-](?:half|quarter))?"
)
NUMBER = rf"(?:{_DIGITS}|[{_VULGAR}]|{_WORD})"
# the bound on how many numbers may be joined keeps the search linear
_JOIN = r"\s*(?:[-‑–—/]|\bto\b|\bor\b|\band\b|\bout of\b|\bby\b)\s*"
AMOUNT = rf"{NUMBER}(?:{_JOIN}{NUMBER}){{0,3}}"
_SHARE = r"(?:half|halves|thirds?|quarters?|fifths?|tenths?)"

# --- units --------------------------------------------------------------------------------------------------

_PERIOD = r"(?:minute|hour|day|night|week|weekend|fortnight|month|year|decade)"
_TIME = rf"(?:second|{_PERIOD})s?"
_MEASURE = (
    r"(?:%|per\s?cent|percentage|points?|degrees?|°\s?C?|(?:international\s)?units?|IU|U|mg|mcg|[µμ]g|kg|g|ml"
    r"|mm|cm|times|grades?|levels?)"
)
_DONE = r"(?:injections?|needles?|pricks?|jabs?|shots?|doses?|sessions?)"
_COUNTED = (
    r"(?:sites?|rounds?|treatments?|cycles?|visits?|muscles?|people|persons?|patients?|adults?|children|women"
    r"|men|volunteers|participants|sufferers|studies|study|trials?|cases?|headaches?|attacks?|migraines?|spasms?"
    r"|breakouts?)"
)
UNIT = rf"(?:{_TIME}|{_MEASURE}|{_DONE}|{_COUNTED})"
_SHORT_UNIT = r"(?:h|hrs?|mins?|secs?|wks?|mths?|mos?|yrs?|[x×])"

# Up to two words may describe what is counted ("31 very small injections"), none that begins something else.
_GRAMMAR = (
    r"(?:is|are|was|were|be|been|has|have|had|do|does|did|may|might|can|could|will|would|of|in|on|at|to|for|from"
    r"|by|with|about|after|before|than|as|the|an?|and|or|but|that|which|who|when|where|if|it|its|you|your|we|our"
    r"|they|their|this|these|those|not|so|too|more|brand|kind|thing|way)"
)
_BETWEEN = rf"(?:(?:[\s-]+(?!{_GRAMMAR}\b)[^\W\d][\w'’]*){{0,2}}?[\s-]+|(?<=[\d{_VULGAR}]))"
_FULL = r"(?:full|whole|good|further|single|calendar)"

FIGURE = re.compile(
    "|".join(
        [
            # three months, 6–9 months, 31 small injections, 20-minute, 9 of the 28 patients, 94%
            rf"\b{AMOUNT}\+?{_BETWEEN}{UNIT}(?!\w)",
            rf"\b{AMOUNT}\+?\s?{_SHORT_UNIT}(?!\w)",
            rf"\b{NUMBER}\s+of\s+(?:the|our|these|those|all)\s+(?:{NUMBER}\s+)?(?:[^\W\d]\w*\s+)?"
            rf"{_COUNTED}(?!\w)",
            r"\b(?:dozens|hundreds|thousands|millions)\s+of\b",
            # 9 in 10, one in five, three out of 20
            rf"\b{NUMBER}\s+(?:in|out\s+of|of)\s+(?:every\s+)?{NUMBER}\b",
            # two thirds, one-third, a quarter of, half the patients, half a year, 2/3, about half
            rf"\b{NUMBER}[\s-]{_SHARE}\b",
            rf"\b(?:an?\s+)?{_SHARE}\s+(?:of\s+)?(?:the\s+|all\s+|our\s+|those\s+)?(?:\w+\s+)?{_COUNTED}(?!\w)",
            r"\b(?:an?\s+)?(?:third|quarter|fifth|tenth|half)\s+of\b"
            r"(?!\s+(?:the|your|their|a)\s+(?:face|body|head|forehead|lip))",
            rf"\bhalf[\s-]+(?:an?[\s-]+)?(?:{_PERIOD}|dose)s?\b",
            r"\b\d{1,2}/\d{1,2}\b",
            r"\b(?:nearly|about|over|almost|more than|at least|less than|around|by)\s+(?:a\s+)?"
            r"(?:half|third|quarter)\b(?!\s+(?:party|parties|person))",
            # a year, for an hour, within the week, the first week, the second month
            rf"(?<!such )(?<!what )\ban?\s+(?:{_FULL}\s+)?(?!minute){_PERIOD}\b"
            r"(?!\s+(?:when|that|to|out|off|guard|cream|shift)\b)",
            r"\b(?:for|takes?|lasts?|in|within|under|about|after)\s+(?:an?|the)\s+(?:minute|second)\b(?!\s+[^\W\d])",
            rf"\b(?:within|inside|under)\s+(?:the|that|this|one's)\s+(?:same\s+)?{_PERIOD}\b",
            r"\b(?:in|within|by|on|from|during|after|over|for)\s+(?:the|your|its)\s+"
            r"(?:first|second|third|fourth|fifth|sixth|eighth|tenth|twelfth|last|\d+(?:st|nd|rd|th))\s+"
            rf"(?:few\s+)?{_PERIOD}s?\b",
            # a few weeks, several small injections, a couple of days, days to weeks, for months, within days
            rf"\b(?:couple\s+of|few|several|handful\s+of)\s+(?:\w+\s+)?(?:{_TIME}|{_DONE}|units)(?!\w)",
            rf"\b(?:{_PERIOD}s)\s+(?:to|or|and)\s+(?:{_PERIOD}s)\b",
            r"\b(?:within|in|takes?|lasts?|lasting|(?:lasts?|lasting|works?|helps?)\s+for)\s+"
            rf"(?:just\s+|only\s+)?{_PERIOD}s\b(?!\s+off\b)",
            r"\bfor\s+(?:just\s+|only\s+)?(?:hours|days|weeks|months)\b",
            # every week, twice a day, a few times a month, monthly, ten times
            rf"\b(?:every|each)\s+(?:other\s+|second\s+|third\s+)?{_PERIOD}\b",
            rf"\b(?:once|twice|thrice|times)\s+(?:an?|per|each|every)\s+{_PERIOD}\b",
            r"\b(?:hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annually)\b"
            r"(?!\s+(?:life|living|lives|routines?|tasks?|activities|things|newspaper))",
            # since 1990, the 2011 decision, aged twelve, over 65, in your forties, 18 or older, a BMI of 30
            r"\b(?:19|20)\d\d(?:s|['’]s)?\b",
            rf"\b(?:age|aged|ages)\s+(?:of\s+|about\s+|around\s+)?{NUMBER}\b",
            rf"\b(?:over|under)[\s-](?:the\s+age\s+of\s+)?(?:\d{{1,3}}|{_TENS_WORD}|\w+teen)s?\b",
            r"\b(?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)\b",
            rf"\b{NUMBER}\s+(?:and|or)\s+(?:over|above|older|under|younger)\b",
            r"\b(?:phase|grade|stage|level|score|BMI|week|day|month|year)\s+(?:of\s+)?\d+\b",
            # p<0.05, n = 20, twice as many, doubled, tenfold
            r"\b[pn]\s?[=<>≤≥]\s?[\d.,]+",
            r"\b(?:twice|double|triple)\s+(?:as|the|that)\b|\b(?:doubled|doubling|halved|halving|tripled|trebled)\b",
            rf"\b{NUMBER}[\s-]?fold\b",
        ]
    ),
    re.I,
)

# Ordinary speech: a number word that counts no measurement.
_ORDINARY = re.compile(
    r"one\s+(?:(?:small|large|big|other|more|single)\s+)?"
    r"(?:trial|study|site|person|treatment|visit|muscle|patient|case|round|level|point|headache|attack)|one\s+of\s+.+",
    re.I,
)


def _is_ordinary(match: re.Match[str]) -> bool:
    """“One person may …”, “one of two ways”, and “one day” at the start of a sentence (some day)."""
    if match[0].casefold() == "one day":
        return not match.string[: match.start()].strip()
    return bool(_ORDINARY.fullmatch(match[0]))


def figures_in(text: str) -> list[str]:
    """The medical figures of a sentence, as they're written."""
    found, position = [], 0
    folded = fold(text)
    while match := FIGURE.search(folded.text, position):
        if _is_ordinary(match):
            position = match.start() + 1  # a real figure may begin inside
        else:
            found.append(folded.shown(*match.span()).strip())
            position = match.end()
    return found


def digits_in(text: str) -> list[str]:
    """Numbers in digits that are neither money nor part of a name (B12, COVID-19)."""
    return re.findall(r"(?<![\w$£€.,-])\d+(?:[.,:]\d+)*(?![\w-])", text)


def sentences(text: str) -> list[str]:
    """The sentences of plain text; a line break ends one too."""
    out: list[str] = []
    for line in text.splitlines():
        start = 0
        for match in re.finditer(r"[.?!…]+[\"”’)\]]*\s+(?=[\"“‘(\[]*[A-ZÀ-Þ0-9⟦⟪])", line):
            piece = line[start : match.end()].strip()
            is_number = line[match.end()].isdigit() and re.search(r"\bno\.\Z", piece, re.I)
            if is_number or ABBREVIATION.search(piece):
                continue
            out.append(piece)
            start = match.end()
        if rest := line[start:].strip():
            out.append(rest)
    return out

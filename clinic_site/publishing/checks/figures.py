"""Finding medical figures in running text: digits and number words that stand with a medical unit."""

import re

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_BIG = "hundred thousand million dozen".split()
_FRACTION = r"half|quarter|third|thirds|halves|quarters"
_VAGUE = r"couple of|few|several"

NUMBER_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[:9])}))?|{'|'.join(_ONES + _BIG)})"
NUMBER = rf"(?:[-−+<>≤≥~]?\d[\d,.]*(?:\s?½|\s?¼|\s?¾)?|[½¼¾]|{NUMBER_WORD}(?:[ -](?:and[ -]a[ -]half|{'|'.join(_BIG)}))*)"
TO = r"\s*(?:-|–|—|to|or|and|out of)\s*"
RANGE = rf"{NUMBER}(?:{TO}{NUMBER})*"

TIME = r"(?:second|minute|hour|day|week|fortnight|month|year|decade)s?(?:'|’)?"
UNIT = (
    rf"(?:{TIME}|%|per\s?cent|percent|percentage points?|units?|U\b|injections?|needles?|shots?|jabs?|pricks?|sites?|doses?|"
    r"rounds?|sessions?|treatments?|cycles?|visits?|people|persons?|patients?|adults?|children|women|men|studies|trials?|"
    r"times|fold|points?|mg|mcg|µg|g|ml|mL|mm|cm|muscles?|grades?|steps?|headache days?|migraine days?|cases?)"
)
# up to two words between the number and its unit, and never the tail of a word as a unit ("one warning" has no g)
BETWEEN = r"(?:[\s-]+[\w'’-]+){0,2}?(?:[\s-]+|(?<=\d))"

_PATTERNS = [
    # 6 months, three to four tiny injections, 31 small shots, 20-minute
    rf"\b{RANGE}\+?{BETWEEN}{UNIT}(?!\w)",
    # 94%, 94 per cent
    r"\d[\d,.]*\s?(?:%|per\s?cent)",
    # half a year, a quarter of an hour, half of people, two thirds of patients, a third
    rf"\b(?:a |an |one |two |three )?(?:{_FRACTION})[\s-](?:of\s)?(?:a\s|an\s|the\s|all\s|our\s)?(?:[\w'’-]+\s)?{UNIT}(?!\w)",
    rf"\b(?:{_FRACTION})[\s-]an?[\s-](?:hour|day|week|month|year)\b",
    r"\b(?:nearly|about|over|almost|more than|at least|less than|around|by)\s+(?:a\s+)?(?:half|third|quarter)\b",
    # up to a year, for a month, within the week, lasts a year
    rf"\b(?:up to|for|within|after|about|around|nearly|over|every|lasts?|takes?|in|once|than|under|least|most)\s+"
    rf"(?:a|an|the|another)\s+(?:full\s+|whole\s+|good\s+)?{TIME.replace('s?', '')}\b",
    # every week, twice a day, monthly, yearly, once a year
    r"\b(?:every|each)\s+(?:other\s+)?(?:day|week|month|year)\b",
    r"\b(?:once|twice|thrice)\s+(?:a|per|each|every|an?)\s+\w+",
    r"\b(?:hourly|daily|weekly|fortnightly|monthly|yearly|annually)\b",
    # 9 in 10, one in five, 1 out of 20
    rf"\b{NUMBER}\s+(?:in|out of|of)\s+(?:every\s+)?{NUMBER}\b",
    # a few weeks, several months, a couple of days, weeks to months
    rf"\b(?:{_VAGUE})\s+{TIME}\b",
    r"\b(?:days|weeks|months)\s+(?:to|or)\s+(?:weeks|months|years)\b",
    # approved in 2011, since 1990, in 2004
    r"\b(?:approved|licen[cs]ed|authori[sz]ed|launched|first used|since|in|from|until|before|after|by)\s+"
    r"(?:\w+\s+){0,3}(?:19|20)\d\d\b",
    # at age 40, aged 12, over 65s, around age forty
    rf"\b(?:age|aged|ages|over|under)\s+(?:of\s+)?{NUMBER}\b",
    # p<0.05, RR 4.0, n=20
    r"\b[pn]\s?[=<>]\s?[\d.,]+",
    # double, twice as many, three times as
    r"\b(?:twice|double|triple)\s+(?:as|the|that)\b",
]
FIGURE = re.compile("|".join(f"(?:{p})" for p in _PATTERNS), re.I)

# A number word with a plain noun is ordinary speech, not a figure.
_ORDINARY = re.compile(
    r"\A(?:one|two|a)\s+(?:of|brand|thing|kind|reason|way|time only|step at a time|site only)\b"
    r"|\Aone\s+(?:trial|study|site|person|treatment|visit|day|muscle|patient)\Z"
    r"|\Aone\s+small\s+(?:trial|study)\Z"
    r"|\A(?:twice|double)\s+the\s+check\b"
    r"|\bone\s+(?:and|or)\s+(?:the\s+)?(?:same|other)\b"
    r"|\A(?:in|by|from)\s+(?:the\s+)?(?:end|past)\b",
    re.I,
)


def figures_in(text: str) -> list[str]:
    """The medical figures of a sentence, as they're written."""
    return [m[0].strip() for m in FIGURE.finditer(text) if not _ORDINARY.search(m[0].strip())]


_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|e\.g|i\.e|vs|No|approx|etc)\.\Z", re.I)


def sentences(text: str) -> list[str]:
    """The sentences of plain text; a line break ends one too."""
    out: list[str] = []
    for line in text.splitlines():
        start = 0
        for match in re.finditer(r"[.?!…]+[\"”’)]*\s+(?=[A-Z0-9\"“‘(\[])", line):
            piece = line[start : match.end()].strip()
            if _ABBREVIATION.search(piece):
                continue
            out.append(piece)
            start = match.end()
        if rest := line[start:].strip():
            out.append(rest)
    return out

"""Finding words that promise, deny or boast more than a clinic may."""

import re
from collections.abc import Iterator

from clinic_site.text.folding import fold

_ADJECTIVE = r"(?:long[- ]?term|long[- ]?lasting|lasting|permanent|perfect|ideal|ultimate|proven)"

# Each row: why patients should not read it from a clinic, and the patterns of the words.
# A promise that is denied in the same breath ("it is not a cure") is no promise; boasts know no excuse.
_PROMISES = (
    ("it lasts a while and is repeated", r"cur(?:e|es|ed|ing|ative)"),
    ("lines soften, they don't go", r"eras(?:e|es|ed|ing|ure)"),
    (
        "the effect fades",
        r"permanent(?:ly)?",
        r"for\s+good(?!\s+(?:reason|measure|care))",
        r"for\s*ever",
        r"once\s+and\s+for\s+all",
    ),
    (
        "each treatment has risks; say which",
        r"safe(?:ly)?(?!\s+(?:for\s+most\s+people|to\s+(?:drive|travel|return)|place|distance))",
    ),
    ("nobody can promise a result", r"guarantee(?:s|d|ing)?", r"assured?\s+results?"),
    (
        "it reduces; write “reduces”",
        r"stops(?!\s+(?:working|helping|being|when|if|and)\b)",
        r"stop(?:s|ped|ping)?\s+(?:\S+\s+){1,4}?from\b",
        r"stop(?:ped|ping)?\s+(?:(?:the|your|their|all|those|any)\s+)?(?:\w+\s+)?"
        r"(?:pains?|sweat\w*|headaches?|migraines?|spasms?|twitch\w*|grinding|clenching|blinking|wrinkles?|lines"
        r"|age?ing|oil|acne)",
    ),
    (
        "it reduces; it doesn't remove",
        r"get(?:s|ting)?\s+rid\s+of",
        r"eliminat(?:e|es|ed|ing)",
        r"banish(?:es|ed|ing)?",
        r"melt(?:s|ing)?\s+away",
        r"smooth(?:s|ing)?\s+away",
        r"wip(?:e|es|ed|ing)\s+(?:out|away)",
        r"vanish(?:es|ed|ing)?",
    ),
    (
        "the effect fades and treatment is repeated",
        rf"{_ADJECTIVE}\s+(?:solutions?|answers?|fix|remedy|relief)",
        r"(?:is|are|be)\s+the\s+(?:\w+\s+)?(?:solution|answer\s+to)",
    ),
    (
        "it takes days to work",
        r"(?:instant|immediate|overnight)\s+(?:results?|relief|effects?|lift|change)",
        r"(?:works?|smooths?|lifts?)\s+instantly",
    ),
)
_DENIALS = (
    (
        "each treatment has some",
        r"(?:no|without|zero|free\s+(?:of|from))\s+(?:any\s+|known\s+|real\s+|serious\s+)?side[- ]effects?",
        r"side[- ]effect[- ]free",
    ),
    (
        "each treatment has risks",
        r"risk[- ]free",
        r"(?:no|without|zero)\s+(?:any\s+|known\s+|real\s+|serious\s+)?risks?",
    ),
    ("needles sting", r"pain(?:less(?:ly)?|[- ]free)"),
    ("each treatment has risks", r"harmless"),
)
_BOASTS = (
    (
        "nobody has measured it",
        r"years\s+off",
        r"off\s+(?:\w+\s+)?years",
        r"years\s+younger",
        r"look(?:s|ing)?\s+(?:\w+\s+)?younger",
        r"younger[- ]looking",
        r"youthful",
        r"rejuvenat\w+",
        r"anti[- ]?ag(?:e|eing|ing)",
        r"turn\w*\s+back\s+(?:the\s+clock|time)",
    ),
    (
        "a comparison that can't be proved",
        r"best(?!\s+(?:before\b|interests?\b|wishes\b|regards\b|time\s+to\s+(?:call|ring|reach)))",
        r"finest|unrivalled|unbeatable|unmatched",
        r"leading(?!\s+(?:to|cause|causes|theory|up|into|from)\b)",
        r"number\s+one|world[- ]class|top[- ]rated|second\s+to\s+none|foremost|premier",
    ),
    (
        "it sells, it doesn't inform",
        r"miracle|miraculous|magic(?:al)?|revolutionary|breakthrough|amazing|incredible|wonder\s+drug",
        r"game[- ]changer|state[- ]of[- ]the[- ]art|cutting[- ]edge|transform(?:s|ed|ing)?\s+your|dream",
        r"flawless|stunning|effortless(?:ly)?",
    ),
)
# "at its best" is a time, "at best" a limit, "it is best to wait" advice; "the best to ask" and "our best to
# date" boast
_HARMLESS = re.compile(
    r"\bat\s+(?:(?:its|their|your)\s+)?best\b|\b(?:do|did|does|doing)\s+(?:your|their|our|its)\s+best\b"
    r"|(?<!the\s)(?<!our\s)\bbest\s+(?:not\s+)?to\b(?!\s+date\b)",
    re.I,
)
_FEW_WORDS = r"(?:(?!(?:and|but|so|yet|because|only|just|merely)\b)[\w']+\s+){0,5}\Z"
_DENIED = re.compile(
    rf"(?:\b(?:not|never|cannot|nobody|nothing|neither|nor|no|none|unlikely)|n't)\s+{_FEW_WORDS}", re.I
)
# "until it is safe to come back": nobody says that it is
_OPEN = re.compile(rf"\b(?:until|whether|when|if|how)\s+{_FEW_WORDS}", re.I)
_ASKED = re.compile(rf"\b(?:will|would|can|could|does|do|is|are|should)\s+{_FEW_WORDS}", re.I)


def _is_no_promise(before: str, word: str, sentence: str) -> bool:
    """Whether the words before it deny a promise, ask for it, or leave it open."""
    return bool(
        _DENIED.search(before)
        or (sentence.rstrip("”\"') ").endswith("?") and _ASKED.search(before))
        or (word.lower().startswith("safe") and _OPEN.search(before))
    )


def _compiled(rows: tuple[tuple[str, ...], ...]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(rf"\b(?:{'|'.join(patterns)})(?!\w)", re.I), why) for why, *patterns in rows]


PROMISES, BOASTS = _compiled(_PROMISES + _DENIALS), _compiled(_BOASTS)


# figures and capitals that stand in a word for the letter that they look like, as "fIawless" and "f0rever"
_IN_A_WORD = re.compile(r"(?<=[a-z])[I01|]+(?![A-Z0-9|])|(?<![A-Z0-9|])[01|]+(?=[a-z])")
_AS_L, _AS_I = str.maketrans("I01|", "loll"), str.maketrans("I01|", "ioii")


def readings(text: str) -> list[str]:
    """A folded text as it can be read: as it stands, and with each figure in a word as a letter. All are of
    one length.
    """
    if not _IN_A_WORD.search(text):
        return [text]
    as_l = _IN_A_WORD.sub(lambda found: found[0].translate(_AS_L), text)
    return [text, as_l, _IN_A_WORD.sub(lambda found: found[0].translate(_AS_I), text)]


def banned_in(sentence: str) -> list[tuple[str, str]]:
    """(word, why) for each banned word of a sentence, as it stands there."""
    folded = fold(sentence)
    found = [place for text in readings(folded.text) for place in _banned_places(text)]
    return [(folded.shown(start, end), why) for start, end, why in dict.fromkeys(found)]


def _banned_places(text: str) -> Iterator[tuple[int, int, str]]:
    text = _HARMLESS.sub(lambda m: "·" * len(m[0]), text)
    for pattern, why in PROMISES:
        for match in pattern.finditer(text):
            if not _is_no_promise(text[: match.start()], match[0], text):
                yield *match.span(), why
    for pattern, why in BOASTS:
        for match in pattern.finditer(text):
            yield *match.span(), why

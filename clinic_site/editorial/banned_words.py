"""Finding words that promise, deny or boast more than a clinic may."""

import re

_ADJECTIVE = r"(?:long[- ]?term|long[- ]?lasting|lasting|permanent|perfect|ideal|ultimate|proven)"

# Each entry: words (a pattern) -> why patients should not read them from a clinic.
# A promise that is denied in the same breath ("it is not a cure") is no promise; boasts know no excuse.
PROMISES = {
    r"cur(?:e|es|ed|ing|ative)": "it lasts a while and is repeated",
    r"eras(?:e|es|ed|ing|ure)": "lines soften, they don't go",
    r"permanent(?:ly)?|for\s+good(?!\s+(?:reason|measure|care))|for\s*ever|once\s+and\s+for\s+all": "the effect fades",
    r"safe(?:ly)?(?!\s+(?:for\s+most\s+people|to\s+(?:drive|travel|return)|place|distance))": (
        "each treatment has risks; say which"
    ),
    r"guarantee(?:s|d|ing)?|assured?\s+results?": "nobody can promise a result",
    r"stops(?!\s+(?:working|helping|being|when|if|and)\b)|stop(?:s|ped|ping)?\s+(?:\S+\s+){1,4}?from\b"
    r"|stop(?:ped|ping)?\s+(?:(?:the|your|their|all|those|any)\s+)?(?:\w+\s+)?"
    r"(?:pains?|sweat\w*|headaches?|migraines?|spasms?|twitch\w*|grinding|clenching|blinking|wrinkles?|lines|age?ing|oil|acne)": (
        "it reduces; write “reduces”"
    ),
    r"get(?:s|ting)?\s+rid\s+of|eliminat(?:e|es|ed|ing)|banish(?:es|ed|ing)?|melt(?:s|ing)?\s+away|smooth(?:s|ing)?\s+away"
    r"|wip(?:e|es|ed|ing)\s+(?:out|away)|vanish(?:es|ed|ing)?": "it reduces; it doesn't remove",
    rf"{_ADJECTIVE}\s+(?:solutions?|answers?|fix|remedy|relief)|(?:is|are|be)\s+the\s+(?:\w+\s+)?(?:solution|answer\s+to)": (
        "the effect fades and treatment is repeated"
    ),
    r"(?:instant|immediate|overnight)\s+(?:results?|relief|effects?|lift|change)|(?:works?|smooths?|lifts?)\s+instantly": (
        "it takes days to work"
    ),
}
DENIALS = {
    r"(?:no|without|zero|free\s+(?:of|from))\s+(?:any\s+|known\s+|real\s+|serious\s+)?side[- ]effects?|side[- ]effect[- ]free": (
        "each treatment has some"
    ),
    r"risk[- ]free|(?:no|without|zero)\s+(?:any\s+|known\s+|real\s+|serious\s+)?risks?": "each treatment has "
    "risks",
    r"pain(?:less(?:ly)?|[- ]free)": "needles sting",
    r"harmless": "each treatment has risks",
}
BOASTS = {
    r"years\s+off|off\s+(?:\w+\s+)?years|years\s+younger|look(?:s|ing)?\s+(?:\w+\s+)?younger|younger[- ]looking|youthful|"
    r"rejuvenat\w+|anti[- ]?ag(?:e|eing|ing)|turn\w*\s+back\s+(?:the\s+clock|time)": "nobody has measured it",
    r"best(?!\s+(?:before\b|interests?\b|wishes\b|regards\b|time\s+to\s+(?:call|ring|reach)))|finest|unrivalled|unbeatable|unmatched|"
    r"leading(?!\s+(?:to|cause|causes|theory|up|into|from)\b)|number\s+one|world[- ]class|top[- ]rated|second\s+to\s+none|"
    r"foremost|premier": "a comparison that can't be proved",
    r"miracle|miraculous|magic(?:al)?|revolutionary|breakthrough|amazing|incredible|wonder\s+drug|game[- ]changer|"
    r"state[- ]of[- ]the[- ]art|cutting[- ]edge|transform(?:s|ed|ing)?\s+your|dream|flawless|stunning|effortless(?:ly)?": (
        "it sells, it doesn't inform"
    ),
}
# "at its best" is a time, "at best" a limit, and "it is best to wait" advice; "the best to ask" and "our best
# to date" boast
_HARMLESS = re.compile(
    r"\bat\s+(?:(?:its|their|your)\s+)?best\b|\b(?:do|did|does|doing)\s+(?:your|their|our|its)\s+best\b"
    r"|(?<!the\s)(?<!our\s)\bbest\s+(?:not\s+)?to\b(?!\s+date\b)",
    re.I,
)
_FEW_WORDS = r"(?:(?!(?:and|but|so|yet|because|only|just|merely)\b)[\w'’]+\s+){0,5}\Z"
_DENIED = re.compile(
    rf"(?:\b(?:not|never|cannot|nobody|nothing|neither|nor|no|none|unlikely)|n['’]t)\s+{_FEW_WORDS}", re.I
)
# "until it is safe to come back": nobody says that it is
_OPEN = re.compile(rf"\b(?:until|whether|when|if|how)\s+{_FEW_WORDS}", re.I)
_ASKED = re.compile(rf"\b(?:will|would|can|could|does|do|is|are|should)\s+{_FEW_WORDS}", re.I)


def _is_no_promise(before: str, word: str, sentence: str) -> bool:
    """Whether the words before it deny a promise, ask for it, or leave it open."""
    return bool(
        _DENIED.search(before)
        or (sentence.rstrip('”"’) ').endswith("?") and _ASKED.search(before))
        or (word.lower().startswith("safe") and _OPEN.search(before))
    )


def _patterns(words: dict[str, str]) -> list[tuple[re.Pattern, str]]:
    return [(re.compile(rf"\b(?:{pattern})(?!\w)", re.I), why) for pattern, why in words.items()]


_PROMISES, _BOASTS = _patterns({**PROMISES, **DENIALS}), _patterns(BOASTS)


def banned_in(sentence: str) -> list[tuple[str, str]]:
    """(word, why) for each banned word of a sentence."""
    text = _HARMLESS.sub(lambda m: "·" * len(m[0]), sentence)
    promises = [
        (match[0], why)
        for pattern, why in _PROMISES
        for match in pattern.finditer(text)
        if not _is_no_promise(text[: match.start()], match[0], text)
    ]
    return promises + [(match[0], why) for pattern, why in _BOASTS for match in pattern.finditer(text)]

"""Finding words that promise, deny or boast more than a clinic may."""

import re
from collections.abc import Iterator, Sequence

from clinic_site.text.folding import fold

_ADJECTIVE = r"(?:long[- ]?term|long[- ]?lasting|lasting|permanent|perfect|ideal|ultimate|proven)"

_COMPLAINTS = (
    r"(?:pains?|sweat\w*|headaches?|migraines?|spasms?|twitch\w*|grinding|clenching|blinking|wrinkles?|lines"
    r"|age?ing|oil|acne)"
)
_NO = r"(?:no|not\s+any|without|zero|nil|free\s+(?:of|from))"

# Each row: why patients should not read it from a clinic, and the patterns of the words.
# A promise that is denied in the same breath ("it is not a cure") is no promise; boasts know no excuse.
_PROMISES = (
    ("it lasts a while and is repeated", r"cur(?:e|es|ed|ing|ative)"),
    ("lines soften, they don't go", r"eras(?:e|es|ed|ing|ure)"),
    (
        "the effect fades",
        r"permanent(?:ly)?",
        r"for\s+good(?!\s+(?:reason|measure|care))",
        r"for\s*ever|ever[- ]?lasting|life[- ]?long\s+(?:results?|effects?|relief|fix|cure)",
        r"never\s+(?:comes?|coming|goes|going)\s+back|never\s+returns?",
        r"once\s+and\s+for\s+all",
    ),
    (
        "each treatment has risks; say which",
        r"safe(?:ly|st)?(?!\s+(?:for\s+most\s+people|to\s+(?:drive|travel|return)|place|distance))",
    ),
    (
        "nobody can promise a result",
        r"guarantee(?:s|d|ing)?",
        r"assured?\s+results?",
        r"100\s?%\s+(?:effective|safe|success\w*|natural|proven)",
        r"(?:always|never\s+fails\s+to)\s+works?|works?\s+(?:every\s+time|for\s+every(?:one|body))",
    ),
    (
        "it reduces; write “reduces”",
        r"stops(?!\s+(?:working|helping|being|when|if|and)\b)",
        r"stop(?:s|ped|ping)?\s+(?:\S+\s+){1,4}?from\b",
        rf"stop(?:ped|ping)?\s+(?:(?:the|your|their|all|those|any)\s+)?(?:\w+\s+)?{_COMPLAINTS}",
        rf"(?:ends?|ended|halts?|halted)\s+(?:(?:the|your|their|all|any)\s+)?{_COMPLAINTS}",
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
        rf"remov(?:es?|ed|ing)\s+(?:(?:the|your|their|all|any)\s+)?(?:\w+\s+)?{_COMPLAINTS}",
        rf"no\s+more\s+(?:\w+\s+)?{_COMPLAINTS}",
        r"(?:wrinkle|line|sweat|headache|migraine)[- ]free",
    ),
    (
        "the effect fades and treatment is repeated",
        rf"{_ADJECTIVE}\s+(?:solutions?|answers?|fix|remedy|relief)",
        r"(?:is|are|be)\s+the\s+(?:\w+\s+)?(?:solution|answer\s+to)",
    ),
    (
        "it takes days to work",
        r"(?:instant|immediate|overnight)\s+(?:results?|relief|effects?|lift|change)",
        r"(?:works?|smooths?|lifts?)\s+(?:instantly|immediately|at\s+once|overnight)",
    ),
)
_DENIALS = (
    (
        "each treatment has some",
        rf"{_NO}\s+(?:any\s+|known\s+|real\s+|serious\s+)?(?:\w+\s+(?:and|or)\s+)?"
        r"(?:side[- ]effects?|adverse\s+(?:effects?|reactions?|events?)|complications?|downtime)"
        r"(?!\s+(?:\w+\s+){0,2}(?:reported|seen|found|recorded|counted))",
        r"side[- ]effect[- ]free",
        r"side[- ]effects?\s*[:-]\s*none",
    ),
    (
        "each treatment has risks",
        r"risk[- ]free",
        rf"{_NO}\s+(?:any\s+|known\s+|real\s+|serious\s+)?risks?",
    ),
    (
        "needles sting",
        r"pain(?:less(?:ly)?|[- ]free)",
        r"(?<!had\s)(?:no|without|zero)\s+(?:any\s+)?pain(?!\s+or\b)",
    ),
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
        r"(?:number|no\.?)\s*(?:one|1)\b|#\s*1\b|award[- ]winning|top\s+(?:clinic|doctor|choice|expert)s?",
        r"world[- ]class|top[- ]rated|second\s+to\s+none|foremost|premier",
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
# "no doubt that it is safe", "nobody denies": said twice over, no denial
_DENIED = re.compile(
    rf"(?:\b(?:not|never|cannot|nobody|nothing|neither|nor|no|none|unlikely)|n't)\s+"
    rf"(?!(?:\w+\s+){{0,2}}(?:doubts?|questions?|questioned|den(?:y|ies|ied)|disputes?)\b){_FEW_WORDS}",
    re.I,
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
    # a hyphen may be left out, a space, or any sign that somebody puts there
    joined = [
        (why, "|".join(patterns).replace("[- ]?", "[- ]").replace("[- ]", r"[\W_]{0,3}"))
        for why, *patterns in rows
    ]
    return [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.I), why) for why, pattern in joined]


PROMISES, BOASTS = _compiled(_PROMISES + _DENIALS), _compiled(_BOASTS)


# figures, signs and capitals that stand in a word for the letter that they look like: "fIawless", "f0rever"
# and "cur3s"
_IN_A_WORD = re.compile(
    r"(?<=[a-z])[I013457|@$€]+(?![A-Z0-9|])|(?<![A-Z0-9|])[0134578|@$€]+(?=[a-z])|(?<=[A-Z])[0134|@€]+(?=[A-Z])"
)
_AS_L, _AS_I = (str.maketrans("I013457|@$€", letters) for letters in ("loleastlase", "ioieastiase"))
# a sign in a word, as "harm-less"; a word letter by letter, as "c u r e"
_SPLIT = re.compile(r"(?<=[A-Za-z])[-./_*•·+~](?=[A-Za-z])")
_SPELLED = re.compile(r"(?<![A-Za-z])(?:[A-Za-z][\W_]{1,2}){2,}[A-Za-z](?![A-Za-z])")


def _with_letters(text: str, letters: dict[int, int]) -> str:
    return _IN_A_WORD.sub(lambda found: found[0].translate(letters), text)


def _divided(text: str) -> set[int]:
    """The places of what divides words, as the signs of "harm-less" and the spaces of "c u r e" do."""
    signs = {match.start() for match in _SPLIT.finditer(text)}
    spelled = {at for match in _SPELLED.finditer(text) for at in range(*match.span())}
    return signs | {at for at in spelled if not text[at].isalpha()}


def _readings(text: str) -> Iterator[tuple[str, Sequence[int]]]:
    """A folded text as it can be read, each with the places in it of the reading's characters: as it stands,
    with each figure in a word as a letter, and with words put together that a sign or space divides.
    """
    alike = [text]
    if _IN_A_WORD.search(text):
        alike += [_with_letters(text, _AS_L), _with_letters(text, _AS_I)]
    for one in alike:
        yield one, range(len(one))
        if dropped := _divided(one):
            left = [at for at in range(len(one)) if at not in dropped]
            yield "".join(one[at] for at in left), left


def banned_in(sentence: str) -> list[tuple[str, str]]:
    """(word, why) for each banned word of a sentence, as it stands there."""
    folded = fold(sentence)
    found = [
        (places[start], places[end - 1] + 1, why)
        for text, places in _readings(folded.text)
        for start, end, why in _banned_places(text)
    ]
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

"""Checks on how urgent a page makes a sign: never less than the warning, and never two ways."""

import re
from collections.abc import Iterator

from clinic_site.editorial.checks import Draft, Findings, Text, rule
from clinic_site.editorial.figures import sentences
from clinic_site.pages.compose import plain
from clinic_site.text.emergency_words import signs_in

_HARD = r"\b(?:trouble|difficult\w*|problems?|hard|unable|can(?:no|['’])t|struggl\w+)\b"


def _hard_to(done: str) -> str:
    """Trouble doing it, or doing it that is hard."""
    return rf"{_HARD}[^.;]{{0,40}}\b{done}|\b{done}[^.;]{{0,25}}{_HARD}"


# each sign by its name, in the ways that people write it
_WAYS = {
    "trouble breathing": (
        _hard_to(r"breath\w*"),
        r"\bbreathless",
        r"\bshort(?:ness)?\s+of\s+breath",
        r"\bwheez",
    ),
    "trouble swallowing": (_hard_to(r"swallow\w*"), r"\bchok(?:es?|ed|ing)\b"),
    "trouble speaking": (
        _hard_to(r"(?:speak|speech|talk)\w*"),
        r"\bslurred\b",
        r"\bhoarse",
        r"\blost\s+voice\b",
    ),
    "weakness": (r"\bweak\w*[^.;]{0,20}\b(?:all\s+over|whole\s+body)", r"\bloss\s+of\s+strength\b"),
    "double vision": (
        r"\b(?:double|blurred|blurry)\b[^.;,]{0,20}\b(?:vision|sight)\b",
        r"\bsee(?:ing)?\s+double\b",
    ),
    "loss of the bladder's control": (r"\bbladder\b",),
    "chest pain": (r"\bchest\s+pain\b", r"\bpain\s+in\s+(?:the|your)\s+chest\b"),
    "the worst headache": (
        r"\b(?:worst|sudden\w*)\b[^.;]{0,30}\bheadaches?\b",
        r"\bheadaches?\b[^.;]{0,40}\b(?:worst|sudden)\b",
    ),
    "a headache after a head injury": (r"\bhead\s+injur",),
    "a stiff neck with fever": (
        r"\b(?:fever|temperature|rash)\b[^.;]{0,40}\bstiff\s+neck\b",
        r"\bstiff\s+neck\b[^.;]{0,40}\b(?:rash|fever)\b",
    ),
    "a seizure or confusion": (r"\bseizures?\b", r"\bconfus(?:ed|ion)\b"),
    "a red eye": (r"\bred\s+eyes?\b", r"\beyes?\b[^.;,]{0,15}\bred\b"),
    "a painful eye": (r"\beye\s+pain\b", r"\bpain\s+in\s+(?:the|your|an?)\s+eyes?\b"),
    "a lid that doesn't close": (r"\blids?\b[^.;,]{0,20}\b(?:not|won['’]t|cannot)\s+close\b",),
    "a locked jaw": (r"\bjaw\b[^.;,]{0,15}\block(?:s|ed)\b", r"\blocked\s+jaw\b", r"\blockjaw\b"),
    "night sweats": (r"\bnight\s+sweats?\b", r"\bsweat\w*\s+at\s+night\b"),
    "a tender scalp": (r"\b(?:tender|sore)\s+scalp\b", r"\bscalp\b[^.;,]{0,10}\b(?:tender|sore)\b"),
}
SIGNS = {name: re.compile("|".join(ways), re.I) for name, ways in _WAYS.items()}
# calling the number, or the warning by its name
_CALLED = re.compile(
    r"\bemergenc(?:y|ies)\b|\bget\s+help\s+now\b|\b(?:911|999|112)\b|\{emergency\}|\bambulance\b", re.I
)
_HELPER = (
    r"(?:us\b|(?:an?|the|your|our)\s+(?:\w+\s+)?(?:doctor|clinic|clinician|GP|nurse|pharmacist|dentist)\b)"
)
# what somebody is told to do, by how soon: the strongest first
_DOING = tuple(
    (urgency, re.compile(pattern, re.I))
    for urgency, pattern in (
        ("at once", r"\b(?:at\s+once|immediately|(?:straight|right)\s+away|now)\b"),
        ("on the same day", r"\b(?:same[\s-]day|today|urgent(?:ly)?|quickly)\b"),
        (
            "when you can",
            rf"\b(?:see|visit|call|ring|phone|contact|ask|tell|e-?mail|message|(?:speak|talk)\s+to)\s+{_HELPER}"
            r"|\bget\s+(?:medical\s+)?(?:help|advice|care)\b|\b(?:doctor|clinic)\b[^.]{0,20}\bsoon\b"
            r"|\blet\s+us\s+know\b|\b(?:book|make|ask\s+for)\s+an?\s+(?:\w+\s+)?(?:check|visit|appointment)\b"
            r"|\b(?:get|have)\s+(?:\w+\s+){1,3}checked\b|\bget\s+checked\b|\bdrop\s+in\b"
            r"|\bcome\s+back\b|\bnext\s+visit\b|\bsee\s+an\s+optician\b|\b(?:ring|call)\s+(?:the\s+)?reception",
        ),
        (
            "not at all",
            r"\bno\s+need\s+to\s+(?:call|worry|come)\b|\bneed\s+not\s+(?:call|worry|come)\b"
            r"|\b(?:nothing|not)\s+to\s+worry\b|\bdo(?:n['’]t|\s+not)\s+worry\b|\bwait\s+(?:a|and|until|some)\b"
            r"|\b(?:usually|often|soon|mostly)\s+pass(?:es)?\b|\bpass(?:es)?\s+(?:by|on)\b|\b(?:is|are)\s+normal\b"
            r"|\btake\s+an\s+antihistamine\b|\bjust\s+rest\b|\brest\s+(?:and|until|for)\b",
        ),
    )
)
_NOT_AT_ALL = _DOING[-1][1]
_SEEKS = re.compile(
    r"\b(?:see|visit|call|ring|phone|contact|ask|tell|speak|talk|get|have|need|seek|go\s+to)\b", re.I
)
# what was, and what is told beforehand, is no sign of today
_BEFORE = re.compile(r"\bpast\b|\bbefore\s+(?:any\s+)?treatment\b|\bhad\b|\bmention\b|\bhistory\b", re.I)
_LISTED = re.compile(r"<p>((?:(?!</p>).)*:)\s*</p>\s*<[uo]l>(.*?)</[uo]l>", re.S)


def _told(text: Text) -> Iterator[str]:
    """Each sentence as patients read it; each line of a list with the sentence that leads to it."""
    yield from sentences(text.words)
    for lead, lines in _LISTED.findall(text.html):
        for line in re.findall(r"<li>(.*?)</li>", lines, re.S):
            yield f"{sentences(Text(text.where, lead).words)[-1]} {Text(text.where, line).words}"


def _urgency(sentence: str) -> str:
    """How soon it tells somebody to get help; empty where it tells nobody that."""
    if _BEFORE.search(sentence):
        return ""
    if _CALLED.search(sentence):
        return "by calling the emergency number"
    seeks = bool(_SEEKS.search(sentence))
    return next(
        (name for name, pattern in _DOING if (seeks or pattern is _NOT_AT_ALL) and pattern.search(sentence)),
        "",
    )


def _signs(sentence: str) -> set[str]:
    """The signs that a sentence names, in the ways that people write them: those of this module, and those
    that bring the emergency number wherever somebody types them.
    """
    return {name for name, pattern in SIGNS.items() if pattern.search(sentence)} | set(signs_in(sentence))


def _warned(draft: Draft) -> set[str]:
    """The signs that the page's own warning names: for those, the emergency number is called."""
    page = draft.page
    lines = [
        *(page.urgent.signs if page.urgent else ()),
        *(page.emergencies.signs if page.emergencies else ()),
    ]
    return {name for line in lines for name in _signs(plain(line))}


@rule(
    title="An emergency told as less than one",
    why="The warning says to call the emergency number for this sign. Somebody who reads “see a doctor” "
    "beside the same sign waits.",
    fix="Say that it's an emergency, or lead to the warning: “see when to get help now”.",
    promise="A sign that can't wait is told with the emergency number wherever it stands.",
)
def emergency_told_as_less(draft: Draft) -> Findings:
    warned = _warned(draft)
    for text in draft.texts():
        for sentence in _told(text):
            urgency = _urgency(sentence)
            if not urgency or "emergency" in urgency:
                continue
            if found := sorted(warned & _signs(sentence)):
                yield text.where, f"{sentence} [{found[0].lower()}: told to get help {urgency}]"


@rule(
    title="One sign with two urgencies",
    why="Somebody with that sign finds two answers, and takes the one that they hoped for.",
    fix="Say once how soon help is needed for it, the sooner one, and leave it out elsewhere.",
    promise="A page never tells two ways how soon a sign needs help.",
)
def sign_with_two_urgencies(draft: Draft) -> Findings:
    told: dict[str, dict[str, tuple[str, str]]] = {}
    warned = _warned(draft)
    for text in draft.texts():
        for sentence in _told(text):
            if urgency := _urgency(sentence):
                for name in SIGNS.keys() - warned:
                    if SIGNS[name].search(sentence):
                        told.setdefault(name, {}).setdefault(urgency, (text.where, sentence))
    for name, ways in sorted(told.items()):
        if len(ways) > 1:
            where, sentence = list(ways.values())[-1]
            yield where, f"{sentence} [{name}: told {', and '.join(ways)}]"

"""Checks on words: what may not be promised, what must be said, how easy it reads."""

import re

from clinic_site.publishing.checks import Draft, rule
from clinic_site.publishing.checks.figures import figures_in, sentences
from clinic_site.publishing.compose import plain

# word or phrase -> why patients should not read it from a clinic
BANNED = {
    r"cur(?:e|es|ed|ing)": "it lasts a while and is repeated",
    r"eras(?:e|es|ed|ing)": "lines soften, they don't go",
    r"permanent(?:ly)?": "the effect fades",
    r"(?:completely |totally |perfectly |entirely )?safe(?!\s+for\s+most\s+people)(?:ly)?": "each treatment has risks; say which",
    r"guarantee(?:s|d)?": "nobody can promise a result",
    r"no side effects?": "each treatment has some",
    r"risk[- ]free|without (?:any )?risks?": "each treatment has risks",
    r"pain(?:less|[- ]free)": "needles sting",
    r"tak(?:e|es|ing) (?:off )?(?:\w+ )?years off(?: \w+)?|taking off years|years younger|look(?:s|ing)? younger": (
        "nobody has measured it"
    ),
    r"best|leading|number one|world[- ]class|top[- ]rated|unrivalled|finest": "a comparison that can't be proved",
    r"long[- ]term solution": "the effect fades and treatment is repeated",
    r"stops(?!\s+(?:working|helping))": "it reduces; write “reduces”",
    r"miracle|magic|revolutionary|breakthrough|amazing|incredible": "it sells, it doesn't inform",
    r"get rid of|gets rid of|getting rid of|eliminat(?:e|es|ed|ing)|banish(?:es)?": "it reduces; it doesn't remove",
}
_BANNED = [(re.compile(rf"\b(?:{pattern})\b", re.I), why) for pattern, why in BANNED.items()]
# turns of phrase in which a listed word promises nothing
_HARMLESS = re.compile(
    r"\b(?:best (?:before|time to (?:call|ring|reach))|stop (?:taking|driving|and)|not (?:safe|a cure|permanent|cure)|"
    r"(?:does|do|did|will|can|could|would|may|might|is|are|was|were)(?: not|n['’]t)\s+"
    r"(?:\w+\s+){0,3}?(?:cure|stop|erase|guarantee|permanent|safe)|"
    r"no (?:cure|guarantee)|nobody can guarantee|nothing (?:is |is ever )?guaranteed)\b",
    re.I,
)


def banned_in(sentence: str) -> list[tuple[str, str]]:
    """(word, why) for each banned word of a sentence."""
    text = _HARMLESS.sub(lambda m: "·" * len(m[0]), sentence)
    return [(m[0], why) for pattern, why in _BANNED for m in pattern.finditer(text)]


@rule(
    title="A word that promises too much",
    why="Advertising words raise hopes that no trial supports, and in most places a clinic may not use them.",
    fix="Say what was measured, and for whom.",
    promise="We don't promise cures, and we don't call ourselves or a treatment the best.",
)
def banned_word(draft: Draft):
    for text in draft.texts():
        for sentence in sentences(plain(text.html)):
            for word, why in banned_in(sentence):
                yield text.where, f"{sentence} [“{word}”: {why}]"


def hard(sentence: str) -> bool:
    """Longer than 25 words: hard to hold in mind at once."""
    return len(re.findall(r"[\w'’-]+", sentence)) > 25


def _syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and len(groups) > 1
    return max(1, len(groups) - silent)


def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade: about the years of school that a text asks for. Add five for an age."""
    spoken = [re.findall(r"[A-Za-z'’]+", s) for s in sentences(text)]
    words = [w for s in spoken for w in s]
    if not words:
        return 0.0
    return 0.39 * len(words) / max(1, len([s for s in spoken if s])) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


@rule(
    title="Hard to read",
    why="Half of all readers lose the thread in a sentence of more than 25 words.",
    fix="Cut it in two, or use shorter words.",
    stops=False,
)
def reading_ease(draft: Draft):
    for text in draft.texts():
        for sentence in sentences(plain(re.sub(r"<sup.*?</sup>", "", text.html, flags=re.S))):
            if hard(sentence):
                yield text.where, sentence


PROMISED_RESULT = re.compile(
    r"\b(?:has been|is|are|have been)\s+(?:widely\s+|always\s+)?recommended\b|\busually\s+(?:controlled|gone|settles)\b|"
    r"\b(?:always|never fails?|every(?:one|body)|all patients)\b|\bmore lifted\b|\blift(?:s|ing)? the (?:\w+ )?face\b",
    re.I,
)


@rule(
    title="A strong statement without a figure",
    why="“Always”, “usually” and “recommended” claim a frequency or an authority that the sentence doesn't show.",
    fix="Say who recommends it, or how many people out of how many, with a claim.",
    stops=False,
    judge=True,
)
def strong_statement(draft: Draft):
    for text in draft.texts():
        for sentence in text.sentences():
            if not sentence.claims and PROMISED_RESULT.search(sentence.raw):
                yield text.where, sentence.shown


def complaints(text: str) -> list[str]:
    """What is wrong with a line that patients read outside editions (a strapline, a testimonial): figures and banned words."""
    found = []
    for sentence in sentences(plain(text or "")):
        found += [f"“{figure}” is a medical figure: it belongs in a signed page." for figure in figures_in(sentence)]
        found += [f"“{word}”: {why}." for word, why in banned_in(sentence)]
    return found

"""Checks on words: what may not be promised, what must be said, how easy it reads."""

import re

from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.checks import Draft, Findings, Help, rule
from clinic_site.editorial.figures import sentences
from clinic_site.editorial.plain_language import hard_because, plainer_in
from clinic_site.text.folding import fold


@rule(
    title="A word that promises too much",
    why="Advertising words raise hopes that no trial supports, and in most places a clinic may not use them.",
    fix="Say what was measured, and for whom.",
    promise="We don't promise cures, and we don't call ourselves or a treatment the best.",
)
def banned_word(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in sentences(text.words):
            if found := banned_in(sentence):
                yield text.where, f"{sentence} [{'; '.join(f'“{word}”: {why}' for word, why in found)}]"


_OFFER = re.compile(
    r"\b(?:refer\s+a\s+friend|special\s+offers?|discount(?:s|ed)?|vouchers?|coupons?|gift\s+cards?|promo\w*\s+codes?|"
    r"free\s+(?:treatment|session|gift|top[- ]up|consultation)|limited\s+(?:time|offer))\b"
    r"|[$£€]\s?\d[\d,.]*\s+(?:off|credit|discount|reward|voucher)\b|\d\s?(?:%|per\s?cent)\s+off\b",
    re.I,
)


@rule(
    title="An offer beside medical words",
    why="Money off for a prescription medicine can push a decision about health, and many places forbid it.",
    fix="Leave it out: offers have their own place, away from treatments and answers.",
    promise="No offer stands on the page of a treatment or in an answer. Only the home page, the lists of "
    "treatments and answers and the page on refer-a-friend may carry one.",
)
def offer(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in sentences(text.words):
            folded = fold(sentence)
            if draft.is_medical and (match := _OFFER.search(folded.text)):
                yield text.where, f"{sentence} [“{folded.shown(*match.span())}”]"


_BRANDS = re.compile(
    r"\b(?:Botox|Dysport|Xeomin|Bocouture|Azzalure|Vistabel|Nuceiva|Letybo|Alluzience|Relfydess)\b", re.I
)


@rule(
    title="A brand in place of the medicine",
    why="One medicine has several brands, and a brand's name is a trade mark and an advertisement.",
    fix="Say “botulinum toxin type A”, and name the brand beside it where readers know it by that.",
    promise="Where we name a brand, we name the medicine too.",
)
def brand_without_medicine(draft: Draft) -> Findings:
    said = fold(" ".join(text.words for text in draft.texts())).text
    brands = dict.fromkeys(match[0].capitalize() for match in _BRANDS.finditer(said))
    if draft.is_medical and brands and not re.search(r"\bbotulinum\s+toxin\b", said, re.I):
        yield "Page", f"It says {', '.join(brands)} and never botulinum toxin."


_CAVEATS = {
    "no comparison group": r"\bno comparison group\b",
    "the dummy figure wasn't in what we read": r"\bdummy\b[^.]{0,40}\bnot (?:in|seen|given)\b"
    r"|\bnot seen the dummy figure\b",
    "nothing was read on it": r"\bno (?:source|study|trial)s?(?: that)? we(?: have)? read\b"
    r"|\bwe have (?:read|found|seen) no\b|\bnobody we read\b",
}
MOST_CAVEATS = 3


@rule(
    title="The same caveat again and again",
    why="A warning that comes with every sentence is read by nobody, and the page grows long with it.",
    fix="Say it once for the whole group: “None of these had a comparison group.” Then take it out of the "
    "single sentences.",
    promise="",
)
def repeated_caveat(draft: Draft) -> Findings:
    said = " ".join(text.words for text in draft.texts())
    for caveat, pattern in _CAVEATS.items():
        if (times := len(re.findall(pattern, said, re.I))) > MOST_CAVEATS:
            yield "Page", f"“{caveat}” is said {times} times."


_ASK_US = re.compile(
    r"\b(?:ask|call|contact|phone|ring)\s+(?:any\s+clinic\b|(?:the|our)\s+clinic\b"
    r"(?!\s+(?:that|which|who|where)\b))",
    re.I,
)


@rule(
    title="“Ask the clinic”, on the clinic's own page",
    why="The reader is here to ask. Sent elsewhere, they take it that nobody knows.",
    fix="Say what the clinic does, or “ask us”.",
)
def ask_the_clinic(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in sentences(text.words):
            if _ASK_US.search(sentence):
                yield text.where, sentence


@rule(
    title="Hard to read",
    why="A sentence of more than 25 words, or with three long words, is hard to hold in mind, most of all "
    "for somebody who is worried.",
    fix="Cut it in two, or use shorter words.",
    stops=False,
)
def reading_ease(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in sentences(text.words):
            if because := hard_because(sentence):
                yield text.where, sentence, Help(because=tuple(because))


@rule(
    title="A plainer word",
    why="The same can be said in a word that everybody knows.",
    fix="Write the plainer word, unless the other one is meant.",
    stops=False,
)
def plainer_word(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in text.sentences():
            if swaps := plainer_in(sentence.own):
                yield text.where, sentence.shown, Help(swaps=tuple(swaps))

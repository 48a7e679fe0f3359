"""Checks on the key facts at the top of a treatment page, beside the part that tells them at length."""

import re
from typing import Any

from clinic_site.editorial.checks import Draft, Findings, Sentence, rule, said_by

# how a sentence speaks of what a key fact says, and the part where it does
_SPOKEN_OF = {
    slot: (anchor, re.compile(pattern, re.I))
    for slot, anchor, pattern in (
        ("starts", "timing", r"\b(?:starts?|begins?|began|onset|first\s+(?:day|change|effect))\b"),
        ("peaks", "timing", r"\b(?:strongest|peaks?|full\s+(?:effect|result))\b"),
        ("lasts", "timing", r"\b(?:lasts?|lasted|how\s+long|wears?\s+off)\b"),
        ("repeat", "timing", r"\b(?:repeat\w*|have\s+it\s+again|how\s+soon\s.{0,20}again)\b"),
        ("visit", "on-the-day", r"\b(?:the\s+(?:visit|session)\s+takes|how\s+long\s.{0,20}visit)\b"),
    )
}
_DENIED = re.compile(
    r"\b(?:nobody|no\s+one|no\s+(?:source|study|trial|figure)s?|(?:is|are)\s+not\s+known|unknown|(?:has|have)\s+not\s+"
    r"been\s+(?:measured|reported))\b",
    re.I,
)


@rule(
    title="A key fact that its part contradicts",
    why="The key facts give a figure, and the part below says that there is none, or the other way round. A "
    "reader sees both.",
    fix="Make the key fact say what was measured, or leave it as a gap with the reason. Then let the part "
    "say the same.",
    promise="The key facts at the top of a page say what the page says.",
)
def key_fact_contradicted(draft: Draft) -> Findings:
    with_figure = {key for key, claim in draft.claims.items() if claim.low is not None}
    for fact in getattr(draft.page, "facts", ()):
        anchor, spoken_of = _SPOKEN_OF.get(fact.slot, ("", _DENIED))
        for text in draft.texts():
            if text.anchor != anchor:
                continue
            for sentence in text.sentences(headings=False):
                if spoken_of.search(sentence.own) and _contradicts(fact, sentence, with_figure):
                    yield text.where, f"{sentence.shown} [{fact.label}: {fact.gap or said_by(fact.html)}]"


def _contradicts(fact: Any, sentence: Sentence, with_figure: set[str]) -> bool:
    is_denied = bool(_DENIED.search(sentence.own))
    if fact.html:
        return is_denied and not sentence.claims
    return bool(fact.gap) and not is_denied and bool(with_figure.intersection(sentence.claims))

"""Checks on facts: every figure a claim, every claim known, checked, sourced, compared and of one mind."""

import re

from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.checks import Draft, rule
from clinic_site.publishing.checks.figures import figures_in, sentences

# Parts that speak as guests of other rules: the patient's own question, sources by their titles.
MEDICAL_PARTS = {
    "in-brief", "what-it-is", "how-it-works", "who-it-may-suit", "who-should-not", "try-first", "on-the-day", "timing",
    "benefits", "side-effects", "alternatives", "not-known", "answer",
}  # fmt: skip


@rule(
    title="A medical figure that is not a claim",
    why="A number that is typed into the text has no source, and can contradict the same number elsewhere.",
    fix="Put the claim's key in double square brackets in its place. A figure that isn't medical goes in ((round brackets)).",
    promise="Every medical number on our pages comes from one list of facts, each with its source.",
)
def unclaimed_figure(draft: Draft):
    for text in draft.texts():
        for sentence in sentences(text.own_words):
            if found := figures_in(sentence):
                yield text.where, f"{sentence} [{'; '.join(found)}]"


@rule(
    title="A claim that doesn't exist",
    why="The page refers to a fact that isn't in the list, so there is nothing to show.",
    fix="Look the key up in the list of claims, or write the claim first.",
)
def unknown_claim(draft: Draft):
    for key in draft.unknown:
        yield "Claims", f"[[{key}]]"
    for text in draft.texts():
        own = text.own_words
        for mark in re.findall(r"[^\s]*(?:\[\[|\]\])[^\s]*", own):
            yield text.where, f"A broken mark: {mark}"


@rule(
    title="A claim that nobody has checked",
    why="Its words, its figure or its sources changed, or it's new: a clinician has not compared it with its sources since.",
    fix="A clinician opens the claim and marks it checked.",
    promise="A clinician compares each fact with its sources before a page may use it, and again when the fact changes.",
)
def unchecked_claim(draft: Draft):
    for claim in draft.claims.values():
        if not claim.is_checked:
            yield "Claims", str(claim)


@rule(
    title="A claim without a source",
    why="Nobody can look up where the fact comes from.",
    fix="Add the source to the claim.",
)
def claim_without_source(draft: Draft):
    for claim in draft.claims.values():
        if not claim.sources.all():
            yield "Claims", str(claim)


@rule(
    title="A benefit without its comparator",
    why="How many people got better means little without how many got better after a dummy injection.",
    fix="Add the comparator's figure to the claim, or say in its words that there was no comparison group.",
    promise="Where we say how much a treatment helps, we say how people did after a dummy injection, or that nobody compared.",
)
def benefit_without_comparator(draft: Draft):
    for claim in draft.claims.values():
        if claim.kind != Claim.Kind.BENEFIT or claim.low is None:
            continue
        said = f"{claim.sentence} {claim.phrase}".casefold()
        if claim.comparator == Claim.Comparator.NONE:
            if "no comparison group" not in said:
                yield "Claims", f"{claim} (it must say “no comparison group”)"
        elif claim.comparator_low is None:
            yield "Claims", str(claim)


@rule(
    title="A superseded or retracted source",
    why="Its makers have replaced it or taken it back.",
    fix="Find what the newer source says, change the claim, and have it checked.",
    promise="When a source is replaced or taken back, its facts can't go on a page again until they rest on the newer one.",
)
def superseded_source(draft: Draft):
    for claim in draft.claims.values():
        for source in claim.sources.all():
            if source.status != Source.Status.CURRENT:
                yield "Sources", f"{claim.key} rests on {source} ({source.get_status_display()})"


@rule(
    title="Two claims that disagree",
    why="Same measure, same people, same place, and the ranges don't overlap: a reader would find both.",
    fix="Mend the one that is wrong, or say more exactly what each one measures.",
    promise="Two facts on the same thing may not contradict each other anywhere on this site.",
)
def claims_that_disagree(draft: Draft):
    measures = {c.measure for c in draft.claims.values() if c.low is not None}
    others = list(Claim.objects.filter(measure__in=measures, low__isnull=False)) if measures else []
    told = set()
    for mine in draft.claims.values():
        for other in others:
            pair = frozenset((mine.key, other.key))
            if pair not in told and mine.disagrees_with(other):
                told.add(pair)
                yield "Claims", f"{mine} / {other}"


@rule(
    title="How it works, without a claim",
    why="How a medicine works is easy to get wrong and hard to notice: each sentence of this part rests on a claim.",
    fix="Replace the sentence by a claim, or put one into it.",
    promise="Each sentence about how a treatment works rests on a source.",
)
def mechanism_without_claim(draft: Draft):
    for text in draft.texts():
        if text.anchor == "how-it-works":
            for sentence in text.sentences():
                if not sentence.claims:
                    yield text.where, sentence.shown


@rule(
    title="A paragraph without a claim",
    why="Medical statements without a figure need a source too; plain advice doesn't.",
    fix="Put a claim in, or leave it if it's practical advice.",
    stops=False,
)
def paragraph_without_claim(draft: Draft):
    for text in draft.texts():
        if text.anchor in MEDICAL_PARTS and text.anchor != "how-it-works":
            for block in re.split(r"</(?:p|li)>", text.html):
                if "data-claim=" not in block and (words := re.sub(r"<[^>]+>", "", block).strip()):
                    yield text.where, words


@rule(
    title="A figure that an editor marked practical",
    why="It stands without a source because it isn't medical. The signer looks whether that is so.",
    fix="Nothing, if it's practical. Otherwise make it a claim.",
    stops=False,
    judge=True,
)
def practical_figure(draft: Draft):
    for figure in draft.page.practical:
        yield "Practical figures", figure

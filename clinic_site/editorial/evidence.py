"""Checks on facts: every figure a claim, every claim known, checked, sourced, compared and of one mind."""

import re

from clinic_site.editorial.banned_words import banned_in
from clinic_site.editorial.checks import CLAIM, Draft, Findings, Help, Sentence, rule, said_by
from clinic_site.editorial.figures import digits_in, figures_in
from clinic_site.evidence.models import READ_SECOND_HAND, Claim, Source
from clinic_site.pages.compose import begins_sentence, ends_sentence, follows_colon
from clinic_site.text.folding import fold, folded

COUNTED = {"percent", "people", "ratio"}  # units that count people: times and sizes stand by themselves
_BROKEN_MARK = re.compile(r"\[\[[^\]]*\]?|\S*\]\]|\(\(\S*|\[[a-z0-9]+(?:-[a-z0-9]+)+\]")


@rule(
    title="A medical figure that is not a claim",
    why="A number that is typed into the text has no source, and can contradict the same number elsewhere.",
    fix="Put the claim's key in double square brackets in its place. A figure that isn't medical goes in "
    "((round brackets)).",
    promise="Every medical number on our pages comes from one list of facts, each with its source.",
)
def unclaimed_figure(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in text.sentences():
            if found := figures_in(sentence.own):
                yield text.where, f"{sentence.shown} [{'; '.join(found)}]"


@rule(
    title="A claim that doesn't exist",
    why="The page refers to a fact that isn't in the list, or a bracket is missing, so there is nothing to "
    "show.",
    fix="Look the key up in the list of claims, or write the claim first. Check the brackets.",
)
def unknown_claim(draft: Draft) -> Findings:
    for key in draft.unknown:
        yield "Claims", f"[[{key}]]"
    for text in draft.texts():
        for sentence in text.sentences():
            for mark in _BROKEN_MARK.findall(sentence.own):
                yield text.where, f"A broken mark: {mark}"


@rule(
    title="A claim that nobody has checked",
    why="Its words, its figure or its sources changed, or it's new: a clinician has not compared it with its "
    "sources since.",
    fix="A clinician opens the claim and marks it checked.",
    promise="A clinician compares each fact with its sources before a page may use it, and again when the "
    "fact changes.",
)
def unchecked_claim(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        if not claim.is_checked:
            yield "Claims", str(claim), Help(claim=claim.pk)


@rule(
    title="A claim without a source",
    why="Nobody can look up where the fact comes from.",
    fix="Add the source to the claim.",
)
def claim_without_source(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        if not claim.sources.all():
            yield "Claims", str(claim), Help(claim=claim.pk)


@rule(
    title="A grade that its sources don't carry",
    why="The letter tells a reader what kind of evidence it is: studies without random groups, leaflets, "
    "news and pages of clinics or companies carry grade C at the most.",
    fix="Set the claim's grade to C, or add the label, guideline, trial or review that it rests on. Then a "
    "clinician checks it.",
    promise="A grade is never higher than the kinds of sources that a fact rests on can carry.",
)
def grade_beyond_its_sources(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        if claim.grade_exceeds_sources:
            yield "Claims", f"{claim} [grade {claim.grade}]", Help(claim=claim.pk)


@rule(
    title="A grade that its reading doesn't allow",
    why="Each of its sources was read where somebody repeats it, so a slip on the way is told as strong "
    "evidence.",
    fix="Read one of the sources itself and untick “second-hand”, or set the grade to B. Then a clinician "
    "checks the claim.",
    promise="What we could only read second-hand never gets the highest grade.",
)
def grade_beyond_its_reading(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        if claim.why_too_high == READ_SECOND_HAND:
            yield "Claims", f"{claim} [grade {claim.grade}]", Help(claim=claim.pk)


@rule(
    title="A side effect without its comparator",
    why="How many people had it means little without how many had it after a dummy injection.",
    fix="Choose what it was compared with, and fill in that figure where the source gives it. Where there "
    "was nothing, choose “no comparison group”.",
    promise="Where we count a side effect, we say what it was compared with.",
)
def side_effect_without_comparator(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        counted = claim.kind == Claim.Kind.SIDE_EFFECT and claim.low is not None
        if counted and claim.unit in COUNTED and not claim.comparator:
            yield "Claims", str(claim), Help(claim=claim.pk)


@rule(
    title="A benefit without its comparator",
    why="How many people got better means little without how many got better after a dummy injection.",
    fix="Add the comparator's figure to the claim, or say in its words that there was no comparison group.",
    promise="Where we say how much a treatment helps, we say how people did after a dummy injection, or that "
    "nobody compared.",
)
def benefit_without_comparator(draft: Draft) -> Findings:
    for claim in draft.claims.values():
        if claim.kind != Claim.Kind.BENEFIT:
            continue
        said = f"{claim.sentence} {claim.phrase}"
        if claim.comparator == Claim.Comparator.NONE:
            if "no comparison group" not in folded(said):
                yield "Claims", f"{claim} [it must say “no comparison group”]", Help(claim=claim.pk)
        elif claim.low is None:
            if figures_in(said) and not claim.comparator:
                lacks = "its figure is only in its words: fill in the figure and what it was compared with"
                yield "Claims", f"{claim} [{lacks}]", Help(claim=claim.pk)
        elif claim.comparator_low is None:
            yield "Claims", str(claim), Help(claim=claim.pk)


@rule(
    title="A superseded or retracted source",
    why="Its makers have replaced it or taken it back.",
    fix="Find what the newer source says, change the claim or the licence status, and have it checked.",
    promise="When a source is replaced or taken back, its facts can't go on a page again until they rest on "
    "the newer one.",
)
def superseded_source(draft: Draft) -> Findings:
    for source in draft.page.sources:
        if source.status != Source.Status.CURRENT:
            uses = [f"[[{note.key}]]" for note in draft.page.claims if source.number in note.sources]
            used_in = ", ".join(uses) or "licence status"
            yield "Sources", f"{source.key}: {source.title} ({source.status}; {used_in})"


@rule(
    title="Two claims that disagree",
    why="Same measure, same people, same place, and the ranges don't overlap: a reader would find both.",
    fix="Mend the one that is wrong, or say more exactly what each one measures.",
    promise="Two facts on the same thing may not contradict each other anywhere on this site.",
)
def claims_that_disagree(draft: Draft) -> Findings:
    measures = {folded(c.measure) for c in draft.claims.values() if c.low is not None}
    figures = Claim.objects.filter(low__isnull=False) if measures else Claim.objects.none()
    others = [claim for claim in figures if folded(claim.measure) in measures]
    told = set()
    for mine in draft.claims.values():
        for other in others:
            pair = frozenset((mine.key, other.key))
            if pair not in told and mine.disagrees_with(other):
                told.add(pair)
                yield "Claims", f"{mine} / {other}", Help(claim=mine.pk)


@rule(
    title="How it works, without a claim",
    why="How a medicine works is easy to get wrong and hard to notice: each sentence of this part rests on a "
    "claim.",
    fix="Replace the sentence by a claim, or put one into it.",
    promise="Each sentence about how a treatment works rests on a source.",
)
def mechanism_without_claim(draft: Draft) -> Findings:
    for text in draft.texts():
        if text.anchor == "how-it-works":
            for sentence in text.sentences(headings=False):
                if not sentence.claims:
                    yield text.where, sentence.shown


# Parts that say what is known of a treatment. What happens on the day, what isn't known, and a plain answer
# may do without.
RESTS_ON_FACTS = set(
    "in-brief what-it-is who-it-may-suit who-should-not try-first timing benefits side-effects "
    "alternatives".split()
)


@rule(
    title="A part that rests on nothing",
    why="It says what is known, and not one of its sentences has a source.",
    fix="Put in the claims that it stands on. Where no source says anything, that is a claim too: say how "
    "far the search went.",
    promise="Each part of a treatment page rests on facts with sources.",
)
def part_without_claim(draft: Draft) -> Findings:
    for text in draft.texts():
        if text.anchor in RESTS_ON_FACTS and (said := text.sentences()) and not any(s.claims for s in said):
            yield text.where, f"“{text.where}” has no claim."


@rule(
    title="A sentence inside a sentence",
    why="The claim stands in the middle of a sentence and has no phrase for that, so its whole sentence is "
    "put in.",
    fix="Let it stand alone, between sentences, or give the claim a phrase.",
)
def claim_amid_a_sentence(draft: Draft) -> Findings:
    for text in draft.texts():
        for match in CLAIM.finditer(text.html):
            before, after = text.html[: match.start()], text.html[match.end() :]
            begins = begins_sentence(before) or follows_colon(before) or before.endswith("</span> ")
            is_sentence = said_by(match[2]).endswith((".", "?", "!"))
            if is_sentence and not (begins and ends_sentence(after)):
                yield text.where, f"[[{match[1]}]]"


# What a reader is asked to bring, say, read or ask: practical, so it needs no source.
_PRACTICAL = re.compile(
    r"(?:please )?(?:ask|tell|bring|call|ring|phone|say|write|book|read|see|talk|come)\b", re.I
)
# Words that claim how often something happens, or on whose authority it is said.
_WEIGHTY = re.compile(
    r"\b(?:always|never|usually|normally|often|rarely|seldom|commonly|frequently|typically|mostly|most|many"
    r"|majority|every(?:one|body|thing)|nobody|all (?:patients|people|women|men)|proven|proved|shown|studies"
    r"|research|science|experts?|doctors|specialists|recommend(?:s|ed)?|approv(?:ed|al)|licen[cs]ed"
    r"|authori[sz]ed|effective|works?)\b",
    re.I,
)


def _states_something(sentence: Sentence) -> bool:
    """Not a question, not a label, not a line that leads into a list, not a request to the reader."""
    return (
        len(sentence.own.split()) > 2
        and not sentence.own.endswith(("?", ":"))
        and not _PRACTICAL.match(fold(sentence.own).text)
    )


def _must_be_mended(sentence: Sentence) -> bool:
    return bool(figures_in(sentence.own) or banned_in(sentence.own))


@rule(
    title="A statement without a claim",
    why="It rests on its writer's word alone. Whether it's true, and whether it needs a source, software "
    "can't tell.",
    fix="Nothing, if it's plain advice or links two facts. Otherwise make it a claim, or leave it out.",
    promise="Sentences that carry no source are shown to the clinician who signs, one by one.",
    stops=False,
    judge=True,
)
def statement_without_claim(draft: Draft) -> Findings:
    for text in draft.texts():
        running = text.anchor or text.words.endswith((".", "!"))  # not a title or a label
        if draft.is_medical and running and text.anchor != "how-it-works":
            for sentence in text.sentences(headings=False):
                if not sentence.claims and _states_something(sentence) and not _must_be_mended(sentence):
                    weighty = dict.fromkeys(
                        f"“{word.lower()}”" for word in _WEIGHTY.findall(fold(sentence.own).text)
                    )
                    yield text.where, sentence.shown + (f" [{', '.join(weighty)}]" if weighty else "")


@rule(
    title="A number that may be medical",
    why="It has no unit that the checks know, so they can't tell what it counts.",
    fix="If it counts something medical, make it a claim. If not, put it in ((round brackets)).",
    stops=False,
    judge=True,
)
def bare_number(draft: Draft) -> Findings:
    for text in draft.texts():
        for sentence in text.sentences():
            if draft.is_medical and (found := digits_in(sentence.own)) and not figures_in(sentence.own):
                yield text.where, f"{sentence.shown} [{', '.join(found)}]"


@rule(
    title="A figure that an editor marked practical",
    why="It stands without a source because it isn't medical. The signer looks whether that is so.",
    fix="Nothing, if it's practical. Otherwise make it a claim.",
    stops=False,
    judge=True,
)
def practical_figure(draft: Draft) -> Findings:
    for figure in draft.page.practical:
        yield "Practical figures", figure

"""Checks on what else somebody could do: the table of choices of a treatment page."""

from typing import Any

from clinic_site.editorial.checks import CLAIM, Draft, Findings, Help, rule
from clinic_site.editorial.evidence import COUNTED
from clinic_site.evidence.models import Claim

# the lowest grade that carries a strength
_CARRIES = {"strong": Claim.Grade.A, "some": Claim.Grade.B}


def _claims(draft: Draft, *texts: str) -> list[Claim]:
    return [draft.claims[key] for text in texts for key, _ in CLAIM.findall(text) if key in draft.claims]


@rule(
    title="Choices without doing nothing",
    why="Somebody decides between this treatment, others, and none. Where doing nothing isn't named, it "
    "looks as if something had to be done.",
    fix="List what else somebody could do, the page's own treatment among it, and a choice of the kind "
    "“doing nothing”; for each problem, where the page has several.",
    promise="Every treatment page sets it beside the other choices for the same problem, doing nothing "
    "included.",
)
def choices_without_nothing(draft: Draft) -> Findings:
    page: Any = draft.page
    if hasattr(page, "choices") and not page.choices:
        yield "Page", "It lists no choices."
    for problem in getattr(page, "problems", ()):
        kinds = {one.kind for one in problem.choices}
        name = f" for “{problem.problem}”" if problem.problem else ""
        if "nothing" not in kinds:
            yield "Page", f"Its choices{name} don't name doing nothing."
        if "own" not in kinds:
            yield "Page", f"Its choices{name} don't name its own treatment."


@rule(
    title="A strength that its facts don't carry",
    why="“Strong evidence” stands beside facts that rest on less.",
    fix="“Strong” takes a fact of grade A on how well it works, “some” one of grade B. Choose a weaker "
    "one, or put in the fact that it rests on.",
    promise="How strong the evidence for a choice is called follows from the grades of its facts.",
)
def strength_beyond_its_facts(draft: Draft) -> Findings:
    for one in getattr(draft.page, "choices", ()):
        # grades are letters, and the highest comes first
        grades = [claim.grade for claim in _claims(draft, one.works)]
        if one.strength in _CARRIES and min(grades, default="Z") > _CARRIES[one.strength]:
            yield f"Choice “{one.place}”", f"{one.name}: {one.strength_name.lower()}"


@rule(
    title="A choice without its comparator",
    why="How many people a choice helped means little without how many got better after a dummy or another "
    "treatment.",
    fix="Choose on the claim what it was compared with, and fill in that figure. Where there was nothing, "
    "choose “no comparison group”.",
)
def choice_without_comparator(draft: Draft) -> Findings:
    for one in getattr(draft.page, "choices", ()):
        for claim in _claims(draft, one.works):
            if claim.kind == Claim.Kind.BENEFIT:
                continue  # another rule's
            if claim.low is not None and claim.unit in COUNTED and not claim.comparator:
                yield f"Choice “{one.place}”", str(claim), Help(claim=claim.pk)

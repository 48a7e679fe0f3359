"""Two clinics' web pages, retold in our own words with every duration, date and promise as it stood, and what
the checks say of them.

The drafts are the files beside this one: four treatment pages from one clinic's page, an answer from the
other's. `python -m tests.editorial.demonstration` prints the report that is kept in docs/demonstration.md.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from blog.models import Answer
from clinic_site.editorial.checks import RULES, Finding
from clinic_site.evidence.models import Claim, Source
from clinic_site.publishing.models import Document, Picture, Section
from clinic_site.publishing.starter import add_sections
from tests import factories
from treatments.models import Treatment, TreatmentClaim

HERE = Path(__file__).parent
PAGES = ("chronic-migraine", "heavy-sweating", "jaw-pain", "eyelid-spasm")
REPORT = HERE.parents[2] / "docs" / "demonstration.md"

INTRODUCTION = """\
# A demonstration: what the checks say of two clinics' pages

Two clinics' web pages on botulinum toxin were retold in our own words, with every duration, date and promise
as it stood: four treatment pages and an answer (`tests/editorial/demonstration/`). None of them could be
submitted here. This is the whole report. No phrase of the drafts stands in a rule: the rules are general, and
every page of this site goes through the same ones.

What a rule can find has to be mended before anybody may submit the page. What no rule can find, whether a
statement is true, is laid before the clinician who signs, sentence by sentence. So nothing is passed over:
whatever the drafts state stands below.
"""


def load() -> list[Document]:
    """The drafts, as rows of the database."""
    facts = tomllib.loads((HERE / "facts.toml").read_text())
    for row in facts["source"]:
        Source.objects.create(**row)
    for row in facts["claim"]:
        sources = Source.objects.filter(key__in=row.pop("sources"))
        Claim.objects.create(**row).sources.set(sources)
    return [*(_treatment(tomllib.loads((HERE / f"{name}.toml").read_text())) for name in PAGES), _answer()]


def _treatment(text: dict) -> Treatment:
    made = Treatment.objects.create(
        slug=text["slug"],
        title=text["title"],
        short=text["short"],
        summary=text["summary"],
        group=Treatment.Group.MEDICAL,
    )
    add_sections(made, text["sections"])
    in_roles = [(TreatmentClaim.Role.LASTS, key) for key in [text.get("lasts")] if key]
    in_roles += [(TreatmentClaim.Role.BENEFIT, key) for key in text.get("benefits", [])]
    for role, key in in_roles:
        TreatmentClaim.objects.create(treatment=made, role=role, claim=Claim.objects.get(key=key))
    return made


def _answer() -> Answer:
    text = tomllib.loads((HERE / "medical-uses.toml").read_text())
    made = Answer.objects.create(
        slug=text["slug"],
        title=text["question"],
        detail=text["detail"],
        summary=text["summary"],
        first_posted=text["posted_on"],
        answered_by=factories.person("editor"),
    )
    made.treatments.set(Treatment.objects.all())
    picture = Picture.objects.create(file=text["picture"], width=160, height=90, alt="?", shows_person=False)
    Section.objects.create(document=made, anchor="answer", body=text["answer"], picture=picture)
    return made


def kinds_of(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by what has to be done about them."""
    return {
        "Must be mended": [f for f in findings if f.stops],
        "Advice": [f for f in findings if not (f.stops or f.judge)],
        "For the clinician to judge": [f for f in findings if f.judge],
    }


def report(drafts: list[Document]) -> str:
    """All findings on the drafts, as Markdown."""
    found = {draft: kinds_of(draft.findings()) for draft in drafts}
    heads = list(kinds_of([]))
    lines = [INTRODUCTION, f"| Draft | {' | '.join(heads)} |", f"| --- |{' ---: |' * len(heads)}"]
    lines += [
        f"| {draft} | {' | '.join(str(len(kinds[head])) for head in heads)} |"
        for draft, kinds in found.items()
    ]
    for draft, kinds in found.items():
        lines += ["", f"## {draft}"]
        for head, findings in kinds.items():
            if findings:
                lines += ["", f"### {head}", *_by_rule(findings)]
    spoke = {f.rule for kinds in found.values() for findings in kinds.values() for f in findings}
    lines += ["", "## The rules that spoke", "", "| Rule | Why | What to do |", "| --- | --- | --- |"]
    lines += [f"| {r.title} (`{r.id}`) | {r.why} | {r.fix} |" for r in RULES if r.id in spoke]
    return "\n".join(lines) + "\n"


def _by_rule(findings: list[Finding]) -> list[str]:
    lines = []
    for title in dict.fromkeys(f.title for f in findings):
        mine = [f for f in findings if f.title == title]
        lines += ["", f"**{title}**", ""]
        if mine[0].rule == "missing-part":
            lines.append(" · ".join(f.sentence.rstrip(".") for f in mine))
        else:
            lines += [f"- {f.where}: {f.sentence}" for f in mine]
    return lines

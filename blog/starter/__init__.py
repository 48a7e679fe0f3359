"""The starter's answers, read from the files beside this one."""

import tomllib
from pathlib import Path

from blog.models import Answer, Topic
from clinic_site.publishing.change_notes import Nature
from clinic_site.publishing.starter import add_sections, publish
from clinic_site.registry import StarterRun, starter_content
from treatments.models import Treatment

HERE = Path(__file__).parent
CORRECTED = (
    "Rewritten: the earlier answer was wrong in places. The answer says what was wrong, and what is true."
)
TOPICS = {
    "getting-started": "Getting started",
    "how-it-works": "How it works",
    "how-long-it-lasts": "How long it lasts",
    "side-effects": "Side effects",
    "on-the-day": "On the day",
    "licence-and-rules": "Licence and rules",
    "choosing-care": "Choosing care",
    "after-treatment": "After treatment",
}


def fill(starter: StarterRun) -> None:
    for slug, title in TOPICS.items():
        Topic.objects.create(slug=slug, title=title)
    for path in sorted(HERE.glob("*.toml")):
        text = tomllib.loads(path.read_text())
        answer = Answer.objects.create(
            slug=text["slug"],
            title=text["question"],
            summary=text["summary"],
            detail=text.get("detail", ""),
            answered_by=starter.people["editor"],
            first_posted=text["posted_on"],
            correction=text.get("correction", ""),
            shows_before_treatment=text.get("before_treatment", False),
        )
        answer.topics.set(Topic.objects.filter(slug__in=text["topics"]))
        answer.treatments.set(Treatment.objects.filter(slug__in=text["treatments"]))
        add_sections(answer, {"answer": text["answer"]})
        if answer.correction:
            publish(answer, starter, note=CORRECTED, nature=Nature.CORRECTION)
        else:
            publish(answer, starter)
    starter.report(f"{Answer.objects.count()} answers")


starter_content.append(fill)

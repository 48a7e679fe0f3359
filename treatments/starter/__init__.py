"""The starter's treatment pages, read from the files beside this one."""

import tomllib
from pathlib import Path
from typing import Any

from clinic_site.evidence.models import Claim, Use
from clinic_site.publishing.starter import add_sections, publish
from clinic_site.registry import StarterRun, starter_content
from treatments.models import Choice, Overview, Treatment, TreatmentClaim
from treatments.offerings import Offering

EXPLAINED_ONLY = ("jowls", "nose-tip")  # the sample clinic doesn't offer them
HERE = Path(__file__).parent


def _claim(key: str) -> Claim:
    try:
        return Claim.objects.get(key=key)
    except Claim.DoesNotExist:
        raise LookupError(f"No claim has the key {key}.") from None


def fill(starter: StarterRun) -> None:
    for path in sorted(HERE.glob("*.toml")):
        text = tomllib.loads(path.read_text())
        if path.stem == Overview.KIND:
            page: Any = Overview.objects.create(
                slug=Overview.KIND, title=text["title"], summary=text["summary"]
            )
        else:
            fields = ("slug", "title", "short", "group", "order", "summary")
            page = Treatment.objects.create(**{name: text[name] for name in fields})
            page.uses.set(Use.objects.filter(key__in=text["uses"]))
            _add_facts(page, text)
            _add_lists(page, text["lists"])
            for order, row in enumerate(text["choices"]):
                Choice.objects.create(treatment=page, order=order, **row)
        add_sections(page, text["sections"], text.get("more", []))
        publish(page, starter)
        if page.KIND == Treatment.KIND:
            _offer(page, starter)
    starter.report(f"{Treatment.objects.count()} treatments")


def _add_facts(treatment: Treatment, text: dict[str, Any]) -> None:
    """The key facts, and those of each problem that has its own."""
    for slot in TreatmentClaim.SLOTS:
        key, gap = text["facts"].get(slot.value, ""), text.get("gaps", {}).get(slot.value, "")
        if key or gap:
            claim = _claim(key) if key else None
            TreatmentClaim.objects.create(treatment=treatment, role=slot, claim=claim, gap="" if key else gap)
    for row in text.get("problem_facts", ()):
        for slot in (slot for slot in TreatmentClaim.SLOTS if slot.value in row):
            said = row[slot.value]
            told = {"gap": said} if said.endswith(".") else {"claim": _claim(said)}
            TreatmentClaim.objects.create(treatment=treatment, problem=row["problem"], role=slot, **told)


def _add_lists(treatment: Treatment, lists: dict[str, list[str]]) -> None:
    for role, name in (
        (TreatmentClaim.Role.BENEFIT, "benefits"),
        (TreatmentClaim.Role.SIDE_EFFECT, "side_effects"),
        (TreatmentClaim.Role.EMERGENCY, "emergencies"),
    ):
        for order, key in enumerate(lists.get(name, ())):
            TreatmentClaim.objects.create(treatment=treatment, role=role, claim=_claim(key), order=order)


def _offer(treatment: Treatment, starter: StarterRun) -> None:
    is_offered = treatment.slug not in EXPLAINED_ONLY
    brands = "A sample brand" if is_offered else ""
    offering = Offering.objects.create(treatment=treatment, is_offered=is_offered, brands=brands)
    offering.injectors.set([starter.people["clinician"]] if is_offered else [])


starter_content.append(fill)

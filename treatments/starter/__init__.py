"""The starter's treatment pages, read from the files beside this one."""

import tomllib
from pathlib import Path

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
            overview = Overview.objects.create(
                slug=Overview.KIND, title=text["title"], summary=text["summary"]
            )
            add_sections(overview, text["sections"], text.get("more", []))
            publish(overview, starter)
            continue
        treatment = Treatment.objects.create(
            slug=text["slug"],
            title=text["title"],
            short=text["short"],
            group=text["group"],
            order=text["order"],
            summary=text["summary"],
        )
        treatment.uses.set(Use.objects.filter(key__in=text["uses"]))
        for slot in TreatmentClaim.SLOTS:
            key, gap = text["facts"].get(slot.value, ""), text.get("gaps", {}).get(slot.value, "")
            if key:
                TreatmentClaim.objects.create(treatment=treatment, role=slot, claim=_claim(key))
            elif gap:
                TreatmentClaim.objects.create(treatment=treatment, role=slot, gap=gap)
        for role, name in (
            (TreatmentClaim.Role.BENEFIT, "benefits"),
            (TreatmentClaim.Role.SIDE_EFFECT, "side_effects"),
            (TreatmentClaim.Role.EMERGENCY, "emergencies"),
        ):
            for order, key in enumerate(text["lists"].get(name, ())):
                TreatmentClaim.objects.create(treatment=treatment, role=role, claim=_claim(key), order=order)
        for row in text.get("problem_facts", ()):
            for slot in (slot for slot in TreatmentClaim.SLOTS if slot.value in row):
                said = row[slot.value]
                is_gap = said.endswith(".")
                TreatmentClaim.objects.create(
                    treatment=treatment,
                    problem=row["problem"],
                    role=slot,
                    claim=None if is_gap else _claim(said),
                    gap=said if is_gap else "",
                )
        for order, row in enumerate(text["choices"]):
            Choice.objects.create(treatment=treatment, order=order, **row)
        add_sections(treatment, text["sections"], text.get("more", []))
        publish(treatment, starter)
        is_offered = treatment.slug not in EXPLAINED_ONLY
        brands = "A sample brand" if is_offered else ""
        offering = Offering.objects.create(treatment=treatment, is_offered=is_offered, brands=brands)
        offering.injectors.set([starter.people["clinician"]] if is_offered else [])
    starter.report(f"{Treatment.objects.count()} treatments")


starter_content.append(fill)

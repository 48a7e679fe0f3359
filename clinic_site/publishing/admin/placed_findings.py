"""Where in a draft's form each finding of the checks is mended."""

import re
from dataclasses import replace

from clinic_site.pages.fields import declared
from clinic_site.publishing.models import Section


def counts_of(findings) -> dict[str, int]:
    """How many findings there are of each kind."""
    return {
        "to_mend": sum(finding.stops for finding in findings),
        "to_consider": sum(not (finding.stops or finding.judge) for finding in findings),
        "to_judge": sum(finding.judge for finding in findings),
    }


def _part_forms(formsets) -> list:
    return [row for formset in formsets if formset.model is Section for row in formset.initial_forms]


def _named_rows(formsets) -> dict[str, str]:
    """The fields of rows that the page names, by those names."""
    rows = (row for formset in formsets for row in formset.initial_forms)
    named = ((getattr(row.instance, "place", ""), row) for row in rows)
    return {place: f"#id_{row.prefix}-{row.instance.PLACED_AT}" for place, row in named if place}


def with_fields(findings, document, form, formsets) -> list:
    """The findings, each with the field of the form where it's mended."""
    of_page = {one.label: name for name, one in declared(document.page_shape).items() if name in form.fields}
    places = {label: f"#id_{name}" for label, name in of_page.items()} | _named_rows(formsets)
    texts = {f"#id_{name}": str(form[name].value() or "") for name in of_page.values()}
    headings = {}
    for row in _part_forms(formsets):
        heading, body = f"#id_{row.prefix}-heading", f"#id_{row.prefix}-body"
        told = document.heading_of(row.instance)
        places |= {told: body, f"Picture in “{told}”": f"#id_{row.prefix}-picture"}
        texts[body] = row["body"].value() or ""
        if words := row["heading"].value():
            headings[heading] = words

    def place_of(finding) -> str:
        if finding.where in places:
            return places[finding.where]
        if finding.where == "Heading":
            return next((place for place, words in headings.items() if words in finding.sentence), "")
        marks = re.findall(r"\[\[[^\]]+\]\]", finding.sentence) or [f"(({finding.sentence}))"]
        return next((place for place, text in texts.items() for mark in marks if mark in text), "")

    return [replace(finding, field=place_of(finding)) for finding in findings]


def mark_parts(findings, formsets) -> None:
    """Each part of the form is told how many findings lead to it."""
    for row in _part_forms(formsets):
        here = counts_of([finding for finding in findings if finding.field.startswith(f"#id_{row.prefix}-")])
        row.to_mend, row.to_consider = here["to_mend"], here["to_consider"]

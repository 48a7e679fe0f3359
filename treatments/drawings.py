"""The drawings of a treatment's page, with the sites whose claims stand on it."""

from dataclasses import dataclass

from clinic_site.pages.redaction import NOTICE
from clinic_site.pages.shapes import ClaimNote
from treatments.injection_sites import VIEWS, Site, View
from treatments.pages import TreatmentPage


@dataclass(frozen=True)
class NumberedSite:
    number: int
    site: Site
    sources: tuple[int, ...]


@dataclass(frozen=True)
class NumberedView:
    key: str
    view: View
    sites: tuple[NumberedSite, ...]

    @property
    def first(self) -> int:
        return self.sites[0].number


def views_for(page: TreatmentPage) -> list[NumberedView]:
    """The drawings of a page with the sites whose claims stand on it, numbered through.

    Empty when none does.
    """
    standing: dict[str, ClaimNote] = {note.key: note for note in page.claims if NOTICE not in note.html}
    views: list[NumberedView] = []
    number = 0
    for view in VIEWS.get(page.slug, ()):
        sites = []
        for site in view.sites:
            if site.rests_on in standing:
                number += 1
                sites.append(NumberedSite(number, site, standing[site.rests_on].sources))
        if sites:
            views.append(NumberedView(f"where-{page.slug}-{len(views) + 1}", view, tuple(sites)))
    return views

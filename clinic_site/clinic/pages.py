"""The shape of a policy page."""

from dataclasses import dataclass

from clinic_site.pages.shapes import Page


@dataclass(frozen=True, kw_only=True)
class PolicyPage(Page):
    pass

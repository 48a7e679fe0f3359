"""The shape of a policy page."""

from clinic_site.pages.fields import shape
from clinic_site.pages.shapes import Page


@shape
class PolicyPage(Page):
    pass

"""A page of the clinic's own rules, such as how it writes, or what it keeps of people."""

from django.core.exceptions import ValidationError
from django.urls import reverse

from clinic_site.accounts.roles import EDITOR, MANAGER
from clinic_site.clinic.pages import PolicyPage
from clinic_site.publishing.models import Document


class Policy(Document):
    """A page that a manager signs: privacy, accessibility, how we write, about."""

    KIND = "policy"
    LABEL = "About the clinic"
    IS_MEDICAL = False
    SIGNED_BY = MANAGER
    WRITTEN_BY = (MANAGER, EDITOR)
    SEARCH_RANK = 40
    OPEN_GRAPH_TYPE = "website"
    page_shape = PolicyPage
    ADDRESSES = {
        "privacy": "clinic:privacy",
        "accessibility": "clinic:accessibility",
        "how-we-write": "clinic:how-we-write",
        "about": "clinic:about",
    }

    class Meta:
        verbose_name_plural = "policies"

    @classmethod
    def address_of(cls, slug):
        return reverse(cls.ADDRESSES.get(slug, "clinic:home"))

    def clean(self):
        super().clean()
        if self.slug not in self.ADDRESSES:
            raise ValidationError({"slug": f"Policy pages are: {', '.join(self.ADDRESSES)}."})

"""`{% injection_sites page %}`: the drawings of a treatment, with its typical sites marked, numbered and
named.
"""

from django import template

from treatments.drawings import views_for
from treatments.pages import TreatmentPage

register = template.Library()


@register.inclusion_tag("components/injection_sites.html")
def injection_sites(page: TreatmentPage) -> dict:
    return {"views": views_for(page)}

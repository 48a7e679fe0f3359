from django import template

from treatments import offerings

register = template.Library()


@register.simple_tag
def offering_of(reading):
    """What this clinic does of the treatment that a page is about; None for a draft, and where staff say
    nothing of it.
    """
    return offerings.offering_of(reading.edition.document_id) if reading and reading.is_signed else None

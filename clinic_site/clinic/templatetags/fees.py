from django import template

from clinic_site.clinic.fees import fees_of

register = template.Library()


@register.simple_tag
def fees_for(clinic, reading) -> list:
    """What somebody pays who has the treatment that a page is about. One query, where fees are shown."""
    return fees_of(clinic, reading.edition.document_id) if reading and reading.is_signed else []

from django.core import checks
from django.db import DatabaseError

from clinic_site.accounts.models import User
from clinic_site.clinic.models import PRICE_RULES, Accreditation, Details, Testimonial
from clinic_site.publishing.models import Live


@checks.register(checks.Tags.database, deploy=True)
def prices_may_be_shown(app_configs=None, databases=None, **kwargs):
    """Prices beside a prescription medicine are restricted in many places."""
    if "default" not in (databases or []):
        return []
    try:
        clinic = Details.current()
    except DatabaseError:
        return []
    rule = PRICE_RULES.get(clinic.country) if clinic.shows_fees else None
    hint = "Ask your college or regulator, or switch “show the fees” off in the clinic details."
    return [checks.Warning(f"Fees are shown. {rule}", hint=hint, id="clinic.W002")] if rule else []


@checks.register(checks.Tags.database, deploy=True)
def no_sample_is_live(app_configs=None, databases=None, **kwargs):
    """Starter content is for trying the site: a real clinic signs its own."""
    if "default" not in (databases or []):
        return []
    try:
        pages = Live.objects.filter(edition__signed_as_sample=True).count()
        others = (
            Testimonial.objects.shown().filter(is_sample=True).count()
            + Accreditation.objects.shown().filter(is_sample=True).count()
        )
        people = User.objects.filter(is_sample=True, is_active=True).count()
    except DatabaseError:
        return []
    if not (pages or others or people):
        return []
    return [
        checks.Warning(
            f"Sample content is live: {pages} pages signed by a sample clinician, "
            f"{others} sample testimonials or accreditations, {people} sample people who may sign in.",
            hint="Have a clinician of the clinic review and sign each page, remove the samples, and close "
            "the sample accounts.",
            id="clinic.W001",
        )
    ]

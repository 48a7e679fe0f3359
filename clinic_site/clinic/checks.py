from django.core import checks
from django.db import DatabaseError

from clinic_site.accounts.models import User
from clinic_site.clinic.models import Accreditation, Testimonial
from clinic_site.publishing.models import Live


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

"""Where editions stand, in a word, for lists."""

from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.utils import timezone

from clinic_site.publishing.models import Edition, Live

WAITING = "waiting for a signature"
STANDINGS = (
    WAITING,
    "sent back",
    "taken back",
    "signed",
    "scheduled",
    "held up",
    "live",
    "earlier",
    "overtaken",
    "withdrawn",
)


def with_standing(editions):
    """Editions annotated with `standing`: what `Edition.state` says, for lists, in the query itself."""
    return editions.annotate(
        standing=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(returned_at__isnull=False, returned_by=F("submitted_by"), then=Value("taken back")),
            When(returned_at__isnull=False, then=Value("sent back")),
            When(signed_at=None, then=Value(WAITING)),
            When(Exists(Live.objects.filter(edition=OuterRef("pk"))), then=Value("live")),
            When(live_from=None, then=Value("signed")),
            When(went_live_at__isnull=False, then=Value("earlier")),
            When(Edition.objects.overtaken(now := timezone.now()), then=Value("overtaken")),
            When(live_from__gt=now, then=Value("scheduled")),
            default=Value("held up"),
        )
    )

"""Where an edition stands: one expression, of which lists, filters, the work queue and each row are told."""

from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from clinic_site.publishing.models.live import Live


class EditionStatus(models.TextChoices):
    WAITING = "waiting", "waiting for a signature"
    SENT_BACK = "sent-back", "sent back"
    TAKEN_BACK = "taken-back", "taken back"  # by whoever submitted it
    SIGNED = "signed", "signed"  # and nobody has said when it goes live
    SCHEDULED = "scheduled", "scheduled"
    HELD_UP = "held-up", "held up"  # its time has come, and something keeps it from going live
    LIVE = "live", "live"
    EARLIER = "earlier", "earlier"  # it was live, and a newer one is
    OVERTAKEN = (
        "overtaken",
        "overtaken",
    )  # a newer one, withdrawn since or not, was due before it could go live
    WITHDRAWN = "withdrawn", "withdrawn"


class StatusField(models.CharField):
    def from_db_value(self, value, expression, connection):
        return None if value is None else EditionStatus(value)


WAITING = Q(signed_at=None, returned_at=None)


def edition_status(editions: QuerySet, now: datetime) -> Case:
    """The status at that time of an edition, of all `editions`."""
    newer = {"document": OuterRef("document"), "number__gt": OuterRef("number")}
    conditions = {
        EditionStatus.WITHDRAWN: Q(withdrawn_at__isnull=False),
        EditionStatus.TAKEN_BACK: Q(returned_at__isnull=False, returned_by=F("submitted_by")),
        EditionStatus.SENT_BACK: Q(returned_at__isnull=False),
        EditionStatus.WAITING: WAITING,
        EditionStatus.LIVE: Exists(Live.objects.filter(edition=OuterRef("pk"))),
        EditionStatus.SIGNED: Q(live_from=None),
        EditionStatus.EARLIER: Q(went_live_at__isnull=False),
        EditionStatus.OVERTAKEN: Exists(editions.filter(**newer, live_from__lte=now)),
        EditionStatus.SCHEDULED: Q(live_from__gt=now),
    }
    found = (When(condition, then=Value(status.value)) for status, condition in conditions.items())
    return Case(*found, default=Value(EditionStatus.HELD_UP.value), output_field=StatusField(max_length=10))

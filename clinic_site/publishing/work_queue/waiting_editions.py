"""Editions that may wait for somebody, found in one query, and what their queues ask of them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.audit_log.models import DraftSave
from clinic_site.evidence.models import Claim
from clinic_site.publishing.document_types import DOCUMENT_TYPES
from clinic_site.publishing.models import Edition, EditionStatus, EditionWriter, Mark
from clinic_site.publishing.review_dates import signed_long_ago
from clinic_site.publishing.work_queue.outdated import AnnotatedEdition, differing, is_newest

ALONE_FOR = timedelta(days=90)  # how long a page that its writer signed is shown to the others


def may_write(user: User, kind: str) -> bool:
    return DOCUMENT_TYPES[kind].permission("change") in user.role_permissions


def may_sign(user: User, edition: AnnotatedEdition) -> bool:
    """Whether this edition waits for that person's signature. `is_mine`: they wrote part of it."""
    return (
        edition.signing_permission in user.role_permissions
        and (not edition.document_type.IS_MEDICAL or bool(user.registration_number))
        and (not edition.is_mine or settings.SOLE_CLINICIAN and timezone.now() >= edition.self_review_from)
    )


class WaitingEditions(list[Edition]):
    """Editions that may wait for `user`, with what several queues ask for, looked up once."""

    def __init__(self, user: User, editions: Iterable[Edition]):
        super().__init__(editions)
        self.user = user

    @cached_property
    def differing(self) -> list[AnnotatedEdition]:
        return differing()

    @cached_property
    def claims(self) -> dict[str, Any]:
        """Every claim by its key, with who changed it last, and on how many pages patients read it."""
        live = Mark.objects.filter(
            kind=Mark.Kind.CLAIM, key=OuterRef("key"), edition__live__isnull=False
        ).order_by()
        last = DraftSave.objects.filter(words=Concat(Value("claim:"), OuterRef("key"))).order_by("-at", "-pk")
        found = Claim.objects.seen_by(self.user).annotate(
            pages=Subquery(live.values("key").annotate(pages=Count("pk")).values("pages")),
            changed_at=Subquery(last.values("at")[:1]),
            changed_by=Subquery(last.values("user__name")[:1]),
        )
        return {claim.key: claim for claim in found.with_checks()}


def waiting_editions(user: User) -> WaitingEditions:
    """Every edition that may wait for somebody, without its text, in one query."""
    waits = Q(status__in=[EditionStatus.WAITING, EditionStatus.SCHEDULED, EditionStatus.HELD_UP])
    waits_if_newest = Q(status__in=[EditionStatus.SENT_BACK, EditionStatus.SIGNED]) | Q(
        withdrawn_overdue_days__isnull=False
    )
    found = (
        Edition.objects.with_status()
        .annotate(
            is_newest=is_newest(),
            is_mine=Exists(EditionWriter.objects.filter(edition=OuterRef("pk"), user=user)),
        )
        .filter(
            waits
            | Q(waits_if_newest, is_newest=True)
            | Q(Q(signed_as_sample=True) | signed_long_ago(), status=EditionStatus.LIVE)
            | Q(self_review_because__isnull=False, signed_at__gt=timezone.now() - ALONE_FOR)
        )
    )
    names = (
        "document__title submitted_by__name submitted_by__email returned_by__name returned_by__email"
    ).split()
    fields = (
        "kind number submitted_at returned_at returned_because signed_at signed_name signed_as_sample "
        "self_review_because live_from withdrawn_at withdrawn_overdue_days batch change_note"
    ).split()
    return WaitingEditions(
        user,
        found.select_related("document", "submitted_by", "returned_by")
        .only(*fields, *names)
        .order_by("submitted_at"),
    )

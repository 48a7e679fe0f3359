"""What publishing puts on the calendars of staff: when reviews are due, and what goes live by itself."""

from collections.abc import Iterator

from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.publishing.models import Edition
from clinic_site.publishing.work_queue.editions import of_draft, of_edition
from clinic_site.publishing.work_queue.waiting_editions import may_write
from clinic_site.registry import CalendarEvent, calendar_events


def of_publishing(user: User) -> Iterator[CalendarEvent]:
    if "publishing.view_edition" not in user.role_permissions:
        return
    wanted = ("kind", "number", "signed_at", "live_from", "document__title")
    editions = Edition.objects.select_related("document").only(*wanted)
    for edition in editions.filter(live__isnull=False, signed_at__isnull=False).order_by("document"):
        if may_write(user, edition.kind):
            words = f"Review due: {edition.document.title}"
            yield CalendarEvent(
                f"review-{edition.document_id}",
                edition.review_due_on,
                words,
                of_draft(edition),
                edition.signed_at,
            )
    to_come = editions.to_go_live(now := timezone.now()).filter(live_from__gt=now)
    for edition in to_come.order_by("live_from"):
        words = f"Goes live: {edition.document.title}"
        yield CalendarEvent(
            f"edition-{edition.pk}", edition.live_from, words, of_edition(edition), edition.signed_at
        )


calendar_events.append(of_publishing)

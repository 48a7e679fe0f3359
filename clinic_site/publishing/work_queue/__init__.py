"""What waits for somebody in publishing."""

from collections.abc import Iterator

from clinic_site.accounts.models import User
from clinic_site.publishing.work_queue.editions import EDITION_QUEUES, list_of
from clinic_site.publishing.work_queue.material import (
    claims_to_check,
    open_stops,
    outdated_sources,
    pictures_without_consent,
)
from clinic_site.publishing.work_queue.waiting_editions import waiting_editions
from clinic_site.registry import WorkQueue, work_queue, work_queues


def of_publishing(user: User) -> Iterator[WorkQueue]:
    if "publishing.view_edition" not in user.role_permissions:
        return
    editions = waiting_editions(user)
    for queue in EDITION_QUEUES:
        yield from work_queue(
            queue.priority(user),
            queue.title,
            queue.chosen(user, editions),
            queue.item,
            list_of(queue.name),
            queue.shown,
        )
    if "evidence.check_claim" in user.role_permissions:
        yield from claims_to_check(editions.claims.values())
    if "evidence.change_claim" in user.role_permissions:
        yield from outdated_sources()
    if "publishing.change_picture" in user.role_permissions:
        yield from pictures_without_consent()
    yield from open_stops(user)


work_queues.append(of_publishing)

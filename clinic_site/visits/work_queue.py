"""Who asked for a visit, and waits for the front desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.registry import Priority, WorkItem, WorkQueue, work_queue, work_queues
from clinic_site.visits.models import VisitRequest


def of_the_front_desk(user: User) -> Iterator[WorkQueue]:
    if "visits.handle_visitrequest" in user.role_permissions:
        listed = reverse("admin:visits_visitrequest_changelist") + "?state=new"
        waiting = VisitRequest.objects.waiting().order_by("at")
        yield from work_queue(Priority.VISITS, "People who asked for a visit", waiting, _item, listed)


def _item(request: VisitRequest) -> WorkItem:
    came = f"Asked on {timezone.localtime(request.at):%-d %B %Y, %H:%M}"
    note = f"May be an emergency: read it now. {came}" if request.names_danger else came
    address = reverse("admin:visits_visitrequest_change", args=[request.pk])
    return WorkItem(f"{request.reference}, {request.name}", "Get in touch", address, note)


work_queues.append(of_the_front_desk)

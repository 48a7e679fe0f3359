"""Whether the site is alive and ready. A load balancer asks by a machine's number, which is none of the hosts
that the site answers to: these two are answered before the host is looked at.
"""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic_site.operations.models import Heartbeat
from clinic_site.operations.shared_parts import faults

TICK_IS_LATE_AFTER = timedelta(minutes=5)


@require_safe
def healthz(request):
    """Alive: this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def readyz(request):
    """Ready: the database answers, its migrations are applied, `tick` is running, and this machine shares
    with the others what it has to. 503 with what is wrong otherwise.
    """
    state = {"database": "ok", "migrations": "ok", "tick": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            state["migrations"] = "not applied"
        beat = Heartbeat.objects.filter(pk=1).first()
        if beat is None or beat.at < timezone.now() - TICK_IS_LATE_AFTER:
            state["tick"] = "not running"
        if state["migrations"] == "ok":
            state |= {part.name: fault for part, fault in faults()}
    except DatabaseError:
        state["database"] = "not answering"
    return JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)


VIEWS = {"/healthz": healthz, "/readyz": readyz}


def health(get_response):
    """Middleware: it stands before the first that looks at the host."""

    def answered(request):
        view = VIEWS.get(request.path_info)
        return view(request) if view else get_response(request)

    return answered

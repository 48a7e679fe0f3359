"""Whether the site is alive and ready, and a warning while any sample is live."""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic_site.operations.models import Heartbeat

TICK_IS_LATE_AFTER = timedelta(minutes=5)


@require_safe
def healthz(request):
    """Alive: this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def readyz(request):
    """Ready: the database answers, its migrations are applied, and `tick` is running. 503 with what is wrong
    otherwise.
    """
    state = {"database": "ok", "migrations": "ok", "tick": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            state["migrations"] = "not applied"
        beat = Heartbeat.objects.filter(pk=1).first()
        if beat is None or beat.at < timezone.now() - TICK_IS_LATE_AFTER:
            state["tick"] = "not running"
    except DatabaseError:
        state["database"] = "not answering"
    return JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)

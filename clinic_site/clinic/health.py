"""Whether the site is alive and ready, and a warning while any sample is live."""

from datetime import timedelta

from django.core import checks
from django.db import DatabaseError, connection, connections
from django.db.backends.sqlite3.base import Database
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic_site.clinic.models import Accreditation, Testimonial
from clinic_site.publishing.models import Live
from clinic_site.staff.models import Heartbeat, User

TICK_IS_LATE_AFTER = timedelta(minutes=5)


@require_safe
def healthz(request):
    """Alive: this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def readyz(request):
    """Ready: the database answers, its migrations are applied, and `tick` is running. 503 with what is wrong otherwise."""
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


@checks.register(checks.Tags.database)
def journal_is_sound(app_configs=None, databases=None, **kwargs):
    """WAL on a SQLite before 3.51.3 can corrupt the database (sqlite.org/wal.html, "the WAL-reset bug")."""
    found = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "sqlite" or Database.sqlite_version_info >= (3, 51, 3):
            continue
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        if mode == "wal":
            found.append(
                checks.Error(
                    f"SQLite {Database.sqlite_version} can corrupt a database in WAL mode.",
                    hint="Install the requirements, which bring a newer SQLite, or run `PRAGMA journal_mode=DELETE` on it.",
                    id="clinic.E001",
                )
            )
    return found


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
            hint="Have a clinician of the clinic review and sign each page, remove the samples, and close the sample accounts.",
            id="clinic.W001",
        )
    ]

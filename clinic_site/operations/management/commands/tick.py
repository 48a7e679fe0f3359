import logging

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic_site.operations.models import Heartbeat
from clinic_site.registry import scheduled_tasks

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does all timed work that is due. Running it twice does nothing more."

    def handle(self, *args, **options):
        now, failed = timezone.now(), []
        for work in scheduled_tasks:
            try:
                done = work.run(now)
            except Exception:
                # the other work goes on, and the heartbeat is left out, so that /readyz tells
                log.exception("Timed work failed: %s", work.name)
                failed.append(work.name)
                continue
            if done:
                self.stdout.write(f"{work.name}: {done}")
        if failed:
            raise SystemExit(f"Failed: {', '.join(failed)}")
        Heartbeat.objects.update_or_create(pk=1, defaults={"at": now})

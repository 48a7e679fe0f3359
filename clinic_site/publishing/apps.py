from functools import partial

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "clinic_site.publishing"
    verbose_name = "Publishing"

    def ready(self):
        from clinic_site.accounts.roles import ROLES
        from clinic_site.publishing import (  # noqa: F401 : they add their rows to the lists
            calendar_events,
            proofs,
            scheduled_tasks,
            shared_pictures,
            starter,
            work_queue,
        )
        from clinic_site.publishing.document_types import DOCUMENT_TYPES
        from clinic_site.publishing.models import Live
        from clinic_site.registry import details_annotations

        details_annotations["shows_samples"] = partial(Live.shows, samples=True)
        details_annotations["shows_signed"] = partial(Live.shows, samples=False)

        for one in DOCUMENT_TYPES.values():
            for role in one.WRITTEN_BY:
                ROLES[role] |= {one.permission(verb) for verb in ("add", "change", "delete", "view")}

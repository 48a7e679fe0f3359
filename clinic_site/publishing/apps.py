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

        for one in DOCUMENT_TYPES.values():
            for role in one.WRITTEN_BY:
                ROLES[role] |= {one.permission(verb) for verb in ("add", "change", "delete", "view")}

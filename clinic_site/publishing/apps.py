from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "clinic_site.publishing"
    verbose_name = "Publishing"

    def ready(self):
        from clinic_site.publishing import dates, proofs, starter, timed, work_queue  # noqa: F401 : they add their rows to the lists

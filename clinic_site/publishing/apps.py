from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "clinic_site.publishing"
    verbose_name = "Publishing"

    def ready(self):
        from clinic_site.publishing import dates, proofs, starter, timed, to_do  # noqa: F401 : they add their rows to the lists

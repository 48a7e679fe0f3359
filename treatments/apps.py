from django.apps import AppConfig


class TreatmentsConfig(AppConfig):
    name = "treatments"

    def ready(self):
        from treatments import starter, usages, visit_subjects  # noqa: F401 : they add themselves to the lists

from django.apps import AppConfig


class TreatmentsConfig(AppConfig):
    name = "treatments"

    def ready(self):
        from treatments import starter  # noqa: F401 : it adds itself to the list

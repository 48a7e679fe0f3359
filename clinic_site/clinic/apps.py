from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic_site.clinic"
    verbose_name = "Clinic"

    def ready(self):
        from clinic_site.clinic import (  # noqa: F401 : they add to the registry
            branding,
            checks,
            fees,
            people,
            personal_data,
            starter,
            work_queue,
        )

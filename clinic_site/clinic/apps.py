from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic_site.clinic"
    verbose_name = "Clinic"

    def ready(self):
        from clinic_site.clinic import branding, checks, personal_data, starter, work_queue  # noqa: F401 : add to the registry

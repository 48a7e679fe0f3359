from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic_site.clinic"
    verbose_name = "Clinic"

    def ready(self):
        from clinic_site.backoffice import guide  # noqa: F401 : they add to the lists
        from clinic_site.clinic import branding, personal_data, starter, work_queue  # noqa: F401 : they add to the lists
        from clinic_site.notifications import scheduled_tasks  # noqa: F401 : they add to the lists
        from clinic_site.operations import health  # noqa: F401 : they add to the lists

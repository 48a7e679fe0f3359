from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic_site.clinic"
    verbose_name = "Clinic"

    def ready(self):
        from clinic_site.clinic import guide, health, letterhead, personal, starter, timed, to_do  # noqa: F401 : they add to the lists

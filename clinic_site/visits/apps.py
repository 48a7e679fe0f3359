from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "clinic_site.visits"
    verbose_name = "Visits"

    def ready(self):
        from clinic_site.visits import personal_data, scheduled_tasks, work_queue  # noqa: F401 : they add their rows to the registry

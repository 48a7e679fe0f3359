from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "clinic_site.notifications"
    verbose_name = "Notifications"

    def ready(self):
        from clinic_site.notifications import scheduled_tasks, weekly_digest  # noqa: F401 : add to the registry

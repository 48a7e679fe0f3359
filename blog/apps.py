from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Answers"

    def ready(self):
        from blog import personal_data, scheduled_tasks, starter, usages, work_queue  # noqa: F401 : they add themselves to the lists

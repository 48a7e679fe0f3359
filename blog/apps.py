from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Answers"

    def ready(self):
        from blog import starter, usages  # noqa: F401 : they add themselves to the lists

from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Answers"

    def ready(self):
        from blog import starter  # noqa: F401 : it adds itself to the list

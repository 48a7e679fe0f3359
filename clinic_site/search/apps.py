from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "clinic_site.search"
    verbose_name = "Search"

    def ready(self):
        from clinic_site.search import starter  # noqa: F401 : adds to the registry

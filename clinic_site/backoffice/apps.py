from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "clinic_site.backoffice"
    verbose_name = "Staff"

    def ready(self):
        from clinic_site.backoffice import guide  # noqa: F401 : registers its pages

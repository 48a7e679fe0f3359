from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "clinic_site.backoffice"
    verbose_name = "Staff"

    def ready(self):
        from clinic_site.backoffice import guide, readonly_field  # noqa: F401 : the guide registers its pages

        readonly_field.install()

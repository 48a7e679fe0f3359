from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "clinic_site.backoffice"
    verbose_name = "Staff"

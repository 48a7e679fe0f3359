from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "clinic_site.pages"
    verbose_name = "Pages"

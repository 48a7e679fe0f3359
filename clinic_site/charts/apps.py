from django.apps import AppConfig


class ChartsConfig(AppConfig):
    name = "clinic_site.charts"
    verbose_name = "Charts"

from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "clinic_site.editorial"
    verbose_name = "Editorial checks"

    def ready(self) -> None:
        from clinic_site.editorial import evidence, structure, words  # noqa: F401 : register their checks

from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "clinic_site.editorial"
    verbose_name = "Editorial checks"

    def ready(self) -> None:
        from clinic_site.editorial import evidence, key_facts, structure, urgency, words  # noqa: F401 : they register checks

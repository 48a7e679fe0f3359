from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "clinic_site.editorial"
    verbose_name = "Editorial checks"

    def ready(self) -> None:
        from clinic_site.editorial import (  # noqa: F401 : they register checks
            choices,
            evidence,
            key_facts,
            structure,
            urgency,
            words,
        )
        from clinic_site.editorial.unsigned_words import complaints
        from clinic_site.registry import unsigned_word_checks

        unsigned_word_checks.append(complaints)

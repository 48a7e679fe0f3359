from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "clinic_site.evidence"
    verbose_name = "Evidence"

    def ready(self):
        from clinic_site.evidence import starter  # noqa: F401 : it adds itself to the list

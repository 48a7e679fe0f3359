from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "clinic_site.privacy"
    verbose_name = "Privacy"

    def ready(self):
        from clinic_site.privacy import personal_data  # noqa: F401 : adds to the registry

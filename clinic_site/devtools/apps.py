from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    name = "clinic_site.devtools"
    label = "devtools"
    verbose_name = "Developers' tools"

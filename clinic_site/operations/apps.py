from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from clinic_site.operations import typed_text  # before any model is made


class OperationsConfig(AppConfig):
    name = "clinic_site.operations"
    verbose_name = "Operations"

    def ready(self):
        from clinic_site import append_only
        from clinic_site.operations import checks, shared_parts  # noqa: F401 : register themselves
        from clinic_site.registry import after_migrate

        typed_text.guard_every_field()  # those of libraries, made meanwhile

        def remove_triggers(using, plan, **kwargs):
            # SQLite rebuilds a table under another name, and can't rename it while a trigger elsewhere
            # asks about it
            if plan and connections[using].vendor == "sqlite":
                append_only.remove(using)

        def install(using, **kwargs):
            append_only.install(using)
            for step in after_migrate:
                step(using)

        # once: before the first app, and when the last one is done, for only then do all tables and
        # permissions stand
        first, *_, last = (app for app in apps.get_app_configs() if app.models_module)
        pre_migrate.connect(
            remove_triggers, sender=first, weak=False, dispatch_uid="operations.before_migrate"
        )
        post_migrate.connect(install, sender=last, weak=False, dispatch_uid="operations.after_migrate")

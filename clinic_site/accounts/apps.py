from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class StaffConfig(AppConfig):
    name = "clinic_site.staff"
    verbose_name = "Staff"

    def ready(self):
        from clinic_site import append_only
        from clinic_site.accounts import roles, scheduled_tasks  # noqa: F401 : they add their rows to the lists
        from clinic_site.notifications import weekly_digest  # noqa: F401 : they add their rows to the lists
        from clinic_site.privacy import personal_data  # noqa: F401 : they add their rows to the lists

        def before_migrate(using, plan, **kwargs):
            # SQLite rebuilds a table under another name, and can't rename it while a trigger elsewhere asks
            # about it
            if plan and connections[using].vendor == "sqlite":
                append_only.remove(using)

        def after_migrate(using, **kwargs):
            append_only.install(using)
            roles.put_right(using)

        # once: before the first app, and when the last one is done, for only then do all tables and
        # permissions stand
        first, *_, last = (app for app in apps.get_app_configs() if app.models_module)
        pre_migrate.connect(before_migrate, sender=first, weak=False, dispatch_uid="staff.before_migrate")
        post_migrate.connect(after_migrate, sender=last, weak=False, dispatch_uid="staff.after_migrate")

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "clinic_site.staff"
    verbose_name = "Staff"

    def ready(self):
        from clinic_site import append_only
        from clinic_site.staff import roles

        def after_migrate(using, **kwargs):
            append_only.install(using)
            roles.put_right(using)

        # once, when the last app is done: only then do all tables and permissions stand
        last = list(apps.get_app_configs())[-1]
        post_migrate.connect(after_migrate, sender=last, weak=False, dispatch_uid="staff.after_migrate")

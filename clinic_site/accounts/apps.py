from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clinic_site.accounts"
    verbose_name = "People"

    def ready(self):
        from clinic_site.accounts import roles, scheduled_tasks  # noqa: F401 : add to the registry
        from clinic_site.registry import after_migrate

        after_migrate.append(roles.update_groups)

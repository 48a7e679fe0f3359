"""A patch on Django's admin: a read-only foreign key links to its row only for those who may open that row.

Django's own field links for everybody, and has no setting for it. `BackofficeConfig` installs this one.
"""

from django.contrib.admin import helpers


class ReadonlyField(helpers.AdminReadonlyField):
    def get_admin_url(self, remote_field, remote_obj):
        reader = getattr(self.form, "reader", None)
        model_admin = self.model_admin.admin_site._registry.get(remote_field.model)
        may_open = (
            reader
            and model_admin
            and any(
                reader.has_perm(f"{model_admin.opts.app_label}.{verb}_{model_admin.opts.model_name}")
                for verb in ("view", "change")
            )
        )
        return super().get_admin_url(remote_field, remote_obj) if may_open else str(remote_obj)


def install() -> None:
    helpers.AdminReadonlyField = ReadonlyField  # type: ignore[misc]

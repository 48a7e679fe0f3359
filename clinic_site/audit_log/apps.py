from django.apps import AppConfig


class AuditLogConfig(AppConfig):
    name = "clinic_site.audit_log"
    verbose_name = "Audit log"

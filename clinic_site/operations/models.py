from django.db import models

from clinic_site.accounts.invitations import Invitation  # noqa: F401 : a model of this room


class Heartbeat(models.Model):
    """When `tick` last ran to its end. One row."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_heartbeat")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

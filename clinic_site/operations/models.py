"""What the running site keeps about itself."""

from django.db import models


class Heartbeat(models.Model):
    """When `tick` last ran to its end. One row."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_heartbeat")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class SharedPart(models.Model):
    """A mark of something that all machines of this site share: of its secret key a digest."""

    name = models.CharField(max_length=20, primary_key=True)
    mark = models.CharField(max_length=64)

    def __str__(self):
        return self.name

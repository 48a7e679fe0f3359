from django.db import models


class Country(models.TextChoices):
    CANADA = "CA", "Canada"
    UNITED_STATES = "US", "United States"
    UNITED_KINGDOM = "GB", "United Kingdom"
    EUROPEAN_UNION = "EU", "European Union"

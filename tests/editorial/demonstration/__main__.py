"""Prints the report on the demonstration drafts."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.pop("DATABASE_URL", None)
django.setup()

from django.core.management import call_command  # noqa: E402

from tests.editorial.demonstration import report  # noqa: E402

call_command("migrate", verbosity=0)
print(report.report(report.load()), end="")

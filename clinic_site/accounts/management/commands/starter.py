from django.core.management.base import BaseCommand
from django.db import transaction

from clinic_site.accounts.models import User
from clinic_site.accounts.sample_users import DOMAIN, make_sample_users
from clinic_site.registry import StarterRun, starter_content


class Command(BaseCommand):
    help = (
        "Fills an empty database with the starter content and the sample staff. On a database with "
        "people it changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--report", action="store_true", help="Tell each draft's findings; keep nothing.")

    def handle(self, *args, report=False, **options):
        if User.objects.exists() and not report:
            self.stdout.write("There are people in this database already: nothing was changed.")
            return
        with transaction.atomic():
            people, password = make_sample_users()
            starter = StarterRun(people=people, report=self.stdout.write, report_only=report)
            for fill in starter_content:
                fill(starter)
            if report:
                transaction.set_rollback(True)
                return
        self.stdout.write("\nSample staff, for trying the site (change or close them before patients come):")
        self.stdout.write("  " + ", ".join(f"{key}@{DOMAIN}" for key in people))
        self.stdout.write(f"  one password for all: {password}\n")

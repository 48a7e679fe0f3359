from datetime import date
from time import monotonic

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from clinic_site.accounts.models import User
from clinic_site.accounts.sample_users import DOMAIN, SAMPLES
from clinic_site.devtools.rehearsal import NotItsOwn, Year, refuse_unless_its_own

PROGRESS_EVERY = 5  # seconds


class Command(BaseCommand):
    help = (
        "Fills a database of its own with a sample year of refer-a-friend, through the verbs of real life. "
        "Set DATA_DIR or DATABASE_URL to a new place first; deleting that database clears it. It sends no "
        "mail, and refuses where there are real people."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--transfers", type=int, default=1000, help="How many transfers the year has at least (1000)."
        )
        parser.add_argument("--seed", type=int, default=1, help="The same number gives the same year (1).")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="The day on which the year ends: YYYY-MM-DD (today)."
        )

    def handle(self, *args, transfers, seed, until=None, **options):
        if transfers < 1:
            raise CommandError("A year has at least one transfer.")
        if until and until > timezone.localdate():
            raise CommandError("The year has to be over.")
        self.told, self.transfers = monotonic(), transfers
        year = Year(transfers, seed, until or timezone.localdate(), self.tell)
        try:
            if User._meta.db_table in connection.introspection.table_names():
                refuse_unless_its_own()
            call_command("migrate", verbosity=0)
            password = year.run()
        except NotItsOwn as refused:
            raise CommandError(
                f"{refused} Set DATA_DIR or DATABASE_URL to a new place: a rehearsal can't be taken out "
                "again."
            ) from None
        self.stdout.write(f"{year.moved:,} transfers in the year up to {year.until}, by these steps:")
        for name, count in sorted(year.steps.items(), key=lambda step: -step[1]):
            self.stdout.write(f"  {count:>8,}  {name.replace('_', ' ')}")
        if password:
            self.stdout.write(
                f"Sample staff: {', '.join(f'{key}@{DOMAIN}' for key in SAMPLES)}; password for all: "
                f"{password}"
            )
        call_command("prove", stdout=self.stdout)

    def tell(self, moved, now):
        if monotonic() - self.told >= PROGRESS_EVERY:
            self.told = monotonic()
            self.stdout.write(f"  {moved:,} of {self.transfers:,} transfers; it is {timezone.localdate(now)}")

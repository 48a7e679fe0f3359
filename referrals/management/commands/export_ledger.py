from django.core.management.base import BaseCommand

from referrals.csv_lines import csv_lines
from referrals.export import ledger_rows


class Command(BaseCommand):
    help = "Writes the whole ledger as CSV. docs/check_ledger.py proves it without this software."

    def handle(self, *args, **options):
        for line in csv_lines(ledger_rows()):
            self.stdout.write(line, ending="")

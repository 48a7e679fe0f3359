import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinic_site.registry import ProofRun, proofs

TOLD = 20  # of the rows that break one promise


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read in the block stands as of one moment, and nobody who writes waits for it."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # not `atomic`: on SQLite that would begin as a writer does
        cursor.execute(
            "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        )
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class Command(BaseCommand):
    help = (
        "Recomputes the promises from the rows, and says what holds. Exit 1 where one doesn't, with the "
        "row named."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--head",
            default="",
            metavar="NUMBER:DIGEST",
            help="The head of the ledger as an earlier run told it: that transfer must still stand, with "
            "that digest.",
        )

    def handle(self, *args, head="", **options):
        if head and not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", head):
            raise CommandError(
                "A head is a number, a colon and 64 hexadecimal digits, as an earlier `prove` told it."
            )
        proving = ProofRun(head)
        with one_moment():
            findings = [finding for proof in proofs for finding in proof(proving)]
        for found in sorted(findings, key=lambda finding: finding.promise):
            holds = "BROKEN" if found.broken else "holds "
            self.stdout.write(f"{holds} {found.promise:>2}  {found.name}: {found.count:,} {found.rows}")
            for failure in found.broken[:TOLD]:
                self.stdout.write(f"           {failure}")
            if len(found.broken) > TOLD:
                self.stdout.write(f"           and {len(found.broken) - TOLD:,} more")
        for line in proving.notes:
            self.stdout.write(line)
        if any(found.broken for found in findings):
            raise SystemExit(1)

from django.core.management.base import BaseCommand

from clinic_site.staff.lists import proofs


class Command(BaseCommand):
    help = "Recomputes the promises from the rows, and says what holds. Exit 1 where one doesn't, with the row named."

    def handle(self, *args, **options):
        broken = 0
        for proof in sorted(proofs, key=lambda p: p.promise):
            count, failures = proof.run()
            broken += len(failures)
            self.stdout.write(f"{'holds ' if not failures else 'BROKEN'} {proof.promise:>2}  {proof.name}: {count} rows")
            for failure in failures:
                self.stdout.write(f"           {failure}")
        if broken:
            raise SystemExit(1)

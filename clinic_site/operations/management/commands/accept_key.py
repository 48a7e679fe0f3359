from django.core.management.base import BaseCommand

from clinic_site.operations.shared_parts import accept_key


class Command(BaseCommand):
    help = (
        "Makes this machine's secret key the site's, where the one of before is lost. Second factors that "
        "were locked with it open no more (`reset_second_factor`), and whoever is signed in is signed out. "
        "Where the old key is known, set SECRET_KEY_FALLBACKS instead."
    )

    def handle(self, *args, **options):
        accept_key()
        self.stdout.write("This key is the site's now. Each machine needs the same.")

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic_site.accounts import second_factor_changes
from clinic_site.accounts.models import User
from clinic_site.audit_log import log


class Command(BaseCommand):
    help = (
        "Resets the second factor of somebody whom no manager can help: the last manager, or a "
        "superuser. Ends their sessions."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="The e-mail address that they sign in with.")

    def handle(self, *args, email, **options):
        user = User.objects.filter(email=email.strip().lower(), is_staff=True).first()
        if user is None:
            raise CommandError("Nobody on the staff signs in with that address.")
        with transaction.atomic():
            second_factor_changes.reset(user, by=None)
            log.write("second factor", user, by=None, said="The second factor was reset on the server.")
        self.stdout.write(f"{user} has no second factor any more, and is signed out everywhere.")

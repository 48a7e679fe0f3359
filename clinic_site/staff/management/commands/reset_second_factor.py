from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management.base import BaseCommand, CommandError

from clinic_site.staff import second_factor
from clinic_site.staff.models import User


class Command(BaseCommand):
    help = "Resets the second factor of somebody whom no manager can help: the last manager, or a superuser. Ends their sessions."

    def add_arguments(self, parser):
        parser.add_argument("email", help="The e-mail address that they sign in with.")

    def handle(self, *args, email, **options):
        user = User.objects.filter(email=email.strip().lower(), is_staff=True).first()
        if user is None:
            raise CommandError("Nobody on the staff signs in with that address.")
        second_factor.reset(user, by=None)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "The second factor was reset on the server.", single_object=True)
        self.stdout.write(f"{user} has no second factor any more, and is signed out everywhere.")

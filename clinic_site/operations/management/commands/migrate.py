"""Django's `migrate`, which checks the database when it's done: putting triggers in place is what it does."""

from django.core.management.commands import migrate


class Command(migrate.Command):
    def get_check_kwargs(self, options):
        return {**super().get_check_kwargs(options), "databases": None}

    def handle(self, *args, **options):
        super().handle(*args, **options)
        is_only_asked = options["plan"] or options["check_unapplied"] or options["prune"]
        if not (is_only_asked or options["skip_checks"]):
            self.check(databases=[options["database"]])

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Refer a friend"

    def ready(self):
        from clinic_site.staff.lists import standing
        from referrals import starter  # noqa: F401 : it adds itself to the list
        from referrals.models import Terms

        standing["offer_cents"] = Terms.offer_cents

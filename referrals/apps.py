from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Refer a friend"

    def ready(self):
        from clinic_site.registry import currency_promises, details_annotations
        from referrals import personal_data, proofs, scheduled_tasks, starter, work_queue  # noqa: F401 : they add their rows to the lists
        from referrals.models import Acceptance, Terms

        details_annotations["offer_cents"] = Terms.offer_cents
        currency_promises.append(Acceptance.objects.exists)
